// What is read off paths: the vectors that Rust, Python and Node share, and what Node adds to them.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { DirectlyFollows, Funnel, Paths, TransitionMatrix, WayfareError, funnel, paths, timeInStage } from '../index.mjs'
import { ipc, rows } from './tables.mjs'

const cases = (file) => JSON.parse(readFileSync(new URL(`../../tests/vectors/${file}`, import.meta.url), 'utf8')).cases
const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
const instant = (second) => new Date(second * 1000).toISOString()
const COLUMNS = { customer: 'text', id: 'text', kind: 'text', channel: 'text', stage: 'text', value: 'number' }

const table = (given) => ipc(given.map((row) => ({ ...row, at: instant(row.second) })), COLUMNS)
const cut = (given) => paths(table(given), { conversion: 'purchased' })
const plain = (cell) => (typeof cell === 'bigint' ? Number(cell) : cell)
const lines = (bytes) => rows(bytes).map((row) => Object.values(row).map(plain))
const column = (bytes, name) => rows(bytes).map((row) => plain(row[name]))
const ordered = (all) => all.map((row) => row).sort((a, b) => (JSON.stringify(a.slice(0, 3)) < JSON.stringify(b.slice(0, 3)) ? -1 : 1))

function close(found, expected) {
  if (Array.isArray(expected)) {
    assert.equal(found.length, expected.length)
    expected.forEach((wanted, at) => close(found[at], wanted))
  } else if (typeof expected === 'number' && typeof found === 'number') {
    assert.ok(Math.abs(found - expected) <= 1e-12 * Math.max(Math.abs(expected), 1), `${found} is not ${expected}`)
  } else assert.equal(found ?? null, expected)
}

suite('funnels.json', () => {
  for (const case_ of cases('funnels.json')) {
    test(case_.name, async () => {
      const { steps, ...rest } = case_.asked
      const options = Object.fromEntries(Object.entries(rest).map(([name, value]) => [camel(name), value]))
      const told = await (await cut(case_.rows)).funnel(steps, options)
      assert.ok(told instanceof Funnel)
      for (const [name, expected] of Object.entries(case_.steps)) close(column(told.toTable(), name), expected)
      const names = column(told.toTable(), 'step')
      const left = lines(told.dropOuts()).map(([step, next, customers]) => [step, next ?? null, customers])
      assert.deepEqual(left, case_.drop_outs.map(([step, next, customers]) => [names[step], next, customers]))
      if (case_.raw) assert.deepEqual(lines((await funnel(table(case_.rows), steps, options)).toTable()), lines(told.toTable()))
    })
  }
})

suite('path_analyses.json', () => {
  for (const case_ of cases('path_analyses.json')) {
    test(case_.name, async () => {
      const all = await cut(case_.rows)
      close(ordered(lines((await all.transitionMatrix()).toTable())), ordered(case_.transition_matrix))
      close(lines(await all.top({ n: 5 })), case_.top)
      close(ordered(lines(await all.exits())), ordered(case_.exits))
      close(ordered(lines((await all.flow({ steps: case_.flow.steps })).toTable())), ordered(case_.flow.links))
      const { edges, startActivities, endActivities } = (await all.directlyFollows()).toObject()
      close(ordered(edges), ordered(case_.directly_follows.edges))
      assert.deepEqual([startActivities, endActivities], [case_.directly_follows.start, case_.directly_follows.end])
      const times = await all.timeInStage({ observedUntil: new Date(case_.time_in_stage.observed_until * 1000) })
      for (const [at, [stage, expected]] of Object.entries(case_.time_in_stage.stages).entries()) {
        const { curve, ...numbers } = expected
        for (const [name, number] of Object.entries(numbers)) close(column(times.toTable(), name)[at], number)
        const found = lines(times.curve()).filter(([name]) => name === stage)
        close(found.map(([, ...point]) => point), curve)
      }
    })
  }
})

test('pieces add up and can be taken away again', async () => {
  const given = cases('path_analyses.json')[1].rows
  const piece = async (first) => (await cut(given.filter((row) => row.customer < 'c2' === first))).transitionMatrix()
  const [one, other, all] = [await piece(true), await piece(false), await (await cut(given)).transitionMatrix()]
  assert.ok(all instanceof TransitionMatrix)
  assert.deepEqual(lines(one.merge(other).toTable()), lines(all.toTable()))
  assert.deepEqual(lines(all.subtract(other).toTable()), lines(one.toTable()))
  assert.throws(() => one.subtract(all), { name: 'WayfareError', code: 'invalid_argument' })
  assert.throws(() => one.merge('other'), /`other` is no TransitionMatrix/)
})

test('stays are read off the transitions of a journey', async () => {
  const moves = [['ada', 0, 'unknown', 'prospect'], ['ada', 3, 'prospect', 'first_time'], ['bo', 1, 'unknown', 'prospect']]
  const given = moves.map(([customer, day, from, to]) => ({ customer, track: 'shop', at: instant(day * 86_400), from, to }))
  const transitions = ipc(given, { customer: 'text', track: 'text', from: 'text', to: 'text' })
  const times = await timeInStage(transitions, { observedUntil: '1970-01-11T00:00:00Z' })
  const [first, prospect] = rows(times.toTable())
  assert.deepEqual([first.track, first.stage, plain(first.censored)], ['shop', 'first_time', 1])
  assert.deepEqual([prospect.stage, plain(prospect.entered), plain(prospect.left), prospect.median_days], ['prospect', 2, 1, 3])
  await assert.rejects(timeInStage(transitions), (error) => error instanceof WayfareError && /until when/.test(error.message))
})

test('pictures hold no markup of names', async () => {
  const few = Paths.fromStrings({ path: ['<b> | a&b', 'a&b'], conversions: [3, 1], nulls: [2, 5], separator: '|' })
  const pictures = [await few.transitionMatrix(), await few.flow({ steps: 3 }), await few.funnel(['<b>', 'a&b'], { by: 'channel', per: 'path' })]
  for (const picture of pictures) assert.ok(picture.toSvg().startsWith('<svg ') && !picture.toSvg().includes('<b>'))
  assert.ok((await few.directlyFollows({ per: 'path' })) instanceof DirectlyFollows)
})

test('what cannot be meant is refused', async () => {
  const all = await cut(cases('path_analyses.json')[0].rows)
  const refused = (call, said) => assert.rejects(call, (error) => error.code === 'invalid_argument' && said.test(error.message))
  await refused(() => all.funnel([]), /a funnel without steps/)
  await refused(() => all.funnel(['viewed'], { by: 'chanel' }), /have no `chanel`/)
  await refused(() => all.funnel(['viewed'], { window: '1d' }), /unknown field `window`/)
  await refused(() => all.timeInStage({ restrictedToDays: NaN }), /not a finite number/)
  await refused(() => all.flow({ steps: 21 }), /a flow of 21 steps/)
})
