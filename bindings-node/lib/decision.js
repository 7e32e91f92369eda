'use strict'

// What to say next. A decision is a number until somebody reads more of it: then it is made again, of the profile as it was.

const { inspect } = require('node:util')
const native = require('../native.js')
const { literal, record } = require('./convert.js')
const { guarded, refusal, text } = require('./error.js')

const KEY = Symbol('wayfare.decision')
// How many inputs cross as numbers of their own: the first that the journey declares.
const NUMBERS = 4

class Decision {
  #code
  #asked
  #place
  #source
  #outline
  #choice
  #candidates

  // `asked` is what native.decide was called with, `source` the profile as it was.
  constructor(key, code, asked, place, source, outline) {
    if (key !== KEY) throw new TypeError('a Decision comes from profile.decide(now)')
    this.#code = code
    this.#asked = asked
    this.#place = place
    this.#source = source
    this.#outline = outline
  }

  #read(part, outcome) {
    const [at, a, b, c, d, others] = this.#asked
    return guarded(() => native.decisionPart(this.#source.handle, at, a, b, c, d, others, this.#place, part, outcome))
  }

  #chosen() {
    return (this.#choice ??= frozen(JSON.parse(this.#read('choice'))))
  }

  get at() {
    return guarded(() => native.instantText(this.#asked[0]))
  }

  get action() {
    const { actions, channels } = this.#outline
    return this.#code === 0 ? null : actions[Math.trunc((this.#code - 1) / 3 / channels.length)]
  }

  get channel() {
    const { channels } = this.#outline
    return this.#code === 0 ? null : channels[Math.trunc((this.#code - 1) / 3) % channels.length]
  }

  get heldOut() {
    return this.#code !== 0 && (this.#code - 1) % 3 === 1
  }

  get maySend() {
    return this.#code !== 0 && (this.#code - 1) % 3 === 0
  }

  get topic() {
    return this.#chosen().topic
  }

  get owner() {
    return this.#chosen().owner
  }

  get purpose() {
    return this.#chosen().purpose
  }

  get question() {
    return this.#chosen().question
  }

  get answers() {
    return this.#chosen().answers
  }

  get priority() {
    return this.#chosen().priority
  }

  get factors() {
    return this.#chosen().factors
  }

  get notBefore() {
    return this.#chosen().not_before
  }

  get runnerUp() {
    return this.#chosen().runner_up
  }

  get margin() {
    return this.#chosen().margin
  }

  get candidates() {
    return (this.#candidates ??= frozen(JSON.parse(this.#read('candidates'))))
  }

  get because() {
    return this.#read('because')
  }

  explain() {
    return this.#read('explain')
  }

  toSvg() {
    return this.#read('svg')
  }

  touchpoint(outcome) {
    const came = outcome === undefined || outcome === null ? undefined : text(outcome, 'outcome')
    return JSON.parse(this.#read('touchpoint', came))
  }

  toJSON() {
    return JSON.parse(this.#read('document'))
  }

  [inspect.custom](depth, options, inspect) {
    return `Decision ${inspect({ at: this.at }, options)}`
  }
}

// One document that several readers get.
function frozen(node) {
  if (typeof node !== 'object' || node === null) return node
  for (const part of Object.values(node)) frozen(part)
  return Object.freeze(node)
}

// What native.decide takes after the profile: the instant, the first inputs where they are numbers, and the rest as JSON.
function asked(at, inputs, context, outline) {
  const given = [at, NaN, NaN, NaN, NaN, undefined]
  let others
  if (inputs !== undefined && inputs !== null) {
    for (const name of Object.keys(record(inputs, '`inputs`'))) {
      const input = inputs[name]
      const place = typeof input === 'number' && Number.isFinite(input) ? outline.places.get(name) : undefined
      if (place !== undefined) given[place] = input
      else (others ??= { inputs: [], context: [] }).inputs.push(field(name, input))
    }
  }
  if (context !== undefined && context !== null) {
    for (const name of Object.keys(record(context, '`context`'))) (others ??= { inputs: [], context: [] }).context.push(field(name, context[name]))
  }
  if (others !== undefined) given[5] = `{"inputs":{${others.inputs.join()}},"context":{${others.context.join()}}}`
  return given
}

function field(name, given) {
  return `${JSON.stringify(name)}:${literal(name, given, 'invalid_argument')}`
}

// Where in `asked` an input goes that is a number.
function places(inputs) {
  return new Map(Object.keys(inputs).slice(0, NUMBERS).map((name, place) => [name, place + 1]))
}

function count(top) {
  if (Number.isInteger(top) && top >= 0 && top <= 0xffffffff) return top
  throw refusal('invalid_argument', '`top` is not a whole number from 0 on')
}

function decide(source, given, top, outline) {
  if (top === undefined || top === null) {
    const code = native.decide(source.handle, given[0], given[1], given[2], given[3], given[4], given[5])
    return new Decision(KEY, code, given, 0, source, outline)
  }
  return native.decideTop(source.handle, ...given, count(top)).map((code, place) => new Decision(KEY, code, given, place, source, outline))
}

// A profile as decisions see it: the live one, until it changes.
class Source {
  #reading
  #handle
  #kept

  constructor(reading, handle) {
    this.#reading = reading
    this.#handle = handle
  }

  // From now on the profile as it is now, whatever comes after.
  keep() {
    this.#kept = native.profileKept(this.#handle)
    this.#handle = undefined
  }

  get handle() {
    return (this.#handle ??= native.profileFromBytes(this.#reading, Buffer.from(this.#kept, 'latin1')))
  }
}

module.exports = { Decision, Source, asked, decide, places }
