'use strict'

// How customers get there: touchpoints as paths to conversion, over Arrow IPC.

const native = require('../native.js')
const { bytes, record } = require('./convert.js')
const { guarded, refusal, text } = require('./error.js')
const { methods } = require('./path_analyses.js')
const { awaited, request } = require('./request.js')

const KEY = Symbol('wayfare.paths')

const words = (given) => (typeof given === 'string' ? [given] : given)

async function paths(touchpoints, options) {
  const { journey, ...rest } = record(options ?? {}, '`options`')
  if (journey === undefined || journey === null) return cut(undefined, touchpoints, rest)
  if (typeof journey.paths === 'function') return journey.paths(touchpoints, rest)
  throw refusal('invalid_argument', '`journey` is not a Journey')
}

// With what a journey knows of touchpoints, if there is one.
async function cut(reading, touchpoints, options) {
  const { conversion, touchpoints: kinds, track, customers, ...rest } = record(options ?? {}, '`options`')
  const asked = request({ ...rest, conversion: words(conversion), touchpoints: words(kinds) })
  if (reading === undefined && (track ?? customers ?? null) !== null) {
    throw refusal('invalid_argument', '`track` and `customers` want a `journey`')
  }
  const { paths, rejected } = await awaited(() => {
    const attributes = customers === undefined || customers === null ? undefined : bytes(customers, 'customers')
    return native.pathsCut(bytes(touchpoints, 'touchpoints'), JSON.stringify(asked), reading, track ?? undefined, attributes)
  })
  const found = new Paths(KEY, paths)
  return asked.on_error === 'collect' ? { paths: found, rejected } : found
}

// The native paths of a `Paths`.
function handle(given, name = 'paths') {
  if (given instanceof Paths) return given[KEY]
  throw refusal('invalid_argument', `\`${name}\` is not paths`, { help: 'pass what `paths` or `Paths.fromStrings` gave' })
}

class Paths {
  constructor(key, native) {
    if (key !== KEY) throw new TypeError('Paths come from paths(…) or Paths.fromStrings(…)')
    Object.defineProperty(this, KEY, { value: native })
  }

  static fromStrings(given) {
    const { path, conversions, value, nulls, separator, ...others } = record(given, 'the paths')
    for (const other of Object.keys(others)) throw refusal('invalid_argument', `\`Paths.fromStrings\` has no option \`${other}\``)
    const texts = Array.from(path ?? [], (one) => text(one, 'path'))
    const counted = (counts, name) => Array.from(counts ?? [], (count) => number(count, name))
    const none = nulls === undefined || nulls === null
    const lists = [texts, counted(conversions, 'conversions'), counted(value, 'value'), none ? texts.map(() => 0) : counted(nulls, 'nulls')]
    return guarded(() => new Paths(KEY, native.pathsFromStrings(...lists, separator ?? undefined)))
  }

  get length() {
    return guarded(() => native.pathsLength(this[KEY]))
  }

  get report() {
    return JSON.parse(guarded(() => native.pathsReport(this[KEY])))
  }

  get dimensions() {
    return guarded(() => native.pathsDimensions(this[KEY]))
  }

  merge(...others) {
    const merged = others.reduce((all, other) => guarded(() => native.pathsMerge(all, handle(other, 'other'))), this[KEY])
    return new Paths(KEY, merged)
  }

  toTable(options) {
    const { by, separator } = record(options ?? {}, '`options`')
    return awaited(() => native.pathsTable(this[KEY], by ?? undefined, separator ?? undefined))
  }

  sessions(options) {
    const { by } = record(options ?? {}, '`options`')
    return awaited(() => native.pathsSessions(this[KEY], by ?? undefined))
  }

  funnel(steps, options) {
    return methods.funnel(this[KEY], steps, options)
  }

  funnelCustomers(steps, options) {
    return methods.funnelCustomers(this[KEY], steps, options)
  }

  transitionMatrix(options) {
    return methods.transitionMatrix(this[KEY], options)
  }

  timeInStage(options) {
    return methods.timeInStage(this[KEY], options)
  }

  top(options) {
    return methods.top(this[KEY], options)
  }

  exits(options) {
    return methods.exits(this[KEY], options)
  }

  directlyFollows(options) {
    return methods.directlyFollows(this[KEY], options)
  }

  flow(options) {
    return methods.flow(this[KEY], options)
  }
}

function number(given, name) {
  if (typeof given === 'number') return given
  if (typeof given === 'bigint' && given <= Number.MAX_SAFE_INTEGER) return Number(given)
  throw refusal('invalid_argument', `\`${name}\` has something that is not a number`)
}

module.exports = { Paths, paths, cut, handle }
