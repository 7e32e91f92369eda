// Reading journey files, and what a user is told of a wrong one.

import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Journey, Profile, View, WayfareError, journeySchema, rfmCuts, templateNames, templateText } from '../index.mjs'

const SHOP = `wayfare: 1
name: Shop
touchpoints: { bought: {} }
traits: { orders: { count: bought } }
tracks:
  buying:
    - { name: none }
    - { name: buyer, when: orders >= 1 }
`

const document = () => ({
  wayfare: 1,
  name: 'Shop',
  touchpoints: { bought: {} },
  traits: { orders: { count: 'bought' } },
  tracks: { buying: [{ name: 'none' }, { name: 'buyer', when: 'orders >= 1' }] },
})

const refused = (code, message, help) => (error) => {
  assert.ok(error instanceof WayfareError && error instanceof Error, error)
  assert.equal(error.code, code)
  assert.match(error.message, message)
  if (help) assert.match(error.help, help)
  return true
}

test('a journey tells its parts', () => {
  const journey = Journey.fromYaml(SHOP)
  assert.equal(journey.name, 'Shop')
  assert.deepEqual(journey.tracks, ['buying'])
  assert.deepEqual(journey.stages('buying'), ['none', 'buyer'])
  assert.deepEqual(journey.traits, ['orders'])
  assert.deepEqual([journey.scores, journey.segments], [[], []])
  assert.equal(journey.touchpointFields.kind, 'text')
  assert.deepEqual(journey.attributes, { time_zone: 'text' })
  assert.throws(() => journey.tracks.push('other'), TypeError)
  assert.throws(() => journey.stages('selling'), refused('invalid_argument', /there is no track `selling`/, /buying/))
  assert.throws(() => journey.stages('__proto__'), refused('invalid_argument', /there is no track/))
})

test('text, object and file are one journey', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wayfare-'))
  writeFileSync(join(folder, 'shop.yaml'), SHOP)
  writeFileSync(join(folder, 'shop.JSON'), JSON.stringify(document()))
  writeFileSync(join(folder, 'latin1.yaml'), Buffer.from([0x6e, 0xe9]))
  const blob = Journey.fromYaml(SHOP).profile('c').toBytes()
  const same = [Journey.fromJson(JSON.stringify(document())), Journey.fromObject(document()), Journey.fromFile(join(folder, 'shop.yaml')), Journey.fromFile(join(folder, 'shop.JSON'))]
  for (const journey of same) assert.equal(Profile.fromBytes(journey, blob).customer, 'c')
  assert.throws(() => Journey.fromFile(join(folder, 'latin1.yaml')), refused('invalid_argument', /not UTF-8/))
  assert.throws(() => Journey.fromFile(join(folder, 'none.yaml')), { code: 'ENOENT' })
})

test('the package answers require and import with the same classes', () => {
  const required = createRequire(import.meta.url)('../index.js')
  assert.equal(required.Journey, Journey)
  assert.equal(required.WayfareError, WayfareError)
})

test('templates and the schema are there', () => {
  for (const name of templateNames()) assert.equal(Journey.template(name).name, Journey.fromYaml(templateText(name)).name)
  assert.throws(() => Journey.template('retial'), refused('invalid_argument', /there is no template `retial`/, /did you mean `retail`/))
  assert.throws(() => templateText(3), refused('invalid_argument', /is not text/))
  assert.equal(typeof journeySchema().properties.touchpoints, 'object')
})

test('a wrong file gives all its problems, each with its place and a picture', () => {
  const text = `${SHOP.replace('count: bought', 'count: buoght')}segments: { keen: order > 1 }\n`
  assert.throws(
    () => Journey.fromYaml(text),
    (error) => {
      refused('invalid_journey', /2 errors/)(error)
      const [first, second] = error.diagnostics
      assert.deepEqual([first.code, first.path, first.span.line, first.help], ['unknown_kind', 'traits.orders.count', 4, 'did you mean `bought`?'])
      assert.equal(second.severity, 'error')
      assert.match(second.render(text, 'shop.yaml'), /shop\.yaml:9:19[\s\S]*order > 1[\s\S]*\^/)
      assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(first))), ['code', 'severity', 'path', 'span', 'message', 'help'])
      return true
    },
  )
})

test('warnings do not keep a journey from running', () => {
  const journey = Journey.fromYaml(SHOP.replace('orders: { count: bought }', 'orders: { count: bought }, unused: { sum: value }'))
  assert.deepEqual(journey.warnings.map(({ severity, path }) => [severity, path]), [['warning', 'traits.unused'], ['warning', 'tracks.buying[1]']])
})

