// What both stores must hold: nothing is lost, whoever writes at the same time.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Journey, Profile } from 'wayfare'
import { createApp } from '../app.mjs'
import { openStore } from '../store.mjs'
import { postgres, sqlite } from './database.mjs'
import { allRecords, CUSTOMERS, RECORDS, WRITERS } from './records.mjs'

const journey = Journey.fromFile(fileURLToPath(new URL('../journey.yaml', import.meta.url)))
const NOW = new Date('2026-03-01T12:00:00Z')

const VIEWED = { type: 'touchpoint', record: { kind: 'page_viewed', channel: 'web', topic: 'tents', at: '2026-03-01T09:00:00Z', id: 'view-1' } }
const BOUGHT = { type: 'touchpoint', record: { kind: 'purchased', channel: 'web', at: '2026-03-01T10:00:00.000001Z', id: 'order-1', value: 59.9, items: 2 } }
const WANTS = { type: 'preference', record: { choice: 'in', purpose: 'marketing', channel: 'email', at: '2026-03-01T11:00:00Z' } }

let server
before(async () => {
  server = await postgres()
})
after(() => server.stop?.())

const STORES = {
  SQLite: async (t) => sqlite(t),
  PostgreSQL: async (t) => {
    if (server.missing === undefined) return server.database()
    t.skip(server.missing)
    return null
  },
}

for (const [name, place] of Object.entries(STORES)) {
  describe(name, () => {
    test('four processes that write to the same customers at once lose nothing', async (t) => {
      const where = await place(t)
      if (where === null) return
      const statuses = await Promise.all(await writers(where))
      const answers = { 200: 0, 201: 0 }
      for (const each of statuses) for (const [status, times] of Object.entries(each)) answers[status] = (answers[status] ?? 0) + times
      assert.equal(answers[200] + answers[201], WRITERS * RECORDS, JSON.stringify(answers))
      const expected = allRecords()

      const store = await openStore(where)
      t.after(() => store.close())
      for (const customer of CUSTOMERS) {
        const mine = expected.filter((entry) => entry.customer === customer)
        const kept = await store.read(customer)
        assert.deepEqual(kept.profile, folded(journey, customer, mine).toBytes(), customer)
        assert.deepEqual(keys(await kept.records()), keys(mine), customer)
        assert.equal(kept.version, mine.length, customer)
      }
    })

    test('two who are asked at once what to say do not both say it', async (t) => {
      const where = await place(t)
      if (where === null) return
      const apps = await Promise.all([1, 2].map(async () => createApp({ store: await openStore(where), journey, clock: () => NOW })))
      t.after(() => Promise.all(apps.map((app) => app.close())))
      await add(apps[0], 'c-42', [VIEWED, WANTS])

      const said = await Promise.all(
        Array.from({ length: 8 }, (_, index) => apps[index % 2].inject({ method: 'POST', url: '/customers/c-42/next', payload: { inputs: { p_buy: 0.2 } } })),
      )
      assert.deepEqual(said.map(({ statusCode }) => statusCode).sort(), [200, 200, 200, 200, 200, 200, 200, 201])
      for (const answer of said.filter(({ statusCode }) => statusCode === 200)) {
        assert.equal(answer.json().touchpoint, null)
        assert.equal(answer.json().decision.candidates.find(({ action, channel }) => action === 'show_interest' && channel === 'email').reason, 'cap')
      }
    })

    test('profile and records are written together or not at all', async (t) => {
      const where = await place(t)
      if (where === null) return
      const store = await openStore(where)
      t.after(() => store.close())
      const profile = folded(journey, 'c-42', [VIEWED]).toBytes()

      await assert.rejects(store.write('c-42', 0, profile, [VIEWED, { type: null, record: {} }]))
      const { version, profile: none, records } = await store.read('c-42')
      assert.deepEqual([version, none, await records()], [0, null, []])

      assert.equal(await store.write('c-42', 0, profile, [VIEWED]), true)
      assert.equal(await store.write('c-42', 0, profile, [BOUGHT]), false, 'there is a profile by now')
      assert.equal(await store.write('c-42', 7, profile, [BOUGHT]), false, 'it is another version')
      assert.equal(await store.write('c-43', 1, profile, [BOUGHT]), false, 'there is no such customer any more')
      assert.deepEqual(await (await store.read('c-42')).records(), [VIEWED])
      assert.deepEqual(await (await store.read('c-43')).records(), [])
    })

    test('what was kept outlives the process, and another journey file', async (t) => {
      const where = await place(t)
      if (where === null) return
      const first = createApp({ store: await openStore(where), journey, clock: () => NOW })
      // The later one first: a profile is built anew in order of time, not of arrival.
      await add(first, 'c-42', [BOUGHT, VIEWED, WANTS])
      await first.close()

      const other = withOtherRules()
      const app = createApp({ store: await openStore(where), journey: other, clock: () => NOW })
      t.after(() => app.close())
      const view = await app.inject('/customers/c-42')
      assert.equal(view.statusCode, 200)
      assert.deepEqual(view.json().traits.items, 2)

      const later = { type: 'touchpoint', record: { kind: 'page_viewed', at: '2026-03-01T11:30:00Z' } }
      await add(app, 'c-42', [later])
      const store = await openStore(where)
      t.after(() => store.close())
      const kept = await store.read('c-42')
      assert.deepEqual(kept.profile, folded(other, 'c-42', [VIEWED, BOUGHT, WANTS, later]).toBytes())
      assert.equal((await kept.records()).length, 4)
      assert.throws(() => Profile.fromBytes(journey, kept.profile), { code: 'journey_mismatch' })
    })

    test('a record that a later journey has no place for is kept and does not count', async (t) => {
      const where = await place(t)
      if (where === null) return
      const first = createApp({ store: await openStore(where), journey, clock: () => NOW })
      await add(first, 'c-42', [VIEWED, BOUGHT])
      await first.close()

      const narrower = Journey.fromYaml('{ wayfare: 1, name: Narrow, channels: { web: {} }, touchpoints: { purchased: { properties: { items: number } } }, traits: { orders: { count: purchased, output: true } } }')
      const app = createApp({ store: await openStore(where), journey: narrower, clock: () => NOW })
      t.after(() => app.close())
      assert.equal((await app.inject('/customers/c-42')).json().traits.orders, 1)
    })
  })
}

