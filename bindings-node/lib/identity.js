'use strict'

// Who is who: an identity graph over a native handle.

const { inspect } = require('node:util')
const native = require('../native.js')
const { bytes, document, instant, known, record } = require('./convert.js')
const { guarded, refusal, text } = require('./error.js')
const { awaited } = require('./request.js')

const KEY = Symbol('wayfare.identity')

const rules = (given) => (typeof given === 'string' ? [text(given, 'rules'), true] : [document(given), false])

// Kinds and values of a record as JSON text; of one kind there may be an array of values, and what is null is not there.
function identifiers(given) {
  const read = (kind, value) => JSON.stringify(text(value, kind, 'invalid_record'))
  const written = Object.entries(record(given ?? {}, '`identifiers`'))
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([kind, value]) => {
      const json = Array.isArray(value) ? `[${Array.from(value, (one) => read(kind, one)).join()}]` : read(kind, value)
      return `${JSON.stringify(text(kind, 'identifiers', 'invalid_record'))}:${json}`
    })
  return `{${written.join()}}`
}

function request(options) {
  const { columns, onError, extraColumns, naiveTimeZone, ...others } = record(options ?? {}, '`options`')
  known(others, 'a table of identifiers')
  return JSON.stringify({ columns, on_error: onError, extra_columns: extraColumns, naive_time_zone: naiveTimeZone })
}

function identifier(given, name) {
  if (Array.isArray(given) && given.length === 2) return given.map((part) => text(part, name))
  throw refusal('invalid_argument', `\`${name}\` is not a kind and a value`, { help: "write `['email', 'ada@example.com']`" })
}

class IdentityGraph {
  #handle

  constructor(given, key) {
    this.#handle = key === KEY ? given : guarded(() => native.identityNew(...rules(given)))
  }

  static fromBytes(blob) {
    return new IdentityGraph(
      guarded(() => native.identityFromBytes(bytes(blob, 'bytes'))),
      KEY,
    )
  }

  // What a run takes over.
  static handle(graph) {
    if (graph === undefined || graph === null) return undefined
    if (graph instanceof IdentityGraph) return graph.#handle
    throw refusal('invalid_argument', '`identity` is not an IdentityGraph')
  }

  link(given) {
    const { at, id, identifiers: named, ...others } = record(given, 'a record')
    for (const name of Object.keys(others)) {
      throw refusal('invalid_record', `a record of identifiers has no field \`${name}\``, {
        field: name,
        help: 'there are: `at`, `id`, `identifiers`',
      })
    }
    const when = instant(at, 'at', 'invalid_record')
    const own = id === undefined || id === null ? undefined : text(id, 'id', 'invalid_record')
    return JSON.parse(guarded(() => native.identityLink(this.#handle, when, own, identifiers(named))))
  }

  unlink(id) {
    return JSON.parse(guarded(() => native.identityUnlink(this.#handle, text(id, 'id'))))
  }

  person(kind, value) {
    return guarded(() => native.identityPerson(this.#handle, text(kind, 'kind'), text(value, 'value'))) ?? null
  }

  members(person) {
    return JSON.parse(guarded(() => native.identityMembers(this.#handle, text(person, 'person'))))
  }

  evidence(one, other) {
    return JSON.parse(guarded(() => native.identityEvidence(this.#handle, ...identifier(one, 'one'), ...identifier(other, 'other'))))
  }

  persons() {
    return guarded(() => native.identityPersons(this.#handle))
  }

  async resolve(table, options) {
    const { persons, rejected, report } = await awaited(() =>
      native.identityResolve(this.#handle, bytes(table, 'identifiers'), request(options)),
    )
    return { persons, report: JSON.parse(report), rejected }
  }

  linkTable(table, options) {
    const { report, rejected } = guarded(() => native.identityLinkTable(this.#handle, bytes(table, 'identifiers'), request(options)))
    return options?.onError === 'collect' ? { report: JSON.parse(report), rejected } : JSON.parse(report)
  }

  withRules(given) {
    return new IdentityGraph(
      guarded(() => native.identityWithRules(this.#handle, ...rules(given))),
      KEY,
    )
  }

  get rules() {
    return JSON.parse(guarded(() => native.identityRules(this.#handle)))
  }

  get size() {
    return guarded(() => native.identitySize(this.#handle))
  }

  toBytes() {
    return guarded(() => native.identityToBytes(this.#handle))
  }

  [inspect.custom]() {
    return 'IdentityGraph {}'
  }
}

const { handle } = IdentityGraph
delete IdentityGraph.handle

module.exports = { IdentityGraph, handle }
