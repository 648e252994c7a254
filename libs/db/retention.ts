import type { Database, Queryable } from './database.ts'
import { sqlState } from './errors.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** Partitions that the kept time is spread over: what is dropped too late is at most one of them. */
const PARTITIONS = 12
/** How long before the last partition ends the next one is made: `keepLogs` runs once a minute. */
const AHEAD_MS = 5 * MINUTE_MS
/** How long a change of the partitions waits for those who read or write the log, who wait for it in turn. */
const LOCK_TIMEOUT_MS = 500
/** Advisory lock of whoever changes the partitions. */
const LOGS_LOCK = 7_243_903

export interface Retention {
  /** How long attempts, and jobs that have ended, are kept, in milliseconds. */
  readonly logsMs: number
}

/** What `keepLogs` did. */
export interface Kept {
  readonly created: readonly string[]
  readonly dropped: readonly string[]
  readonly jobs: number
}

/**
 * Keeps the log of attempts and the jobs from growing for ever: makes the partition that the next claims fall into, drops
 * those whose claims are all older than the retention, and removes jobs that ended before it. Whatever somebody locks is
 * left to the next call. Call it before claims are made, and once a minute.
 */
export async function keepLogs(db: Database, { logsMs }: Retention): Promise<Kept> {
  const created: string[] = []
  const dropped: string[] = []
  const spanMs = Math.min(7 * DAY_MS, Math.max(MINUTE_MS, logsMs / PARTITIONS))
  const partitions = await logPartitions(db, logsMs)
  if (endsSoon(partitions)) {
    const name = await unlessLocked(db, async (tx) =>
      // Looked at again: another process may have made it before this one had the lock.
      endsSoon(await logPartitions(tx, logsMs)) ? createPartition(tx, spanMs) : undefined,
    )
    if (name) created.push(name)
  }
  for (const { name } of partitions.filter((partition) => partition.old)) {
    if (await unlessLocked(db, (tx) => dropPartition(tx, name))) dropped.push(name)
  }
  await unlessLocked(db, (tx) =>
    tx.query(`delete from sync_logs_default where queued_at < now() - $1 * interval '1 millisecond'`, [
      logsMs,
    ]),
  )
  return { created, dropped, jobs: await removeJobs(db, logsMs) }
}

interface Partition extends Record<string, unknown> {
  /** Quoted where it has to be. */
  readonly name: string
  /** From now to its end, in milliseconds. */
  readonly endsInMs: number
  readonly old: boolean
}

const boundSql = `(regexp_match(pg_get_expr(c.relpartbound, c.oid), ' TO \\(''([^'']+)''\\)$'))[1]::timestamptz`

function endsSoon(partitions: readonly Partition[]): boolean {
  const last = partitions.at(-1)
  return !last || last.endsInMs < AHEAD_MS
}

/** In the order of time, without the default one. */
async function logPartitions(db: Queryable, logsMs: number): Promise<readonly Partition[]> {
  return db.query<Partition>(
    `select name, extract(epoch from ends - now())::float8 * 1000 as "endsInMs",
            ends < now() - $1 * interval '1 millisecond' as old
       from (select c.oid::regclass::text as name, ${boundSql} as ends
               from pg_inherits i join pg_class c on c.oid = i.inhrelid
              where i.inhparent = 'sync_logs'::regclass) p
      where ends is not null order by ends`,
    [logsMs],
  )
}

/**
 * The partition after the last one, to `spanMs` past now: a standstill of weeks makes one, not many. It is filled from the
 * default partition and then attached, which locks nobody out of the others.
 */
async function createPartition(tx: Queryable, spanMs: number): Promise<string> {
  const [next] = await tx.query<{ name: string; starts: string; ends: string }>(
    `select 'sync_logs_' || to_char(starts at time zone 'UTC', 'YYYYMMDDHH24MISS') as name, starts::text,
            (greatest(starts, now() + $2 * interval '1 millisecond') + $1 * interval '1 millisecond')::text as ends
       from (select coalesce(max(${boundSql}), date_trunc('hour', now())) as starts
               from pg_inherits i join pg_class c on c.oid = i.inhrelid
              where i.inhparent = 'sync_logs'::regclass) last`,
    [spanMs, AHEAD_MS],
  )
  if (!next) throw new Error('sync_logs is not there')
  const { name, starts, ends } = next
  await tx.query(`create table ${name} (like sync_logs including defaults including constraints)`)
  await tx.query(
    `with strays as (delete from sync_logs_default where queued_at >= $1::timestamptz and queued_at < $2::timestamptz
                     returning *)
     insert into ${name} select * from strays`,
    [starts, ends],
  )
  await tx.query(
    `alter table sync_logs attach partition ${name} for values from ('${starts}') to ('${ends}')`,
  )
  return name
}

/** False when another process has dropped it. */
async function dropPartition(tx: Queryable, name: string): Promise<boolean> {
  const [found] = await tx.query<{ there: boolean }>('select to_regclass($1) is not null as there', [name])
  if (!found?.there) return false
  await tx.query(`drop table ${name}`)
  return true
}

/** Jobs that ended long ago, and counts of jobs that are gone. */
async function removeJobs(db: Database, logsMs: number): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `with gone as (
       delete from sync_jobs where state in ('complete', 'failed') and finished_at < now() - $1 * interval '1 millisecond'
        returning id),
     counts as (delete from sync_job_counts c using gone where c.job_id = gone.id)
     select count(*)::int as n from gone`,
    [logsMs],
  )
  return row?.n ?? 0
}

/** Undefined when somebody holds what it needs, or is at the same work: a process that loses the lead finishes its turn. */
async function unlessLocked<T>(db: Database, work: (tx: Queryable) => Promise<T>): Promise<T | undefined> {
  try {
    return await db.transaction(async (tx) => {
      const [alone] = await tx.query<{ mine: boolean }>(
        `select pg_try_advisory_xact_lock(${LOGS_LOCK}) as mine, set_config('lock_timeout', $1, true)`,
        [`${LOCK_TIMEOUT_MS}ms`],
      )
      return alone?.mine ? work(tx) : undefined
    })
  } catch (error) {
    if (sqlState(error) === '55P03') return undefined
    throw error
  }
}
