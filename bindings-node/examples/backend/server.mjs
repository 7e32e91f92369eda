// The server: node server.mjs. What it takes from the environment is told in README.md.

import { fileURLToPath } from 'node:url'
import { Journey } from 'wayfare'
import { createApp } from './app.mjs'
import { openStore } from './store.mjs'

const { JOURNEY, DATABASE_URL, SQLITE_PATH = 'wayfare.db', HOST = '127.0.0.1', PORT = '3000' } = process.env

const journey = Journey.fromFile(JOURNEY || fileURLToPath(new URL('journey.yaml', import.meta.url)))
const store = await openStore({ databaseUrl: DATABASE_URL, sqlitePath: SQLITE_PATH })
const app = createApp({ store, journey, logger: true })

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
await app.listen({ host: HOST, port: Number(PORT) })
