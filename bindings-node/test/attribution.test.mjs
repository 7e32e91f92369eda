// What attribution is in Node: Arrow IPC out, facts, counts, and what is refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableFromIPC } from 'apache-arrow'
import { Paths, attribution } from '../index.mjs'

const given = { path: ['A', 'A > B', 'A > A > B'], conversions: [10, 9, 3], value: [100, 120, 33], nulls: [90, 41, 17] }
const paths = Paths.fromStrings(given)
const sum = (table, name) => [...table.getChild(name)].reduce((all, value) => all + value, 0)
const names = (table) => table.schema.fields.map((field) => field.name)

test('credits of every model add up', async () => {
  const { firstTouch, lastTouch, linear, positionBased, markov, shapley } = attribution
  const found = await Promise.all([
    firstTouch(paths), lastTouch(paths), linear(paths, { by: 'channel' }), positionBased(paths, { first: 0.3, last: 0.3 }), markov(paths, { order: 3 }),
    shapley(paths, { ordered: true }), shapley(paths, { game: 'rate', interval: 0.9, replicates: 20, seed: 3 }),
  ])
  for (const table of found.map((buffer) => tableFromIPC(buffer))) assert.deepEqual([sum(table, 'conversions'), sum(table, 'value')], [22, 253])
})

test('facts name the game and the order', async () => {
  const { table, facts } = await attribution.shapley(paths, { game: 'rate', facts: true })
  assert.deepEqual([facts.model, facts.by, facts.game, facts.method], ['shapley', 'channel', 'rate', 'exact'])
  assert.deepEqual(names(tableFromIPC(table)), ['channel', 'conversions', 'value', 'shapley_value', 'shapley_value_value'])
})

test('all models, single credits and orders are tables', async () => {
  const all = tableFromIPC(await attribution.allModels(paths, { measure: 'value' }))
  assert.deepEqual([...all.getChild('channel')], ['A', 'B', 'total'])
  assert.equal(all.getChild('linear').get(2), 253)
  const each = tableFromIPC(await attribution.credits(paths, { model: 'linear' }))
  assert.deepEqual(names(each), ['path', 'channel', 'conversions', 'credit', 'value'])
  const orders = tableFromIPC(await attribution.selectOrder(paths, { orders: [1, 2], folds: 2 }))
  assert.deepEqual(names(orders), ['order', 'contexts', 'log_likelihood', 'log_loss', 'best'])
})

test('counts are merged, subtracted and written', async () => {
  const { MarkovCounts, markov } = attribution
  const whole = MarkovCounts.fromPaths(paths, { order: 2 })
  const counts = new MarkovCounts({ order: 2 })
  given.path.forEach((text, at) => {
    counts.add(text.split(' > '), { conversions: given.conversions[at], value: given.value[at], nulls: given.nulls[at] })
  })
  assert.deepEqual(counts.toBytes(), whole.toBytes())
  const more = new MarkovCounts({ order: 2 })
  more.add([null, 'C'], { nulls: 2 })
  counts.merge(more)
  assert.equal(counts.states, 4)
  counts.subtract(more)
  assert.deepEqual([counts.order, counts.by, counts.states, counts.conversions], [2, 'channel', 3, 22])
  assert.deepEqual(MarkovCounts.fromBytes(counts.toBytes()).toBytes(), whole.toBytes())
  assert.deepEqual(await counts.attribution(), await markov(paths, { order: 2 }))
})

test('what is wrong is said', async () => {
  const { MarkovCounts, linear, timeDecay, credits } = attribution
  const said = (text) => (error) => {
    assert.deepEqual([error.name, error.code], ['WayfareError', 'invalid_argument'])
    assert.equal([error.message, ...(error.help ? [error.help] : [])].join('; '), text)
    return true
  }
  await assert.rejects(linear(paths, { by: 'chanel' }), said('the paths have no `chanel`; did you mean `channel`?'))
  await assert.rejects(linear('A'), said('`paths` is not paths; pass what `paths` or `Paths.fromStrings` gave'))
  await assert.rejects(timeDecay(paths, {}), said('`time_decay` wants a half-life; write `half_life="7d"`, say'))
  await assert.rejects(credits(paths, { model: 'linear', order: 2 }), said('`linear` takes no `order`; it is a choice of `markov`'))
  const bytes = MarkovCounts.fromPaths(paths).toBytes()
  assert.throws(() => MarkovCounts.fromBytes(bytes.subarray(3)), said('the bytes are no counts of a Markov chain; pass what `to_bytes` gave'))
  assert.throws(() => new MarkovCounts().add(['A'], { value: 3 }), said('a path has a value, but no conversion'))
  assert.throws(() => new MarkovCounts().add(['A'], { conversions: -1 }), said('`conversions` is not a whole number of 0 or more'))
})
