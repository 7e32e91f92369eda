// Databases for the tests: each call gives a new one, and they are gone when the tests are.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

const DEBIAN = '/usr/lib/postgresql'
const PATIENCE_MS = 60_000

/** What of the environment `openStore` is told, for a new file of SQLite. */
export function sqlite(t) {
  const folder = mkdtempSync(join(tmpdir(), 'wayfare-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return { sqlitePath: join(folder, 'wayfare.db') }
}

/** A server of PostgreSQL of our own, on a socket in a temporary folder; or why there is none. */
export async function postgres() {
  const programs = programsOfPostgres()
  if (programs === null) return { missing: 'no PostgreSQL is installed (Debian: apt-get install postgresql)' }
  const user = unprivileged()
  if (user === null) return { missing: 'PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as' }

  const folder = mkdtempSync(join(tmpdir(), 'wayfare-'))
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  execFileSync(join(programs, 'initdb'), ['--pgdata', data, '--username=wayfare', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // On the socket only; without fsync, for the tests pull no plugs.
  const settings = { listen_addresses: '', unix_socket_directories: folder, fsync: 'off', log_min_messages: 'fatal' }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...options], { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaints = ''
  server.stderr.setEncoding('utf8').on('data', (text) => (complaints += text))
  const ended = new Promise((resolve) => server.once('exit', resolve))
  const last = () => server.kill('SIGQUIT')
  process.once('exit', last)

  const url = (database) => `postgresql://wayfare@/${database}?host=${encodeURIComponent(folder)}`
  const stop = async () => {
    server.kill('SIGINT')
    await ended
    process.off('exit', last)
    rmSync(folder, { recursive: true, force: true })
  }
  const deadline = Date.now() + PATIENCE_MS
  while (!(await query(url('postgres'), 'SELECT 1').then(() => true, () => false))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`PostgreSQL did not start: ${complaints}`)
    }
    await pause(50)
  }

  let made = 0
  return {
    stop,
    async database() {
      made += 1
      await query(url('postgres'), `CREATE DATABASE test_${made}`)
      return { databaseUrl: url(`test_${made}`) }
    },
  }
}

async function query(connectionString, text) {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.query(text)
  } finally {
    await client.end().catch(() => {})
  }
}

// The newest of Debian's, else what is on the path.
function programsOfPostgres() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(DEBIAN, version, 'bin')), ...(process.env.PATH ?? '').split(delimiter)]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ?? null
}

// PostgreSQL refuses to run as root.
function unprivileged() {
  if (userInfo().uid !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((what) => spawnSync('id', [what, name], { encoding: 'utf8' }))
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  }
  return null
}
