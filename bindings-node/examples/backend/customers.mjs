// Customers' profiles, over a store.

import { Profile, WayfareError } from 'wayfare'

/** A request that is well-formed and cannot be carried out; `code` is for programs. */
export class RefusedError extends Error {
  constructor(code, message, help) {
    super(message)
    this.code = code
    this.help = help
  }
}

export class Customers {
  #store
  #journey
  #log

  constructor({ store, journey, log }) {
    this.#store = store
    this.#journey = journey
    this.#log = log
  }

  /** The profile as it is now. Of a customer nothing is kept of it is the profile of one nothing is known of. */
  async profile(customer) {
    return this.#open(customer, await this.#store.read(customer))
  }

  /**
   * Folds records of one customer in.
   * @param {import('./store.mjs').Entry[]} entries
   * @returns for each whether it was folded: `false` for one that was there already, an error for one that was refused.
   */
  async add(customer, entries) {
    return this.#store.change(customer, async (kept) => {
      const profile = await this.#open(customer, kept)
      const records = []
      let bytes = profile.toBytes()
      const answer = entries.map((entry) => {
        const folded = attempt(() => fold(profile, entry))
        // A record that counts for nothing may still be one that the profile remembers: an id used again, say, at another instant.
        const before = bytes
        bytes = profile.toBytes()
        if (!bytes.equals(before)) records.push(entry)
        return folded
      })
      return { profile: bytes, records, answer }
    })
  }

  /**
   * Decides, and if something may be said writes down that it was said, in one transaction: two senders at the same time cannot both be told to go ahead.
   * @param {{ action?: string, outcome?: string, id?: string }} expected `action`: refuse if the decision is another one; `id`: of the touchpoint, so that a
   * second request with it gets the first one's answer.
   */
  async say(customer, now, options, { action, outcome, id }) {
    return this.#store.change(customer, async (kept) => {
      const before = id === undefined ? undefined : (await kept.records()).find(({ type, record }) => type === 'touchpoint' && record.id === id)
      if (before !== undefined) return { records: [], answer: { said: false, touchpoint: before.record } }

      const profile = await this.#open(customer, kept)
      const decision = profile.decide(now, options)
      if (action !== undefined && action !== decision.action) {
        throw new RefusedError('decision_changed', `it is not \`${action}\` that would be said now`, 'ask again what to say')
      }
      if (!decision.maySend) return { records: [], answer: { said: false, touchpoint: null, decision: decision.toJSON() } }

      const record = { ...decision.touchpoint(outcome), ...(id === undefined ? {} : { id }) }
      const answer = { said: true, touchpoint: record, decision: decision.toJSON() }
      profile.observe(record)
      return { profile: profile.toBytes(), records: [{ type: 'touchpoint', record }], answer }
    })
  }

  async #open(customer, { profile, records }) {
    if (profile === null) return this.#journey.profile(customer)
    try {
      return Profile.fromBytes(this.#journey, profile)
    } catch (error) {
      // Folded with another journey file, or written by a version of wayfare with another format.
      if (error.code !== 'journey_mismatch' && error.code !== 'invalid_profile') throw error
      return this.#rebuild(customer, await records())
    }
  }

  // In order of time, so that none comes too late. A record that this journey has no place for (a kind that is gone) stays where it is and does not count.
  #rebuild(customer, entries) {
    const profile = this.#journey.profile(customer)
    const inOrder = entries.map((entry) => ({ entry, micros: micros(entry.record.at) })).sort((a, b) => a.micros - b.micros)
    const refused = inOrder.filter(({ entry }) => attempt(() => fold(profile, entry)) instanceof WayfareError)
    if (refused.length > 0) this.#log?.warn({ refused: refused.length, of: entries.length }, 'this journey has no place for some records')
    return profile
  }
}

function fold(profile, { type, record }) {
  switch (type) {
    case 'touchpoint':
      return profile.observe(record)
    case 'preference':
      return profile.prefer(record)
    case 'attributes':
      return profile.set(record.attributes, { at: record.at, id: record.id })
    default:
      throw new Error(`there are no records of type \`${type}\``)
  }
}

function attempt(call) {
  try {
    return call()
  } catch (error) {
    if (error instanceof WayfareError) return error
    throw error
  }
}

// RFC 3339 text in microseconds; a Date has no more than milliseconds. What holds from the beginning of time comes first.
function micros(at) {
  if (at === null || at === undefined) return -Infinity
  const fraction = /\.(\d+)/.exec(at)?.[1] ?? ''
  return Date.parse(at) * 1000 + Number(fraction.padEnd(6, '0').slice(3, 6))
}
