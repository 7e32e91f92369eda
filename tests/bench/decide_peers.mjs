// What a decision costs in Node: 20 rules of three conditions each, by wayfare and by what else one would use. Microseconds of cpu, the best of several rounds.
//
//     npm --prefix tests/bench/peers install
//     node tests/bench/decide_peers.mjs             # the addon that `npm run build` in bindings-node gave
//
// wayfare decides from a profile of 200 touchpoints: it computes the facts, and applies three vetoes, four caps and the customer's preferences. The others
// are handed the facts ready-made, and apply no policy. Their rules stand in order of priority, so that the first that holds is the answer.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(import.meta.url)
const { Journey } = require('../../bindings-node/index.js')
const native = require('../../bindings-node/native.js')
const peers = createRequire(process.env.PEERS ? pathToFileURL(`${process.env.PEERS}/`) : new URL('./peers/', import.meta.url))

const HOUR = 3_600_000
const START = Date.parse('2026-01-01T00:00:00Z')
const TOUCHPOINTS = 200
const NOW = new Date(START + (TOUCHPOINTS * 20 + 24) * HOUR)
const ROUNDS = 15

// The rules: an action, its value, and the bounds of its three conditions. The most valuable is the last; the best that holds is in the middle, so that one
// who stops there has seen most of the rules.
const RULES = Array.from({ length: 20 }, (_, n) => ({ action: `action_${n}`, value: 10 + n, orders: (n % 5) + 1, days: 20 - n, views: n % 7 }))
const RANKED = [...RULES].reverse()
const BEST = 'action_5'

const JOURNEY = `
wayfare: 1
name: Bench
channels: { email: { owner: crm }, web: { owner: digital } }
touchpoints: { page_viewed: {}, purchased: {}, message_sent: {}, ticket_opened: {} }
traits:
  orders: { count: purchased }
  spend: { sum: value, of: purchased }
  views_30d: { count: page_viewed, within: 30d }
  days_since_order: { days_since: purchased }
  tickets: { count: ticket_opened, within: 30d }
purposes: { service: { required: true }, marketing: {} }
inputs: { p_click: number }
contact_policy:
  kind: message_sent
  caps:
    - { at_most: 2, per: 7d }
    - { at_most: 1, per: calendar_day, channel: email }
    - { at_most: 4, per: 30d, purpose: marketing }
    - { at_most: 8, per: calendar_month }
  vetoes:
    - { when: tickets > 0, purposes: marketing }
    - { when: orders > 500 }
    - { when: spend > 100000 }
actions:
${RULES.map(
  ({ action, value, orders, days, views }) =>
    `  - { name: ${action}, purpose: marketing, channels: [email, web], value: ${value}, propensity: input.p_click, when: orders >= ${orders} && days_since_order <= ${days} && views_30d > ${views} }`,
).join('\n')}
`

function customer() {
  const profile = Journey.fromYaml(JOURNEY).profile('c-42')
  for (let n = 0; n < TOUCHPOINTS; n += 1) {
    const at = new Date(START + n * 20 * HOUR)
    if (n % 20 < 5) profile.observe({ kind: 'purchased', at, channel: 'web', value: 29.33 })
    else if (n % 20 === 7) profile.observe({ kind: 'message_sent', at, channel: 'email', direction: 'outbound', action: 'action_3' })
    else profile.observe({ kind: 'page_viewed', at, channel: 'web' })
  }
  profile.prefer({ choice: 'in', purpose: 'marketing', at: new Date(START) })
  return profile
}

function zen() {
  const { ZenEngine } = peers('@gorules/zen-engine')
  const nodes = [
    { id: 'in', type: 'inputNode', name: 'in' },
    {
      id: 'rules',
      type: 'decisionTableNode',
      name: 'rules',
      content: {
        hitPolicy: 'first',
        inputs: ['orders', 'days', 'views'].map((field) => ({ id: field, name: field, field })),
        outputs: [{ id: 'action', name: 'action', field: 'action' }],
        rules: RANKED.map(({ action, orders, days, views }) => ({ _id: action, orders: `>= ${orders}`, days: `<= ${days}`, views: `> ${views}`, action: `'${action}'` })),
      },
    },
    { id: 'out', type: 'outputNode', name: 'out' },
  ]
  const edges = [['in', 'rules'], ['rules', 'out']].map(([sourceId, targetId]) => ({ id: `${sourceId}-${targetId}`, type: 'edge', sourceId, targetId }))
  const decision = new ZenEngine().createDecision({ nodes, edges })
  return async (facts) => (await decision.evaluate(facts)).result.action
}

