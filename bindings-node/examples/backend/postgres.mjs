// The store in PostgreSQL.

import pg from 'pg'
import { Store } from './store.mjs'

// `json`, not `jsonb`: a record is kept as it came.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS profiles (
    customer text PRIMARY KEY,
    version  integer NOT NULL,
    profile  bytea NOT NULL
  );
  CREATE TABLE IF NOT EXISTS records (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer text NOT NULL,
    type     text NOT NULL,
    record   json NOT NULL
  );
  CREATE INDEX IF NOT EXISTS records_of_customer ON records (customer, position);
`

// Any number, the same in every process of this backend.
const SCHEMA_LOCK = 7_042_001

class PostgresStore extends Store {
  #pool

  constructor(pool) {
    super()
    this.#pool = pool
  }

  async read(customer) {
    const { rows } = await this.#pool.query('SELECT version, profile FROM profiles WHERE customer = $1', [customer])
    const { version = 0, profile = null } = rows[0] ?? {}
    const records = async () => (await this.#pool.query('SELECT type, record FROM records WHERE customer = $1 ORDER BY position', [customer])).rows
    return { version, profile, records }
  }

  async write(customer, version, profile, records) {
    return transaction(this.#pool, async (client) => {
      // A writer of the same customer that has not committed yet is waited for, and then seen.
      const { rowCount } =
        version === 0
          ? await client.query('INSERT INTO profiles (customer, version, profile) VALUES ($1, 1, $2) ON CONFLICT DO NOTHING', [customer, profile])
          : await client.query('UPDATE profiles SET version = version + 1, profile = $1 WHERE customer = $2 AND version = $3', [profile, customer, version])
      if (rowCount === 0) return false
      await client.query(
        `INSERT INTO records (customer, type, record)
         SELECT $1, type, record FROM unnest($2::text[], $3::json[]) WITH ORDINALITY AS added (type, record, place) ORDER BY place`,
        [customer, records.map(({ type }) => type), records.map(({ record }) => JSON.stringify(record))],
      )
      return true
    })
  }

  async close() {
    await this.#pool.end()
  }
}

export async function openPostgres(url) {
  const pool = new pg.Pool({ connectionString: url })
  // A connection that breaks while nobody uses it is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  try {
    // Two processes that create a table at the same instant get in each other's way, `IF NOT EXISTS` or not.
    await transaction(pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK])
      await client.query(SCHEMA)
    })
  } catch (error) {
    await pool.end()
    throw error
  }
  return new PostgresStore(pool)
}

async function transaction(pool, work) {
  const client = await pool.connect()
  let broken
  try {
    await client.query('BEGIN')
    const answer = await work(client)
    await client.query('COMMIT')
    return answer
  } catch (error) {
    await client.query('ROLLBACK').catch((failure) => (broken = failure))
    throw error
  } finally {
    client.release(broken)
  }
}
