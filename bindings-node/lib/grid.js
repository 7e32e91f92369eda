'use strict'

// A journey to look at: the experience grid, and the tracks as a diagram.

const native = require('../native.js')
const { guarded, refusal, text } = require('./error.js')
const { ask, given } = require('./run.js')

const KEY = Symbol('wayfare.grid')

class Grid {
  #handle
  #document

  constructor(key, handle) {
    if (key !== KEY) throw new TypeError('a Grid comes from journey.grid(…)')
    this.#handle = handle
  }

  get gaps() {
    return this.toJSON().gaps
  }

  only(track) {
    return new Grid(KEY, guarded(() => native.gridOnly(this.#handle, text(track, 'track'))))
  }

  toJSON() {
    this.#document ??= guarded(() => native.gridDocument(this.#handle))
    return JSON.parse(this.#document)
  }

  toText() {
    return guarded(() => native.gridText(this.#handle))
  }

  toHtml() {
    return guarded(() => native.gridHtml(this.#handle))
  }

  toSvg() {
    return guarded(() => native.gridSvg(this.#handle))
  }

  toTable() {
    return guarded(() => native.gridTable(this.#handle))
  }
}

class Diagram {
  #reading

  constructor(key, reading) {
    if (key !== KEY) throw new TypeError('a Diagram comes from journey.diagram()')
    this.#reading = reading
  }

  toJSON() {
    return JSON.parse(guarded(() => native.diagramDocument(this.#reading)))
  }

  toMermaid() {
    return guarded(() => native.diagramMermaid(this.#reading))
  }

  toSvg() {
    return guarded(() => native.diagramSvg(this.#reading))
  }
}

function grid(reading) {
  return new Grid(KEY, guarded(() => native.gridNew(reading)))
}

async function gridOf(reading, touchpoints, options) {
  const { grid, rejected } = await ask('grid', 'touchpoints', touchpoints, options, (job, asked, { conversions }) => {
    return native.gridOfTables(reading, job, asked, kinds(conversions))
  })
  return given(options, 'grid', new Grid(KEY, grid), rejected)
}

function kinds(conversions) {
  if (conversions === undefined || conversions === null) return []
  if (!Array.isArray(conversions)) throw refusal('invalid_argument', '`conversions` is not an array of kinds')
  return conversions.map((kind, at) => text(kind, `conversions[${at}]`))
}

function diagram(reading) {
  return new Diagram(KEY, reading)
}

module.exports = { Grid, Diagram, grid, gridOf, diagram }
