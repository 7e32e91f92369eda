// Lifetime value as a backend uses it: Arrow IPC in and out, and one customer at a time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableFromArrays, tableFromIPC, tableToIPC, Table, vectorFromArray, TimestampMillisecond, Utf8 } from 'apache-arrow'
import { Journey, lifetime, WayfareError } from 'wayfare'

// Fader, Hardie and Lee 2005, table 2: the CDNOW sample, in weeks.
const PUBLISHED = lifetime.BgNbd.fromParams({ r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 })
const ADA = { frequency: 2, recency: 213 / 7, age: 272 / 7 }

const near = (found, expected, tolerance = 1e-10) => assert.ok(Math.abs(found / expected - 1) < tolerance, `${found} is not ${expected}`)

function purchases(rows) {
  return tableToIPC(new Table({
    customer: vectorFromArray(rows.map(([customer]) => customer), new Utf8()),
    at: vectorFromArray(rows.map(([, at]) => new Date(at)), new TimestampMillisecond()),
    value: vectorFromArray(rows.map(([, , value]) => value)),
  }))
}

// A thousand customers whose gaps and lives differ, always the same ones.
function shop() {
  let state = 42
  const draw = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
  const rows = []
  for (let number = 0; number < 1000; number += 1) {
    const gap = 5 + 80 * draw() ** 2
    const leaves = 0.4 * draw()
    let day = 80 * draw()
    do {
      rows.push([`c-${number}`, Date.UTC(1997, 0, 1) + Math.floor(day) * 86_400_000, 10 + 40 * draw()])
      day -= gap * Math.log(1 - draw())
    } while (day < 365 && draw() > leaves)
  }
  return purchases(rows)
}

const SHOP = shop()
const OPTIONS = { observedUntil: '1997-12-31' }

test('purchases become customers', async () => {
  const rows = [['ada', '1997-01-01', 29.33], ['ada', '1997-01-18', 29.73], ['bo', '1997-03-01', 5], ['ada', '1997-08-02', 14.96]]
  const table = tableFromIPC(await lifetime.summary(purchases(rows), { observedUntil: '1997-09-30' }))
  const [ada, bo] = table.toArray().map((row) => row.toJSON())
  assert.deepEqual({ ...ada, frequency: Number(ada.frequency) }, { customer: 'ada', ...ADA, monetary_value: (29.73 + 14.96) / 2 })
  assert.equal(bo.monetary_value, 0)
  const split = tableFromIPC(await lifetime.summary(purchases(rows), { observedUntil: '1997-09-30', calibrationUntil: '1997-06-30', period: 'day' }))
  assert.deepEqual(Array.from(split.getChild('holdout_frequency'), Number), [1, 0])
})

test('the published model predicts one customer', () => {
  // 40-digit arithmetic at the published parameters.
  near(PUBLISHED.probabilityAlive(ADA), 0.7265897218354948)
  near(PUBLISHED.conditionalExpectedTransactions(ADA, { days: 39 * 7 }), 1.226115806149322)
  assert.equal(PUBLISHED.standardErrors, null)
  assert.deepEqual(PUBLISHED.params, { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 })
})

test('a fit has errors and intervals, and predicts a table', async () => {
  const customers = await lifetime.summary(SHOP, OPTIONS)
  const fitted = await new lifetime.BgNbd().fit(customers)
  assert.equal(fitted.status, 'converged')
  assert.equal(fitted.customers, 1000)
  const [lower, upper] = fitted.confidenceIntervals(0.95).r
  assert.ok(lower < fitted.params.r && fitted.params.r < upper)
  const spend = await new lifetime.GammaGamma().fit(customers)
  const all = tableFromIPC(await fitted.predict(customers, { days: 90, spend, margin: 0.5 }))
  assert.deepEqual(all.schema.fields.map((field) => field.name), [
    'customer', 'probability_alive', 'conditional_expected_transactions', 'conditional_expected_spend', 'customer_lifetime_value',
  ])
  const first = tableFromIPC(customers).get(0).toJSON()
  const one = { ...first, frequency: Number(first.frequency) }
  assert.equal(fitted.probabilityAlive(one), all.get(0).probability_alive)
  const { estimate, standard_error: error } = fitted.probabilityAlive({ frequency: 3, recency: 20, age: 40 }, { interval: 0.95 })
  assert.ok(estimate > 0 && estimate < 1 && error > 0)
})

test('the diagnostics are tables', async () => {
  const customers = await lifetime.summary(SHOP, { ...OPTIONS, calibrationUntil: '1997-09-30' })
  const fitted = await new lifetime.MbgNbd().fit(customers)
  assert.equal(tableFromIPC(await fitted.frequencyHistogram(customers)).numRows, 8)
  assert.equal(tableFromIPC(await fitted.holdoutByFrequency(customers, 3)).numRows, 4)
  assert.ok(tableFromIPC(await fitted.probabilityAliveMatrix(customers, 3)).numRows > 100)
  const tracked = tableFromIPC(await fitted.tracking(SHOP, { ...OPTIONS, calibrationUntil: '1997-09-30' }))
  assert.ok(tracked.getChild('is_holdout').toArray().some(Boolean))
})

test('a model goes through a document, and into a journey', () => {
  const document = JSON.parse(JSON.stringify(PUBLISHED))
  near(lifetime.FittedModel.fromObject(document).probabilityAlive(ADA), 0.7265897218354948)
  const { model, period_days, params } = document
  const journey = Journey.fromObject({
    wayfare: 1,
    name: 'Shop',
    touchpoints: { purchased: {} },
    lifetime: { orders: { model, period_days, params } },
    traits: { alive: { lifetime: 'probability_alive', of: 'purchased', model: 'orders', output: true } },
  })
  const profile = journey.profile('ada')
  for (const day of ['1997-01-01', '1997-01-18', '1997-08-02']) profile.observe({ at: `${day}T10:00:00Z`, kind: 'purchased' })
  near(profile.view('1997-09-30T12:00:00Z').traits.alive, 0.7265897218354948)
})

test('what cannot be done is said', async () => {
  const refused = (code, message) => (error) => error instanceof WayfareError && error.code === code && message.test(error.message)
  const nobody = tableToIPC(tableFromArrays({ frequency: Int32Array.of(0, 0), recency: Float64Array.of(0, 0), age: Float64Array.of(9, 9) }))
  await assert.rejects(new lifetime.BgNbd().fit(nobody), (error) => error.code === 'not_fitted' && typeof error.status.status === 'string')
  await assert.rejects(lifetime.summary(SHOP, {}), refused('invalid_argument', /RFC 3339/))
  await assert.rejects(lifetime.summary(SHOP, { ...OPTIONS, perod: 'week' }), refused('invalid_argument', /perod/))
  assert.throws(() => PUBLISHED.conditionalExpectedTransactions(ADA), refused('invalid_argument', /wants `days`/))
  assert.throws(() => PUBLISHED.probabilityAlive({ frequency: 2, recency: 50, age: 40 }), refused('invalid_table', /recency/))
  assert.throws(() => lifetime.BgNbd.fromParams({ r: -1, alpha: 1, a: 1, b: 1 }), refused('invalid_argument', /`r` is -1/))
})
