import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type ClaimedProduct, claimDue } from './claims.ts'
import type { Database } from './database.ts'
import { createJob, expandNextJob, getJob } from './jobs.ts'
import { applyOutcomes } from './outcomes.ts'
import { keepLogs } from './retention.ts'
import { addProducts, openTestDatabase, outcome, productId, US } from './testing.ts'

const HOUR_MS = 3_600_000

describeWith(['postgres'], 'the log of attempts', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  const count = async (table: string): Promise<number> =>
    (await db.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n ?? 0
  const log = (id: string, attempt: number, hoursAgo: number) =>
    db.query(
      `insert into sync_logs (product_id, marketplace_id, attempt, queued_at, occurred_at, result)
         select $1, $2, $3, at, at, 'success' from (select now() - $4 * interval '1 hour' as at) t`,
      [id, US, attempt, hoursAgo],
    )
  const claim = async (): Promise<ClaimedProduct> => {
    const claimed: ClaimedProduct[] = []
    await claimDue(db, { limit: 1, queuedTimeoutMs: 60_000 }, async (rows) => void claimed.push(...rows))
    return claimed[0]!
  }
  const apply = (claimed: ClaimedProduct) =>
    db.transaction((tx) =>
      applyOutcomes(tx, [outcome(claimed)], () => ({ state: 'success', failures: 0, retryInMs: null })),
    )

  /** As though the partition that the migration made ended then; what lies after that is moved to the default one. */
  const endPartition = async (hours: number): Promise<string> => {
    const [partition] = await db.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits
        where inhparent = 'sync_logs'::regclass and inhrelid <> 'sync_logs_default'::regclass`,
    )
    const name = partition!.name
    const end = new Date(Date.now() + hours * HOUR_MS).toISOString()
    await db.query(`alter table sync_logs detach partition ${name}`)
    await db.query(
      `with moved as (delete from ${name} where queued_at >= $1 returning *)
       insert into sync_logs_default select * from moved`,
      [end],
    )
    await db.query(`alter table sync_logs attach partition ${name} for values from (minvalue) to ('${end}')`)
    return name
  }
  const nothing = { created: [], dropped: [], jobs: 0 }

  it('makes the next partition shortly before the last one ends, and one only', async () => {
    await endPartition(1)
    expect(await keepLogs(db, { logsMs: 12 * HOUR_MS })).toEqual(nothing)
    await endPartition(1 / 60)
    expect((await keepLogs(db, { logsMs: 12 * HOUR_MS })).created).toHaveLength(1)
    expect(await keepLogs(db, { logsMs: 12 * HOUR_MS })).toEqual(nothing)
  })

  it('gives way to another process that does the same at the same time', async () => {
    // Whoever loses the lead finishes its turn while the next one begins.
    for (let i = 0; i < 5; i++) {
      for (const { name } of await db.query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits
          where inhparent = 'sync_logs'::regclass and inhrelid <> 'sync_logs_default'::regclass`,
      ))
        await db.query(`drop table ${name}`)
      await db.query(`create table sync_logs_old_${i} partition of sync_logs
        for values from ('2020-01-01') to ('2020-01-0${i + 2}')`)
      const together = await Promise.all([1, 2, 3, 4].map(() => keepLogs(db, { logsMs: 12 * HOUR_MS })))
      // What each of them left to the others.
      const kept = [...together, await keepLogs(db, { logsMs: 12 * HOUR_MS })]
      expect(kept.flatMap(({ dropped }) => dropped)).toEqual([`sync_logs_old_${i}`])
      expect(kept.flatMap(({ created }) => created)).toHaveLength(1)
    }
  })

  it('drops partitions that ended before the retention', async () => {
    await addProducts(db, 1)
    const id = await productId(db, 'S1')
    await log(id, 1, 30)
    await log(id, 2, 0)
    const name = await endPartition(-24)
    expect((await keepLogs(db, { logsMs: 12 * HOUR_MS })).dropped).toEqual([name])
    expect(await db.query('select attempt from sync_logs')).toEqual([{ attempt: 2 }])
  })

  it('takes rows in that were claimed when there was no partition for them', async () => {
    await addProducts(db, 1)
    const id = await productId(db, 'S1')
    await endPartition(1 / 60)
    await log(id, 1, -3)
    expect(await count('sync_logs_default')).toBe(1)
    await keepLogs(db, { logsMs: 120 * HOUR_MS })
    expect(await count('sync_logs_default')).toBe(0)
    expect(await count('sync_logs')).toBe(1)
  })

  it('forgets what is older than the retention and in no partition', async () => {
    await addProducts(db, 1)
    const id = await productId(db, 'S1')
    const [all] = await db.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits
        where inhparent = 'sync_logs'::regclass and inhrelid <> 'sync_logs_default'::regclass`,
    )
    await db.query(`drop table ${all!.name}`)
    await log(id, 1, 25)
    await log(id, 2, 23)
    expect(await count('sync_logs_default')).toBe(2)
    await keepLogs(db, { logsMs: 24 * HOUR_MS })
    expect(await db.query('select attempt from sync_logs')).toEqual([{ attempt: 2 }])
  })

  it('leaves to the next call what somebody who reads the log holds up', async () => {
    await endPartition(1 / 60)
    await db.transaction(async (tx) => {
      await tx.query('select count(*) from sync_logs')
      expect(await keepLogs(db, { logsMs: 1_200 * HOUR_MS })).toMatchObject({ created: [] })
    })
    expect((await keepLogs(db, { logsMs: 1_200 * HOUR_MS })).created).toHaveLength(1)
  })

  it('has no second row for an attempt, though the fence were down', async () => {
    await addProducts(db, 1)
    const claimed = await claim()
    expect(await apply(claimed)).toHaveLength(1)
    await db.query(`update product_syncs set state = 'queued'`)
    await expect(apply(claimed)).rejects.toThrow(/duplicate key.*sync_logs/)
    expect(await count('sync_logs')).toBe(1)
  })

  it('removes jobs that ended long ago, with their counts, and no others', async () => {
    await addProducts(db, 1)
    const [old, recent] = await Promise.all(
      [1, 2].map(() => createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })),
    )
    while (await expandNextJob(db, 10)) {}
    await apply(await claim())
    await db.query(
      `update sync_jobs set state = 'complete', finished_at = now() - case when id = $1 then interval '2 days' else '1 hour' end`,
      [old],
    )
    expect((await keepLogs(db, { logsMs: 24 * HOUR_MS })).jobs).toBe(1)
    expect(await getJob(db, old!)).toBeNull()
    expect(await getJob(db, recent!)).not.toBeNull()
    expect(await db.query('select distinct job_id from sync_job_counts')).toEqual([{ job_id: recent }])
  })
})
