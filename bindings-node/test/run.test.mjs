// Tables through a journey.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow'
import { Journey, WayfareError } from '../index.mjs'
import { ipc, micros, rows } from './tables.mjs'

const SHOP = Journey.fromYaml(`
wayfare: 1
name: Shop
channels: { web: {}, store: {} }
touchpoints: { purchased: { properties: { items: number } } }
attributes: { plan: text }
traits:
  orders: { count: purchased }
  spend: { sum: value, of: purchased, output: true }
  plan: { attribute: plan, output: true }
tracks:
  buying:
    - { name: none }
    - { name: buyer, when: orders >= 1 }
    - { name: regular, when: orders >= 2 }
`)
const COLUMNS = { customer: 'text', kind: 'text', channel: 'text', value: 'number' }
const ROWS = [
  { customer: 'bo', at: '2026-01-02T00:00:00Z', kind: 'purchased', channel: 'web', value: 10 },
  { customer: 'ada', at: '2026-01-03T00:00:00.000001Z', kind: 'purchased', channel: 'store', value: 20 },
  { customer: 'ada', at: '2026-01-01T00:00:00Z', kind: 'purchased', channel: null, value: null },
]
const TOUCHPOINTS = ipc(ROWS, COLUMNS)
const NOW = '2026-02-01T00:00:00Z'

const refused = (code, message) => (error) => {
  assert.ok(error instanceof WayfareError, error)
  assert.equal(error.code, code, error.message)
  assert.match(error.message, message)
  return true
}

test('a row a customer, in a stream or a file', async () => {
  for (const format of ['stream', 'file']) {
    const answer = rows(await SHOP.run(ipc(ROWS, COLUMNS, { format }), { asOf: NOW }))
    assert.deepEqual(answer, [
      { customer: 'ada', orders: 2, spend: 20, plan: null, buying: 'regular', buying_since: micros('2026-01-03T00:00:00.000001Z'), next_change_at: null },
      { customer: 'bo', orders: 1, spend: 10, plan: null, buying: 'buyer', buying_since: micros('2026-01-02T00:00:00Z'), next_change_at: null },
    ])
  }
})

test('several instants, a table of them, attributes', async () => {
  const each = rows(await SHOP.run(TOUCHPOINTS, { asOf: ['2026-01-01T12:00:00Z', new Date(NOW)] }))
  assert.deepEqual(each.map(({ customer, orders }) => [customer, orders]), [['ada', 1], ['ada', 2], ['bo', 1]])
  const asked = ipc([{ customer: 'ada', at: '2026-01-02T00:00:00Z' }, { customer: 'ada', at: NOW }], { customer: 'text' })
  assert.deepEqual(rows(await SHOP.run(TOUCHPOINTS, { asOf: asked })).map((row) => row.orders), [1, 2])
  const customers = ipc([{ customer: 'bo', at: null, plan: 'gold' }], { customer: 'text', plan: 'text' })
  assert.deepEqual(rows(await SHOP.run(TOUCHPOINTS, { asOf: NOW, customers })).map((row) => row.plan), [null, 'gold'])
})

test('a row a transition, explained if asked', async () => {
  const moves = rows(await SHOP.transitions(TOUCHPOINTS, { asOf: NOW, explain: true }))
  assert.deepEqual(moves.map(({ customer, to, cause, because }) => [customer, to, cause, because]), [
    ['ada', 'buyer', 'touchpoint', 'orders >= 1 (orders = 1)'],
    ['ada', 'regular', 'touchpoint', 'orders >= 2 (orders = 2)'],
    ['bo', 'buyer', 'touchpoint', 'orders >= 1 (orders = 1)'],
  ])
  assert.equal('because' in rows(await SHOP.transitions(TOUCHPOINTS, { asOf: NOW }))[0], false)
})

test('tables as apache-arrow makes them: dictionaries, Dates in milliseconds, integer keys', async () => {
  const at = ROWS.map((row) => new Date(row.at))
  const plain = tableToIPC(tableFromArrays({ customer: ROWS.map((row) => row.customer), at, kind: ROWS.map((row) => row.kind) }))
  const answer = rows(await SHOP.run(plain, { asOf: NOW, naiveTimeZone: 'UTC' }))
  assert.deepEqual(answer.map(({ customer, orders }) => [customer, orders]), [['ada', 2], ['bo', 1]])
  const integers = tableToIPC(tableFromArrays({ customer: Int32Array.of(7, 3, 3), at, kind: ROWS.map((row) => row.kind) }))
  assert.deepEqual(rows(await SHOP.run(integers, { asOf: NOW, naiveTimeZone: 'UTC' })).map(({ customer, orders }) => [customer, orders]), [[3, 2], [7, 1]])
})

test('a timestamp without a zone is refused unless one is given', async () => {
  const naive = ipc(ROWS, COLUMNS, { zone: null })
  await assert.rejects(SHOP.run(naive, { asOf: NOW }), refused('invalid_table', /zone/))
  const [ada] = rows(await SHOP.run(naive, { asOf: NOW, naiveTimeZone: 'Europe/Berlin' }))
  assert.equal(ada.buying_since, micros('2026-01-02T23:00:00.000001Z'))
  await assert.rejects(SHOP.run(naive, { asOf: NOW, naiveTimeZone: 'Middle/Earth' }), refused('invalid_argument', /Middle\/Earth/))
})

