import type { Database, Queryable } from './database.ts'
import { sqlState } from './errors.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** Partitions that the kept time is spread over: what is dropped too late is at most one of them. */
const PARTITIONS = 12
/** How long before the last partition ends the next one is made: they are looked after once a minute. */
const AHEAD_MS = 5 * MINUTE_MS
/** How long a change of the partitions waits for those who read or write the table, who wait for it in turn. */
const LOCK_TIMEOUT_MS = 500

/** A table in partitions by time, with a default one named `<name>_default`. */
export interface PartitionedTable {
  readonly name: string
  /** The column of the partitions, not null. */
  readonly column: string
  /** Advisory lock of whoever changes the partitions. */
  readonly lock: number
}

/** What `keepPartitions` did. */
export interface KeptPartitions {
  readonly created: readonly string[]
  readonly dropped: readonly string[]
}

/**
 * Keeps a table from growing for ever: makes the partition that the next rows fall into, and drops those whose rows are
 * all older than `keptMs`. Whatever somebody locks is left to the next call. Call it before rows are written, and once a
 * minute.
 */
export async function keepPartitions(
  db: Database,
  table: PartitionedTable,
  keptMs: number,
): Promise<KeptPartitions> {
  const created: string[] = []
  const dropped: string[] = []
  const spanMs = Math.min(7 * DAY_MS, Math.max(MINUTE_MS, keptMs / PARTITIONS))
  const partitions = await partitionsOf(db, table, keptMs)
  if (endsSoon(partitions)) {
    const name = await unlessLocked(db, table, async (tx) =>
      // Looked at again: another process may have made it before this one had the lock.
      endsSoon(await partitionsOf(tx, table, keptMs)) ? createPartition(tx, table, spanMs) : undefined,
    )
    if (name) created.push(name)
  }
  for (const { name } of partitions.filter((partition) => partition.old)) {
    if (await unlessLocked(db, table, (tx) => dropPartition(tx, name))) dropped.push(name)
  }
  await unlessLocked(db, table, (tx) =>
    tx.query(
      `delete from ${table.name}_default where ${table.column} < now() - $1 * interval '1 millisecond'`,
      [keptMs],
    ),
  )
  return { created, dropped }
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
async function partitionsOf(
  db: Queryable,
  { name }: PartitionedTable,
  keptMs: number,
): Promise<readonly Partition[]> {
  return db.query<Partition>(
    `select name, extract(epoch from ends - now())::float8 * 1000 as "endsInMs",
            ends < now() - $1 * interval '1 millisecond' as old
       from (select c.oid::regclass::text as name, ${boundSql} as ends
               from pg_inherits i join pg_class c on c.oid = i.inhrelid
              where i.inhparent = $2::regclass) p
      where ends is not null order by ends`,
    [keptMs, name],
  )
}

/**
 * The partition after the last one, to `spanMs` past now: a standstill of weeks makes one, not many. It is filled from the
 * default partition and then attached, which locks nobody out of the others.
 */
async function createPartition(tx: Queryable, table: PartitionedTable, spanMs: number): Promise<string> {
  const [next] = await tx.query<{ name: string; starts: string; ends: string }>(
    `select $3 || '_' || to_char(starts at time zone 'UTC', 'YYYYMMDDHH24MISS') as name, starts::text,
            (greatest(starts, now() + $2 * interval '1 millisecond') + $1 * interval '1 millisecond')::text as ends
       from (select coalesce(max(${boundSql}), date_trunc('hour', now())) as starts
               from pg_inherits i join pg_class c on c.oid = i.inhrelid
              where i.inhparent = $3::regclass) last`,
    [spanMs, AHEAD_MS, table.name],
  )
  if (!next) throw new Error(`${table.name} is not there`)
  const { name, starts, ends } = next
  await tx.query(`create table ${name} (like ${table.name} including defaults including constraints)`)
  await tx.query(
    `with strays as (delete from ${table.name}_default
                      where ${table.column} >= $1::timestamptz and ${table.column} < $2::timestamptz
                     returning *)
     insert into ${name} select * from strays`,
    [starts, ends],
  )
  await tx.query(
    `alter table ${table.name} attach partition ${name} for values from ('${starts}') to ('${ends}')`,
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

/** Undefined when somebody holds what it needs, or is at the same work: a process that loses the lead finishes its turn. */
export async function unlessLocked<T>(
  db: Database,
  { lock }: Pick<PartitionedTable, 'lock'>,
  work: (tx: Queryable) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await db.transaction(async (tx) => {
      const [alone] = await tx.query<{ mine: boolean }>(
        `select pg_try_advisory_xact_lock(${lock}) as mine, set_config('lock_timeout', $1, true)`,
        [`${LOCK_TIMEOUT_MS}ms`],
      )
      return alone?.mine ? work(tx) : undefined
    })
  } catch (error) {
    if (sqlState(error) === '55P03') return undefined
    throw error
  }
}
