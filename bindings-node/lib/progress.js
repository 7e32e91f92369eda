'use strict'

// How near customers are to a conversion, before and after every touchpoint.

const { isDate } = require('node:util').types
const native = require('../native.js')
const { record } = require('./convert.js')
const { guarded, refusal } = require('./error.js')
const { handle } = require('./paths.js')
const { awaited, request } = require('./request.js')

const KEY = Symbol('wayfare.progress')

async function fit(paths, options) {
  const asked = JSON.stringify(request(record(options ?? {}, '`options`')))
  const { model } = await awaited(() => native.progressFit(handle(paths), asked))
  return new ProgressModel(KEY, model, paths)
}

const instant = (value) => (isDate(value) ? value.toISOString() : value)

class ProgressModel {
  #model
  #facts
  #paths

  constructor(key, model, paths) {
    if (key !== KEY) throw new TypeError('a ProgressModel comes from progress.fit or ProgressModel.fromObject')
    this.#model = model
    this.#paths = paths
    this.#facts = JSON.parse(guarded(() => native.progressFacts(model)))
  }

  static fromObject(document) {
    return guarded(() => new ProgressModel(KEY, native.progressFromDocument(JSON.stringify(document))))
  }

  get horizon() {
    return this.#facts.horizon
  }

  get by() {
    return this.#facts.by
  }

  get value() {
    return this.#facts.value
  }

  get brier() {
    return this.#facts.calibration.brier
  }

  get brierSkill() {
    return this.#facts.calibration.brier_skill
  }

  get slope() {
    return this.#facts.calibration.slope
  }

  get slopeInterval() {
    return this.#facts.calibration.slope_interval
  }

  get intercept() {
    return this.#facts.calibration.intercept
  }

  get interceptInterval() {
    return this.#facts.calibration.intercept_interval
  }

  get assessment() {
    return structuredClone(this.#facts.calibration)
  }

  get assessmentBetween() {
    return structuredClone(this.#facts.calibration_between)
  }

  get recalibration() {
    return structuredClone(this.#facts.recalibration)
  }

  get report() {
    return { ...this.#facts.report }
  }

  atTouchpoints(options) {
    return awaited(() => native.progressAtTouchpoints(this.#model, this.#known(record(options ?? {}, '`options`').paths)))
  }

  highValuePoints(options) {
    return awaited(() => {
      const { paths, ...rest } = record(options ?? {}, '`options`')
      return native.progressPoints(this.#model, this.#known(paths), JSON.stringify(request(rest)))
    })
  }

  calibration(options) {
    const { between } = record(options ?? {}, '`options`')
    return guarded(() => native.progressCalibration(this.#model, between === true))
  }

  calibrationSvg() {
    return guarded(() => native.progressCalibrationSvg(this.#model))
  }

  score(history, now, options) {
    const { later } = record(options ?? {}, '`options`')
    const touchpoints = Array.from(history, (given) => {
      const touchpoint = record(given, 'a touchpoint of the history')
      return Object.fromEntries(Object.entries(touchpoint).map(([name, value]) => [name, instant(value)]))
    })
    const asked = { history: touchpoints, now: instant(now), later: Array.from(later ?? [], instant) }
    const [probability, ...rest] = guarded(() => native.progressScore(this.#model, JSON.stringify(asked)))
    return { probability, later: rest }
  }

  toObject() {
    return JSON.parse(guarded(() => native.progressDocument(this.#model)))
  }

  toJSON() {
    return this.toObject()
  }

  #known(paths) {
    const known = paths ?? this.#paths
    if (known === undefined) {
      throw refusal('invalid_argument', 'the model does not hold its paths', { help: 'pass `paths`: a document does not keep them' })
    }
    return handle(known)
  }
}

module.exports = { progress: Object.freeze({ fit, ProgressModel }) }