test('bad rows fail whole, or are handed back', async () => {
  const bad = ipc([...ROWS, { customer: 'cy', at: NOW, kind: 'purchsed' }, { customer: null, at: NOW, kind: 'purchased' }], COLUMNS)
  await assert.rejects(SHOP.run(bad, { asOf: NOW }), (error) => {
    refused('invalid_table', /touchpoints: row 3, column `kind`/)(error)
    assert.deepEqual(error.rows.map(({ table, row, column }) => [table, row, column]), [['touchpoints', 3, 'kind'], ['touchpoints', 4, 'customer']])
    return true
  })
  const { table, rejected } = await SHOP.run(bad, { asOf: NOW, onError: 'collect' })
  assert.deepEqual(rows(table).map((row) => row.customer), ['ada', 'bo'])
  assert.deepEqual(rows(rejected).map(({ table, row, column }) => [table, row, column]), [['touchpoints', 3, 'kind'], ['touchpoints', 4, 'customer']])
})

test('wrong tables and options are refused with what is wrong', async () => {
  const extra = ipc([{ ...ROWS[0], colour: 'red' }], { ...COLUMNS, colour: 'text' })
  await assert.rejects(SHOP.run(extra, { asOf: NOW }), refused('invalid_table', /`colour`/))
  assert.equal(rows(await SHOP.run(extra, { asOf: NOW, extraColumns: 'ignore' })).length, 1)
  await assert.rejects(SHOP.run(ipc(ROWS, { kind: 'text' }), { asOf: NOW }), refused('invalid_table', /no column `customer`/))
  for (const [options, message] of [
    [undefined, /`asOf` is missing/],
    [{ asOf: 3 }, /`asOf` is neither/],
    [{ asOf: [NOW, 3] }, /`asOf\[1\]` is neither/],
    [{ asOf: 'today' }, /RFC 3339/],
    [{ asOf: NOW, onErrors: 'collect' }, /no option `onErrors`/],
    [{ asOf: NOW, onError: 'ignore' }, /`onError` is not one of `raise`, `collect`/],
    [{ asOf: NOW, extraColumns: 'keep' }, /`extraColumns` is not one of/],
    [{ asOf: NOW, explain: 'yes' }, /./],
    [{ asOf: NOW, customers: 'bo' }, /`customers` is not a Uint8Array/],
  ]) {
    await assert.rejects(SHOP.run(TOUCHPOINTS, options), refused('invalid_argument', message))
  }
  await assert.rejects(SHOP.run([1, 2], { asOf: NOW }), refused('invalid_argument', /`touchpoints` is not a Uint8Array/))
})

test('damaged bytes are refused and do not end the process', async () => {
  const file = ipc(ROWS, COLUMNS, { format: 'file' })
  for (const whole of [TOUCHPOINTS, file]) {
    for (let cut = 0; cut < whole.length; cut += 37) await assert.rejects(SHOP.run(whole.subarray(0, cut), { asOf: NOW }), refused('invalid_table', /Arrow IPC/))
    let state = 1
    for (let round = 0; round < 300; round += 1) {
      const damaged = Uint8Array.from(whole)
      for (let byte = 0; byte < 3; byte += 1) {
        state = (state * 48_271) % 2_147_483_647
        damaged[state % damaged.length] ^= 1 << state % 8
      }
      await SHOP.run(damaged, { asOf: NOW, onError: 'collect' }).catch((error) => assert.ok(error instanceof WayfareError, error))
    }
  }
})

test('the bytes may be changed or handed away while it runs', async () => {
  const bytes = Uint8Array.from(TOUCHPOINTS)
  const running = SHOP.run(bytes, { asOf: NOW })
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  assert.equal(rows(await running).length, 2)
})

function many(count) {
  const at = BigInt64Array.from({ length: count }, (_, row) => BigInt(row))
  const customer = Int32Array.from({ length: count }, (_, row) => (row * 7_919) % 100_003)
  const table = tableFromArrays({ customer, kind: Array(count).fill('purchased') })
  return { at, bytes: tableToIPC(table.assign(tableFromIPC(ipcOfInstants(at)))) }
}

function ipcOfInstants(at) {
  return ipc(Array.from(at, (micros) => ({ at: new Date(1_700_000_000_000 + Number(micros) * 1_000).toISOString() })), {})
}

test('a run leaves the event loop free, tells how far it is, and can be stopped', async (t) => {
  const { bytes } = many(200_000)
  const seen = []
  let ticks = 0
  const timer = setInterval(() => (ticks += 1), 1)
  const answer = tableFromIPC(await SHOP.run(bytes, { asOf: NOW, onProgress: (done, all) => seen.push([done, all]) }))
  clearInterval(timer)
  assert.equal(answer.numRows, 100_003)
  assert.ok(ticks > 0)
  assert.deepEqual(seen.at(-1), [200_000, 200_000])

  await t.test('by a signal', async () => {
    const controller = new AbortController()
    let mine = 0
    controller.signal.onabort = () => (mine += 1)
    const running = SHOP.run(bytes, { asOf: NOW, signal: controller.signal })
    controller.abort()
    await assert.rejects(running, { name: 'AbortError' })
    assert.equal(mine, 1)
  })
  await t.test('by a signal that was given before', async () => {
    const reason = new Error('not now')
    await assert.rejects(SHOP.run(bytes, { asOf: NOW, signal: AbortSignal.abort(reason) }), reason)
  })
  await t.test('by a progress callback that throws', async () => {
    await assert.rejects(
      SHOP.run(bytes, { asOf: NOW, onProgress: () => { throw new RangeError('enough') } }),
      { name: 'RangeError', message: 'enough' },
    )
  })
})

test('runs side by side do not disturb each other', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => SHOP.run(TOUCHPOINTS, { asOf: NOW })))
  assert.equal(new Set(answers.map((answer) => answer.toString('base64'))).size, 1)
})
