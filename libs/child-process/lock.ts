import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processStart } from './identity.ts'

/** Somebody else who is alive holds the lock. */
export class LockedError extends Error {
  override readonly name = 'LockedError'
  readonly pid: number
  constructor(path: string, pid: number) {
    super(`process ${pid} holds ${path}`)
    this.pid = pid
  }
}

export interface Lock {
  release(): void
}

/**
 * Takes a lock file that names its holder. A lock whose holder has died (its process id gone, or given to a younger
 * process) is taken over, so that a crash never needs cleaning by hand.
 * @throws LockedError when the holder lives, the holder being this very process included
 */
export function takeLock(path: string): Lock {
  mkdirSync(dirname(path), { recursive: true })
  const mine = JSON.stringify({ pid: process.pid, started: processStart(process.pid), id: randomUUID() })
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, mine)
  try {
    for (;;) {
      try {
        linkSync(draft, path) // appears with its content, or not at all
        return { release: () => release(path, mine) }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      takeAwayStale(path)
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Does `work` under the lock, waiting for a living holder as long as it takes; `onWait` hears of it once. */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait?: (pid: number) => void,
): Promise<T> {
  const lock = await waitForLock(path, onWait)
  try {
    return await work()
  } finally {
    lock.release()
  }
}

async function waitForLock(path: string, onWait?: (pid: number) => void): Promise<Lock> {
  for (let tries = 0; ; tries++) {
    try {
      return takeLock(path)
    } catch (error) {
      if (!(error instanceof LockedError)) throw error
      if (tries === 0) onWait?.(error.pid)
      await sleep(200)
    }
  }
}

function takeAwayStale(path: string): void {
  const found = read(path)
  if (found === undefined) return // released meanwhile
  const holder = parse(found)
  if (holder !== undefined && processStart(holder.pid) === holder.started) {
    throw new LockedError(path, holder.pid)
  }
  const aside = `${path}.stale-${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  // Between reading and renaming another process may have done the same and put its own lock there: give it back.
  if (read(aside) !== found) linkSync(aside, path)
  rmSync(aside, { force: true })
}

function release(path: string, mine: string): void {
  if (read(path) === mine) rmSync(path, { force: true })
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parse(text: string): { pid: number; started: string } | undefined {
  try {
    const { pid, started } = JSON.parse(text)
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined
  } catch {
    return undefined
  }
}
