// The numbers of lifetime models that Rust, Python and Node share: `tests/vectors/lifetime_*.json`, from many-digit arithmetic.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { suite, test } from 'node:test'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { lifetime } from '../index.mjs'

const FOLDER = new URL('../../tests/vectors/', import.meta.url)
const FILES = readdirSync(FOLDER).filter((name) => name.startsWith('lifetime_') && name.endsWith('.json')).sort()
const MODELS = {
  bg_nbd: lifetime.BgNbd,
  mbg_nbd: lifetime.MbgNbd,
  nbd: lifetime.Nbd,
  pareto_nbd: lifetime.ParetoNbd,
  bg_bb: lifetime.BgBb,
  gamma_gamma: lifetime.GammaGamma,
}
const LEAST_NORMAL = 2.2250738585072014e-308

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())

function predicted(model, method, row, { count, ...options }) {
  if (method === 'expectedTransactions') return model.expectedTransactions(options)
  return method === 'probabilityOfCount' ? model.probabilityOfCount(count, options) : model[method](row, options)
}

// Relative to the expected number, but for one that may be next to nothing.
function close(what, found, expected, tolerance, scale = 0) {
  const allowed = tolerance * Math.max(Math.abs(expected), scale) + LEAST_NORMAL
  assert.ok(Math.abs(found - expected) <= allowed, `${what}: ${found} is not ${expected}`)
}

test('the vectors are found', () => assert.ok(FILES.length > 0))

for (const file of FILES) {
  const { cases } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))
  suite(file, () => {
    for (const case_ of cases.filter((one) => one.row)) {
      test(case_.name, () => {
        const model = MODELS[case_.model].fromParams(case_.params, { period: case_.period_days })
        for (const { measure, value, ...how } of case_.expect) {
          const options = Object.fromEntries(Object.entries(how).map(([name, given]) => [camel(name), given]))
          const method = measure === 'log_likelihood' ? 'logLikelihoodOf' : camel(measure)
          const found = predicted(model, method, case_.row, options)
          close(measure, found, value, case_.tolerance, measure === 'log_likelihood' ? 1 : 0)
        }
      })
    }
    for (const case_ of cases.filter((one) => one.fit)) {
      test(`${case_.name} is fitted`, async () => {
        const columns = Object.entries(case_.summary).map(([name, values]) => [name, Float64Array.from(values)])
        const options = { weights: case_.summary.weights && 'weights' }
        const model = new MODELS[case_.model]({ period: case_.period_days })
        const fitted = await model.fit(tableToIPC(tableFromArrays(Object.fromEntries(columns))), options)
        for (const [found, expected] of [[fitted.params, case_.fit.params], [fitted.standardErrors, case_.fit.standard_errors]]) {
          for (const [name, value] of Object.entries(expected)) close(name, found[name], value, case_.tolerance)
        }
        assert.ok(Math.abs(fitted.logLikelihood - case_.fit.log_likelihood) < 1e-7)
      })
    }
  })
}
