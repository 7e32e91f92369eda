// The examples of the README and the book, run as they are written.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

for (const page of ['README.md', 'docs/src/guide/node.md', 'docs/src/paths/paths.md']) {
  test(`the examples of ${page} run`, () => {
    const text = readFileSync(join(here, '../..', page), 'utf8')
    const program = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, block]) => block).join('\n')
    assert.notEqual(program, '')
    // Inside of the package, where `wayfare` resolves to it.
    const file = join(here, `example-${page.replaceAll('/', '-')}.mjs`)
    writeFileSync(file, program)
    try {
      const done = spawnSync(process.execPath, [file], { encoding: 'utf8' })
      assert.equal(done.status, 0, done.stderr)
    } finally {
      rmSync(file)
    }
  })
}
