'use strict'

// One customer.

const { inspect } = require('node:util')
const native = require('../native.js')
const { instant, literal, record, bytes, known } = require('./convert.js')
const { Source, asked, decide } = require('./decision.js')
const { guarded, lifted, refusal, text } = require('./error.js')
const { View } = require('./view.js')

const KEY = Symbol('wayfare.profile')

class Profile {
  #reading
  #handle
  #outline
  #customer
  #changes = 0
  // What the decisions since the last change are of.
  #source = null

  constructor(key, reading, handle, outline) {
    if (key !== KEY) throw new TypeError('a Profile comes from journey.profile(id) or Profile.fromBytes(journey, bytes)')
    this.#reading = reading
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
      if (this.#source !== null) this.#keep()
      const folded = native.observe(this.#handle, at, kind, channel, id, value, others)
      if (folded) this.#changes += 1
      return folded
    } catch (error) {
      throw lifted(error)
    }
  }

  // Before a change: decisions made so far keep the profile as it was.
  #keep() {
    this.#source.keep()
    this.#source = null
  }

  #change(call) {
    return guarded(() => {
      if (this.#source !== null) this.#keep()
      const folded = call(this.#handle)
      if (folded) this.#changes += 1
      return folded
    })
  }

  set(attributes, { at, id, ...unknown } = {}) {
    known(unknown, 'set')
    const given = record(attributes, 'an attribute change')
    const fields = Object.keys(given).map((name) => `${JSON.stringify(name)}:${literal(name, given[name])}`)
    const when = at === undefined || at === null ? undefined : instant(at, 'at', 'invalid_record')
    const which = id === undefined || id === null ? undefined : text(id, 'id', 'invalid_record')
    return this.#change((handle) => native.setAttributes(handle, `{${fields.join()}}`, when, which))
  }

  merge(other) {
    if (!(other instanceof Profile)) throw refusal('invalid_argument', '`other` is not a Profile')
    this.#change((handle) => {
      native.profileMerge(handle, native.profileToBytes(other.#handle))
      return true
    })
  }

  prefer(preference) {
    return this.#word(native.prefer, preference)
  }

  request(preference) {
    return this.#word(native.request, preference)
  }

  confirm(preference) {
    return this.#word(native.confirm, preference)
  }

  object(preference) {
    return this.#word(native.object, preference)
  }

  #word(call, preference) {
    const { at, expires, ...others } = record(preference, 'a preference')
    const when = instant(at, 'at', 'invalid_record')
    const end = expires === undefined || expires === null ? undefined : instant(expires, 'expires', 'invalid_record')
    const fields = Object.keys(others).map((name) => `${JSON.stringify(name)}:${literal(name, others[name])}`)
    return this.#change((handle) => call(handle, when, end, `{${fields.join()}}`))
  }

  unsubscribeAll(at) {
    const when = instant(at, 'at', 'invalid_record')
    return this.#change((handle) => native.unsubscribeAll(handle, when))
  }

  unsubscribe(channel, at) {
    const [which, when] = [text(channel, 'channel', 'invalid_record'), instant(at, 'at', 'invalid_record')]
    return this.#change((handle) => native.unsubscribe(handle, which, when))
  }

  globalPrivacyControl(at) {
    const when = instant(at, 'at', 'invalid_record')
    this.#change((handle) => native.globalPrivacyControl(handle, when))
  }

  answer(ask, answer, at) {
    const [which, what, when] = [text(ask, 'ask'), literal('answer', answer, 'invalid_argument'), instant(at, 'at', 'invalid_record')]
    return this.#change((handle) => native.answer(handle, which, what, when))
  }

  consents(at) {
    return JSON.parse(guarded(() => native.consents(this.#handle, instant(at, 'at'))))
  }

  consentsSvg(at) {
    return guarded(() => native.consentsSvg(this.#handle, instant(at, 'at')))
  }

  decide(now, options) {
    const at = instant(now)
    let inputs, context, top
    if (options !== undefined) {
      for (const name of Object.keys(record(options, '`options`'))) {
        switch (name) {
          case 'inputs':
            inputs = options.inputs
            break
          case 'context':
            context = options.context
            break
          case 'top':
            top = options.top
            break
          default:
            known({ [name]: null }, 'decide')
        }
      }
    }
    const given = asked(at, inputs, context, this.#outline)
    try {
      return decide((this.#source ??= new Source(this.#reading, this.#handle)), given, top, this.#outline)
    } catch (error) {
      throw lifted(error)
    }
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
  return new Profile(KEY, reading, guarded(() => native.profileNew(reading, text(customer, 'customer'))), outline)
}

function profileFromBytes(reading, outline, blob) {
  return new Profile(KEY, reading, guarded(() => native.profileFromBytes(reading, bytes(blob, 'bytes'))), outline)
}

module.exports = { Profile, newProfile, profileFromBytes }
