'use strict'

const native = require('./native.js')
const { WayfareError, Diagnostic, guarded, refusal, text } = require('./lib/error.js')
const { attribution } = require('./lib/attribution.js')
const { Decision } = require('./lib/decision.js')
const { Diagram, Grid } = require('./lib/grid.js')
const { IdentityGraph } = require('./lib/identity.js')
const { Journey } = require('./lib/journey.js')
const { lifetime } = require('./lib/lifetime.js')
const { Paths, paths } = require('./lib/paths.js')
const { DirectlyFollows, Flow, Funnel, StageTimes, TransitionMatrix, funnel, timeInStage } = require('./lib/path_analyses.js')
const { Profile } = require('./lib/profile.js')
const { progress } = require('./lib/progress.js')
const { View } = require('./lib/view.js')
const { Comparison, Reach } = require('./lib/what_if.js')

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

function holdout(customer, salt, share, algorithm) {
  if (typeof share !== 'number') throw refusal('invalid_argument', '`share` is not a number')
  const how = algorithm === undefined || algorithm === null ? undefined : text(algorithm, 'algorithm')
  return guarded(() => native.holdout(text(customer, 'customer'), text(salt, 'salt'), share, how))
}

module.exports = { Journey, Profile, IdentityGraph, View, Decision, Reach, Comparison, Grid, Diagram, Diagnostic, WayfareError, attribution, holdout, lifetime, Paths, paths, DirectlyFollows, Flow, Funnel, StageTimes, TransitionMatrix, funnel, timeInStage, progress, templateNames, templateText, journeySchema, rfmCuts }
