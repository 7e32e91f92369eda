// What to say next: the customer's word, a decision, its reasons, and writing it back.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { Decision, Journey, Profile, WayfareError, holdout } from '../index.mjs'

const TEXT = `
wayfare: 1
name: Desk
channels:
  email: { owner: crm, quiet_hours: { from: "21:00", to: "08:00" } }
  web: { owner: digital }
topics: [tents, boots]
touchpoints: { page_viewed: {}, purchased: {}, message_sent: {}, ticket_opened: {} }
attributes: { shoe: number }
traits:
  days_since_order: { days_since: purchased }
  views: { count: page_viewed }
  tickets: { count: ticket_opened }
  interest: { favourite: topic, of: page_viewed, half_life: 7d }
  shoe: { attribute: shoe }
purposes:
  service: { required: true }
  marketing: { global_privacy_control: true }
inputs: { p_click: number, segment: text, fresh: boolean, stock: number, budget: number, pace: number }
context: { intent: text }
contact_policy:
  kind: message_sent
  caps:
    - { at_most: 1, per: 7d, purpose: marketing }
  vetoes:
    - { name: open ticket, when: tickets > 0, purposes: marketing }
asks:
  may_we: { question: May we write to you?, answers: { "yes": [{ choice: in }], "no": [{ choice: out }] } }
  shoe: { question: What is your size?, attribute: shoe }
actions:
  - { name: thank_you, purpose: service, channels: email, when: days_since_order < 2, value: 1 }
  - name: show_interest
    purpose: marketing
    topic: interest
    channels: [email, web]
    when: views > 0
    value: 12
    propensity: input.p_click
    boosts: [{ name: wants to buy, when: context.intent == "buy", add: 0.5 }]
  - name: plain
    purpose: marketing
    channels: web
    when: input.segment == "new" && input.fresh && input.pace > 0
    value: 100
  - { name: ask_first, purpose: service, channels: web, ask: may_we, kind: page_viewed }
`
const DESK = Journey.fromYaml(TEXT)
const day = (days) => new Date(Date.parse('2026-01-11T12:00:00Z') + days * 86_400_000)
const NOW = day(0)
const CLICKS = { inputs: { p_click: 0.2 } }

// Who looked at tents and then bought.
function customer() {
  const profile = DESK.profile('jane.doe@example.org')
  profile.observe({ kind: 'page_viewed', at: '2026-01-10T11:00:00Z', channel: 'web', topic: 'tents' })
  profile.observe({ kind: 'purchased', at: '2026-01-10T12:00:00Z' })
  return profile
}

function willing() {
  const profile = customer()
  profile.prefer({ at: NOW, choice: 'in' })
  return profile
}

const chosen = ({ action, channel }) => [action, channel]
const consent = (profile, at, channel, purpose) => {
  const { allowed, because } = profile.consents(at).find((one) => one.channel === channel && one.purpose === purpose && one.topic === null)
  return [allowed, because]
}

// The texts that users of Python see as well: both bindings tell what the core says.
const SNAPSHOTS = Object.fromEntries(
  readFileSync(new URL('../../bindings-python/tests/snapshots/decisions.txt', import.meta.url), 'utf8')
    .split('=== ')
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section.slice(section.indexOf('\n') + 1).trimEnd()]),
)

