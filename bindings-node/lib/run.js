'use strict'

// Tables through a journey: Arrow IPC in, Arrow IPC out, off the event loop.

const native = require('../native.js')
const { bytes, instant, known, record } = require('./convert.js')
const { lifted } = require('./error.js')

const PROGRESS_EVERY_MS = 100

async function run(reading, moves, touchpoints, options) {
  const { asOf, customers, signal, onProgress, naiveTimeZone, onError, extraColumns, explain, ...unknown } = record(options ?? {}, '`options`')
  known(unknown, moves ? 'transitions' : 'run')
  const several = Array.isArray(asOf)
  const table = ArrayBuffer.isView(asOf) || asOf instanceof ArrayBuffer ? bytes(asOf, 'asOf') : undefined
  const at = several || table ? undefined : instant(asOf, 'asOf')
  const each = several ? asOf.map((one, index) => instant(one, `asOf[${index}]`)) : undefined
  const wanted = { moves, at, each, naiveTimeZone, onError, extraColumns, explain }
  const attributes = customers === undefined || customers === null ? undefined : bytes(customers, 'customers')
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
    const { table: answer, rejected } = await native.runTables(reading, job, bytes(touchpoints, 'touchpoints'), attributes, table, wanted)
    if (onProgress && thrown.length === 0) tell()
    if (thrown.length > 0) throw thrown[0]
    return onError === 'collect' ? { table: answer, rejected } : answer
  } catch (error) {
    if (thrown.length > 0) throw thrown[0]
    signal?.throwIfAborted()
    throw lifted(error)
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', cancel)
  }
}

module.exports = { run }
