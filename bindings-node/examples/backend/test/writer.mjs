// One of several processes that write to the same customers: node writer.mjs NUMBER, with the store in the environment. It says `ready`, and begins when it is told to.

import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Journey } from 'wayfare'
import { createApp } from '../app.mjs'
import { openStore } from '../store.mjs'
import { END, recordsOf } from './records.mjs'

const AT_ONCE = 8

const journey = Journey.fromFile(fileURLToPath(new URL('../journey.yaml', import.meta.url)))
const store = await openStore({ databaseUrl: process.env.DATABASE_URL, sqlitePath: process.env.SQLITE_PATH })
const app = createApp({ store, journey, clock: () => END })
await app.ready()

process.send('ready')
await once(process, 'message')

const waiting = recordsOf(Number(process.argv[2]))
const statuses = {}
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { statusCode } = await post(next)
      statuses[statusCode] = (statuses[statusCode] ?? 0) + 1
    }
  }),
)
await app.close()
process.send(statuses)
process.disconnect()

function post({ customer, type, record }) {
  if (type === 'attributes') return app.inject({ method: 'POST', url: `/customers/${customer}/attributes`, payload: record })
  return app.inject({ method: 'POST', url: `/${type}s`, payload: { customer, ...record } })
}
