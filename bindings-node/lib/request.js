'use strict'

// What a caller asks for, as the core's documents have it.

const { isDate } = require('node:util').types
const { lifted, refusal, text } = require('./error.js')

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

// Options as a document: snake_case, and only what is there. Keys of a mapping are the caller's own.
function request(options, value = plain) {
  const said = Object.entries(options).filter(([, given]) => given !== undefined && given !== null)
  return Object.fromEntries(said.map(([name, given]) => [snake(name), value(name, given)]))
}

function plain(name, value) {
  if (isDate(value)) return value.toISOString()
  if (typeof value === 'number' && !Number.isFinite(value)) throw refusal('invalid_argument', `\`${name}\` is not a finite number`)
  return Array.isArray(value) ? value.map((item) => (typeof item === 'number' ? plain(name, item) : text(item, name))) : value
}

// What a native function promises, with its errors as a WayfareError.
async function awaited(call) {
  try {
    return await call()
  } catch (error) {
    throw lifted(error)
  }
}

module.exports = { awaited, request }
