// Decisions over tables: what to say to everybody, whom that reaches, and what another file would say.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableFromIPC, tableToIPC } from 'apache-arrow'
import { Comparison, Diagram, Grid, Journey, Reach, WayfareError } from '../index.mjs'
import { ipc, micros, rows } from './tables.mjs'

const STORE = `
wayfare: 1
name: Store
channels:
  email: { owner: crm }
  web: { owner: digital }
touchpoints: { page_viewed: {}, purchased: {}, message_sent: {} }
traits:
  orders: { count: purchased }
  views_30d: { count: page_viewed, within: 30d }
  days_since_order: { days_since: purchased }
tracks:
  relationship:
    - { name: unknown }
    - { name: prospect, from: [unknown], when: views_30d >= 1 }
    - { name: customer, when: orders >= 1 }
purposes:
  service: { required: true }
  marketing: {}
inputs: { p_click: number }
contact_policy:
  kind: message_sent
  caps: [{ at_most: 1, per: 5d }]
actions:
  - { name: thank_you, purpose: service, channels: email, when: days_since_order < 7, value: 5 }
  - { name: first_order, purpose: marketing, channels: [web, email], stages: { relationship: prospect }, value: 12, propensity: input.p_click }
`
const journey = Journey.fromYaml(STORE)
const NOW = '2026-03-05T00:00:00Z'
const TOUCHPOINTS = ipc(
  [
    { customer: 'ada', at: '2026-03-01T10:00:00Z', kind: 'purchased', channel: 'web', value: 30 },
    { customer: 'bo', at: '2026-03-02T10:00:00Z', kind: 'page_viewed', channel: 'web' },
    { customer: 'cy', at: '2026-03-03T10:00:00Z', kind: 'page_viewed', channel: 'web' },
    { customer: 'dan', at: '2026-03-01T10:00:00Z', kind: 'purchased', channel: 'web', value: 12 },
    { customer: 'dan', at: '2026-03-02T10:00:00Z', kind: 'message_sent', channel: 'email', direction: 'outbound', action: 'thank_you' },
  ],
  { customer: 'text', kind: 'text', channel: 'text', value: 'number', direction: 'text', action: 'text' },
)
const WORDS = { customer: 'text', choice: 'text', purpose: 'text' }
const preferences = ipc([{ customer: 'bo', at: '2026-01-01T00:00:00Z', choice: 'in', purpose: 'marketing' }], WORDS)
const inputs = (() => {
  const table = ipc([{ customer: 'bo', p_click: 0.5 }], { customer: 'text', p_click: 'number' })
  return withoutAt(table)
})()

// `ipc` always writes the column `at`, which a table of inputs has not.
function withoutAt(bytes) {
  const table = tableFromIPC(bytes)
  return tableToIPC(table.select(table.schema.names.filter((name) => name !== 'at')))
}

const refused = (code, message) => (error) => {
  assert.ok(error instanceof WayfareError, error)
  assert.equal(error.code, code, error.message)
  assert.match(error.message, message)
  return true
}

test('a row a customer: what to say, or nothing, and why', async () => {
  const found = rows(await journey.decide(TOUCHPOINTS, { preferences, inputs, asOf: NOW }))
  const said = { topic: null, not_before: null, held_out: false }
  const nothing = { ...said, action: null, channel: null, owner: null, priority: null }
  const thanks = { ...said, action: 'thank_you', channel: 'email', owner: 'crm', priority: 5 }
  assert.deepEqual(found, [
    { customer: 'ada', ...thanks, because: 'first' },
    { customer: 'bo', ...said, action: 'first_order', channel: 'web', owner: 'digital', priority: 6, because: 'first' },
    { customer: 'cy', ...nothing, because: 'default_out' },
    { customer: 'dan', ...thanks, not_before: micros('2026-03-07T10:00:00Z'), because: 'cap' },
  ])
})

test('explained, a row a candidate', async () => {
  const found = rows(await journey.decide(TOUCHPOINTS, { preferences, inputs, asOf: NOW, explain: true }))
  assert.equal(found.length, 4 * 3)
  assert.deepEqual(
    found.filter(({ customer }) => customer === 'bo').map(({ action, channel, gate, reason }) => [action, channel, gate, reason]),
    [['thank_you', 'email', 'eligibility', 'condition'], ['first_order', 'web', null, null], ['first_order', 'email', 'arbitration', 'outranked']],
  )
})

