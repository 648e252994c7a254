import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processCommand, processStart } from '#libs/child-process/identity.ts'
import { LockedError, takeLock } from '#libs/child-process/lock.ts'
import { CommandError } from '../failure.ts'

/** Where the embedded database is kept in a data folder; the log file and what else there is stays beside it. */
export const databaseFolder = (dataDir: string): string => join(dataDir, 'postgres')

/** What the embedded PostgreSQL puts into its folder, and nothing else does. */
const ours = /^(data|data\.new|password|password\.new|lock(\..*)?|port|pid|postgres\.log)$/
/** A server that was told to end by its asinstream's death needs a moment. */
const ORPHAN_MS = 5_000

/**
 * Deletes the embedded database of a data folder. Resolves to whether there was one.
 * @throws CommandError when the folder holds anything that is not the embedded database's, or a process uses it
 */
export async function deleteDatabase(dataDir: string): Promise<boolean> {
  const dir = databaseFolder(dataDir)
  if (!existsSync(dir)) return false
  const entries = readdirSync(dir)
  const strangers = entries.filter((entry) => !ours.test(entry))
  const isOurs = entries.length === 0 || entries.includes('password')
  if (strangers.length > 0 || !isOurs) {
    const why =
      strangers.length > 0 ? `it holds ${strangers.slice(0, 3).join(', ')}` : 'it has no password file'
    throw new CommandError(
      `${dir} is not the embedded database's folder (${why}), so --fresh leaves it alone. Choose another --data-dir.`,
    )
  }
  const lock = lockFolder(dir)
  try {
    await waitForServer(join(dir, 'data'))
    // Aside first, in one step: a delete that is cut off leaves nothing that looks like a database.
    const aside = `${dir}.deleted-${process.pid}`
    renameSync(dir, aside)
    await rm(aside, { recursive: true, force: true })
  } finally {
    lock.release()
  }
  return true
}

function lockFolder(dir: string): { release(): void } {
  try {
    return takeLock(join(dir, 'lock'))
  } catch (error) {
    if (!(error instanceof LockedError)) throw error
    throw new CommandError(
      `the database in ${dir} is in use by process ${error.pid}: end that one first, or choose another --data-dir.`,
    )
  }
}

async function waitForServer(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid')
  for (let waited = 0; ; waited += 50) {
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0
    const runs = pid > 1 && processStart(pid) !== undefined && (processCommand(pid) ?? data).includes(data)
    if (!runs) return
    if (waited >= ORPHAN_MS) {
      throw new CommandError(
        `PostgreSQL (process ${pid}) still runs in ${data}: end it first, then start again.`,
      )
    }
    await sleep(50)
  }
}