test('from the first word to the cap', () => {
  const profile = customer()
  const unasked = profile.decide(NOW, CLICKS)
  assert.deepEqual(chosen(unasked), ['ask_first', 'web'])
  assert.deepEqual([unasked.question, unasked.answers], ['May we write to you?', ['yes', 'no']])
  assert.equal(unasked.explain(), SNAPSHOTS.explained_unasked)

  assert.equal(profile.prefer({ at: NOW, choice: 'in', purpose: 'marketing', source: 'web form' }), true)
  const decision = profile.decide(NOW, CLICKS)
  assert.ok(decision instanceof Decision)
  assert.deepEqual(chosen(decision), ['show_interest', 'email'])
  assert.deepEqual([decision.topic, decision.owner, decision.purpose], ['tents', 'crm', 'marketing'])
  assert.deepEqual([decision.maySend, decision.heldOut, decision.notBefore], [true, false, null])
  assert.deepEqual([decision.question, decision.answers], [null, null])
  assert.equal(decision.priority, 12 * 0.2)
  assert.deepEqual(decision.factors, { propensity: 0.2, value: 12, weight: 1, boosts: [] })
  assert.deepEqual(decision.runnerUp, { action: 'thank_you', channel: 'email', priority: 1 })
  assert.equal(decision.margin, 12 * 0.2 - 1)
  assert.equal(decision.explain(), SNAPSHOTS.explained)
  assert.match(decision.toSvg(), /^<svg /)
  assert.equal(decision.because, SNAPSHOTS.because)
  assert.equal(decision.at, '2026-01-11T12:00:00Z')

  const sent = decision.touchpoint()
  assert.deepEqual(sent, {
    at: '2026-01-11T12:00:00Z',
    kind: 'message_sent',
    direction: 'outbound',
    channel: 'email',
    topic: 'tents',
    action: 'show_interest',
    purpose: 'marketing',
    owner: 'crm',
  })
  assert.equal(profile.observe(sent), true)
  assert.equal(profile.decide(NOW, CLICKS).action, 'thank_you')

  const later = profile.decide(day(2), CLICKS)
  assert.deepEqual([later.action, later.maySend, later.notBefore], ['show_interest', false, '2026-01-18T12:00:00Z'])
  assert.equal(later.explain(), SNAPSHOTS.explained_capped)
  const capped = later.candidates.find((one) => one.action === 'show_interest' && one.channel === 'email')
  assert.deepEqual([capped.gate, capped.reason, capped.not_before], ['policy', 'cap', '2026-01-18T12:00:00Z'])
  assert.equal(profile.decide(day(7), CLICKS).maySend, true)
})

test('a candidate says why it was stopped', () => {
  const profile = willing()
  profile.observe({ kind: 'ticket_opened', at: NOW })
  const { candidates } = profile.decide(NOW, CLICKS)
  assert.deepEqual(candidates.map(chosen), [['thank_you', 'email'], ['show_interest', 'email'], ['show_interest', 'web'], ['plain', 'web'], ['ask_first', 'web']])
  const [first, vetoed, , unknown] = candidates
  assert.deepEqual([first.gate, first.reason], [null, null])
  assert.deepEqual([vetoed.gate, vetoed.reason, vetoed.rule, vetoed.operands], ['policy', 'veto', 'tickets > 0', { tickets: 1 }])
  assert.equal(vetoed.would_change, '`tickets > 0` would have to be known and false')
  assert.deepEqual([unknown.reason, unknown.operands], ['condition', { 'input.segment': null, 'input.fresh': null, 'input.pace': null }])
  assert.throws(() => { candidates[0].gate = 'none' }, TypeError)
})

test('every type of input goes in, however many there are', () => {
  const profile = willing()
  const inputs = { p_click: 0.2, segment: 'new', fresh: true, stock: 2 ** 53, budget: undefined, pace: 0.5 }
  const { action, channel, priority } = profile.decide(NOW, { inputs })
  assert.deepEqual([action, channel, priority], ['plain', 'web', 100])
  assert.equal(profile.decide(NOW, { inputs: { ...inputs, pace: null } }).action, 'show_interest')
  assert.equal(profile.decide(NOW, { inputs: { ...inputs, segment: 'ünï', p_click: 1 } }).action, 'show_interest')
  for (const none of [{}, undefined, { inputs: null, context: null, top: null }, { inputs: {}, context: {} }]) {
    assert.equal(profile.decide(NOW, none).action, 'thank_you')
  }
})

test('a customer who is there is answered', () => {
  const profile = willing()
  profile.observe(profile.decide(NOW, CLICKS).touchpoint())
  const there = profile.decide(NOW, { ...CLICKS, context: { channel: 'web', intent: 'buy' } })
  assert.deepEqual([...chosen(there), there.maySend, there.priority], ['show_interest', 'web', true, 12 * 0.2 * 1.5])
  assert.deepEqual(there.factors.boosts, [{ name: 'wants to buy', add: 0.5 }])
  const { direction, outcome } = there.touchpoint('accepted')
  assert.deepEqual([direction, outcome], ['inbound', 'accepted'])
})

test('the first few may go together', () => {
  const profile = willing()
  const several = profile.decide(NOW, { ...CLICKS, top: 5 })
  assert.deepEqual(several.map(chosen), [['show_interest', 'email'], ['thank_you', 'email']])
  assert.deepEqual(several.map((one) => one.toJSON().action), ['show_interest', 'thank_you'])
  assert.deepEqual(several[0].toJSON(), profile.decide(NOW, CLICKS).toJSON())
  assert.equal(several[1].touchpoint().action, 'thank_you')
  assert.deepEqual(profile.decide(NOW, { ...CLICKS, top: 0 }), [])
})

