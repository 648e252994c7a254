import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Lock, LockedError, takeLock } from '#libs/child-process/lock.ts'
import { StackError } from './cache.ts'

/**
 * Starts something in a folder that is taken for this process meanwhile, so that a second start does not end the first
 * one's server as a leftover. The lock is given back when `start` throws, or by `release`.
 * @throws StackError when a living process has the folder
 */
export async function inFolder<T>(
  dir: string,
  start: (folder: string, release: () => void) => Promise<T>,
): Promise<T> {
  const folder = resolve(dir)
  await mkdir(folder, { recursive: true })
  const lock = claim(folder)
  try {
    return await start(folder, lock.release)
  } catch (error) {
    lock.release()
    throw error
  }
}

function claim(folder: string): Lock {
  try {
    return takeLock(join(folder, 'lock'))
  } catch (error) {
    if (!(error instanceof LockedError)) throw error
    throw new StackError(
      `${folder} is in use by process ${error.pid}. Stop that one first, or choose another folder with --dir.`,
    )
  }
}
