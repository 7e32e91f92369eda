'use strict'

// What is read off paths: funnels, transitions, time in stages, the most frequent paths, flows.

const { isDate } = require('node:util').types
const native = require('../native.js')
const { bytes, record } = require('./convert.js')
const { guarded, refusal } = require('./error.js')
const { awaited, request } = require('./request.js')

const KEY = Symbol('wayfare.path_analyses')

// What is within a step or a list is the caller's own.
const asIs = (_, value) => (isDate(value) ? value.toISOString() : value)
const choices = (options) => request(record(options ?? {}, '`options`'), asIs)

function document(value) {
  try {
    return JSON.stringify(value, (_, item) => {
      if (typeof item === 'number' && !Number.isFinite(item)) throw refusal('invalid_argument', 'an option is not a finite number')
      return item
    })
  } catch (error) {
    if (error.code === 'invalid_argument') throw error
    throw refusal('invalid_argument', 'the options are not a document')
  }
}

// The answer of the core to a question about paths.
async function ask(paths, question, options) {
  return (await awaited(() => native.pathsAsk(paths, document({ [question]: choices(options) })))).answer
}

const table = (answer, name) => guarded(() => native.pathsAnswerTable(answer, name))

class Answer {
  constructor(key, answer) {
    if (key !== KEY) throw new TypeError(`a ${new.target.name} comes from paths`)
    Object.defineProperty(this, KEY, { value: answer })
  }
}

class Picture extends Answer {
  toSvg() {
    return guarded(() => native.pathsAnswerSvg(this[KEY]))
  }
}

class Funnel extends Picture {
  toTable() {
    return table(this[KEY], 'steps')
  }

  dropOuts() {
    return table(this[KEY], 'drop_outs')
  }
}

class TransitionMatrix extends Picture {
  toTable() {
    return table(this[KEY], 'transitions')
  }

  merge(...others) {
    return merged(this, others)
  }

  subtract(other) {
    return new TransitionMatrix(KEY, guarded(() => native.pathsAnswerSubtract(this[KEY], same(this, other))))
  }
}

class Flow extends Picture {
  toTable() {
    return table(this[KEY], 'links')
  }
}

class StageTimes extends Answer {
  toTable() {
    return table(this[KEY], 'stages')
  }

  curve() {
    return table(this[KEY], 'curve')
  }
}

class DirectlyFollows extends Answer {
  toTable() {
    return table(this[KEY], 'edges')
  }

  // Edges as `[from, to, count]`, and how often an activity was a case's first and last.
  toObject() {
    const [edges, startActivities, endActivities] = JSON.parse(guarded(() => native.pathsAnswerGraph(this[KEY])))
    return { edges, startActivities, endActivities }
  }

  merge(...others) {
    return merged(this, others)
  }
}

function same(one, other) {
  if (other instanceof one.constructor) return other[KEY]
  throw refusal('invalid_argument', `\`other\` is no ${one.constructor.name}`)
}

function merged(one, others) {
  const all = others.reduce((all, other) => guarded(() => native.pathsAnswerMerge(all, same(one, other))), one[KEY])
  return new one.constructor(KEY, all)
}

const methods = {
  async funnel(paths, steps, options) {
    return new Funnel(KEY, await ask(paths, 'funnel', { ...record(options ?? {}, '`options`'), steps }))
  },
  async funnelCustomers(paths, steps, options) {
    return table(await ask(paths, 'funnel_customers', { ...record(options ?? {}, '`options`'), steps }), 'table')
  },
  async transitionMatrix(paths, options) {
    return new TransitionMatrix(KEY, await ask(paths, 'transition_matrix', options))
  },
  async timeInStage(paths, options) {
    return new StageTimes(KEY, await ask(paths, 'time_in_stage', options))
  },
  async top(paths, options) {
    return table(await ask(paths, 'top', options), 'table')
  },
  async exits(paths, options) {
    return table(await ask(paths, 'exits', options), 'table')
  },
  async directlyFollows(paths, options) {
    return new DirectlyFollows(KEY, await ask(paths, 'directly_follows', options))
  },
  async flow(paths, options) {
    return new Flow(KEY, await ask(paths, 'flow', options))
  }
}

async function funnel(touchpoints, steps, options) {
  const { customer, at, timeZone, onError, ...rest } = record(options ?? {}, '`options`')
  const rows = document(choices({ customer, at, timeZone, onError }))
  const found = await awaited(() => native.pathsFunnel(bytes(touchpoints, 'touchpoints'), document(choices({ ...rest, steps })), rows))
  const told = new Funnel(KEY, found.answer)
  return onError === 'collect' ? { funnel: told, rejected: found.rejected } : told
}

async function timeInStage(transitions, options) {
  const found = await awaited(() => native.pathsTimeInStage(bytes(transitions, 'transitions'), document(choices(options))))
  return new StageTimes(KEY, found.answer)
}

module.exports = { DirectlyFollows, Flow, Funnel, StageTimes, TransitionMatrix, funnel, methods, timeInStage }
