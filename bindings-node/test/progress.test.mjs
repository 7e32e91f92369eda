// Progress as Node has it, and the numbers that Rust, Python and Node share: `tests/vectors/progress.json`.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Int64, Table, Utf8, tableFromIPC, tableToIPC, vectorFromArray } from 'apache-arrow'
import { paths as cut, progress } from '../index.mjs'
import { stamps } from './tables.mjs'

const FILE = JSON.parse(readFileSync(new URL('../../tests/vectors/progress.json', import.meta.url), 'utf8'))

async function pathsOf() {
  const { customer, at, kind, channel } = FILE.touchpoints
  const columns = {
    customer: vectorFromArray(customer.map(BigInt), new Int64()),
    at: stamps(at),
    kind: vectorFromArray(kind, new Utf8()),
    channel: vectorFromArray(channel, new Utf8()),
  }
  return cut(tableToIPC(new Table(columns)), { conversion: FILE.conversion, observedUntil: FILE.observed_until })
}

const paths = await pathsOf()
const model = await progress.fit(paths, FILE.options)

function close(found, expected, what) {
  assert.ok(Math.abs(found - expected) <= FILE.tolerance * Math.max(1, Math.abs(expected)), `${what}: ${found} is not ${expected}`)
}

test('the model is that of dense linear algebra', async () => {
  const { expect } = FILE
  assert.equal(model.report.states, expect.states)
  assert.equal(model.assessment.windows, expect.windows)
  for (const name of ['brier', 'slope', 'intercept']) close(model[name], expect[name], name)
  const found = tableFromIPC(await model.atTouchpoints())
  const [before, after] = ['before', 'after'].map((name) => found.getChild(name))
  for (const wanted of expect.touchpoints) {
    close(after.get(wanted.row), wanted.after, 'after')
    assert.equal(before.get(wanted.row) === null, wanted.before === null)
    if (wanted.before !== null) close(before.get(wanted.row), wanted.before, 'before')
  }
  const points = tableFromIPC(await model.highValuePoints({ draws: 0 })).toArray().map((row) => row.toJSON())
  assert.equal(points.length, expect.points.length)
  points.forEach((point, at) => {
    const wanted = expect.points[at]
    assert.deepEqual([point.from, point.to, Number(point.count)], [wanted.from, wanted.to, wanted.count])
    close(point.mean_change, wanted.mean_change, 'mean_change')
  })
  const { history, now, later, probabilities } = expect.score
  const dated = history.map((touchpoint) => ({ ...touchpoint, at: new Date(touchpoint.at) }))
  for (const touchpoints of [history, dated]) {
    const score = model.score(touchpoints, now, { later })
    ;[score.probability, ...score.later].forEach((probability, at) => close(probability, probabilities[at], 'probability'))
  }
})

test('a document is the model without its paths', async () => {
  const again = progress.ProgressModel.fromObject(JSON.parse(JSON.stringify(model)))
  assert.deepEqual(again.toObject(), model.toObject())
  assert.deepEqual(await again.atTouchpoints({ paths }), await model.atTouchpoints())
  await assert.rejects(again.atTouchpoints(), { code: 'invalid_argument', message: /does not hold its paths/ })
})

test('calibration is a table and a picture', () => {
  assert.equal(tableFromIPC(model.calibration({ between: true })).getChild('observed').length > 2, true)
  assert.match(model.calibrationSvg(), /^<svg/)
})

test('what is wrong is said', async () => {
  const { now } = FILE.expect.score
  assert.throws(() => model.score([], now), { code: 'invalid_argument', message: /the history has no touchpoint/ })
  assert.throws(() => model.score([{ at: now, chanel: 'ad' }], now), { message: /`chanel`, which the model does not know/ })
  await assert.rejects(progress.fit(paths, { by: 'chanel' }), { code: 'invalid_argument' })
  await assert.rejects(progress.fit({}), { message: /is not paths/ })
})
