// The routes.

import Fastify, { LogController } from 'fastify'
import { WayfareError } from 'wayfare'
import { Customers, RefusedError } from './customers.mjs'
import { BusyError } from './store.mjs'
import * as schema from './schemas.mjs'

// A record may be as far ahead of the server's clock as clocks differ. One from next year would make every record until then come too late.
const AHEAD_MS = 5 * 60_000

const STATUS = { invalid_record: 422, from_the_future: 422, too_late: 409, decision_changed: 409, invalid_argument: 400 }

/**
 * @param {object} parts
 * @param {import('./store.mjs').Store} parts.store closed with the app
 * @param {import('wayfare').Journey} parts.journey
 * @param {() => Date} [parts.clock] tells the time
 * @param {import('fastify').FastifyServerOptions['logger']} [parts.logger]
 */
export function createApp({ store, journey, clock = () => new Date(), logger = false }) {
  const app = Fastify({
    logger,
    // The address of a request names a customer: not for a log.
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: schema.LONGEST_NAME },
    // A body is taken as it is: "12" is no number, and what is misspelt is not dropped.
    ajv: { customOptions: { allowUnionTypes: true, coerceTypes: false, removeAdditional: false, useDefaults: false } },
  })
  const customers = new Customers({ store, journey, log: app.log })

  app.setErrorHandler((error, request, reply) => {
    const { status, ...answer } = told(error)
    if (status === 500) request.log.error(error)
    if (status === 503) reply.header('retry-after', '1')
    return reply.code(status).send(answer)
  })
  app.setNotFoundHandler((request, reply) => reply.code(404).send({ code: 'not_found', message: 'there is no such route', help: null }))
  app.addHook('onClose', () => store.close())

  app.get('/health', async () => {
    await store.read('')
    return { status: 'ok', journey: journey.name }
  })

  app.post('/touchpoints', { schema: { body: schema.oneOrMore(schema.touchpoint) }, preValidation: list }, async (request, reply) => {
    const answers = await take(request.body.map(({ customer, ...record }) => ({ customer, type: 'touchpoint', record })))
    return tell(reply, request.single, answers)
  })

  app.post('/preferences', { schema: { body: schema.oneOrMore(schema.preference) }, preValidation: list }, async (request, reply) => {
    const answers = await take(request.body.map(({ customer, ...record }) => ({ customer, type: 'preference', record })))
    return tell(reply, request.single, answers)
  })

  app.post('/customers/:id/attributes', { schema: { params: schema.customer, body: schema.attributes } }, async (request, reply) => {
    return tell(reply, true, await take([{ customer: request.params.id, type: 'attributes', record: request.body }]))
  })

  app.get('/customers/:id', { schema: { params: schema.customer } }, async (request) => {
    const profile = await customers.profile(request.params.id)
    return { customer: request.params.id, ...profile.view(clock()).toJSON() }
  })

  // What would be said now. It changes nothing.
  app.get('/customers/:id/next', { schema: { params: schema.customer, querystring: schema.question } }, async (request, reply) => {
    const { channel, topic, top, explain, inputs, context } = request.query
    const options = moment({ channel, topic, inputs: json('inputs', inputs), context: json('context', context) })
    const profile = await customers.profile(request.params.id)
    const answer = profile.decide(clock(), top === undefined ? options : { ...options, top: Number(top) })
    if (explain !== '1') return answer
    return reply.type('text/plain; charset=utf-8').send([answer].flat().map((decision) => `${decision.explain().trimEnd()}\n`).join('\n'))
  })

  // What is said now: the decision, and the touchpoint that says so, are one step.
  app.post('/customers/:id/next', { schema: { params: schema.customer, body: schema.saying }, preValidation: anything }, async (request, reply) => {
    const { channel, topic, inputs, context, ...expected } = request.body
    const answer = await customers.say(request.params.id, clock(), moment({ channel, topic, inputs, context }), expected)
    return reply.code(answer.said ? 201 : 200).send(answer)
  })

  // Folds records of any customers, each customer's in one transaction; the answers are in the order of the records.
  async function take(entries) {
    const now = clock()
    const answers = new Array(entries.length)
    const mine = new Map()
    entries.forEach(({ customer, type, record }, index) => {
      const entry = { index, type, record: record.at === undefined ? { ...record, at: now.toISOString() } : record }
      if (Date.parse(entry.record.at) > now.getTime() + AHEAD_MS) {
        answers[index] = new RefusedError('from_the_future', '`at` is ahead of the server\'s clock', 'leave `at` out for now, or set the clock that wrote it')
      } else if (mine.has(customer)) {
        mine.get(customer).push(entry)
      } else {
        mine.set(customer, [entry])
      }
    })
    for (const [customer, theirs] of mine) {
      const folded = await customers.add(customer, theirs.map(({ type, record }) => ({ type, record })))
      theirs.forEach(({ index }, place) => (answers[index] = folded[place]))
    }
    return answers
  }

  return app
}

// One record: 201, 200 if it was there already, or the error. A list: 200, or 207 if some were refused.
function tell(reply, single, answers) {
  if (single) {
    const [answer] = answers
    if (answer instanceof Error) throw answer
    return reply.code(answer ? 201 : 200).send({ folded: answer })
  }
  const refused = answers.flatMap((answer, index) => {
    if (!(answer instanceof Error)) return []
    const { status, ...error } = told(answer)
    return [{ index, ...error }]
  })
  const count = (what) => answers.filter((answer) => answer === what).length
  return reply.code(refused.length > 0 ? 207 : 200).send({ folded: count(true), duplicates: count(false), refused })
}

function told(error) {
  if (error instanceof BusyError) return { status: 503, code: 'busy', message: error.message, help: 'send it again' }
  const status = error instanceof WayfareError || error instanceof RefusedError ? STATUS[error.code] : undefined
  if (status !== undefined) return { status, code: error.code, message: error.message, help: error.help ?? null, ...(error.field ? { field: error.field } : {}) }
  // What Fastify refuses: a body that is no JSON, that is too large, that does not fit the schema.
  if (error.statusCode >= 400 && error.statusCode < 500) return { status: error.statusCode, code: 'invalid_request', message: error.message, help: null }
  return { status: 500, code: 'internal', message: 'something went wrong on the server', help: null }
}

function moment({ channel, topic, inputs, context }) {
  const known = Object.entries({ ...context, channel, topic }).filter(([, value]) => value !== undefined)
  return { inputs: inputs ?? {}, context: Object.fromEntries(known) }
}

function json(name, text) {
  if (text === undefined) return undefined
  let object
  try {
    object = JSON.parse(text)
  } catch {
    object = undefined
  }
  if (typeof object === 'object' && object !== null && !Array.isArray(object)) return object
  throw new RefusedError('invalid_argument', `\`${name}\` is not a JSON object`, `like \`${name}={"…": 1}\``)
}

async function list(request) {
  request.single = !Array.isArray(request.body)
  if (request.single) request.body = [request.body]
}

async function anything(request) {
  request.body ??= {}
}
