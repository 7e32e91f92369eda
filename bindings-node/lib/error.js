'use strict'

// Errors: what a native function throws becomes a WayfareError.

const native = require('../native.js')

class WayfareError extends Error {
  constructor(message, { code, help = null, field = null, rows = [], status = null, diagnostics = [] }) {
    super(message)
    this.code = code
    this.help = help
    this.field = field
    this.rows = rows
    this.status = status
    this.diagnostics = diagnostics
  }
}
Object.defineProperty(WayfareError.prototype, 'name', { value: 'WayfareError' })

class Diagnostic {
  #reading
  #index

  constructor(reading, index, fields) {
    Object.assign(this, fields)
    this.#reading = reading
    this.#index = index
  }

  render(source, file) {
    return guarded(() => native.renderDiagnostic(this.#reading, this.#index, text(source, 'source'), text(file, 'file')))
  }
}

function diagnostics(reading) {
  return Object.freeze(JSON.parse(native.journeyDiagnostics(reading)).map((fields, index) => new Diagnostic(reading, index, fields)))
}

// A native error carries a JSON text; what napi itself refuses is an argument of a wrong type.
function lifted(error, diagnostics) {
  if (error instanceof WayfareError || typeof error?.message !== 'string') return error
  let fault
  try {
    fault = JSON.parse(error.message)
  } catch {
    fault = { code: 'invalid_argument', message: error.message }
  }
  return new WayfareError(fault.message, { ...fault, diagnostics: diagnostics ?? fault.diagnostics })
}

function guarded(call) {
  try {
    return call()
  } catch (error) {
    throw lifted(error)
  }
}

function refusal(code, message, more) {
  return new WayfareError(message, { code, ...more })
}

// Text as it may cross: a lone surrogate would silently become another character.
function text(given, name, code = 'invalid_argument') {
  if (typeof given === 'string' && given.isWellFormed()) return given
  const what = typeof given === 'string' ? 'has a lone surrogate, which is not Unicode text' : 'is not text'
  throw refusal(code, `\`${name}\` ${what}`, { field: code === 'invalid_record' ? name : null })
}

module.exports = { WayfareError, Diagnostic, diagnostics, guarded, lifted, refusal, text }