// Starts all writers, lets them begin together, and gives what each counted.
async function writers({ sqlitePath = '', databaseUrl = '' }) {
  const env = { ...process.env, SQLITE_PATH: sqlitePath, DATABASE_URL: databaseUrl }
  const program = fileURLToPath(new URL('writer.mjs', import.meta.url))
  const processes = Array.from({ length: WRITERS }, (_, writer) => fork(program, [String(writer)], { env, execArgv: [] }))
  await Promise.all(processes.map((each) => heard(each)))
  return processes.map(async (each) => {
    const statuses = heard(each)
    each.send('begin')
    return statuses
  })
}

async function heard(each) {
  const [what] = await Promise.race([
    once(each, 'message'),
    once(each, 'exit').then(([code]) => {
      throw new Error(`a writer ended with ${code}`)
    }),
  ])
  return what
}

async function add(app, customer, entries) {
  for (const { type, record } of entries) {
    const { statusCode, body } = await app.inject({ method: 'POST', url: `/${type}s`, payload: { customer, ...record } })
    assert.equal(statusCode, 201, body)
  }
}

function folded(by, customer, entries) {
  const profile = by.profile(customer)
  for (const { type, record } of entries) {
    if (type === 'touchpoint') profile.observe(record)
    else if (type === 'preference') profile.prefer(record)
    else profile.set(record.attributes, { at: record.at, id: record.id })
  }
  return profile
}

function keys(entries) {
  return entries.map(({ type, record }) => `${type} ${record.id}`).sort()
}

function withOtherRules() {
  const traits = { orders: { count: 'purchased', output: true }, items: { sum: 'items', of: 'purchased', output: true } }
  const touchpoints = { page_viewed: {}, purchased: { properties: { items: 'number' } } }
  return Journey.fromObject({ wayfare: 1, name: 'Other', channels: { web: {}, email: {} }, touchpoints, traits, purposes: { marketing: {} } })
}