test('diagnostics of an object have paths and no spans', () => {
  const wrong = document()
  wrong.tracks.buying[1].form = ['none']
  assert.throws(
    () => Journey.fromObject(wrong),
    (error) => {
      const [diagnostic] = error.diagnostics
      assert.deepEqual([diagnostic.path, diagnostic.span], ['tracks.buying[1].form', null])
      return true
    },
  )
})

test('a picture of a text that is another one does not end the process', () => {
  assert.throws(
    () => Journey.fromYaml(`${SHOP}segments: { keen: order > 1 }\n`),
    (error) => {
      for (const other of ['', 'é'.repeat(100), 'short']) {
        try {
          assert.equal(typeof error.diagnostics[0].render(other, 'other.yaml'), 'string')
        } catch (fault) {
          assert.equal(fault.code, 'internal')
        }
      }
      return true
    },
  )
})

test('objects that would end or hang the process are refused', () => {
  const cyclic = document()
  cyclic.traits.orders.where = cyclic
  assert.throws(() => Journey.fromObject(cyclic), refused('invalid_argument', /cyclic/))
  const list = []
  list.push(list)
  assert.throws(() => Journey.fromObject({ ...document(), topics: list }), refused('invalid_argument', /cyclic/))
  let deep = {}
  for (let level = 0; level < 100_000; level += 1) deep = { deep }
  assert.throws(() => Journey.fromObject(deep), refused('invalid_argument', /deeper/))
  let shared = 1
  for (let level = 0; level < 60; level += 1) shared = [shared, shared]
  assert.throws(() => Journey.fromObject({ shared }), refused('invalid_argument', /too large/))
  let empty = []
  for (let level = 0; level < 60; level += 1) empty = [empty, empty]
  assert.throws(() => Journey.fromObject({ empty }), refused('invalid_argument', /too large/))
  assert.throws(() => Journey.fromObject(JSON.parse('{ "wayfare": 1, "__proto__": { "name": "Shop" } }')), refused('invalid_journey', /`__proto__` is not known/))
  assert.equal({}.name, undefined)
  assert.throws(() => Journey.fromObject(new Proxy({}, { ownKeys: () => { throw new RangeError('mine') } })), { name: 'RangeError', message: 'mine' })
})

test('what JSON would silently change is refused', () => {
  const wrong = (value, message) => assert.throws(() => Journey.fromObject({ ...document(), allowed_lateness: value }), refused('invalid_argument', message))
  wrong(NaN, /`allowed_lateness` is not a finite number/)
  wrong(2 ** 53, /integer beyond 2\^53/)
  wrong(10n, /`allowed_lateness` is not a number/)
  wrong(new Date(), /not a number/)
  wrong(() => 1, /not a number/)
  wrong(new Map(), /not a number/)
  for (const none of [null, undefined, 3, 'text', []]) assert.throws(() => Journey.fromObject(none), refused('invalid_argument', /not an object/))
  assert.throws(() => Journey.fromObject({ ...document(), name: '\ud800' }), refused('invalid_argument', /Unicode/))
  assert.throws(() => Journey.fromYaml('name: \ud800'), refused('invalid_argument', /surrogate/))
  assert.throws(() => Journey.fromYaml(Buffer.from(SHOP)), refused('invalid_argument', /is not text/))
})

test('expressions and files that kill other engines are refused', () => {
  const rule = (text) => SHOP.replace('orders >= 1', JSON.stringify(text))
  assert.throws(() => Journey.fromYaml(rule(`${'('.repeat(2_000)}orders${')'.repeat(2_000)} > 1`)), refused('invalid_journey', /./))
  assert.throws(() => Journey.fromYaml(rule(`${'1 + '.repeat(100_000)}1 > 1`)), refused('invalid_journey', /./))
  assert.throws(() => Journey.fromYaml(`a: ${'['.repeat(100_000)}`), refused('invalid_journey', /./))
  assert.throws(() => Journey.fromYaml('a: &a [1]\nb: *a\n'), refused('invalid_journey', /./))
  assert.throws(() => Journey.fromJson(`${'['.repeat(100_000)}`), refused('invalid_journey', /./))
})

test('classes are made by wayfare only', () => {
  for (const Class of [Journey, Profile]) assert.throws(() => new Class(), TypeError)
  assert.ok(Journey.fromYaml(SHOP).profile('c').view(new Date()) instanceof View)
})

test('RFM cuts come from a population', () => {
  assert.deepEqual(rfmCuts([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 5), rfmCuts(new Float64Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), 5))
  assert.throws(() => rfmCuts([1, 2], 1.5), refused('invalid_argument', /whole number/))
  assert.throws(() => rfmCuts([1, 2], 1), refused('invalid_argument', /bands/))
  assert.throws(() => rfmCuts([1, '2'], 2), refused('invalid_argument', /not a number/))
})
