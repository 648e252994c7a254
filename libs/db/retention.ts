import type { Database } from './database.ts'
import { type KeptPartitions, keepPartitions, type PartitionedTable } from './partitions.ts'

const SYNC_LOGS: PartitionedTable = { name: 'sync_logs', column: 'queued_at', lock: 7_243_903 }

export interface Retention {
  /** How long attempts, and jobs that have ended, are kept, in milliseconds. */
  readonly logsMs: number
}

/** What `keepLogs` did. */
export interface Kept extends KeptPartitions {
  readonly jobs: number
}

/**
 * Keeps the log of attempts and the jobs from growing for ever, as `keepPartitions` does; removes jobs that ended before
 * the retention.
 */
export async function keepLogs(db: Database, { logsMs }: Retention): Promise<Kept> {
  const kept = await keepPartitions(db, SYNC_LOGS, logsMs)
  return { ...kept, jobs: await removeJobs(db, logsMs) }
}

/** Jobs that ended long ago; their events and counts go with them. */
async function removeJobs(db: Database, logsMs: number): Promise<number> {
  const rows = await db.query(
    `delete from sync_jobs where state in ('complete', 'failed', 'cancelled')
        and finished_at < now() - $1 * interval '1 millisecond' returning 1`,
    [logsMs],
  )
  return rows.length
}
