// The store in a file of SQLite.

import Database from 'better-sqlite3'
import { BusyError, Store } from './store.mjs'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS profiles (
    customer TEXT PRIMARY KEY,
    version  INTEGER NOT NULL,
    profile  BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS records (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    customer TEXT NOT NULL,
    type     TEXT NOT NULL,
    record   TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS records_of_customer ON records (customer, position);
`

// How long a writer waits for the writer before it.
const WAIT_MS = 10_000

class SqliteStore extends Store {
  #database
  #profile
  #records
  #write

  constructor(database) {
    super()
    this.#database = database
    this.#profile = database.prepare('SELECT version, profile FROM profiles WHERE customer = ?')
    this.#records = database.prepare('SELECT type, record FROM records WHERE customer = ? ORDER BY position')

    const create = database.prepare('INSERT INTO profiles (customer, version, profile) VALUES (?, 1, ?) ON CONFLICT DO NOTHING')
    const update = database.prepare('UPDATE profiles SET version = version + 1, profile = ? WHERE customer = ? AND version = ?')
    const append = database.prepare('INSERT INTO records (customer, type, record) VALUES (?, ?, ?)')
    // Immediate: the lock is there from the first statement on, and a wait for it ends in the lock or in SQLITE_BUSY.
    this.#write = database.transaction((customer, version, profile, records) => {
      const { changes } = version === 0 ? create.run(customer, profile) : update.run(profile, customer, version)
      if (changes === 0) return false
      for (const { type, record } of records) append.run(customer, type, JSON.stringify(record))
      return true
    }).immediate
  }

  async read(customer) {
    const { version = 0, profile = null } = this.#profile.get(customer) ?? {}
    return { version, profile, records: async () => this.#records.all(customer).map(({ type, record }) => ({ type, record: JSON.parse(record) })) }
  }

  async write(customer, version, profile, records) {
    try {
      return this.#write(customer, version, profile, records)
    } catch (error) {
      if (error.code === 'SQLITE_BUSY') throw new BusyError('other processes kept the file locked', { cause: error })
      throw error
    }
  }

  async close() {
    this.#database.close()
  }
}

export function openSqlite(path) {
  const database = new Database(path, { timeout: WAIT_MS })
  // Readers do not wait for writers, and what was answered for survives a loss of power.
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec(SCHEMA)
  return new SqliteStore(database)
}
