// What is kept of customers, wherever it is kept.

import { setTimeout as pause } from 'node:timers/promises'

const ATTEMPTS = 40
const LONGEST_PAUSE_MS = 100

/** Others wrote to the customer again and again in between. */
export class BusyError extends Error {}

/**
 * @typedef {{ type: 'touchpoint' | 'preference' | 'attributes', record: object }} Entry a record as it came
 * @typedef {object} Kept what is kept of a customer
 * @property {number} version how often it was written; 0 if nothing is kept
 * @property {Buffer | null} profile
 * @property {() => Promise<Entry[]>} records every record, in the order they came
 */

/**
 * A profile a customer, and every record, in one database.
 *
 * Writers may be many, in many processes. None waits for another and none overwrites another: each reads a profile with its version, folds, and writes if the version
 * is still the same, else begins anew. The records go into the same transaction, so that the profile is always all of them and nothing else.
 */
export class Store {
  /** @returns {Promise<Kept>} */
  async read(customer) {
    throw new Error(`${this.constructor.name} cannot read ${customer}`)
  }

  /**
   * Writes profile and records in one transaction, or neither.
   * @returns {Promise<boolean>} `false` if the version was no longer that one, and nothing was written.
   */
  async write(customer, version, profile, records) {
    throw new Error(`${this.constructor.name} cannot write ${customer}, ${version}, ${profile}, ${records}`)
  }

  async close() {}

  /**
   * Changes what is kept of one customer.
   * @template T
   * @param {(kept: Kept) => Promise<{ profile?: Buffer, records: Entry[], answer: T }>} fold what to add to what is kept, and what to answer. It may be called more than
   * once. With no records nothing is written.
   * @returns {Promise<T>}
   */
  async change(customer, fold) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const kept = await this.read(customer)
      const { profile, records, answer } = await fold(kept)
      if (records.length === 0 || (await this.write(customer, kept.version, profile, records))) return answer
      await pause(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS))
    }
    throw new BusyError(`the customer was written to by others ${ATTEMPTS} times in a row`)
  }
}

/** PostgreSQL if there is a URL, else a file of SQLite. Only what is used is loaded. */
export async function openStore({ databaseUrl, sqlitePath }) {
  if (databaseUrl) return (await import('./postgres.mjs')).openPostgres(databaseUrl)
  return (await import('./sqlite.mjs')).openSqlite(sqlitePath)
}