test('preferences go into run and transitions as well', async () => {
  assert.equal(rows(await journey.run(TOUCHPOINTS, { preferences, asOf: NOW })).length, 4)
  assert.equal(rows(await journey.transitions(TOUCHPOINTS, { preferences, asOf: NOW })).length, 4)
})

test('the ledger says whether we may, and which record says so', async () => {
  const found = rows(await journey.ledger(preferences, { asOf: ['2025-12-31T00:00:00Z', NOW] }))
  const web = found.filter(({ channel, purpose }) => channel === 'web' && purpose === 'marketing')
  assert.deepEqual(web.map(({ allowed, because, record_at, choice }) => [allowed, because, record_at, choice]), [[true, 'opted_in', micros('2026-01-01T00:00:00Z'), 'in']])
})

test('reach counts whom each gate stops', async () => {
  const reach = await journey.reach(TOUCHPOINTS, { preferences, inputs, asOf: NOW })
  assert.ok(reach instanceof Reach)
  assert.equal(reach.customers, 4)
  assert.equal(reach.addressed, 2)
  assert.equal(reach.addressed + reach.held_out + reach.waiting + reach.unaddressed, 4)
  assert.deepEqual(reach.actions.map(({ action, chosen }) => [action, chosen]), [['thank_you', 1], ['first_order', 1]])
  assert.deepEqual(reach.actions[1].reasons, { stage: 2, default_out: 1 })
  assert.deepEqual(reach.channels, [{ channel: 'email', may_use: 1 }, { channel: 'web', may_use: 1 }])
  assert.match(reach.toText(), /^4 customers: 2 addressed/)
  assert.match(reach.toSvg(), /^<svg /)
  assert.deepEqual(JSON.parse(JSON.stringify(reach)).actions, reach.actions)
})

test('a comparison says what differs', async () => {
  const same = await journey.compare(journey, TOUCHPOINTS, { preferences, inputs, asOf: NOW })
  assert.ok(same instanceof Comparison)
  assert.equal(same.isEmpty, true)
  assert.deepEqual(rows(same.differences), [])
  const other = Journey.fromYaml(STORE.replace('days_since_order < 7', 'days_since_order < 2'))
  const comparison = await journey.compare(other, TOUCHPOINTS, { preferences, inputs, over: ['2026-03-02T12:00:00Z', NOW] })
  assert.equal(comparison.isEmpty, false)
  assert.deepEqual(rows(comparison.differences).filter(({ customer }) => customer === 'ada'), [
    {
      customer: 'ada',
      as_of: micros(NOW),
      action_before: 'thank_you',
      channel_before: 'email',
      because_before: 'first',
      action_after: null,
      channel_after: null,
      because_after: 'condition',
    },
  ])
  assert.equal(comparison.changes.reduce((sum, { customers }) => sum + customers, 0), rows(comparison.differences).length)
  assert.equal(comparison.before.sent - comparison.after.sent, 1)
  assert.match(comparison.toSvg(), /^<svg /)
  assert.match(comparison.toText(), /nothing \(condition\) and not `thank_you` on `email` \(first\)/)
  assert.deepEqual(JSON.parse(JSON.stringify(comparison)).before, comparison.before)
})

test('a grid of the file, and one of what happened', async () => {
  const grid = journey.grid()
  assert.ok(grid instanceof Grid)
  assert.deepEqual(grid.toJSON().channels, ['email', 'web'])
  assert.deepEqual(grid.gaps, grid.toJSON().gaps)
  assert.match(grid.toText(), /^Store: experience grid\n/)
  assert.match(grid.toHtml(), /^<!doctype html>/)
  assert.match(grid.toSvg(), /^<svg /)
  assert.equal(rows(grid.toTable()).length, 3 * 2)
  assert.deepEqual(grid.only('relationship').toJSON().tracks.map(({ track }) => track), ['relationship'])
  assert.throws(() => grid.only('relation'), refused('invalid_argument', /no track `relation`/))
  const filled = await journey.grid(TOUCHPOINTS, { asOf: NOW, conversions: ['purchased'] })
  assert.deepEqual(filled.toJSON().conversions, ['purchased'])
  assert.equal(rows(filled.toTable()).reduce((sum, { value }) => sum + value, 0), 42)
})

