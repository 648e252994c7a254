import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { beforeEach, expect, it } from 'vitest'
import { processStart } from '#libs/child-process/identity.ts'
import { scratchFolder, waitFor } from '#tests/support/backing.ts'
import { startEmbeddedPostgres } from './embedded.ts'

let dir: string
beforeEach(() => {
  dir = join(scratchFolder('embedded'), 'database')
})

/** Small, so that several starts at once do not crowd the machine. */
const settings = { shared_buffers: '16MB' }

it('keeps the data, the password and, when it can, the port over a restart', async () => {
  const first = await startEmbeddedPostgres({ dir, settings })
  await query(first.url, 'create table kept (n int)')
  await first.stop()
  const second = await startEmbeddedPostgres({ dir, settings })
  expect(second.url).toBe(first.url)
  expect(await query(second.url, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }])
  await second.stop()
  await second.stop()
})

it('listens on loopback only, asks for its password, and keeps it to its owner', async () => {
  const server = await startEmbeddedPostgres({ dir, settings })
  const wrong = new URL(server.url)
  wrong.password = 'guess'
  await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/)
  const [listening] = await query(server.url, 'show listen_addresses')
  expect(listening).toEqual({ listen_addresses: '127.0.0.1' })
  expect(statSync(join(dir, 'password')).mode & 0o777).toBe(0o600)
  expect(await query(server.url, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }])
  expect(await query(server.url, 'show fsync')).toEqual([{ fsync: 'on' }])
  await server.stop()
})

it('refuses a folder that is in use, this process included', async () => {
  const server = await startEmbeddedPostgres({ dir, settings })
  await expect(startEmbeddedPostgres({ dir, settings })).rejects.toThrow(/in use by this process/)
  await server.stop()
})

it('goes on after its parent was killed, with everything that was committed', async () => {
  const { parent, pid, url } = await inAnotherProcess()
  await query(url, 'create table kept as select generate_series(1, 1000) as n')
  await expect(startEmbeddedPostgres({ dir, settings })).rejects.toThrow(`in use by process ${parent.pid}`)
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  const server = await startEmbeddedPostgres({ dir, settings })
  expect(processStart(pid)).toBeUndefined()
  expect(await query(server.url, 'select count(*)::int as n from kept')).toEqual([{ n: 1000 }])
  await server.stop()
})

it('ends a server that outlived its parent and the watcher of it', async () => {
  const { parent, pid } = await inAnotherProcess()
  // Stopped in its tracks, the server does not heed the watcher's signal: as if there had been none.
  process.kill(pid, 'SIGSTOP')
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  expect(processStart(pid)).toBeDefined()
  const again = startEmbeddedPostgres({ dir, settings })
  process.kill(pid, 'SIGCONT')
  const server = await again
  expect(processStart(pid)).toBeUndefined()
  await server.stop()
})

it('recovers from a kill -9 of the server itself', async () => {
  const server = await startEmbeddedPostgres({ dir, settings })
  await query(server.url, 'create table kept as select 1 as n')
  process.kill(server.pid, 'SIGKILL')
  await server.ended
  const again = await startEmbeddedPostgres({ dir, settings })
  expect(await query(again.url, 'select n from kept')).toEqual([{ n: 1 }])
  await again.stop()
})

it('stops while clients are connected and busy', async () => {
  const server = await startEmbeddedPostgres({ dir, settings })
  const busy = query(server.url, 'select pg_sleep(600)').catch((error: Error) => error.message)
  const running = "select 1 from pg_stat_activity where query = 'select pg_sleep(600)'"
  await waitFor(async () => (await query(server.url, running)).length === 1, { what: 'the query to run' })
  await server.stop()
  expect(await busy).toMatch(/terminat/i)
})

it('starts anew after a first start that was cut off half-way', async () => {
  mkdirSync(join(dir, 'data.new'), { recursive: true })
  writeFileSync(join(dir, 'data.new/PG_VERSION'), '18')
  const server = await startEmbeddedPostgres({ dir, settings })
  await server.stop()
  expect(existsSync(join(dir, 'data.new'))).toBe(false)
})

it('refuses the data of another major version, and leaves it alone', async () => {
  mkdirSync(join(dir, 'data'), { recursive: true })
  writeFileSync(join(dir, 'data/PG_VERSION'), '16\n')
  await expect(startEmbeddedPostgres({ dir, settings })).rejects.toThrow(
    /data of PostgreSQL 16.*PostgreSQL 18/,
  )
  expect(readFileSync(join(dir, 'data/PG_VERSION'), 'utf8')).toBe('16\n')
  expect(existsSync(join(dir, 'lock'))).toBe(false)
})

it('refuses a port in use, by its number', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  await expect(startEmbeddedPostgres({ dir, port, settings })).rejects.toThrow(`Port ${port} is in use`)
  other.close()
})

it('refuses a folder that can not be made', async () => {
  const file = join(scratchFolder(), 'file')
  writeFileSync(file, '')
  await expect(startEmbeddedPostgres({ dir: join(file, 'data') })).rejects.toThrow(/can not be used/)
})

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {}) // the query rejects as well
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Starts it in a process of its own, which then stays. */
async function inAnotherProcess() {
  const module = JSON.stringify(new URL('./embedded.ts', import.meta.url).href)
  const options = JSON.stringify({ dir, settings })
  const script = `const { startEmbeddedPostgres } = await import(${module})
    const { pid, url } = await startEmbeddedPostgres(${options})
    console.log(JSON.stringify({ pid, url })); setInterval(() => {}, 1000)`
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: [...stdio] })
  const [line] = await once(parent.stdout!, 'data')
  const { pid, url } = JSON.parse(String(line)) as { pid: number; url: string }
  return { parent, pid, url }
}
