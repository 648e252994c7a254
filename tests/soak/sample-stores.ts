import type { Redis } from 'ioredis'
import type { Database } from '#libs/db/database.ts'
import type { EventLog } from '#libs/event-log/port.ts'
import type { Values } from './series.ts'

const MB = 2 ** 20
/** What somebody changes has this long to become final before it is counted. */
const SETTLE_SECONDS = 30
const WINDOW_SECONDS = 60

/** Sizes, dead rows and connections of PostgreSQL, and what the audit saw of the last minute. */
export async function samplePostgres(db: Database): Promise<Values> {
  const values: Record<string, number> = {}
  const tables = await db.query<{ name: string; heap: string; indexes: string; dead: string; rows: string }>(
    tableSql,
  )
  for (const { name, heap, indexes, dead, rows } of tables) {
    values[`table/${name}`] = Number(heap) / MB
    values[`index/${name}`] = Number(indexes) / MB
    values[`dead/${name}`] = Number(dead)
    values[`rows/${name}`] = Number(rows)
  }
  const connections = await db.query<{ name: string; n: number }>(
    `select application_name as name, count(*)::int as n from pg_stat_activity
      where datname = current_database() and application_name like 'asinstream-%' group by 1`,
  )
  for (const { name, n } of connections) values[`connections/${name.replace('asinstream-', '')}`] = n
  const [flow] = await db.query<Record<string, number | null>>(flowSql)
  for (const [name, value] of Object.entries(flow ?? {})) if (value !== null) values[name] = Number(value)
  return values
}

// A partition counts with its parent: what is dropped and made anew is one series.
const tableSql = `
  select coalesce(i.inhparent::regclass::text, c.relname) as name, sum(pg_table_size(c.oid)) as heap,
         sum(pg_indexes_size(c.oid)) as indexes, sum(coalesce(s.n_dead_tup, 0)) as dead,
         sum(coalesce(s.n_live_tup, 0)) as rows
    from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_stat_user_tables s on s.relid = c.oid
   where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace group by 1`

const flowSql = `
  select (select count(*) / ${WINDOW_SECONDS}.0 from fault_audit
           where kind = 'outcome' and at > now() - interval '${WINDOW_SECONDS} s') as "speed/products a second",
         (select coalesce(sum(n), 0) from sync_state_counts where state = 'pending') as "backlog/pending",
         (select coalesce(sum(n), 0) from sync_state_counts where state = 'queued') as "backlog/queued",
         l.p50 as "latency/p50", l.p99 as "latency/p99"
    from (select percentile_cont(0.5) within group (order by seconds) as p50,
                 percentile_cont(0.99) within group (order by seconds) as p99
            from (select extract(epoch from coalesce(
                           (select min(o.at) from fault_audit o
                             where o.product_id = c.product_id and o.kind = 'outcome' and o.at > c.at), now()) - c.at) as seconds
                    from fault_audit c
                   where c.kind = 'change' and c.at < now() - interval '${SETTLE_SECONDS} s'
                     and c.at > now() - interval '${SETTLE_SECONDS + WINDOW_SECONDS} s') waits) l`

/** Where each group reads which topic. */
export interface Reading {
  readonly group: string
  readonly topic: string
}

/** Records that a group has not committed, and records ever appended, by topic. */
export async function sampleLog(log: EventLog, readings: readonly Reading[]): Promise<Values> {
  const values: Record<string, number> = {}
  for (const { group, topic } of readings) {
    const ends = await log.admin.endOffsets(topic)
    const committed = await log.admin.committedOffsets(group, topic)
    let [lag, records] = [0n, 0n]
    for (const [partition, end] of ends) {
      records += end
      lag += end - (committed.get(partition) ?? 0n)
    }
    values[`lag/${group}`] = Number(lag)
    values[`records/${topic}`] = Number(records)
  }
  return values
}

/** Memory that Redis uses for what it keeps, and how many keys that are. */
export async function sampleRedis(redis: Redis): Promise<Values> {
  const used = /used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]
  if (used === undefined) throw new Error('Redis does not say how much memory it uses')
  return { 'redis/memory MB': Number(used) / MB, 'keys/redis': await redis.dbsize() }
}
