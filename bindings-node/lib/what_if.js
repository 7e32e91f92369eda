'use strict'

// What decisions come to.

const native = require('../native.js')
const { ask, given } = require('./run.js')

const KEY = Symbol('wayfare.what_if')

// A document, what it says in a few lines, and a picture of it.
class Found {
  #text
  #picture

  constructor(key, document, text, picture) {
    if (key !== KEY) throw new TypeError(`a ${new.target.name} comes from journey.${new.target === Reach ? 'reach' : 'compare'}(…)`)
    Object.assign(this, JSON.parse(document))
    this.#text = text
    this.#picture = picture
  }

  toText() {
    return this.#text
  }

  toSvg() {
    return this.#picture
  }

  toJSON() {
    return { ...this }
  }
}

class Reach extends Found {}

class Comparison extends Found {
  #isEmpty
  #differences

  constructor(key, document, text, picture, isEmpty, differences) {
    super(key, document, text, picture)
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
  const call = (job, asked) => native.reachOfTables(reading, job, asked)
  const { document, text, picture, rejected } = await ask('reach', 'touchpoints', touchpoints, options, call)
  return given(options, 'reach', new Reach(KEY, document, text, picture), rejected)
}

async function compare(reading, other, touchpoints, options) {
  const call = (job, asked) => native.compareTables(reading, other, job, asked)
  const { document, text, picture, isEmpty, differences, rejected } = await ask('compare', 'touchpoints', touchpoints, options, call)
  return given(options, 'comparison', new Comparison(KEY, document, text, picture, isEmpty, differences), rejected)
}

module.exports = { Reach, Comparison, reach, compare }
