// The routes, on SQLite.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Journey } from 'wayfare'
import { createApp } from '../app.mjs'
import { openStore } from '../store.mjs'
import { sqlite } from './database.mjs'

const journey = Journey.fromFile(fileURLToPath(new URL('../journey.yaml', import.meta.url)))
const VIEW = { customer: 'c-42', kind: 'page_viewed', channel: 'web', topic: 'tents', at: '2026-03-01T09:00:00Z', id: 'view-1' }
const ORDER = { customer: 'c-42', kind: 'purchased', channel: 'web', at: '2026-03-01T10:00:00Z', id: 'order-1007', value: 59.9, items: 2 }
const YES = { customer: 'c-42', choice: 'in', purpose: 'marketing', channel: 'email', source: 'web form' }

// An app whose clock stands at `app.now`, and `post`, `get` that give status and body.
async function fresh(t) {
  const store = await openStore(sqlite(t))
  const clock = { now: new Date('2026-03-01T12:00:00Z') }
  const app = createApp({ store, journey, clock: () => clock.now })
  t.after(() => app.close())
  const answered = ({ statusCode, headers, body }) => [statusCode, headers['content-type'].startsWith('application/json') ? JSON.parse(body) : body]
  return {
    clock,
    store,
    get: async (url) => answered(await app.inject(url)),
    post: async (url, payload) => answered(await app.inject({ method: 'POST', url, payload })),
  }
}

test('one touchpoint is folded, and once only', async (t) => {
  const { post, get } = await fresh(t)
  assert.deepEqual(await post('/touchpoints', ORDER), [201, { folded: true }])
  assert.deepEqual(await post('/touchpoints', ORDER), [200, { folded: false }])

  const [status, view] = await get('/customers/c-42')
  assert.equal(status, 200)
  assert.equal(view.customer, 'c-42')
  assert.equal(view.at, '2026-03-01T12:00:00Z')
  assert.equal(view.traits.spend, 59.9)
  assert.deepEqual(view.stages.relationship, { stage: 'customer', since: '2026-03-01T10:00:00Z' })
  assert.equal(view.next_change.to, 'at_risk')
})

test('of a list each one is answered for, and a wrong one stops no other', async (t) => {
  const { post, get } = await fresh(t)
  const others = [{ ...VIEW, customer: 'c-43' }, { ...ORDER, id: undefined, channel: 'wbe' }, ORDER]
  const [status, answer] = await post('/touchpoints', [VIEW, ...others, ORDER])
  assert.equal(status, 207)
  assert.deepEqual([answer.folded, answer.duplicates], [3, 1])
  assert.equal(answer.refused.length, 1)
  const [{ index, code, field, help }] = answer.refused
  assert.deepEqual({ index, code, field, help }, { index: 2, code: 'invalid_record', field: 'channel', help: 'did you mean `web`?' })
  assert.equal((await get('/customers/c-42'))[1].traits.orders, 1)
  assert.equal((await get('/customers/c-43'))[1].traits.views_30d, 1)
  assert.deepEqual(await post('/touchpoints', [VIEW]), [200, { folded: 0, duplicates: 1, refused: [] }])
})

test('without an instant it is now', async (t) => {
  const { post, store } = await fresh(t)
  await post('/touchpoints', { customer: 'c-42', kind: 'page_viewed' })
  await post('/customers/c-42/attributes', { attributes: { plan: 'gold' } })
  await post('/preferences', YES)
  const records = await (await store.read('c-42')).records()
  assert.deepEqual(records.map(({ type, record }) => [type, record.at]), [
    ['touchpoint', '2026-03-01T12:00:00.000Z'],
    ['attributes', '2026-03-01T12:00:00.000Z'],
    ['preference', '2026-03-01T12:00:00.000Z'],
  ])
})

test('attributes are set, and forgotten', async (t) => {
  const { post, get, clock } = await fresh(t)
  assert.deepEqual(await post('/customers/c-42/attributes', { attributes: { plan: 'gold' } }), [201, { folded: true }])
  assert.equal((await get('/customers/c-42'))[1].traits.plan, 'gold')
  clock.now = new Date('2026-03-01T12:00:01Z')
  await post('/customers/c-42/attributes', { attributes: { plan: null } })
  assert.equal((await get('/customers/c-42'))[1].traits.plan, null)
})

