'use strict'

// What decisions come to.

const native = require('../native.js')
const { ask, given } = require('./run.js')

const KEY = Symbol('wayfare.what_if')

// A document, and what it says in a few lines.
class Found {
  #text

  constructor(key, document, text) {
    if (key !== KEY) throw new TypeError(`a ${new.target.name} comes from journey.${new.target === Reach ? 'reach' : 'compare'}(…)`)
    Object.assign(this, JSON.parse(document))
    this.#text = text
  }

  toText() {
    return this.#text
  }

  toJSON() {
    return { ...this }
  }
}

class Reach extends Found {}

class Comparison extends Found {
  #isEmpty
  #differences

  constructor(key, document, text, isEmpty, differences) {
    super(key, document, text)
    this.#isEmpty = isEmpty
    this.#differences = differences
  }

  get differences() {
    return this.#differences
  }

  get isEmpty() {
    return this.#isEmpty
  }
}

async function reach(reading, touchpoints, options) {
  const { document, text, rejected } = await ask('reach', 'touchpoints', touchpoints, options, (job, asked) => native.reachOfTables(reading, job, asked))
  return given(options, 'reach', new Reach(KEY, document, text), rejected)
}

async function compare(reading, other, touchpoints, options) {
  const call = (job, asked) => native.compareTables(reading, other, job, asked)
  const { document, text, isEmpty, differences, rejected } = await ask('compare', 'touchpoints', touchpoints, options, call)
  return given(options, 'comparison', new Comparison(KEY, document, text, isEmpty, differences), rejected)
}

module.exports = { Reach, Comparison, reach, compare }
