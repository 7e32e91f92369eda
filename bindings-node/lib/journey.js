'use strict'

// A journey file, read.

const { readFileSync } = require('node:fs')
const { inspect } = require('node:util')
const native = require('../native.js')
const { document } = require('./convert.js')
const { places } = require('./decision.js')
const { diagnostics, guarded, lifted, refusal, text } = require('./error.js')
const { diagram, grid, gridOf } = require('./grid.js')
const { cut } = require('./paths.js')
const { newProfile, profileFromBytes, Profile } = require('./profile.js')
const { decide, ledger, run, transitions } = require('./run.js')
const { compare, reach } = require('./what_if.js')

const KEY = Symbol('wayfare.journey')

class Journey {
  #reading
  #outline
  #warnings

  constructor(key, reading) {
    if (key !== KEY) throw new TypeError('a Journey comes from Journey.fromFile, .fromYaml, .fromJson, .fromObject or .template')
    const outline = native.journeyOutline(reading)
    if (typeof outline !== 'string') throw lifted(new Error(outline.error), diagnostics(reading))
    this.#reading = reading
    this.#outline = frozen(JSON.parse(outline))
  }

  static fromFile(path) {
    const bytes = readFileSync(path)
    let source
    try {
      source = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      throw refusal('invalid_argument', 'the journey file is not UTF-8 text')
    }
    return /\.json$/i.test(String(path)) ? Journey.fromJson(source) : Journey.fromYaml(source)
  }

  static fromYaml(source) {
    return Journey.#read(native.journeyFromYaml, text(source, 'text'))
  }

  static fromJson(source) {
    return Journey.#read(native.journeyFromJson, text(source, 'text'))
  }

  static fromObject(object) {
    return Journey.#read(native.journeyFromObject, document(object))
  }

  static template(name) {
    return Journey.#read(native.journeyTemplate, text(name, 'name'))
  }

  static #read(reader, source) {
    return guarded(() => new Journey(KEY, reader(source)))
  }

  get name() {
    return this.#outline.name
  }

  get warnings() {
    return (this.#warnings ??= diagnostics(this.#reading))
  }

  get tracks() {
    return this.#outline.tracks
  }

  get traits() {
    return this.#outline.traits
  }

  get scores() {
    return this.#outline.scores
  }

  get segments() {
    return this.#outline.segments
  }

  get touchpointFields() {
    return this.#outline.touchpointFields
  }

  get attributes() {
    return this.#outline.attributes
  }

  stages(track) {
    if (Object.hasOwn(this.#outline.stages, track)) return this.#outline.stages[track]
    throw refusal('invalid_argument', `there is no track \`${String(track)}\``, { help: `there are: ${this.tracks.join(', ')}` })
  }

  profile(customer) {
    return newProfile(this.#reading, this.#outline, customer)
  }

  run(touchpoints, options) {
    return run(this.#reading, touchpoints, options)
  }

  transitions(touchpoints, options) {
    return transitions(this.#reading, touchpoints, options)
  }

  decide(touchpoints, options) {
    return decide(this.#reading, touchpoints, options)
  }

  ledger(preferences, options) {
    return ledger(this.#reading, preferences, options)
  }

  paths(touchpoints, options) {
    return cut(this.#reading, touchpoints, options)
  }

  reach(touchpoints, options) {
    return reach(this.#reading, touchpoints, options)
  }

  async compare(other, touchpoints, options) {
    return compare(this.#reading, Journey.#readingOf(other, 'other'), touchpoints, options)
  }

  // The file's own at once; filled with what happened, a promise of it.
  grid(touchpoints, options) {
    return touchpoints === undefined && options === undefined ? grid(this.#reading) : gridOf(this.#reading, touchpoints, options)
  }

  diagram() {
    return diagram(this.#reading)
  }

  static #readingOf(journey, name) {
    if (typeof journey === 'object' && journey !== null && #reading in journey) return journey.#reading
    throw refusal('invalid_argument', `\`${name}\` is not a Journey`)
  }

  static {
    Profile.fromBytes = (journey, bytes) => profileFromBytes(Journey.#readingOf(journey, 'journey'), journey.#outline, bytes)
  }

  [inspect.custom]() {
    return `Journey { name: ${inspect(this.name)} }`
  }
}

function frozen(outline) {
  outline.places = places(outline.inputs)
  for (const part of Object.values(outline)) Object.freeze(part)
  for (const stages of Object.values(outline.stages)) Object.freeze(stages)
  return Object.freeze(outline)
}

module.exports = { Journey }
