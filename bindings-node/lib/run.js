'use strict'

// Questions about tables: Arrow IPC in, an answer out, off the event loop.

const native = require('../native.js')
const { bytes, instant, known, record } = require('./convert.js')
const { lifted, refusal } = require('./error.js')
const { handle } = require('./identity.js')

const PROGRESS_EVERY_MS = 100

// What each question takes beside the options that all of them have.
const OWN = {
  run: ['preferences', 'customers', 'identity'],
  transitions: ['preferences', 'customers', 'explain', 'identity'],
  decide: ['preferences', 'customers', 'inputs', 'explain', 'identity'],
  ledger: [],
  reach: ['preferences', 'customers', 'inputs'],
  compare: ['preferences', 'customers', 'inputs', 'over'],
  grid: ['customers', 'conversions'],
}

// Asks a question: `call` is given the job and what is asked, and whatever else is an option of that question alone.
async function ask(what, name, about, options, call) {
  const { asOf, signal, onProgress, naiveTimeZone, onError, extraColumns, ...rest } = record(options ?? {}, '`options`')
  const own = Object.fromEntries(OWN[what].map((option) => [option, rest[option]]))
  known(Object.fromEntries(Object.entries(rest).filter(([option]) => !OWN[what].includes(option))), what)
  const { preferences, customers, inputs, explain, over, ...others } = own
  const asked = {
    ...moments(...either(asOf, over)),
    preferences: optional(preferences, 'preferences'),
    customers: optional(customers, 'customers'),
    inputs: optional(inputs, 'inputs'),
    naiveTimeZone,
    onError,
    extraColumns,
    explain,
    about: bytes(about, name),
  }
  signal?.throwIfAborted()

  const job = native.jobNew()
  const cancel = () => native.jobCancel(job)
  const thrown = []
  const tell = () => {
    try {
      onProgress(...native.jobProgress(job))
    } catch (error) {
      thrown.push(error)
      cancel()
    }
  }
  const timer = onProgress && setInterval(tell, PROGRESS_EVERY_MS)
  signal?.addEventListener('abort', cancel, { once: true })
  try {
    const answer = await call(job, asked, others)
    if (onProgress && thrown.length === 0) tell()
    if (thrown.length > 0) throw thrown[0]
    return answer
  } catch (error) {
    if (thrown.length > 0) throw thrown[0]
    signal?.throwIfAborted()
    throw lifted(error)
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', cancel)
  }
}

// The answer, or with `onError: 'collect'` the answer under its name beside the refused rows.
function given(options, name, answer, rejected) {
  return options?.onError === 'collect' ? { [name]: answer, rejected } : answer
}

// A question that is answered by a table.
async function table(what, native, reading, name, about, options) {
  const { table, rejected } = await ask(what, name, about, options, (job, asked, { identity }) => native(reading, job, asked, handle(identity)))
  return given(options, 'table', table, rejected)
}

const run = (reading, touchpoints, options) => table('run', native.runTables, reading, 'touchpoints', touchpoints, options)
const transitions = (reading, touchpoints, options) => table('transitions', native.transitionsOfTables, reading, 'touchpoints', touchpoints, options)
const decide = (reading, touchpoints, options) => table('decide', native.decideTables, reading, 'touchpoints', touchpoints, options)
const ledger = (reading, preferences, options) => table('ledger', native.ledgerOfTables, reading, 'preferences', preferences, options)

function optional(given, name) {
  return given === undefined || given === null ? undefined : bytes(given, name)
}

// `asOf` or `over`: one of the two names for the instants asked about.
function either(asOf, over) {
  if (over === undefined) return [asOf, 'asOf']
  if (asOf === undefined) return [over, 'over']
  throw refusal('invalid_argument', '`asOf` and `over` are both given', { help: '`over` is a list of instants, `asOf` one; give one of them' })
}

function moments(given, name) {
  if (Array.isArray(given)) return { each: given.map((one, index) => instant(one, `${name}[${index}]`)) }
  if (ArrayBuffer.isView(given) || given instanceof ArrayBuffer) return { questions: bytes(given, name) }
  return { at: instant(given, name) }
}

module.exports = { ask, given, run, transitions, decide, ledger }
