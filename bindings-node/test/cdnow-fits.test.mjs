// The fits of the CDNOW sample, to many digits; the data are those that the Python package lifetimes ships.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Table, TimestampMillisecond, Utf8, tableFromArrays, tableToIPC, vectorFromArray } from 'apache-arrow'
import { lifetime } from 'wayfare'

const ROOT = new URL('../../', import.meta.url)
const DATASETS = new URL('target/demo/lifetimes/datasets/', ROOT)
const { fits, tolerance } = JSON.parse(readFileSync(new URL('tests/reference-numbers/cdnow_fits.json', ROOT), 'utf8'))
const MODELS = {
  bg_nbd: lifetime.BgNbd,
  mbg_nbd: lifetime.MbgNbd,
  nbd: lifetime.Nbd,
  pareto_nbd: lifetime.ParetoNbd,
  gamma_gamma: lifetime.GammaGamma,
}

const lines = (file) => readFileSync(new URL(file, DATASETS), 'utf8').split('\n').filter((line) => line.trim())

// The calibration of the sample, from its purchases. A CD that was given away is a purchase without a value.
function exact(returns) {
  const rows = lines('CDNOW_sample.txt').map((line) => line.trim().split(/\s+/))
  const day = ([, , text]) => new Date(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`)
  const purchases = new Table({
    customer: vectorFromArray(rows.map(([customer]) => customer), new Utf8()),
    at: vectorFromArray(rows.map(day), new TimestampMillisecond()),
    value: vectorFromArray(rows.map((row) => Number(row[4]))),
  })
  return lifetime.summary(tableToIPC(purchases), { observedUntil: '1997-09-30', returns })
}

// The summary as lifetimes ships it: weeks, and means, of two decimals.
function rounded() {
  const rows = lines('cdnow_customers_summary_with_transactions.csv').slice(1).map((line) => line.split(',').map(Number))
  const column = (at) => Float64Array.from(rows, (row) => row[at])
  return tableToIPC(tableFromArrays({ frequency: column(1), recency: column(2), age: column(3), monetary_value: column(4) }))
}

for (const fit of fits) {
  const options = { skip: existsSync(DATASETS) ? false : 'the data are fetched by `make test-node`' }
  test(`${fit.model} on ${fit.weeks} weeks finds the maximum to many digits`, options, async () => {
    const returns = fit.model === 'gamma_gamma' ? 'drop' : 'keep'
    const customers = fit.weeks === 'exact' ? await exact(returns) : rounded()
    const model = await new MODELS[fit.model]().fit(customers)
    const near = (what, found, expected, allowed) => assert.ok(Math.abs(found / expected - 1) <= allowed, `${what}: ${found} is not ${expected}`)
    for (const [name, value] of Object.entries(fit.params)) near(name, model.params[name], value, tolerance.params)
    for (const [name, value] of Object.entries(fit.standard_errors)) near(name, model.standardErrors[name], value, tolerance.standard_errors)
    assert.ok(Math.abs(model.logLikelihood - fit.log_likelihood) <= tolerance.log_likelihood)
  })
}
