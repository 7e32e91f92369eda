'use strict'

// What is true at an instant: unpacked when somebody looks; what costs more than the rest is asked for only then.

const { inspect } = require('node:util')
const native = require('../native.js')
const { guarded, refusal } = require('./error.js')

class View {
  #packed
  #outline
  #profile
  #at
  #isStale
  #unpacker
  #nextChange
  #makeUp

  constructor(packed, outline, profile, at, isStale) {
    this.#packed = packed
    this.#outline = outline
    this.#profile = profile
    this.#at = at
    this.#isStale = isStale
  }

  #read() {
    return (this.#unpacker ??= new Unpacker(this.#packed, this.#outline))
  }

  #ask(question, name) {
    if (this.#isStale()) {
      const help = `read \`${name}\` before the next record, or ask the profile: \`${question}(now)\``
      throw refusal('stale_view', `the profile has changed since this view, and \`${name}\` had not been read`, { help })
    }
    return this.#profile[question](this.at)
  }

  get at() {
    return guarded(() => native.instantText(this.#at))
  }

  get stages() {
    return this.#read().stages
  }

  get traits() {
    return this.#read().traits
  }

  get scores() {
    return this.#read().scores
  }

  get segments() {
    return this.#read().segments
  }

  get make_up() {
    return (this.#makeUp ??= this.#ask('makeUp', 'make_up'))
  }

  get next_change() {
    if (this.#nextChange === undefined) this.#nextChange = this.#ask('nextChange', 'next_change')
    return this.#nextChange
  }

  toJSON() {
    const { at, stages, traits, scores, make_up, segments, next_change } = this
    return { at, stages, traits, scores, make_up, segments, next_change }
  }

  [inspect.custom](depth, options, inspect) {
    const { at, stages, traits, scores, segments } = this
    return `View ${inspect({ at, stages, traits, scores, segments }, options)}`
  }
}

const NEVER = -(2n ** 63n)

// The other side of src/pack.rs. Its sections follow each other, so one is read with those before it.
class Unpacker {
  #bytes
  #outline
  #at = 0
  #sections = {}

  constructor(packed, outline) {
    this.#bytes = Buffer.from(packed, 'latin1')
    this.#outline = outline
  }

  get stages() {
    return (this.#sections.stages ??= this.#named(this.#outline.tracks, () => ({ stage: this.#text(), since: this.#instant() })))
  }

  get traits() {
    return (this.#sections.traits ??= (this.stages, this.#named(this.#outline.traits, () => this.#value())))
  }

  get scores() {
    return (this.#sections.scores ??= (this.traits, this.#named(this.#outline.scores, () => this.#value())))
  }

  get segments() {
    return (this.#sections.segments ??= (this.scores, this.#named(this.#outline.segments, () => this.#value())))
  }

  #named(names, read) {
    const found = {}
    for (const name of names) found[name] = read()
    return found
  }

  #text() {
    const start = this.#at + 4
    this.#at = start + this.#bytes.readUInt32LE(this.#at)
    return this.#bytes.toString('utf8', start, this.#at)
  }

  #instant() {
    const micros = this.#bytes.readBigInt64LE((this.#at += 8) - 8)
    return micros === NEVER ? null : native.microsText(micros)
  }

  #value() {
    switch (this.#bytes[this.#at++]) {
      case 1:
        return this.#bytes.readDoubleLE((this.#at += 8) - 8)
      case 2:
        return this.#text()
      case 3:
        return false
      case 4:
        return true
      default:
        return null
    }
  }
}

module.exports = { View }