test('a decision stays as it was, read or not', () => {
  const profile = willing()
  const [read, unread, deep] = [1, 2, 3].map(() => profile.decide(NOW, CLICKS))
  const before = [read.toJSON(), read.explain()]
  const third = profile.decide(NOW, { ...CLICKS, top: 2 })[1]
  profile.unsubscribeAll(NOW)
  profile.observe({ kind: 'ticket_opened', at: NOW })
  profile.set({ shoe: 43 })
  assert.equal(profile.decide(NOW, CLICKS).action, 'thank_you')
  assert.deepEqual([unread.toJSON(), unread.explain()], before)
  assert.deepEqual([deep.touchpoint().action, deep.topic, deep.priority], ['show_interest', 'tents', 12 * 0.2])
  assert.deepEqual([third.action, third.toJSON().action], ['thank_you', 'thank_you'])
  const inputs = { p_click: 0.2 }
  const asked = profile.decide(NOW, { inputs })
  inputs.p_click = 9
  assert.equal(asked.candidates.find((one) => one.action === 'show_interest').priority, 12 * 0.2)
})

test('an input with a getter of its own may throw or call back', () => {
  const profile = willing()
  assert.throws(() => profile.decide(NOW, { inputs: { get p_click() { throw new RangeError('mine') } } }), { message: 'mine' })
  const nested = { get p_click() { profile.unsubscribeAll(NOW); return 0.2 } }
  assert.equal(profile.decide(NOW, { inputs: nested }).action, 'thank_you')
})

test('a document has all of it, and nothing shows the customer', () => {
  const decision = willing().decide(NOW, CLICKS)
  const document = JSON.parse(JSON.stringify(decision))
  const { maySend, heldOut, notBefore, runnerUp } = decision
  assert.deepEqual(document, { ...document, may_send: maySend, held_out: heldOut, not_before: notBefore, runner_up: runnerUp })
  for (const key of ['at', 'action', 'channel', 'topic', 'owner', 'purpose', 'question', 'answers', 'priority', 'factors', 'margin', 'because', 'candidates']) {
    assert.deepEqual(document[key], decision[key], key)
  }
  assert.equal(inspect(decision), "Decision { at: '2026-01-11T12:00:00Z' }")
  assert.throws(() => new Decision(), TypeError)
})

test('the one-word helpers', () => {
  const profile = DESK.profile('c-1')
  assert.deepEqual(consent(profile, NOW, 'email', 'marketing'), [false, 'default_out'])
  assert.deepEqual(consent(profile, NOW, 'email', 'service'), [true, 'required'])
  assert.equal(profile.request({ at: day(0), purpose: 'marketing', channel: 'email', evidence: 'form 7' }), true)
  assert.deepEqual(consent(profile, day(0), 'email', 'marketing'), [false, 'pending'])
  assert.deepEqual([1, 2].map(() => profile.confirm({ at: day(1), purpose: 'marketing', id: 'click-1' })), [true, false])
  assert.deepEqual(consent(profile, day(1), 'web', 'marketing'), [true, 'opted_in'])
  assert.equal(profile.unsubscribe('web', day(2)), true)
  assert.deepEqual(consent(profile, day(2), 'web', 'marketing'), [false, 'opted_out'])
  assert.deepEqual(consent(profile, day(2), 'email', 'marketing'), [true, 'opted_in'])
  assert.equal(profile.globalPrivacyControl(day(3)), undefined)
  assert.deepEqual(consent(profile, day(3), 'email', 'marketing'), [false, 'opted_out'])
  profile.prefer({ at: day(4), choice: 'in', expires: day(5) })
  assert.deepEqual(consent(profile, day(4), 'email', 'marketing'), [true, 'opted_in'])
  assert.deepEqual(consent(profile, day(5), 'email', 'marketing'), [false, 'opted_out'])
  assert.equal(profile.object({ at: day(6), channel: 'email' }), true)
  profile.confirm({ at: day(6), purpose: 'marketing' })
  assert.deepEqual(consent(profile, day(6), 'email', 'marketing'), [false, 'objected'])
  assert.equal(profile.unsubscribeAll(day(7)), true)
  assert.deepEqual(consent(profile, day(7), 'web', 'marketing'), [false, 'opted_out'])
  const { record } = profile.consents(day(0)).find((one) => one.record !== null)
  assert.match(profile.consentsSvg(day(0)), /^<svg /)
  assert.deepEqual(record, {
    at: '2026-01-11T12:00:00Z',
    choice: 'pending',
    id: null,
    channel: 'email',
    topic: null,
    purpose: 'marketing',
    source: null,
    evidence: 'form 7',
    expires: null,
  })
})

