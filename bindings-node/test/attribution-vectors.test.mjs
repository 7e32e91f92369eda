// The credits that Rust, Python and Node share: `tests/vectors/attribution_*.json`, in exact fractions.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { suite, test } from 'node:test'
import { Float64, Utf8, tableFromIPC, tableToIPC, Table, vectorFromArray } from 'apache-arrow'
import { Paths, attribution, paths as cut } from '../index.mjs'
import { stamps } from './tables.mjs'

const FOLDER = new URL('../../tests/vectors/', import.meta.url)
const FILES = readdirSync(FOLDER).filter((name) => name.startsWith('attribution_') && name.endsWith('.json')).sort()

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())

async function pathsOf({ paths, touchpoints, conversion }) {
  if (paths) return Paths.fromStrings(paths)
  const { at, value, ...texts } = touchpoints
  const columns = Object.fromEntries(Object.entries(texts).map(([name, cells]) => [name, vectorFromArray(cells, new Utf8())]))
  columns.at = stamps(at)
  columns.value = vectorFromArray(value, new Float64())
  return cut(tableToIPC(new Table(columns)), { conversion })
}

test('the vectors are found', () => assert.ok(FILES.length >= 4))

for (const file of FILES) {
  const content = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))
  suite(file, () => {
    for (const { name, model, expect, ...choices } of content.cases) {
      test(name, async () => {
        const options = Object.fromEntries(Object.entries(choices).map(([key, value]) => [camel(key), value]))
        const found = tableFromIPC(await attribution[camel(model)](await pathsOf(content), options))
        const { words, ...columns } = expect
        assert.deepEqual([...found.getChild('channel')], words)
        for (const [column, expected] of Object.entries(columns)) {
          const most = Math.max(...expected.map((value) => Math.abs(value ?? 0)))
          const values = [...found.getChild(column)]
          assert.equal(values.length, expected.length)
          values.forEach((value, row) => {
            assert.equal(value === null, expected[row] === null, column)
            if (value !== null) assert.ok(Math.abs(value - expected[row]) <= 1e-13 * most, `${column}: ${value} is not ${expected[row]}`)
          })
        }
        const sum = (values) => values.reduce((all, value) => all + value, 0)
        assert.equal(sum([...found.getChild('conversions')]), Math.round(sum(expect.conversions)))
      })
    }
  })
}
