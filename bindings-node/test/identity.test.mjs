// Who is who: the cases that Rust, Python and Node share, tables, runs by person, and what is refused.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { IdentityGraph, Journey } from '../index.mjs'
import { ipc, rows } from './tables.mjs'

const CASES = JSON.parse(readFileSync(new URL('../../tests/vectors/identity.json', import.meta.url))).cases
const RULES = { identifiers: { card: { limit: '1 ever' }, email: { normalize: ['lowercase'] }, cookie: {} } }
const AT = '2026-03-01T00:00:00Z'

// Identifiers by person, off a table of persons.
function byPerson(table) {
  const persons = {}
  for (const { kind, identifier, person } of rows(table)) {
    if (person !== null) (persons[person] ??= []).push(`${kind}:${identifier}`)
  }
  Object.values(persons).forEach((identifiers) => identifiers.sort())
  return persons
}

const reduced = (found, expected) => Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]]))

function stepped(graph, step) {
  const act = () => (step.link ? graph.link(step.link) : graph.unlink(step.unlink))
  if (!step.error) return assert.deepEqual(reduced(act(), step.expect), step.expect)
  assert.throws(act, (error) => {
    const message = error.help ? `${error.message}; ${error.help}` : error.message
    assert.deepEqual({ code: error.code, message }, step.error)
    return true
  })
}

suite('identity vectors', () => {
  for (const case_ of CASES) {
    test(case_.name, () => {
      if (case_.diagnostics) {
        assert.throws(() => new IdentityGraph(case_.rules), (error) => {
          assert.equal(error.code, 'invalid_rules')
          assert.deepEqual(error.diagnostics.map((one, at) => reduced(one, case_.diagnostics[at])), case_.diagnostics)
          return true
        })
        return
      }
      const graph = new IdentityGraph(case_.rules)
      for (const step of case_.steps) stepped(graph, step)
      const expected = Object.fromEntries(Object.entries(case_.persons).map(([person, all]) => [person, [...all].sort()]))
      assert.deepEqual(byPerson(graph.persons()), expected)
      for (const { one, other, expect } of case_.evidence ?? []) assert.deepEqual(graph.evidence(one, other), expect)
      const again = IdentityGraph.fromBytes(graph.toBytes())
      assert.deepEqual(again.toBytes(), graph.toBytes())
      assert.deepEqual(byPerson(again.persons()), expected)
    })
  }
})

test('a table gives persons', async () => {
  const graph = new IdentityGraph({ identifiers: { cookie: {} } })
  const edges = [['x', 'y'], ['y', 'z'], ['p', 'q']].map(([a, b]) => ({ at: AT, a, b }))
  const table = ipc(edges, { a: 'text', b: 'text' })
  const { persons, report, rejected } = await graph.resolve(table, { columns: { a: 'cookie', b: 'cookie' } })
  assert.deepEqual(byPerson(persons), { 'cookie:x': ['cookie:x', 'cookie:y', 'cookie:z'], 'cookie:p': ['cookie:p', 'cookie:q'] })
  assert.equal(report.persons, 2)
  assert.equal(rows(rejected).length, 0)
  assert.equal(graph.size, 0)
  await assert.rejects(graph.resolve(ipc([{ at: AT, cookei: 'x' }], { cookei: 'text' })), { code: 'invalid_table' })
  await assert.rejects(graph.resolve(table, { columms: {} }), { code: 'invalid_argument' })
})

test('a run is by person', async () => {
  const journey = Journey.fromYaml(
    'wayfare: 1\nname: Shop\ntouchpoints: { purchased: {} }\ntraits: { orders: { count: purchased, output: true } }\n',
  )
  const graph = new IdentityGraph(RULES)
  graph.link({ at: AT, id: 'login', identifiers: { cookie: '8f3a', email: 'Ada@example.com' } })
  const visits = ['8f3a', '77b1', '8f3a'].map((cookie) => ({ at: AT, cookie, kind: 'purchased' }))
  const touchpoints = ipc(visits, { cookie: 'text', kind: 'text' })
  const table = rows(await journey.run(touchpoints, { identity: graph, asOf: '2026-04-01T00:00:00Z' }))
  assert.deepEqual(
    table.map((row) => [row.customer, Number(row.orders)]),
    [
      ['cookie:77b1', 1],
      ['email:ada@example.com', 2],
    ],
  )
  await assert.rejects(journey.run(touchpoints, { identity: {}, asOf: AT }), { code: 'invalid_argument' })
})

test('profiles of one person merge exactly', () => {
  const journey = Journey.template('retail')
  const [card, browser, both] = ['c', 'c', 'c'].map((id) => journey.profile(id))
  const purchase = (at, id) => ({ at, id, kind: 'purchased', channel: 'store', value: 10 })
  card.observe(purchase('2026-03-02T00:00:00Z', 'p1'))
  browser.observe(purchase('2026-03-01T00:00:00Z', 'p0'))
  both.observe(purchase('2026-03-02T00:00:00Z', 'p1'))
  both.observe(purchase('2026-03-01T00:00:00Z', 'p0'))
  card.merge(browser)
  assert.deepEqual(card.toBytes(), both.toBytes())
  assert.throws(() => card.merge({}), { code: 'invalid_argument' })
})

test('hostile records are refused', () => {
  const graph = new IdentityGraph(RULES)
  const cyclic = { cookie: [] }
  cyclic.cookie.push(cyclic)
  const own = JSON.parse('{ "__proto__": "x" }')
  for (const identifiers of [cyclic, own, { cookie: NaN }, { cookie: 7 }, { cookie: '\ud800' }, { cookie: 'x'.repeat(70000) }, { cookie: Array(2000).fill('x') }]) {
    assert.throws(() => graph.link({ at: AT, identifiers }), { code: 'invalid_record' })
  }
  assert.throws(() => graph.link({ identifiers: { cookie: 'x' } }), { code: 'invalid_record', field: 'at' })
  assert.throws(() => graph.link({ at: AT, identifier: {} }), { code: 'invalid_record', field: 'identifier' })
  assert.throws(() => IdentityGraph.fromBytes(Buffer.from('WFRP')), { code: 'invalid_identity' })
  assert.equal(graph.size, 0)
})