test('an answer is a preference or an attribute', () => {
  const profile = customer()
  assert.equal(profile.answer('may_we', 'yes', NOW), true)
  assert.equal(profile.decide(NOW, CLICKS).action, 'show_interest')
  assert.equal(profile.answer('shoe', 43, NOW), true)
  assert.equal(profile.view(NOW).traits.shoe, 43)
})

test('words outlive bytes', () => {
  const profile = willing()
  const again = Profile.fromBytes(DESK, profile.toBytes())
  assert.deepEqual(again.decide(NOW, CLICKS).toJSON(), profile.decide(NOW, CLICKS).toJSON())
})

test('a holdout is the same everywhere', () => {
  for (let n = 0; n < 50; n += 1) {
    // The first eight bytes of SHA-256(salt, 0x00, id), over 2^64.
    const bucket = Number(createHash('sha256').update(`2026-q4\0c-${n}`).digest().readBigUInt64BE() >> 11n) / 2 ** 53
    assert.equal(holdout(`c-${n}`, '2026-q4', 0.3), bucket < 0.3)
  }
  assert.deepEqual(['sha256', 'growthbook_v2', 'unleash'].map((algorithm) => holdout('c-1', 's', 1, algorithm)), [true, true, true])
})

test('a wrong preference is refused with its field and changes nothing', () => {
  const profile = willing()
  const before = profile.toBytes()
  const wrong = [
    [{ at: undefined }, 'at', /missing/],
    [{ at: '2026-01-11' }, 'at', /RFC 3339/],
    [{ choice: undefined }, 'choice', /`choice` is missing/],
    [{ choice: 'yes' }, 'choice', /choice `yes` is not known/, 'there are: `in`, `out`, `pending`, `objected`'],
    [{ choice: 'objekted' }, 'choice', /not known/, 'did you mean `objected`?'],
    [{ choice: true }, 'choice', /not text/],
    [{ chanel: 'email' }, 'chanel', /no field `chanel`/, 'did you mean `channel`?'],
    [{ customer: 'c-1' }, 'customer', /no field `customer`/],
    [{ channel: 'emial' }, 'channel', /not declared/, 'did you mean `email`?'],
    [{ channel: 3 }, 'channel', /not text/],
    [{ channel: ['email'] }, 'channel', /neither a number/],
    [{ topic: 'tent' }, 'topic', /not declared/, 'did you mean `tents`?'],
    [{ purpose: 'sales' }, 'purpose', /not declared/],
    [{ purpose: '' }, 'purpose', /empty text/],
    [{ expires: day(-1) }, 'expires', /expires before it holds/, '`expires` comes after `at`'],
    [{ expires: 7 }, 'expires', /neither a Date/],
    [{ evidence: 'x'.repeat(70_000) }, '', /more than 65536 bytes/],
    [{ evidence: '\ud800' }, null, /surrogate/],
  ]
  for (const [more, field, message, help] of wrong) {
    assert.throws(
      () => profile.prefer({ at: NOW, choice: 'in', ...more }),
      (error) => {
        assert.ok(error instanceof WayfareError, error)
        assert.deepEqual([error.code, error.field], ['invalid_record', field])
        assert.match(error.message, message)
        if (help !== undefined) assert.equal(error.help, help)
        return true
      },
    )
  }
  for (const none of [undefined, null, 'in', []]) assert.throws(() => profile.prefer(none), { code: 'invalid_argument' })
  assert.throws(() => profile.request({ at: NOW, choice: 'in' }), { code: 'invalid_record', field: 'choice', message: '`choice` is settled already' })
  assert.throws(() => profile.unsubscribe('emial', NOW), { code: 'invalid_record', help: 'did you mean `email`?' })
  assert.throws(() => profile.unsubscribe(3, NOW), { code: 'invalid_record', field: 'channel' })
  assert.throws(() => profile.unsubscribeAll(), { code: 'invalid_record', field: 'at' })
  assert.throws(() => profile.globalPrivacyControl('now'), { code: 'invalid_record', field: 'at' })
  assert.throws(() => profile.answer('may_wee', 'yes', NOW), { code: 'invalid_argument', help: 'did you mean `may_we`?' })
  assert.throws(() => profile.answer('may_we', 'perhaps', NOW), { code: 'invalid_argument', help: 'there are: `yes`, `no`' })
  assert.throws(() => profile.answer('shoe', 'large', NOW), { code: 'invalid_record', field: 'shoe' })
  assert.throws(() => profile.answer('shoe', [43], NOW), { code: 'invalid_argument' })
  assert.throws(() => profile.consents('now'), { code: 'invalid_argument' })
  assert.throws(() => profile.consentsSvg('now'), { code: 'invalid_argument' })
  assert.deepEqual(profile.toBytes(), before)
})

