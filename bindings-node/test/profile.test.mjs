// One customer, online.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { Journey, Profile, WayfareError } from '../index.mjs'

const RETAIL = Journey.template('retail')
const AT = '2026-01-10T12:00:00Z'
const bought = (more) => ({ kind: 'purchased', at: AT, channel: 'store', value: 59.9, ...more })

const refused = (code, message, field = null) => (error) => {
  assert.ok(error instanceof WayfareError, error)
  assert.deepEqual([error.code, error.field], [code, field])
  assert.match(error.message, message)
  return true
}

test('a purchase moves a customer, and silence will', () => {
  const profile = RETAIL.profile('c-42')
  assert.equal(profile.customer, 'c-42')
  assert.equal(profile.observe(bought({ id: 'order-1', items: 2 })), true)
  const view = profile.view('2026-01-11T00:00:00Z')
  assert.equal(view.at, '2026-01-11T00:00:00Z')
  assert.deepEqual(view.stages.relationship, { stage: 'first_time', since: AT })
  assert.deepEqual([view.traits.orders, view.traits.interest, view.traits.items_1y], [1, null, 2])
  assert.equal(view.next_change.to, 'at_risk')
  assert.deepEqual(profile.nextChange(view.at), view.next_change)
  assert.deepEqual(profile.makeUp(view.at), view.make_up)
  const [move] = profile.history(view.at)
  assert.deepEqual([move.to, move.cause, move.record, move.because], ['first_time', 'touchpoint', 'order-1', 'orders == 1 (orders = 1)'])
})

test('an instant is a Date or text, of any realm, exact to the microsecond', () => {
  const views = [AT, new Date(AT), '2026-01-10T13:00:00+01:00', runInNewContext(`new Date('${AT}')`)].map((at) => {
    const profile = RETAIL.profile('c')
    profile.observe(bought({ at }))
    return JSON.stringify(profile.view(AT))
  })
  assert.equal(new Set(views).size, 1)
  const profile = RETAIL.profile('c')
  profile.observe(bought({ at: '2026-01-10T12:00:00.000001Z' }))
  assert.equal(profile.view('2026-01-10T12:00:00.000001Z').stages.relationship.since, '2026-01-10T12:00:00.000001Z')
  for (const [at, message] of [[undefined, /missing/], [new Date(NaN), /invalid/], [1_768_046_400_000, /neither a Date/], ['2026-01-10', /RFC 3339/], [new Date(8.64e15), /years/]]) {
    assert.throws(() => profile.observe(bought({ at })), refused('invalid_record', message, 'at'))
    assert.throws(() => profile.view(at), refused('invalid_argument', message))
  }
})

test('a record with an id counts once, one without an id always', () => {
  const profile = RETAIL.profile('c')
  assert.deepEqual([1, 2].map(() => profile.observe(bought({ id: 'order-1' }))), [true, false])
  assert.deepEqual([1, 2].map(() => profile.observe(bought())), [true, true])
  assert.deepEqual([1, 2].map(() => profile.set({ newsletter: true }, { at: AT, id: 'change-1' })), [true, false])
  assert.equal(profile.view(AT).traits.orders, 3)
})

test('attributes are set, and forgotten with null', () => {
  const profile = RETAIL.profile('c')
  profile.set({ newsletter: true })
  profile.set({ newsletter: null }, { at: AT })
  assert.equal(profile.view('2026-01-10T11:00:00Z').traits.newsletter, true)
  assert.equal(profile.view(AT).traits.newsletter, null)
  assert.throws(() => profile.set({ newsletters: true }), refused('invalid_record', /`newsletters` is not declared/, 'newsletters'))
  assert.throws(() => profile.set({}, { when: AT }), refused('invalid_argument', /no option `when`/))
})

