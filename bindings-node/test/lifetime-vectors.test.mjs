// The numbers of lifetime models that Rust, Python and Node share: `tests/vectors/lifetime_*.json`, from many-digit arithmetic.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { suite, test } from 'node:test'
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
const RELATIVE = 1e-10

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())

function predicted(model, method, row, { count, ...options }) {
  if (method === 'expectedTransactions') return model.expectedTransactions(options)
  return method === 'probabilityOfCount' ? model.probabilityOfCount(count, options) : model[method](row, options)
}

test('the vectors are found', () => assert.ok(FILES.length > 0))

for (const file of FILES) {
  const { cases } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))
  suite(file, () => {
    for (const case_ of cases.filter((one) => one.row)) {
      test(case_.name, () => {
        const model = MODELS[case_.model].fromParams(case_.params, { period: case_.period_days ?? 7 })
        for (const { measure, value, tolerance, ...how } of case_.expect) {
          const options = Object.fromEntries(Object.entries(how).map(([name, given]) => [camel(name), given]))
          const method = measure === 'log_likelihood' ? 'logLikelihoodOf' : camel(measure)
          const found = predicted(model, method, case_.row, options)
          const allowed = (tolerance ?? case_.tolerance ?? RELATIVE) * Math.abs(value)
          assert.ok(Math.abs(found - value) <= allowed, `${measure}: ${found} is not ${value}`)
        }
      })
    }
  })
}
