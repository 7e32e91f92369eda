// What `observe` and `view` cost in Node, beside what crossing the boundary costs: the same JavaScript, but native calls that convert the same arguments and
// do nothing. Nanoseconds of cpu, the best of several rounds. Run it after `npm run build` in bindings-node:
//
//     node tests/bench/node_boundary.mjs

import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { Journey, Profile } = require('../../bindings-node/index.js')
const native = require('../../bindings-node/native.js')

const REAL = { observe: native.observe, view: native.view }
const TOUCHPOINTS = 200
const CUSTOMERS = 500
const RECORDS = 20
const ROUNDS = 9
const HOUR = 3_600_000
const START = Date.parse('2026-01-01T00:00:00Z')
const END = START + TOUCHPOINTS * 6 * HOUR

const FIVE_TRAITS = `
wayfare: 1
name: Bench
channels: { web: {}, store: {} }
touchpoints: { page_viewed: {}, purchased: { properties: { items: number } } }
traits:
  orders: { count: purchased, output: true }
  spend: { sum: value, of: purchased, output: true }
  last_channel: { last: channel, output: true }
  days_since_order: { days_since: purchased }
  views_30d: { count: page_viewed, within: 30d }
tracks:
  relationship:
    - { name: unknown }
    - { name: customer, when: orders >= 1 && days_since_order <= 90, from: [unknown, former] }
    - { name: former, from: [customer], when: days_since_order > 90 }
  activity:
    - { name: idle }
    - { name: active, while: views_30d >= 5 }
`

function blobs(journey) {
  return Array.from({ length: CUSTOMERS }, (_, customer) => {
    const profile = journey.profile(`c-${customer}`)
    for (let n = 0; n < TOUCHPOINTS; n += 1) {
      const bought = n % 5 === 0
      const at = new Date(START + n * 6 * HOUR)
      profile.observe(bought ? { kind: 'purchased', at, channel: 'store', value: 20 } : { kind: 'page_viewed', at, channel: 'web' })
    }
    return profile.toBytes()
  })
}

// One round of each piece of work in turn, so that what else the machine does falls on all alike. A round takes fresh profiles, and each profile a few
// records in a row, so that a call meets a customer with about as many touchpoints.
function best(journey, saved, works) {
  const least = Object.fromEntries(Object.keys(works).map((name) => [name, Infinity]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, { native: replaced = {}, work }] of Object.entries(works)) {
      const profiles = saved.map((blob) => Profile.fromBytes(journey, blob))
      const records = Array.from({ length: RECORDS }, (_, n) => ({ kind: 'purchased', at: new Date(END + n * HOUR), channel: 'store', id: `order-${n}`, value: 59.9 }))
      Object.assign(native, replaced)
      const before = process.cpuUsage()
      for (const profile of profiles) for (const record of records) work(profile, record)
      const { user, system } = process.cpuUsage(before)
      Object.assign(native, REAL)
      least[name] = Math.min(least[name], ((user + system) * 1_000) / profiles.length / RECORDS)
    }
  }
  return least
}

const observe = (profile, record) => profile.observe(record)
const view = (profile, record) => profile.view(record.at)
const both = (profile, record) => [profile.observe(record), profile.view(record.at)]
const read = (profile, record) => [profile.observe(record), profile.view(record.at).stages]

function measure(name, journey) {
  const saved = blobs(journey)
  const profile = Profile.fromBytes(journey, saved[0])
  let length
  native.view = (...given) => (({ length } = REAL.view(...given)), '')
  profile.view(new Date(END))
  Object.assign(native, REAL)

  const converted = { observe: native.convertObserve, view: (profile, now) => native.convertView(profile, now, 0) }
  const handedBack = { observe: native.convertObserve, view: (profile, now) => native.convertView(profile, now, length) }
  const ns = best(journey, saved, {
    observe: { work: observe },
    view: { work: view },
    both: { work: both },
    read: { work: read },
    observeConverted: { work: observe, native: converted },
    viewConverted: { work: view, native: converted },
    bothConverted: { work: both, native: converted },
    handedBack: { work: both, native: handedBack },
  })

  const row = (what, cost, base) => console.log(`  ${what.padEnd(44)} ${cost.toFixed(0).padStart(7)} ns ${base ? `${(cost / base).toFixed(2)}x` : ''}`)
  console.log(`${name}, a customer with ${TOUCHPOINTS} touchpoints`)
  row('arguments of observe and view converted', ns.bothConverted)
  row(`the same, and ${length} characters back`, ns.handedBack)
  row('observe + view', ns.both, ns.bothConverted)
  row('observe + view, and the stages read', ns.read, ns.bothConverted)
  row('observe', ns.observe, ns.observeConverted)
  row('view', ns.view, ns.viewConverted)
}

measure('five traits, two tracks', Journey.fromYaml(FIVE_TRAITS))
measure('the retail template', Journey.template('retail'))