test('a bad touchpoint is refused with its field and changes nothing', () => {
  const profile = RETAIL.profile('c')
  profile.observe(bought({ id: 'order-1' }))
  const before = profile.toBytes()
  const wrong = [
    [{ kind: undefined }, /`kind` is missing/, 'kind'],
    [{ kind: 'purchsed' }, /not declared/, 'kind'],
    [{ channel: 'shop' }, /not declared/, 'channel'],
    [{ channel: 3 }, /not text/, 'channel'],
    [{ id: 3 }, /not text/, 'id'],
    [{ id: '\ud800' }, /surrogate/, 'id'],
    [{ topic: '\ud800' }, /surrogate/],
    [{ value: NaN }, /not a finite number/, 'value'],
    [{ value: Infinity }, /not a finite number/, 'value'],
    [{ value: '59.90' }, /not a number/, 'value'],
    [{ value: 2 ** 53 + 2 }, /beyond 2\^53/, 'value'],
    [{ items: 2 ** 53 + 2 }, /beyond 2\^53/, 'items'],
    [{ items: -(2 ** 80) }, /beyond 2\^53/, 'items'],
    [{ items: 2n }, /neither a number/, 'items'],
    [{ items: [2] }, /neither a number/, 'items'],
    [{ items: Symbol('2') }, /neither a number/, 'items'],
    [{ colour: 'red' }, /no field `colour`/, 'colour'],
    [{ topic: 'x'.repeat(100_000) }, /./],
  ]
  for (const [more, message, field] of wrong) {
    assert.throws(
      () => profile.observe(bought({ at: '2026-01-11T00:00:00Z', ...more })),
      (error) => refused('invalid_record', message, field ?? error.field)(error),
    )
  }
  const hostile = JSON.parse(`{ "kind": "purchased", "at": "${AT}", "__proto__": { "value": 1 } }`)
  assert.throws(() => profile.observe(hostile), refused('invalid_record', /`__proto__`/, '__proto__'))
  const cyclic = bought()
  cyclic.items = cyclic
  assert.throws(() => profile.observe(cyclic), refused('invalid_record', /neither a number/, 'items'))
  for (const none of [undefined, null, 'purchased', 3, []]) assert.throws(() => profile.observe(none), refused('invalid_argument', /not an object/))
  assert.throws(() => profile.observe(bought({ at: '2020-01-01T00:00:00Z' })), refused('too_late', /takes records from/))
  assert.deepEqual(profile.toBytes(), before)
})

test('a record with a getter of its own may throw or call back', () => {
  const profile = RETAIL.profile('c')
  assert.throws(() => profile.observe({ get kind() { throw new RangeError('mine') } }), { message: 'mine' })
  const nested = { kind: 'purchased', at: AT, get topic() { profile.observe(bought()); return null } }
  assert.equal(profile.observe(nested), true)
  assert.equal(profile.view(AT).traits.orders, 2)
})

test('a view stays what it was', () => {
  const profile = RETAIL.profile('c')
  profile.observe(bought())
  const [read, unread] = [profile.view(AT), profile.view(AT)]
  assert.equal(read.next_change.to, 'at_risk')
  assert.ok(Array.isArray(read.make_up.rfm))
  profile.observe(bought())
  assert.deepEqual([read.traits.orders, unread.traits.orders, profile.view(AT).traits.orders], [1, 1, 2])
  assert.equal(read.next_change.to, 'at_risk')
  assert.throws(() => unread.next_change, refused('stale_view', /has changed since/))
  assert.throws(() => unread.make_up, refused('stale_view', /has changed since/))
})

test('bytes bring a profile back, and refuse what they are not', () => {
  const profile = RETAIL.profile('ünï-42')
  profile.observe(bought({ id: 'order-1' }))
  const bytes = profile.toBytes()
  const again = Profile.fromBytes(RETAIL, bytes)
  assert.equal(again.customer, 'ünï-42')
  assert.deepEqual(again.toBytes(), bytes)
  assert.deepEqual(JSON.parse(JSON.stringify(again.view(AT))), JSON.parse(JSON.stringify(profile.view(AT))))
  assert.equal(again.observe(bought({ id: 'order-1' })), false)
  assert.deepEqual(Profile.fromBytes(RETAIL, new Uint8Array(bytes).buffer).toBytes(), bytes)
  for (const wrong of [new Uint8Array(), bytes.subarray(1), bytes.subarray(0, -1), Buffer.from(bytes).fill(7, 20, 21)]) {
    assert.throws(() => Profile.fromBytes(RETAIL, wrong), refused('invalid_profile', /./))
  }
  assert.throws(() => Profile.fromBytes(Journey.template('insurance'), bytes), refused('journey_mismatch', /./))
  assert.throws(() => Profile.fromBytes({}, bytes), refused('invalid_argument', /not a Journey/))
  assert.throws(() => Profile.fromBytes(RETAIL, 'bytes'), refused('invalid_argument', /not a Uint8Array/))
})

test('a customer is text', () => {
  for (const wrong of [42, null, undefined, '\ud800']) assert.throws(() => RETAIL.profile(wrong), refused('invalid_argument', /`customer`/))
})

test('errors and inspection show no customer data', async () => {
  const { inspect } = await import('node:util')
  const profile = RETAIL.profile('ada@example.org')
  assert.doesNotMatch(inspect(profile), /ada/)
  assert.throws(
    () => profile.observe(bought({ topic: 7 })),
    (error) => !inspect(error).includes('ada@'),
  )
})