test('the tracks as a diagram', () => {
  const diagram = journey.diagram()
  assert.ok(diagram instanceof Diagram)
  assert.match(diagram.toMermaid(), /^stateDiagram-v2/)
  assert.match(diagram.toSvg(), /^<svg /)
  assert.equal(diagram.toJSON().tracks[0].stages.length, 3)
})

test('the refused rows come beside the answer', async () => {
  const wrong = ipc([{ customer: 'bo', at: NOW, choice: 'maybe' }], WORDS)
  const asked = { preferences: wrong, asOf: NOW, onError: 'collect' }
  const { reach, rejected } = await journey.reach(TOUCHPOINTS, asked)
  assert.equal(reach.customers, 4)
  const { comparison, rejected: ofComparison } = await journey.compare(journey, TOUCHPOINTS, asked)
  assert.equal(comparison.isEmpty, true)
  const { rejected: ofDecisions } = await journey.decide(TOUCHPOINTS, asked)
  for (const table of [rejected, ofComparison, ofDecisions]) {
    assert.deepEqual(rows(table).map(({ table, row, column }) => [table, row, column]), [['preferences', 0, 'choice']])
  }
  const { grid } = await journey.grid(TOUCHPOINTS, { asOf: NOW, onError: 'collect' })
  assert.ok(grid instanceof Grid)
})

test('wrong tables and options are refused with what is wrong', async () => {
  const bad = (words) => journey.decide(TOUCHPOINTS, { preferences: ipc([{ customer: 'bo', at: NOW, choice: 'in', ...words }], { ...WORDS, channel: 'text' }), asOf: NOW })
  await assert.rejects(bad({ choice: 'yes' }), refused('invalid_table', /preferences: row 0, column `choice`/))
  await assert.rejects(bad({ purpose: 'marketting' }), refused('invalid_table', /marketting/))
  await assert.rejects(bad({ channel: 'e-mail' }), refused('invalid_table', /e-mail/))
  const twice = withoutAt(ipc([{ customer: 'bo', p_click: 1 }, { customer: 'bo', p_click: 2 }], { customer: 'text', p_click: 'number' }))
  await assert.rejects(journey.decide(TOUCHPOINTS, { inputs: twice, asOf: NOW }), refused('invalid_table', /inputs: row 1/))
  for (const [asked, message] of [
    [journey.run(TOUCHPOINTS, { asOf: NOW, inputs }), /run has no option `inputs`/],
    [journey.ledger(preferences, { asOf: NOW, customers: preferences }), /ledger has no option `customers`/],
    [journey.decide(TOUCHPOINTS, { asOf: NOW, preferences: 'bo' }), /`preferences` is not a Uint8Array/],
    [journey.decide(TOUCHPOINTS), /`asOf` is missing/],
    [journey.compare(journey, TOUCHPOINTS), /`asOf` is missing/],
    [journey.compare(journey, TOUCHPOINTS, { asOf: NOW, over: [NOW] }), /`asOf` and `over` are both given/],
    [journey.compare({}, TOUCHPOINTS, { asOf: NOW }), /`other` is not a Journey/],
    [journey.grid(TOUCHPOINTS), /`asOf` is missing/],
    [journey.grid(undefined, { asOf: NOW }), /`touchpoints` is not a Uint8Array/],
    [journey.grid(TOUCHPOINTS, { asOf: NOW, conversions: 'purchased' }), /`conversions` is not an array/],
    [journey.grid(TOUCHPOINTS, { asOf: NOW, conversions: ['bought'] }), /kind `bought` is not declared/],
  ]) {
    await assert.rejects(asked, refused('invalid_argument', message))
  }
})

test('a comparison tells how far it is, and can be stopped', async () => {
  const seen = []
  await journey.compare(journey, TOUCHPOINTS, { asOf: NOW, onProgress: (done, all) => seen.push([done, all]) })
  assert.deepEqual(seen.at(-1), [10, 10])
  await assert.rejects(journey.reach(TOUCHPOINTS, { asOf: NOW, signal: AbortSignal.abort() }), { name: 'AbortError' })
})
