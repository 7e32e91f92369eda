'use strict'

// What a customer is worth: lifetime models over Arrow IPC.

const native = require('../native.js')
const { bytes, record } = require('./convert.js')
const { guarded, refusal } = require('./error.js')
const { awaited, request } = require('./request.js')

const KEY = Symbol('wayfare.lifetime')

const table = (given, name) => bytes(given, name)
const isTable = (given) => ArrayBuffer.isView(given) || given instanceof ArrayBuffer

async function summary(transactions, options) {
  const { of, ...rest } = record(options ?? {}, '`options`')
  const asked = request({ ...rest, of: typeof of === 'string' ? [of] : of })
  const given = await awaited(() => native.lifetimeSummary(table(transactions, 'transactions'), JSON.stringify(asked)))
  return asked.on_error === 'collect' ? given : given.table
}

class FittedModel {
  #model
  #facts

  constructor(key, model) {
    if (key !== KEY) throw new TypeError('a FittedModel comes from fit, fromParams or FittedModel.fromObject')
    this.#model = model
    this.#facts = JSON.parse(guarded(() => native.lifetimeFacts(model)))
  }

  static fromObject(document) {
    return guarded(() => new FittedModel(KEY, native.lifetimeFromDocument(JSON.stringify(document))))
  }

  get model() {
    return this.#facts.model
  }

  get params() {
    return { ...this.#facts.params }
  }

  get periodDays() {
    return this.#facts.period_days
  }

  get standardErrors() {
    return this.#facts.standard_errors && { ...this.#facts.standard_errors }
  }

  get logLikelihood() {
    return this.#facts.log_likelihood
  }

  get aic() {
    return this.#facts.aic
  }

  get bic() {
    return this.#facts.bic
  }

  get customers() {
    return this.#facts.customers
  }

  get status() {
    return this.#facts.status?.status ?? null
  }

  get report() {
    return this.#facts.report
  }

  confidenceIntervals(level = 0.95) {
    return JSON.parse(guarded(() => native.lifetimeIntervals(this.#model, level)))
  }

  async predict(summary, options) {
    return this.#table(undefined, summary, options, true)
  }

  probabilityAlive(customers, options) {
    return this.#predicted('probability_alive', customers, options)
  }

  conditionalExpectedTransactions(customers, options) {
    return this.#predicted('conditional_expected_transactions', customers, options)
  }

  expectedTransactions(options) {
    return this.#predicted('expected_transactions', { frequency: 0, recency: 0, age: 0 }, options)
  }

  probabilityOfCount(count, options) {
    return this.#predicted('probability_of_count', { frequency: 0, recency: 0, age: 0 }, { ...options, count })
  }

  discountedExpectedResidualTransactions(customers, options) {
    return this.#predicted('discounted_expected_residual_transactions', customers, options)
  }

  conditionalExpectedSpend(customers, options) {
    return this.#predicted('conditional_expected_spend', customers, options)
  }

  customerLifetimeValue(customers, options) {
    return this.#predicted('customer_lifetime_value', customers, options)
  }

  logLikelihoodOf(customers, options) {
    return this.#predicted('log_likelihood', customers, options)
  }

  frequencyHistogram(summary, most) {
    return awaited(() => native.lifetimeHistogram(this.#model, table(summary, 'summary'), most))
  }

  probabilityAliveMatrix(summary, mostFrequency) {
    return awaited(() => native.lifetimeMatrix(this.#model, table(summary, 'summary'), mostFrequency))
  }

  holdoutByFrequency(summary, most) {
    return awaited(() => native.lifetimeHoldout(this.#model, table(summary, 'summary'), most))
  }

  tracking(transactions, options) {
    return awaited(() => {
      const { of, ...rest } = record(options ?? {}, '`options`')
      const asked = request({ ...rest, of: typeof of === 'string' ? [of] : of })
      return native.lifetimeTracking(this.#model, table(transactions, 'transactions'), JSON.stringify(asked))
    })
  }

  toObject() {
    return JSON.parse(guarded(() => native.lifetimeDocument(this.#model)))
  }

  toJSON() {
    return this.toObject()
  }

  #predicted(measure, customers, options) {
    if (isTable(customers)) return this.#table(measure, customers, options, false)
    return guarded(() => {
      const { spend, asked } = this.#asked(measure, options)
      const { frequency, recency = 0, age = 0, monetary_value = 0 } = record(customers, '`customer`')
      const row = JSON.stringify({ frequency, recency, age, monetary_value })
      const [estimate, standard_error, lower, upper] = native.lifetimePredictOne(this.#model, spend, row, asked)
      return standard_error === undefined ? estimate : { estimate, standard_error, lower, upper }
    })
  }

  #table(measure, summary, options, all) {
    return awaited(() => {
      const { spend, asked } = this.#asked(measure, options)
      return native.lifetimePredict(this.#model, spend, table(summary, 'summary'), asked, all)
    })
  }

  #asked(measure, options) {
    const { spend, ...rest } = record(options ?? {}, '`options`')
    if (spend !== undefined && !(spend instanceof FittedModel)) throw refusal('invalid_argument', '`spend` is not a fitted model')
    return { spend: spend?.#model, asked: JSON.stringify({ ...(measure && { measure }), ...request(rest) }) }
  }
}

// A model that is not fitted yet: its choices.
function model(name) {
  return class {
    constructor(options) {
      const { period, ...others } = record(options ?? {}, '`options`')
      for (const other of Object.keys(others)) throw refusal('invalid_argument', `a model has no option \`${other}\``)
      if (period !== undefined) this.period = period
    }

    async fit(summary, options) {
      const asked = JSON.stringify(request({ period: this.period, ...record(options ?? {}, '`options`') }))
      const document = await awaited(() => native.lifetimeFit(name, table(summary, 'summary'), asked))
      return guarded(() => new FittedModel(KEY, native.lifetimeFromDocument(document)))
    }

    static fromParams(params, { period = 'week' } = {}) {
      return guarded(() => new FittedModel(KEY, native.lifetimeKnown(name, JSON.stringify(record(params, '`params`')), JSON.stringify(period))))
    }
  }
}

class BgNbd extends model('bg_nbd') {}
class MbgNbd extends model('mbg_nbd') {}
class ParetoNbd extends model('pareto_nbd') {}
class Nbd extends model('nbd') {}
class BgBb extends model('bg_bb') {}
class GammaGamma extends model('gamma_gamma') {}

module.exports = { lifetime: Object.freeze({ summary, FittedModel, BgNbd, MbgNbd, ParetoNbd, Nbd, BgBb, GammaGamma }) }
