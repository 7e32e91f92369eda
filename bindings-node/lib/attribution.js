'use strict'

// Which touchpoints earn a conversion: credits that add up, over Arrow IPC.

const native = require('../native.js')
const { record } = require('./convert.js')
const { guarded, refusal, text } = require('./error.js')
const { handle } = require('./paths.js')
const { awaited, request } = require('./request.js')

const KEY = Symbol('wayfare.attribution')

async function credited(call, facts) {
  const found = await awaited(call)
  return facts ? { table: found.table, facts: JSON.parse(found.facts) } : found.table
}

const asked = (options, more) => JSON.stringify(request({ ...record(options ?? {}, '`options`'), ...more }))

function model(name) {
  return async (paths, options) => {
    const { facts, ...rest } = record(options ?? {}, '`options`')
    return credited(() => native.attributionOf(handle(paths), asked(rest, { model: name })), facts)
  }
}

async function credits(paths, options) {
  return awaited(() => native.attributionCredits(handle(paths), asked(options)))
}

async function allModels(paths, options) {
  const { by, measure } = record(options ?? {}, '`options`')
  return awaited(() => native.attributionSideBySide(handle(paths), by ?? undefined, measure ?? undefined))
}

async function selectOrder(paths, options) {
  return awaited(() => native.attributionOrders(handle(paths), asked(options)))
}

class MarkovCounts {
  #native

  constructor(options, counts) {
    this.#native = options === KEY ? counts : guarded(() => native.markovCounts(undefined, asked(options)))
  }

  static fromPaths(paths, options) {
    return guarded(() => new MarkovCounts(KEY, native.markovCounts(handle(paths), asked(options))))
  }

  static fromBytes(bytes) {
    if (!(bytes instanceof Uint8Array)) throw refusal('invalid_argument', '`bytes` is not a Uint8Array')
    return guarded(() => new MarkovCounts(KEY, native.markovCountsFromBytes(bytes)))
  }

  get order() {
    return this.#facts().order
  }

  get by() {
    return this.#facts().by
  }

  get states() {
    return this.#facts().states
  }

  get conversions() {
    return this.#facts().conversions
  }

  add(path, counted) {
    const { conversions, value, nulls, ...others } = record(counted ?? {}, 'the counts')
    for (const other of Object.keys(others)) throw refusal('invalid_argument', `a path has no \`${other}\`; it has \`conversions\`, \`value\` and \`nulls\``)
    const words = Array.from(path, (word) => (word === null || word === undefined ? null : text(word, 'path')))
    const worth = value ?? 0
    if (typeof worth !== 'number') throw refusal('invalid_argument', '`value` is not a number')
    guarded(() => native.markovCountsAdd(this.#native, words, count(conversions, 'conversions'), worth, count(nulls, 'nulls')))
  }

  merge(...others) {
    for (const other of others) guarded(() => native.markovCountsMerge(this.#native, MarkovCounts.#of(other)))
  }

  subtract(other) {
    guarded(() => native.markovCountsSubtract(this.#native, MarkovCounts.#of(other)))
  }

  toBytes() {
    return guarded(() => native.markovCountsToBytes(this.#native))
  }

  async attribution(options) {
    const { facts } = record(options ?? {}, '`options`')
    return credited(() => native.markovCountsAttribution(this.#native), facts)
  }

  #facts() {
    return guarded(() => native.markovCountsFacts(this.#native))
  }

  static #of(other) {
    if (other instanceof MarkovCounts) return other.#native
    throw refusal('invalid_argument', '`other` is not counts', { help: 'pass what `new MarkovCounts` or `MarkovCounts.fromPaths` gave' })
  }
}

function count(given, name) {
  const whole = given ?? 0
  if (Number.isSafeInteger(whole) && whole >= 0) return whole
  throw refusal('invalid_argument', `\`${name}\` is not a whole number of 0 or more`)
}

module.exports = {
  attribution: Object.freeze({
    firstTouch: model('first_touch'),
    lastTouch: model('last_touch'),
    linear: model('linear'),
    positionBased: model('position_based'),
    timeDecay: model('time_decay'),
    markov: model('markov'),
    shapley: model('shapley'),
    allModels,
    credits,
    selectOrder,
    MarkovCounts,
  }),
}