test('a customer nothing is kept of stands where everybody begins', async (t) => {
  const { get } = await fresh(t)
  for (const id of ['nobody/yet', 'né', 'x'.repeat(256)]) {
    const [status, view] = await get(`/customers/${encodeURIComponent(id)}`)
    assert.equal(status, 200)
    assert.equal(view.customer, id)
    assert.equal(view.stages.relationship.stage, 'unknown')
  }
})

test('what to say is asked, and asking changes nothing', async (t) => {
  const { post, get } = await fresh(t)
  await post('/touchpoints', [VIEW, ORDER])
  const inputs = encodeURIComponent(JSON.stringify({ p_buy: 0.5 }))

  const [status, first] = await get(`/customers/c-42/next?inputs=${inputs}`)
  assert.equal(status, 200)
  assert.deepEqual([first.action, first.channel, first.may_send, first.owner], ['thank_you', 'email', true, 'crm'])

  await post('/preferences', YES)
  for (let times = 0; times < 2; times += 1) {
    const [, second] = await get(`/customers/c-42/next?inputs=${inputs}`)
    assert.deepEqual([second.action, second.channel, second.topic], ['show_interest', 'email', 'tents'])
    assert.equal(second.runner_up.action, 'thank_you')
  }
  const [, both] = await get(`/customers/c-42/next?top=2&inputs=${inputs}`)
  assert.deepEqual(both.map(({ action }) => action), ['show_interest', 'thank_you'])
})

test('the reasons come as text when they are asked for', async (t) => {
  const { post, get } = await fresh(t)
  await post('/touchpoints', [VIEW, ORDER])
  const [status, text] = await get('/customers/c-42/next?explain=1')
  assert.equal(status, 200)
  assert.match(text, /^At 2026-03-01T12:00:00Z, say `thank_you` on `email`/)
  assert.match(text, /`win_back`/)
})

test('a customer who is there is answered on their channel', async (t) => {
  const { post, get } = await fresh(t)
  await post('/touchpoints', VIEW)
  await post('/preferences', { ...YES, channel: 'web' })
  const [, decision] = await get(`/customers/c-42/next?channel=web&inputs=${encodeURIComponent('{"p_buy":0.1}')}`)
  assert.deepEqual([decision.action, decision.channel, decision.may_send], ['show_interest', 'web', true])

  const [status, { touchpoint }] = await post('/customers/c-42/next', { channel: 'web', inputs: { p_buy: 0.1 }, outcome: 'accepted' })
  assert.equal(status, 201)
  assert.deepEqual([touchpoint.direction, touchpoint.channel, touchpoint.outcome], ['inbound', 'web', 'accepted'])
})

test('what is said is written down, and the cap counts it', async (t) => {
  const { post, get, store, clock } = await fresh(t)
  await post('/touchpoints', VIEW)
  await post('/preferences', YES)
  const asked = { inputs: { p_buy: 0.2 }, action: 'show_interest', id: 'mail-1' }

  const [status, said] = await post('/customers/c-42/next', asked)
  assert.equal(status, 201)
  assert.equal(said.said, true)
  assert.equal(said.decision.action, 'show_interest')
  const { kind, action, channel, topic, direction, id } = said.touchpoint
  assert.deepEqual({ kind, action, channel, topic, direction, id }, {
    kind: 'message_sent', action: 'show_interest', channel: 'email', topic: 'tents', direction: 'outbound', id: 'mail-1',
  })
  assert.deepEqual((await (await store.read('c-42')).records()).at(-1), { type: 'touchpoint', record: said.touchpoint })

  // The answer was lost, and the sender asks again.
  clock.now = new Date('2026-03-01T12:00:05Z')
  assert.deepEqual(await post('/customers/c-42/next', asked), [200, { said: false, touchpoint: said.touchpoint }])

  const [, later] = await get(`/customers/c-42/next?inputs=${encodeURIComponent('{"p_buy":0.2}')}`)
  assert.deepEqual([later.may_send, later.not_before], [false, '2026-03-08T12:00:00Z'])
  const [none, nothing] = await post('/customers/c-42/next', { inputs: { p_buy: 0.2 } })
  assert.deepEqual([none, nothing.said, nothing.touchpoint], [200, false, null])
})

