// What the writers of the test for concurrency write: four lists, on ten customers, with some records that all four have.

export const WRITERS = 4
export const RECORDS = 200
export const CUSTOMERS = Array.from({ length: 10 }, (_, index) => `c-${index}`)

const FIRST = Date.parse('2026-03-01T00:00:00Z')
const STEP_MS = 40 * 60_000

/** After all of them, and within a week of the first, so that none comes too late in whatever order. */
export const END = new Date(FIRST + RECORDS * STEP_MS)

/** @returns {{ customer: string, type: string, record: object }[]} */
export function recordsOf(writer) {
  return Array.from({ length: RECORDS }, (_, index) => {
    const customer = CUSTOMERS[index % CUSTOMERS.length]
    const at = new Date(FIRST + index * STEP_MS + writer * 1000).toISOString()
    const id = `${writer}-${index}`
    switch (Math.floor(index / CUSTOMERS.length) % 5) {
      case 0:
        return { customer, type: 'preference', record: { at, id, choice: index % 3 === 0 ? 'out' : 'in', purpose: 'marketing', channel: 'email' } }
      case 1:
        return { customer, type: 'attributes', record: { attributes: { plan: `${writer}-${index}` }, at, id } }
      case 2:
        // The same from every writer: it counts once.
        return { customer, type: 'touchpoint', record: { kind: 'purchased', channel: 'web', at: new Date(FIRST + index * STEP_MS).toISOString(), id: `order-${index}`, value: 0.1, items: 1 } }
      default:
        return { customer, type: 'touchpoint', record: { kind: 'page_viewed', channel: 'web', topic: index % 2 ? 'tents' : 'boots', at, id } }
    }
  })
}

/** Every one once, in order of time. */
export function allRecords() {
  const all = new Map()
  for (let writer = 0; writer < WRITERS; writer += 1) {
    for (const entry of recordsOf(writer)) all.set(`${entry.type} ${entry.record.id}`, entry)
  }
  return [...all.values()].sort((a, b) => Date.parse(a.record.at) - Date.parse(b.record.at))
}
