import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { steerJob } from '#libs/db/job-actions.ts'
import { createJob, getJob } from '#libs/db/jobs.ts'
import { addProducts, openTestDatabase, syncRow, US } from '#libs/db/testing.ts'
import { tryLead } from '#libs/db/wake.ts'
import type { EventLog, NewRecord } from '#libs/event-log/port.ts'
import { createPostgresEventLog, migrateEventLog } from '#libs/event-log/postgres.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { createLocalCodec } from '#schemas/codec.ts'
import type { SyncRequest } from '#schemas/generated/sync-request.ts'
import { SYNC_REQUESTS, topics } from '#schemas/topics.ts'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { leadProductChange } from './product-change.ts'

describeWith(['postgres'], 'the active product-change', () => {
  let database: TestDatabase
  let db: Database
  let log: EventLog
  const codec = createLocalCodec()
  const leading: { readonly stop: AbortController; readonly ended: Promise<void> }[] = []
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    await migrateEventLog(database.url)
    log = createPostgresEventLog({ connectionString: database.url })
    await log.admin.createTopics(topics)
  })
  afterEach(async () => {
    for (const { stop, ended } of leading.splice(0)) {
      stop.abort()
      await ended
    }
    await log.close()
    await db.close()
    await database.drop()
  })

  /** Leads on a pool of its own, as a process of its own would; `append` stands between it and the log. */
  const lead = async (append: EventLog['append'] = (records) => log.append(records), more = {}) => {
    const own = await openDatabase({ url: database.url, poolSize: 4 })
    const leadership = await waitFor(async () => (await tryLead(own)) ?? undefined, { what: 'the lead' })
    const stop = new AbortController()
    const work = leadProductChange(
      {
        db: own,
        log: { ...log, append },
        codec,
        config: loadConfig({ SYNC_SCHEDULE: 'off', ...more }),
        logger: createLogger({ level: 'silent', service: 'test' }),
        metrics: createMetrics(),
      },
      leadership,
      stop.signal,
    )
    const ended = work.finally(async () => {
      await leadership.release()
      await own.close()
    })
    leading.push({ stop, ended })
    return { stop, ended }
  }
  const appended: SyncRequest[] = []
  const keep = async (records: readonly NewRecord[]): Promise<void> => {
    for (const { value } of records) {
      if (value) appended.push((await codec.decode(SYNC_REQUESTS, value)) as SyncRequest)
    }
    await log.append(records)
  }
  beforeEach(() => void appended.splice(0))
  const queued = async (): Promise<number> =>
    (await db.query<{ n: number }>(`select count(*)::int as n from product_syncs where state = 'queued'`))[0]
      ?.n ?? 0

  it('keeps no more in flight than it may, also when that is less than a batch', async () => {
    await addProducts(db, 100)
    await lead(keep, { MAX_QUEUED: '30', CLAIM_BATCH: '1000' })
    await waitFor(async () => (await queued()) === 30, { what: 'a full queue' })
    await db.query(`update product_syncs set state = 'success' where state = 'queued'`)
    // Appended comes before the commit that marks them.
    await waitFor(async () => appended.length >= 60 && (await queued()) === 30, { what: 'the next thirty' })
    expect(appended).toHaveLength(60)
  })

  it('is not stopped by a title of 5 MB', async () => {
    await addProducts(db, 2)
    await db.query(`update products set title = repeat('ü', 2500000) where sku = 'S1'`)
    await lead(keep)
    await waitFor(async () => (await queued()) === 2, { what: 'both products' })
    expect(appended.map((request) => request.title?.length).sort((a, b) => Number(a) - Number(b))).toEqual([
      9, 1_000,
    ])
  })

  it('is stopped neither by a job that can not be expanded nor by a product that somebody holds', async () => {
    await addProducts(db, 3)
    const bad = await createJob(db, { filter: {}, marketplaces: ['NOWHERE'], requestedBy: 'test' })
    const held = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await db.transaction(async (tx) => {
      await tx.query(`update products set title = 'held' where sku = 'S1'`)
      await lead(keep)
      await waitFor(async () => (await queued()) === 2, { what: 'the products that nobody holds' })
    })
    await waitFor(async () => (await getJob(db, held))?.expanded, { what: 'the job to be expanded' })
    expect(await getJob(db, bad)).toMatchObject({ state: 'failed' })
    await waitFor(async () => (await queued()) === 3, { what: 'the product that was held' })
  })

  it('holds what is paused, goes on with it when it is resumed, and gives back what is cancelled', async () => {
    await addProducts(db, 60)
    await db.query(`update product_syncs set state = 'success'`)
    const id = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await lead(keep, { MAX_QUEUED: '20' })
    await waitFor(async () => (await queued()) === 20, { what: 'a full queue' })
    await steerJob(db, id, 'pause')
    const held = async () =>
      (
        await db.query(
          `select 1 from product_syncs where state = 'pending' and next_attempt_at > '9000-01-01'`,
        )
      ).length
    await db.query(`update product_syncs set state = 'not_found' where state = 'queued'`)
    await waitFor(async () => (await held()) === 40, { what: 'the rest to be held' })
    expect(appended).toHaveLength(20)
    await steerJob(db, id, 'resume')
    await waitFor(async () => (await queued()) === 20, { what: 'the next ones' })
    await steerJob(db, id, 'cancel')
    const job = await waitFor(
      async () => {
        const now = await getJob(db, id)
        return now?.state === 'cancelled' ? now : null
      },
      { what: 'the end of the job' },
    )
    expect(job).toMatchObject({ total: 60, outcomes: { not_found: 20, cancelled: 40 } })
    expect(job.lastEvent).toBeGreaterThanOrEqual(6)
    const states = await db.query(
      'select state, count(*)::int as n from product_syncs group by state order by state',
    )
    expect(states).toEqual([
      { state: 'not_found', n: 20 },
      { state: 'success', n: 40 },
    ])
  })

  it('gives way to another when its lock is lost in the middle of a claim, and no product is asked for twice', async () => {
    await addProducts(db, 20)
    const inAppend = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const first = await lead(async (records) => {
      inAppend.resolve()
      await goOn.promise
      await keep(records)
    })
    await inAppend.promise
    await db.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
          and database = (select oid from pg_database where datname = current_database())`,
    )
    await lead(keep)
    goOn.resolve()
    await first.ended
    expect(await queued()).toBe(20)
    expect(new Set(appended.map((request) => request.productId)).size).toBe(20)
    expect(appended).toHaveLength(20)
  })

  it('asks again, under the same attempt, for what was appended and not marked', async () => {
    await addProducts(db, 1)
    let crashed = false
    const first = await lead(async (records) => {
      await keep(records)
      crashed = true
      throw new Error('killed between append and commit')
    })
    await expect(first.ended).rejects.toThrow('killed')
    leading.splice(0)
    expect(crashed).toBe(true)
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'pending', attempt: 0 })
    await lead(keep)
    await waitFor(async () => (await queued()) === 1, { what: 'the second claim' })
    expect(appended.map((request) => request.attempt)).toEqual([1, 1])
  })
})
