// One customer online, then the same customer in a table: node examples/one_customer.mjs

import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow'
import { Journey, Profile } from 'wayfare'

const journey = Journey.template('retail')

// Online: each touchpoint as it comes.
const profile = journey.profile('c-42')
profile.observe({ kind: 'page_viewed', at: '2026-01-08T18:20:00Z', channel: 'web' })
profile.observe({ kind: 'purchased', at: '2026-01-10T12:00:00Z', channel: 'store', id: 'order-1007', value: 59.9, items: 2 })

const now = '2026-02-01T00:00:00Z'
const view = profile.view(now)
console.log(`stage: ${view.stages.relationship.stage} since ${view.stages.relationship.since}`)
console.log(`engagement: ${view.scores.engagement?.toFixed(1)}`)
console.log(`if nothing happens: ${view.next_change?.to} at ${view.next_change?.at}`)
for (const move of profile.history(now)) console.log(`${move.at}  ${move.from} -> ${move.to}: ${move.because}`)

// Kept between two requests.
const kept = profile.toBytes()
console.log(`${kept.length} bytes, of ${Profile.fromBytes(journey, kept).customer}`)

// Everyone at once: Arrow in, Arrow out, off the event loop.
const touchpoints = tableFromArrays({
  customer: ['c-42', 'c-42'],
  at: [new Date('2026-01-08T18:20:00Z'), new Date('2026-01-10T12:00:00Z')],
  kind: ['page_viewed', 'purchased'],
})
const answer = tableFromIPC(await journey.run(tableToIPC(touchpoints), { asOf: now, naiveTimeZone: 'UTC' }))
const [row] = answer.toArray()
console.log(`in the table: ${row.customer} is ${row.relationship}`)
