// `paths` and `Paths` as Node has them: options, messages, a journey.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Journey, Paths, paths } from '../index.mjs'
import { ipc, rows } from './tables.mjs'

const COLUMNS = { customer: 'text', kind: 'text', channel: 'text', value: 'number' }
const TOUCHPOINTS = [
  { customer: 'ada', at: '2026-03-01T10:00:00Z', kind: 'clicked', channel: 'email' },
  { customer: 'ada', at: '2026-03-02T10:00:00Z', kind: 'clicked', channel: 'search' },
  { customer: 'ada', at: '2026-03-02T10:05:00Z', kind: 'purchased', channel: 'web', value: 59.9 },
  { customer: 'bo', at: '2026-03-04T09:00:00Z', kind: 'clicked', channel: 'email' },
]
const table = (some = TOUCHPOINTS) => ipc(some, COLUMNS)
const texts = async (cut, options) => rows(await cut.toTable(options)).map((row) => row.path)

test('what became of the rows is told', async () => {
  const cut = await paths(table(), { conversion: 'purchased', lookback: '30d', observedUntil: '2026-03-03' })
  assert.deepEqual(await texts(cut), ['email > search'])
  assert.deepEqual(cut.dimensions, ['channel', 'kind'])
  const { rows: all, conversions, after_observation, sessions } = cut.report
  assert.deepEqual([all, conversions, after_observation, sessions], [4, 1, 1, 2])
})

test('a lookback by kind keeps the names of kinds', async () => {
  const cut = await paths(table(), { conversion: 'purchased', lookback: { purchased: '10m' } })
  assert.deepEqual(await texts(cut), ['email', 'search', 'email'])
})

test('pieces merge, if they hold whole customers', async () => {
  const of = (some) => paths(table(some), { conversion: 'purchased' })
  const [one, other] = [await of(TOUCHPOINTS.slice(0, 3)), await of(TOUCHPOINTS.slice(3))]
  assert.deepEqual(rows(await other.merge(one).toTable()), rows(await (await of(TOUCHPOINTS)).toTable()))
  assert.throws(() => one.merge(one), { code: 'invalid_argument', message: '1 of the customers are in both pieces' })
  assert.throws(() => one.merge({}), { code: 'invalid_argument', message: '`other` is not paths' })
})

test('strings are paths without times', async () => {
  const given = { path: ['a > b', ''], conversions: [2, 1n], value: [3, 1], nulls: [4, 0] }
  const cut = Paths.fromStrings(given)
  assert.equal(cut.length, 2)
  assert.deepEqual(await texts(cut, { separator: '/' }), ['a/b', ''])
  await assert.rejects(cut.sessions(), { message: 'these paths came as strings, which have no times: there are no sessions of them' })
  assert.throws(() => Paths.fromStrings({ ...given, conversions: [0.5, 1] }), { code: 'invalid_table' })
  assert.throws(() => Paths.fromStrings({ ...given, path: ['a', '\ud800'] }), { code: 'invalid_argument' })
  assert.throws(() => new Paths(), TypeError)
})

test('a journey tells owner and stage', async () => {
  const journey = Journey.fromYaml(
    'wayfare: 1\nname: Shop\nchannels: { email: { owner: crm }, search: {}, web: {} }\n' +
      'touchpoints: { clicked: {}, purchased: {} }\ntraits: { clicks: { count: clicked } }\n' +
      'tracks: { relationship: [{ name: unknown }, { name: interested, when: clicks >= 1 }] }\n',
  )
  const options = { conversion: 'purchased', track: 'relationship' }
  for (const cut of [await journey.paths(table(), options), await paths(table(), { ...options, journey })]) {
    assert.deepEqual(await texts(cut, { by: 'stage' }), ['unknown > interested', 'unknown'])
    assert.deepEqual(await texts(cut, { by: 'owner' }), ['crm > (none)', 'crm'])
  }
  await assert.rejects(paths(table(), options), { message: '`track` and `customers` want a `journey`' })
})

test('what cannot be meant is refused', async () => {
  const wrong = [
    [{ lookback: 'a month' }, '`a month` is not a duration'],
    [{ repeat: 'never' }, 'there is no `repeat` `never`'],
    [{ session: 'day', sessionGap: '30m' }, '`session` and `session_gap` are both given'],
    [{ dimensions: ['campaign'] }, 'the table `touchpoints` has no column `campaign`'],
  ]
  for (const [options, message] of wrong) await assert.rejects(paths(table(), { conversion: 'purchased', ...options }), { message })
})

test('bad rows are refused or collected', async () => {
  const bad = table([...TOUCHPOINTS.slice(0, 2), { ...TOUCHPOINTS[2], value: -1 }])
  await assert.rejects(paths(bad, { conversion: 'purchased' }), { code: 'invalid_table' })
  const { paths: cut, rejected } = await paths(bad, { conversion: 'purchased', onError: 'collect' })
  assert.deepEqual([cut.length, rows(rejected).map((row) => row.row)], [1, [2]])
})
