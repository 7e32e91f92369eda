// The cases that Rust, Python and Node share: online, and the same records as a table.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { suite, test } from 'node:test'
import { Journey, Profile, WayfareError } from '../index.mjs'
import { ipc, micros, rows } from './tables.mjs'

const FOLDER = new URL('../../tests/vectors/', import.meta.url)
const CUSTOMER = 'c-1'
// Files whose cases have no journey are numbers of models, or tables.
const hasJourneys = (name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')).cases?.[0].journey !== undefined
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && hasJourneys(name)).sort()

const known = (case_, until) => (case_.records ?? []).filter((record) => !record.at || micros(record.at) <= micros(until))
const last = (case_) => case_.views.map((view) => view.at).reduce((a, b) => (micros(a) < micros(b) ? b : a))
const instant = (text) => (text === null ? null : micros(text))

// The records, or those up to an instant, as they arrive.
function folded(case_, until) {
  const profile = Journey.fromYaml(case_.journey).profile(case_.customer ?? CUSTOMER)
  for (const record of until === undefined ? (case_.records ?? []) : known(case_, until)) {
    if (record.choice) profile.prefer(record)
    else if (record.set) profile.set(record.set, { at: record.at, id: record.id })
    else profile.observe(record)
  }
  return profile
}

// What is found, reduced to the keys that are expected.
function reduced(found, expected) {
  if (Array.isArray(found) && Array.isArray(expected)) return found.map((one, at) => reduced(one, expected[at]))
  if (found === null || expected === null || typeof found !== 'object' || typeof expected !== 'object') return found
  return Object.fromEntries(Object.keys(expected).map((key) => [key, reduced(found[key], expected[key])]))
}

function same(found, expected, says) {
  assert.deepEqual(reduced(found, expected), expected, says)
}

// It looks back as far as `allowed_lateness`; what was true before is asked of one that has seen no more.
function viewed(case_, profile, at) {
  try {
    return profile.view(at).toJSON()
  } catch (error) {
    assert.equal(error.code, 'invalid_argument')
    return folded(case_, at).view(at).toJSON()
  }
}

// A JavaScript number does not say whether it was meant as an integer, so a whole one past 2^53 is refused in a record. A table's column does say.
const isPastExact = (value) => typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
const refusedHere = (case_) => case_.records.some((record) => Object.values({ ...record, ...record.set }).some(isPastExact))

function online(case_) {
  if (refusedHere(case_)) return assert.throws(() => folded(case_), { code: 'invalid_record', message: /integer beyond 2\^53/ })
  const profile = folded(case_)
  for (const { at, expect } of case_.views) same(viewed(case_, profile, at), expect, `${case_.says} ${at}`)
  if (!case_.transitions) return
  const history = profile.history(last(case_))
  same(history, case_.transitions, case_.says)
  const restored = Profile.fromBytes(Journey.fromYaml(case_.journey), profile.toBytes())
  assert.deepEqual(restored.toBytes(), profile.toBytes())
  assert.deepEqual(restored.history(last(case_)), history)
}

function tables(case_) {
  const journey = Journey.fromYaml(case_.journey)
  const own = { customer: 'text', id: 'text' }
  const touchpoints = case_.records.filter((record) => !record.set && !record.choice).map((record) => ({ ...record, customer: CUSTOMER }))
  const changes = case_.records.filter((record) => record.set).map(({ set, at, id }) => ({ ...set, at, id, customer: CUSTOMER }))
  return { journey, touchpoints: ipc(touchpoints, { ...own, ...journey.touchpointFields }), customers: ipc(changes, { ...own, ...journey.attributes }) }
}

