import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listenerPid, processCommand, processStart } from './identity.ts'
import { freePorts, isFree } from './port.ts'
import { endLeftover, startServer } from './server.ts'

let folder: string
let files: { logFile: string; pidFile: string }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'server-'))
  files = { logFile: join(folder, 'log'), pidFile: join(folder, 'pid') }
})
afterEach(() => rmSync(folder, { recursive: true }))

const sh = (script: string) => ({ name: 'Test', command: 'sh', args: ['-c', script] })

it('names the process while it runs, and keeps its output', async () => {
  const server = await startServer({ ...sh('echo one; echo two >&2; exec sleep 60'), ...files })
  expect(JSON.parse(readFileSync(files.pidFile, 'utf8'))).toEqual({
    pid: server.pid,
    started: processStart(server.pid),
  })
  await until(() => server.lastOutput() === 'one\ntwo')
  await server.end('SIGTERM', 5000)
  expect(server.running).toBe(false)
  expect(processStart(server.pid)).toBeUndefined()
  expect(existsSync(files.pidFile)).toBe(false)
})

it('kills what does not end when asked', async () => {
  const server = await startServer({
    ...sh("trap '' TERM; echo ready; while :; do sleep 0.1; done"),
    ...files,
  })
  await until(() => server.lastOutput() === 'ready')
  await server.end('SIGTERM', 50)
  expect(await server.ended).toEqual({ code: null, signal: 'SIGKILL' })
})

it('ends one that is stopped in its tracks', async () => {
  const server = await startServer({ ...sh('exec sleep 60'), ...files })
  server.signal('SIGSTOP')
  await server.end('SIGTERM', 5000)
  expect((await server.ended).signal).toBe('SIGTERM')
})

it('says which command can not be run', async () => {
  const options = { name: 'Kafka', command: '/nowhere/java', args: [], ...files }
  await expect(startServer(options)).rejects.toThrow(/Kafka does not start: .*\/nowhere\/java/)
})

it('a server does not outlive a parent that is killed', async () => {
  const options = JSON.stringify({ ...sh('exec sleep 60'), ...files })
  const module = JSON.stringify(new URL('./server.ts', import.meta.url).href)
  const script = `const { startServer } = await import(${module})
    console.log((await startServer(${options})).pid); setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(parent.stdout, 'data')
  const pid = Number(String(line))
  expect(processCommand(pid)).toContain('sleep 60')
  parent.kill('SIGKILL')
  await until(() => processStart(pid) === undefined)
})

it('ends a leftover, and never a process that only has its number', async () => {
  const leftover = spawn('sleep', ['61'])
  writeFileSync(files.pidFile, JSON.stringify({ pid: leftover.pid, started: 'long ago' }))
  await endLeftover(files.pidFile, 'sleep 61')
  expect(processStart(leftover.pid!)).toBeDefined()

  const started = processStart(leftover.pid!)
  writeFileSync(files.pidFile, JSON.stringify({ pid: leftover.pid, started }))
  await endLeftover(files.pidFile, 'redis-server')
  expect(processStart(leftover.pid!)).toBeDefined()

  const exit = once(leftover, 'exit')
  writeFileSync(files.pidFile, JSON.stringify({ pid: leftover.pid, started }))
  await endLeftover(files.pidFile, 'sleep 61')
  expect(await exit).toEqual([null, 'SIGKILL'])
})

it('free ports differ, and a port in use is not free', async () => {
  expect(new Set(await freePorts(20)).size).toBe(20)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  expect(await isFree(port)).toBe(false)
  if (process.platform === 'linux') {
    expect(listenerPid(port, [1, process.pid])).toBe(process.pid)
    expect(listenerPid(port, [process.ppid])).toBeUndefined()
  }
  await new Promise((done) => server.close(done))
  expect(await isFree(port)).toBe(true)
})

async function until(fact: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 15_000; !fact(); ) {
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${fact}`)
    await new Promise((done) => setTimeout(done, 10))
  }
}