function jsonRules() {
  const { Engine } = peers('json-rules-engine')
  const engine = new Engine()
  for (const [rank, { action, orders, days, views }] of RANKED.entries()) {
    const conditions = {
      all: [
        { fact: 'orders', operator: 'greaterThanInclusive', value: orders },
        { fact: 'days', operator: 'lessThanInclusive', value: days },
        { fact: 'views', operator: 'greaterThan', value: views },
      ],
    }
    engine.addRule({ conditions, event: { type: action }, priority: RANKED.length - rank, onSuccess: () => engine.stop() })
  }
  return async (facts) => (await engine.run(facts)).events[0].type
}

function jsonLogic() {
  const { LogicEngine } = peers('json-logic-engine')
  const clauses = RANKED.flatMap(({ action, orders, days, views }) => [
    { and: [{ '>=': [{ var: 'orders' }, orders] }, { '<=': [{ var: 'days' }, days] }, { '>': [{ var: 'views' }, views] }] },
    action,
  ])
  return new LogicEngine().build({ if: [...clauses, null] })
}

function byHand() {
  const lines = RANKED.map(({ action, orders, days, views }) => `if (facts.orders >= ${orders} && facts.days <= ${days} && facts.views > ${views}) return '${action}'`)
  return new Function('facts', lines.join('\n'))
}

const micros = ({ user, system }) => user + system

async function main() {
  const profile = customer()
  const inputs = { inputs: { p_click: 0.2 } }
  const { traits } = profile.view(NOW)
  const facts = { orders: traits.orders, days: traits.days_since_order, views: traits.views_30d, p_click: 0.2 }

  const real = native.decide
  const works = {
    'wayfare: decide, .action and .channel read': { calls: 20_000, work: () => { const decision = profile.decide(NOW, inputs); return decision.channel && decision.action } },
    'wayfare: decide': { calls: 20_000, work: () => profile.decide(NOW, inputs), read: (decision) => decision.action },
    'wayfare: the arguments converted, nothing decided': { calls: 20_000, work: () => profile.decide(NOW, inputs), native: native.convertDecide, read: () => BEST },
    'wayfare: decide and explain': { calls: 500, work: () => profile.decide(NOW, inputs), each: (decision) => decision.explain(), read: (decision) => decision.action },
    '@gorules/zen-engine': { calls: 500, work: zen() },
    'json-rules-engine': { calls: 500, work: jsonRules() },
    'json-logic-engine, built': { calls: 20_000, work: jsonLogic() },
    'ifs written by hand': { calls: 20_000, work: byHand() },
  }
  const least = Object.fromEntries(Object.keys(works).map((name) => [name, Infinity]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, { calls, work, read = (action) => action, each = () => {}, native: replaced }] of Object.entries(works)) {
      if (replaced) native.decide = replaced
      assert.equal(read(await work(facts)), BEST, name)
      const before = process.cpuUsage()
      for (let n = 0; n < calls; n += 1) {
        const answer = work(facts)
        if (answer instanceof Promise) await answer
        else each(answer)
      }
      least[name] = Math.min(least[name], micros(process.cpuUsage(before)) / calls)
      native.decide = real
    }
  }
  const written = (await written_back(profile, inputs)).toFixed(2)
  const own = least['wayfare: decide, .action and .channel read']
  console.log(`20 rules, facts ${JSON.stringify(facts)}`)
  for (const [name, cost] of Object.entries(least)) console.log(`${name.padEnd(52)} ${cost.toFixed(2).padStart(9)} us ${(cost / own).toFixed(2).padStart(8)} x`)
  console.log(`${'wayfare: observe after a decision, less observe alone'.padEnd(52)} ${written.padStart(9)} us`)
}

// What it costs that a decision keeps the profile as it was when the next record comes.
async function written_back(profile, inputs) {
  const one = (decides) => {
    let least = Infinity
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = process.cpuUsage()
      for (let n = 0; n < 2_000; n += 1) {
        if (decides) profile.decide(NOW, inputs)
        profile.observe({ kind: 'page_viewed', at: NOW, id: 'the same' })
      }
      least = Math.min(least, micros(process.cpuUsage(before)) / 2_000)
    }
    return least
  }
  return one(true) - one(false)
}

await main()
