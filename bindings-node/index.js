'use strict'

const native = require('./native.js')
const { WayfareError, Diagnostic, guarded, refusal, text } = require('./lib/error.js')
const { Journey } = require('./lib/journey.js')
const { Profile } = require('./lib/profile.js')
const { View } = require('./lib/view.js')

function templateNames() {
  return guarded(() => native.templateNames())
}

function templateText(name) {
  return guarded(() => native.templateText(text(name, 'name')))
}

function journeySchema() {
  return JSON.parse(guarded(() => native.journeySchema()))
}

function rfmCuts(values, bands) {
  if (!Number.isInteger(bands) || bands < 0 || bands > 0xffffffff) throw refusal('invalid_argument', '`bands` is not a whole number')
  const all = values instanceof Float64Array ? values : Float64Array.from(values, (value) => {
    if (typeof value === 'number') return value
    throw refusal('invalid_argument', '`values` has something that is not a number')
  })
  return guarded(() => native.rfmCuts(all, bands))
}

module.exports = { Journey, Profile, View, Diagnostic, WayfareError, templateNames, templateText, journeySchema, rfmCuts }