test('what would no longer be said is not written down', async (t) => {
  const { post, store } = await fresh(t)
  await post('/touchpoints', VIEW)
  await post('/preferences', YES)
  await post('/preferences', { customer: 'c-42', choice: 'out', at: '2026-03-01T12:00:00Z' })
  const [status, error] = await post('/customers/c-42/next', { inputs: { p_buy: 0.2 }, action: 'show_interest' })
  assert.deepEqual([status, error.code, error.help], [409, 'decision_changed', 'ask again what to say'])
  assert.equal((await (await store.read('c-42')).records()).length, 3)
})

test('errors have a status, a code, a message and what to do', async (t) => {
  const { post, get, clock } = await fresh(t)
  await post('/touchpoints', ORDER)
  clock.now = new Date('2026-03-20T12:00:00Z')
  await post('/touchpoints', { ...ORDER, id: 'order-1008', at: '2026-03-20T12:00:00Z' })

  const cases = [
    [await post('/touchpoints', { customer: 'c-42', kind: 'purchassed' }), 422, 'invalid_record', 'did you mean `purchased`?'],
    [await post('/preferences', { ...YES, purpose: 'marketting' }), 422, 'invalid_record', 'did you mean `marketing`?'],
    [await post('/touchpoints', { ...ORDER, id: 'late' }), 409, 'too_late', undefined],
    [await post('/touchpoints', { ...ORDER, id: 'soon', at: '2027-03-20T12:00:00Z' }), 422, 'from_the_future', undefined],
    [await get('/customers/c-42/next?inputs=1'), 400, 'invalid_argument', undefined],
    [await get('/customers/c-42/next?inputs=%7B%22p_by%22:1%7D'), 400, 'invalid_argument', undefined],
    [await get('/customers/c-42/next?channel=wbe'), 400, 'invalid_argument', undefined],
    [await get('/customers/c-42/next?top=0'), 400, 'invalid_request', null],
    [await get('/customers/c-42/nxt'), 404, 'not_found', null],
    [await post('/touchpoints', { kind: 'purchased' }), 400, 'invalid_request', null],
    [await post('/touchpoints', []), 400, 'invalid_request', null],
    [await post('/touchpoints', { ...ORDER, value: '59.9' }), 400, 'invalid_request', null],
    [await post('/touchpoints', { ...ORDER, at: 'yesterday' }), 400, 'invalid_request', null],
    [await post('/preferences', { ...YES, chanel: 'email' }), 400, 'invalid_request', null],
    [await post('/customers/c-42/attributes', { plan: 'gold' }), 400, 'invalid_request', null],
    [await post('/touchpoints', { ...ORDER, customer: 'c\u0000' }), 400, 'invalid_request', null],
  ]
  for (const [[status, error], expected, code, help] of cases) {
    assert.deepEqual([status, error.code], [expected, code], JSON.stringify(error))
    assert.equal(typeof error.message, 'string')
    if (help !== undefined) assert.equal(error.help, help)
  }
})

test('the store that does not answer is no health, and says nothing of why', async (t) => {
  const { get, store } = await fresh(t)
  assert.deepEqual(await get('/health'), [200, { status: 'ok', journey: 'Shop' }])
  store.read = async () => {
    throw new Error('password=secret')
  }
  assert.deepEqual(await get('/health'), [500, { code: 'internal', message: 'something went wrong on the server', help: null }])
})

test('the server runs as README.md says, and ends when it is told to', async (t) => {
  const { sqlitePath } = sqlite(t)
  const port = await freePort()
  const env = { ...process.env, SQLITE_PATH: sqlitePath, PORT: String(port), DATABASE_URL: '', JOURNEY: '' }
  const server = spawn(process.execPath, [fileURLToPath(new URL('../server.mjs', import.meta.url))], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => server.kill('SIGKILL'))
  await once(server.stdout, 'data')

  const url = `http://127.0.0.1:${port}`
  const posted = await fetch(`${url}/touchpoints`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ customer: 'c-42', kind: 'purchased' }) })
  assert.equal(posted.status, 201)
  assert.equal((await (await fetch(`${url}/customers/c-42`)).json()).stages.relationship.stage, 'customer')

  server.kill('SIGTERM')
  const [code] = await once(server, 'exit')
  assert.equal(code, 0)
})

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}