test('a wrong question is refused', () => {
  const profile = willing()
  const inputs = [
    [{ p_clikc: 0.2 }, 'input `p_clikc` is not declared', 'did you mean `p_click`?'],
    [{ p_click: '0.2' }, 'input `p_click` is not a number'],
    [{ p_click: true }, 'input `p_click` is not a number'],
    [{ p_click: NaN }, '`p_click` is not a finite number'],
    [{ p_click: Infinity }, '`p_click` is not a finite number'],
    [{ stock: 2 ** 53 + 2 }, 'input `stock` is an integer beyond 2^53, which a double cannot keep exactly'],
    [{ pace: -(2 ** 80) }, 'input `pace` is an integer beyond 2^53, which a double cannot keep exactly'],
    [{ segment: 3 }, 'input `segment` is not text'],
    [{ segment: '' }, 'input `segment` is empty text'],
    [{ fresh: 1 }, 'input `fresh` is not a boolean'],
    [{ p_click: [0.2] }, '`p_click` is neither a number, text, a boolean nor null'],
    [{ p_click: 2n }, '`p_click` is neither a number, text, a boolean nor null'],
    [JSON.parse('{ "__proto__": 1 }'), 'input `__proto__` is not declared'],
    [[0.2], '`inputs` is not an object'],
    ['p_click', '`inputs` is not an object'],
  ]
  for (const [given, message, help] of inputs) {
    assert.throws(
      () => profile.decide(NOW, { inputs: given }),
      (error) => {
        assert.deepEqual([error.name, error.code, error.message, error.field], ['WayfareError', 'invalid_argument', message, null])
        if (help !== undefined) assert.equal(error.help, help)
        return true
      },
    )
  }
  assert.throws(() => profile.decide(NOW, { inputs: { segment: '\ud800' } }), { code: 'invalid_argument', message: /surrogate/ })
  assert.throws(() => profile.decide(NOW, { context: { intnet: 'buy' } }), { code: 'invalid_argument', help: 'did you mean `intent`?' })
  assert.throws(() => profile.decide(NOW, { context: { channel: 'wbe' } }), { code: 'invalid_argument', help: 'did you mean `web`?' })
  assert.throws(() => profile.decide(NOW, { context: { intent: 7 } }), { code: 'invalid_argument', message: 'context `intent` is not text' })
  assert.throws(() => profile.decide(NOW, { context: 'web' }), { code: 'invalid_argument', message: '`context` is not an object' })
  assert.throws(() => profile.decide(NOW, { input: {} }), { code: 'invalid_argument', message: 'decide has no option `input`' })
  assert.throws(() => profile.decide(NOW, null), { code: 'invalid_argument' })
  for (const at of [undefined, 7, '2026-01-11', new Date(NaN)]) assert.throws(() => profile.decide(at), { code: 'invalid_argument' })
  for (const top of [-1, 1.5, '2', 2 ** 33]) assert.throws(() => profile.decide(NOW, { top }), { code: 'invalid_argument', message: /`top`/ })
  const nothing = profile.decide('2026-01-02T00:00:00Z')
  assert.deepEqual([nothing.action, nothing.channel, nothing.maySend, nothing.heldOut, nothing.priority], [null, null, false, false, null])
  assert.throws(() => nothing.touchpoint(), { code: 'invalid_argument', help: 'look at `may_send` first' })
  assert.throws(() => profile.decide(NOW, CLICKS).touchpoint(3), { code: 'invalid_argument' })
  assert.throws(() => holdout('c-1', 's', 1.5), { code: 'invalid_argument', message: 'the share is not from 0 to 1' })
  assert.throws(() => holdout('c-1', 's', '0.5'), { code: 'invalid_argument' })
  assert.throws(() => holdout(7, 's', 0.5), { code: 'invalid_argument' })
  assert.throws(() => holdout('c-1', 's', 0.5, 'sha265'), { code: 'invalid_argument', help: 'did you mean `sha256`?' })
})
