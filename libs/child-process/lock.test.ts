import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { processStart } from './identity.ts'
import { LockedError, takeLock, withLock } from './lock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
  path = join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

it('refuses while the holder lives, and names it', () => {
  const lock = takeLock(path)
  expect(() => takeLock(path)).toThrow(new LockedError(path, process.pid))
  lock.release()
  takeLock(path).release()
  expect(readdirSync(folder)).toEqual([])
})

it('takes over from a holder that has died', async () => {
  const child = spawn('sleep', ['60'])
  const started = processStart(child.pid!)
  writeFileSync(path, JSON.stringify({ pid: child.pid, started }))
  expect(() => takeLock(path)).toThrow(`process ${child.pid} holds`)
  child.kill('SIGKILL')
  await once(child, 'exit')
  takeLock(path).release()
})

it('takes over when the process id belongs to somebody else now', () => {
  writeFileSync(path, JSON.stringify({ pid: process.pid, started: 'another boot:1' }))
  takeLock(path).release()
})

it('takes over a lock file that was torn by a crash', () => {
  writeFileSync(path, '{"pid":')
  takeLock(path).release()
})

it('a late release does not remove the lock of the next holder', () => {
  const first = takeLock(path)
  first.release()
  const second = takeLock(path)
  first.release()
  expect(existsSync(path)).toBe(true)
  second.release()
})

it('withLock lets one in after the other, and frees the lock when the work throws', async () => {
  let inside = 0
  const waited: number[] = []
  const work = async () => {
    inside += 1
    expect(inside).toBe(1)
    await new Promise((done) => setImmediate(done))
    inside -= 1
    throw new Error('the work failed')
  }
  const results = await Promise.allSettled(
    [1, 2, 3].map(() => withLock(path, work, (pid) => waited.push(pid))),
  )
  expect(results.map((result) => result.status === 'rejected' && result.reason.message)).toEqual(
    Array(3).fill('the work failed'),
  )
  expect(waited).toEqual([process.pid, process.pid])
})
