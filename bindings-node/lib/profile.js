'use strict'

// One customer.

const { inspect } = require('node:util')
const native = require('../native.js')
const { instant, literal, record, bytes, known } = require('./convert.js')
const { guarded, lifted, refusal, text } = require('./error.js')
const { View } = require('./view.js')

const KEY = Symbol('wayfare.profile')

class Profile {
  #handle
  #outline
  #customer
  #changes = 0

  constructor(key, handle, outline) {
    if (key !== KEY) throw new TypeError('a Profile comes from journey.profile(id) or Profile.fromBytes(journey, bytes)')
    this.#handle = handle
    this.#outline = outline
  }

  get customer() {
    return (this.#customer ??= guarded(() => native.profileCustomer(this.#handle)))
  }

  observe(touchpoint) {
    const given = record(touchpoint, 'a touchpoint')
    let at, kind, channel, id, value
    let others
    for (const name of Object.keys(given)) {
      const field = given[name]
      switch (name) {
        case 'at':
          at = instant(field, 'at', 'invalid_record')
          continue
        case 'kind':
          if (typeof field === 'string') kind = field
          if (kind !== undefined) continue
          break
        case 'channel':
          if (typeof field === 'string') channel = field
          if (channel !== undefined) continue
          break
        case 'id':
          if (typeof field === 'string') id = text(field, 'id', 'invalid_record')
          if (id !== undefined) continue
          break
        case 'value':
          if (Number.isFinite(field)) value = field
          if (value !== undefined) continue
          break
      }
      others = `${others === undefined ? '{' : `${others},`}${JSON.stringify(name)}:${literal(name, field)}`
    }
    if (at === undefined) throw refusal('invalid_record', '`at` is missing', { field: 'at' })
    if (others !== undefined) others += '}'
    try {
      const folded = native.observe(this.#handle, at, kind, channel, id, value, others)
      if (folded) this.#changes += 1
      return folded
    } catch (error) {
      throw lifted(error)
    }
  }

  set(attributes, { at, id, ...unknown } = {}) {
    known(unknown, 'set')
    const given = record(attributes, 'an attribute change')
    const fields = Object.keys(given).map((name) => `${JSON.stringify(name)}:${literal(name, given[name])}`)
    const when = at === undefined || at === null ? undefined : instant(at, 'at', 'invalid_record')
    const which = id === undefined || id === null ? undefined : text(id, 'id', 'invalid_record')
    const folded = guarded(() => native.setAttributes(this.#handle, `{${fields.join()}}`, when, which))
    if (folded) this.#changes += 1
    return folded
  }

  view(now) {
    try {
      const at = instant(now)
      const changes = this.#changes
      return new View(native.view(this.#handle, at), this.#outline, this, at, () => changes !== this.#changes)
    } catch (error) {
      throw lifted(error)
    }
  }

  nextChange(now) {
    return JSON.parse(guarded(() => native.nextChange(this.#handle, instant(now))))
  }

  makeUp(now) {
    return JSON.parse(guarded(() => native.makeUp(this.#handle, instant(now))))
  }

  history(now) {
    return JSON.parse(guarded(() => native.history(this.#handle, instant(now))))
  }

  toBytes() {
    return guarded(() => native.profileToBytes(this.#handle))
  }

  [inspect.custom]() {
    return 'Profile {}'
  }
}

function newProfile(reading, outline, customer) {
  return new Profile(KEY, guarded(() => native.profileNew(reading, text(customer, 'customer'))), outline)
}

function profileFromBytes(reading, outline, blob) {
  return new Profile(KEY, guarded(() => native.profileFromBytes(reading, bytes(blob, 'bytes'))), outline)
}

module.exports = { Profile, newProfile, profileFromBytes }
