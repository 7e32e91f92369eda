// The example runs as it is written.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

test('the example tells where a customer stands, online and in a table', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL('../examples/one_customer.mjs', import.meta.url))])
  assert.match(stdout, /stage: first_time since 2026-01-10T12:00:00Z/)
  assert.match(stdout, /in the table: c-42 is first_time/)
})