// A table of the records says what the profile says, and moves as it does for the same reasons.
async function batch(case_) {
  const { journey, touchpoints, customers } = tables(case_)
  for (const { at, expect } of case_.views) {
    const [row, ...rest] = rows(await journey.run(touchpoints, { customers, asOf: at }))
    assert.equal(rest.length, 0)
    assert.equal(row !== undefined, known(case_, at).length > 0, at)
    if (row === undefined) continue
    if (refusedHere(case_)) {
      same(row, { ...expect.traits, ...expect.scores, ...expect.segments }, `${case_.says} ${at}`)
      continue
    }
    const view = folded(case_, at).view(at)
    const { traits, scores, segments } = view
    same(row, { ...traits, ...scores, ...segments }, `${case_.says} ${at}`)
    for (const track of journey.tracks) assert.deepEqual([row[track], row[`${track}_since`]], [view.stages[track].stage, instant(view.stages[track].since)], case_.says)
    assert.equal(row.next_change_at, view.next_change && instant(view.next_change.at))
  }
  if (!case_.transitions) return
  const moves = rows(await journey.transitions(touchpoints, { customers, asOf: last(case_), explain: true }))
  const expected = folded(case_, last(case_)).history(last(case_))
  assert.deepEqual(
    moves.map(({ customer, ...move }) => move),
    expected.map(({ track, at, from, to, cause, record, rule, because }) => ({ track, at: instant(at), from, to, cause, record, rule, because })),
  )
}

const row = (rows, like, keys) => rows.find((row) => keys.every((key) => row[key] === (like[key] ?? null)))

// What is asked, as an array, and again as documents.
function decided(profile, { at, inputs, context, top }) {
  const decision = profile.decide(at, { inputs, context, top })
  return top === undefined ? [decision] : decision
}

// It looks back as far as `allowed_lateness`; what was true before is asked of one that has seen no more.
function decidedThen(case_, profile, asked) {
  try {
    return decided(profile, asked)
  } catch (error) {
    assert.equal(error.code, 'invalid_argument')
    return decided(folded(case_, asked.at), asked)
  }
}

function decisions(case_) {
  const profile = folded(case_)
  for (const asked of case_.decisions) {
    const says = `${case_.says} ${asked.at}`
    // As in a record.
    const error = asked.error ?? (Object.values(asked.inputs ?? {}).some(isPastExact) ? 'invalid_argument' : undefined)
    if (error) {
      assert.throws(() => decided(profile, asked), { name: 'WayfareError', code: error }, says)
      continue
    }
    const found = decidedThen(case_, profile, asked)
    const expected = asked.top === undefined ? [asked.expect] : asked.expect
    assert.equal(found.length, expected.length, says)
    for (const [place, { candidates = [], ...rest }] of expected.entries()) {
      const document = found[place].toJSON()
      same(document, rest, says)
      for (const candidate of candidates) same(row(document.candidates, candidate, ['action', 'channel']), candidate, says)
      const { action, channel, maySend, heldOut, notBefore, priority } = found[place]
      assert.deepEqual({ action, channel, may_send: maySend, held_out: heldOut, not_before: notBefore, priority }, reduced(document, { action, channel, may_send: 0, held_out: 0, not_before: 0, priority }))
    }
  }
}

function consents(case_) {
  const profile = folded(case_)
  const keys = ['channel', 'purpose', 'topic']
  for (const { at, expect, whole } of case_.consents) {
    const found = profile.consents(at)
    for (const expected of expect) same(row(found, expected, keys), expected, `${case_.says} ${at}`)
    const named = (row) => keys.map((key) => row[key] ?? null)
    if (whole) assert.deepEqual(found.map(named), expect.map(named), case_.says)
  }
}

// Errors and warnings of a journey file.
function diagnostics(case_) {
  let found
  try {
    found = Journey.fromYaml(case_.journey).warnings
  } catch (error) {
    assert.ok(error instanceof WayfareError && error.code === 'invalid_journey', error)
    found = error.diagnostics
  }
  const shown = found.map(({ span, ...rest }) => ({ ...rest, line: span?.line ?? null, column: span?.column ?? null }))
  assert.equal(shown.length, case_.diagnostics.length, case_.says)
  same(shown, case_.diagnostics, case_.says)
}

for (const file of FILES) {
  const { cases } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))
  suite(file, () => {
    for (const case_ of cases) {
      if (case_.views?.length) {
        test(`${case_.name}, online`, () => online(case_))
        test(`${case_.name}, as a table`, () => batch(case_))
      }
      if (case_.decisions?.length) test(`${case_.name}, decided`, () => decisions(case_))
      if (case_.consents?.length) test(`${case_.name}, consented`, () => consents(case_))
      if (case_.diagnostics) test(`${case_.name}, checked`, () => diagnostics(case_))
    }
  })
}
