'use strict'

// What JavaScript hands over, as the native functions take it. What JSON would silently change is refused here.

const { isDate } = require('node:util').types
const { refusal } = require('./error.js')

const MAX_DEPTH = 100
const MAX_LENGTH = 1 << 20

// A Date as its milliseconds, RFC 3339 text as it is.
function instant(given, name = 'now', code = 'invalid_argument') {
  if (typeof given === 'string') return given
  if (isDate(given)) return Date.prototype.getTime.call(given)
  const what = given === undefined || given === null ? 'missing' : 'neither a Date nor RFC 3339 text'
  throw refusal(code, `\`${name}\` is ${what}`, { field: code === 'invalid_record' ? name : null })
}

// One value of a record as JSON text.
function literal(name, given, code = 'invalid_record') {
  const wrong = (what) => refusal(code, `\`${name}\` ${what}`, { field: code === 'invalid_record' ? name : null })
  switch (typeof given) {
    case 'string':
      return JSON.stringify(given)
    case 'number':
      if (Number.isFinite(given)) return String(given)
      throw wrong('is not a finite number')
    case 'boolean':
      return String(given)
    case 'undefined':
      return 'null'
    default:
      if (given === null) return 'null'
      throw wrong('is neither a number, text, a boolean nor null')
  }
}

function record(given, what) {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given
  throw refusal('invalid_argument', `${what} is not an object`)
}

// A whole document as JSON text. Its size is bounded while it is written, for an object may be met more than once.
function document(given) {
  const path = []
  const wrong = (what) => refusal('invalid_argument', `\`${path.join('.')}\` ${what}`)
  let spent = 0
  const spend = (json) => {
    spent += json.length
    if (spent > MAX_LENGTH) throw refusal('invalid_argument', 'the object is too large for a journey')
    return json
  }
  const inside = (key, node) => {
    path.push(key)
    if (path.length > MAX_DEPTH) throw refusal('invalid_argument', `the object is cyclic or nested deeper than ${MAX_DEPTH} levels`)
    const json = write(node)
    path.pop()
    return json
  }
  const write = (node) => {
    switch (typeof node) {
      case 'string':
      case 'boolean':
        return spend(JSON.stringify(node))
      case 'number':
        if (!Number.isFinite(node)) throw wrong('is not a finite number')
        if (Number.isInteger(node) && !Number.isSafeInteger(node)) throw wrong('is an integer beyond 2^53')
        return spend(String(node))
      case 'object':
        if (node === null) return spend('null')
        if (Array.isArray(node)) return `${spend('[')}${Array.from(node, (item, at) => inside(at, item)).join()}]`
        if (isPlain(node)) return `${spend('{')}${entries(node).join()}}`
    }
    throw wrong('is not a number, text, a boolean, null, an array or a plain object')
  }
  const entries = (node) => {
    const written = []
    for (const key of Object.keys(node)) {
      const item = node[key]
      if (item !== undefined) written.push(`${spend(JSON.stringify(key))}:${inside(key, item)}`)
    }
    return written
  }
  return write(record(given, 'a journey'))
}

function isPlain(node) {
  const prototype = Object.getPrototypeOf(node)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

// Bytes as a Uint8Array over the same memory.
function bytes(given, name) {
  if (given instanceof Uint8Array) return given
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
  if (given instanceof ArrayBuffer) return new Uint8Array(given)
  throw refusal('invalid_argument', `\`${name}\` is not a Uint8Array`)
}

function known(options, what) {
  for (const name of Object.keys(options)) throw refusal('invalid_argument', `${what} has no option \`${name}\``)
}

module.exports = { instant, literal, record, document, bytes, known }
