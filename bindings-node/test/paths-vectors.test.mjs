// The tables of touchpoints that Rust, Python and Node cut alike: `tests/vectors/paths.json`.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { paths } from '../index.mjs'
import { ipc, micros, rows } from './tables.mjs'

const { cases } = JSON.parse(readFileSync(new URL('../../tests/vectors/paths.json', import.meta.url), 'utf8'))
const COLUMNS = { customer: 'text', kind: 'text', channel: 'text', id: 'text', value: 'number' }
const INSTANTS = ['started_at', 'ended_at']

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
const shown = (row) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, INSTANTS.includes(name) && value !== null ? micros(value) : value]))

for (const { name, says, options, rows: touchpoints, paths: expected, sessions } of cases) {
  test(`${name}: ${says}`, async () => {
    const asked = Object.fromEntries(Object.entries(options).map(([option, value]) => [camel(option), value]))
    const found = await paths(ipc(touchpoints, COLUMNS), asked)
    assert.deepEqual(rows(await found.toTable()), expected.map(shown))
    assert.deepEqual(rows(await found.sessions()), sessions.map(shown))
    assert.equal(found.length, expected.length)
  })
}
