import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { claimDue } from './claims.ts'
import { type Database, openDatabase } from './database.ts'
import { dropStrayCounts } from './job-counts.ts'
import { expandNextJob } from './job-expansion.ts'
import { endJobs, readEvents, recordProgress, thinProgress } from './job-progress.ts'
import { createJob, getJob, listJobs } from './jobs.ts'
import { enableMarketplaces } from './marketplaces.ts'
import { migrate } from './migrate.ts'
import { applyOutcomes } from './outcomes.ts'
import { addProducts, CA, openTestDatabase, outcome, US } from './testing.ts'

describeWith(['postgres'], 'progress of jobs', () => {
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

  const start = async (marketplaces = [US]): Promise<string> => {
    const id = await createJob(db, { filter: {}, marketplaces, requestedBy: 'test' })
    while (await expandNextJob(db, 1_000)) {}
    return id
  }
  const settle = async (limit: number): Promise<void> => {
    await claimDue(db, { limit, queuedTimeoutMs: 60_000 }, async (claims) => {
      await db.query('select 1')
      later = claims.map((one) => outcome(one))
    })
    await db.transaction((tx) =>
      applyOutcomes(tx, later, () => ({ state: 'success', failures: 0, retryInMs: null })),
    )
  }
  let later: ReturnType<typeof outcome>[] = []
  const events = async (id: string, after = 0) => readEvents(db, new Map([[id, after]]), 1_000)
  /** As if everything had happened so long ago. */
  const age = (seconds: number) =>
    db.query(`update sync_progress set at = at - $1 * interval '1 second'`, [seconds])

  it('is in the row and in an event each time that it has changed, and only then', async () => {
    await addProducts(db, 10)
    const id = await start()
    await recordProgress(db, () => 2)
    await settle(4)
    await recordProgress(db, () => 2)
    expect(await recordProgress(db, () => 2)).toBe(0)
    const all = await events(id)
    expect(all.map(({ event }) => event)).toEqual(['queued', 'running', 'progress', 'progress'])
    expect(all.at(-1)).toMatchObject({ id: 4, total: 10, done: 4, progress: 40, outcomes: { success: 4 } })
    expect(all.at(-1)?.message).toBe('4 of 10 have their outcome')
    expect(await events(id, 3)).toEqual(all.slice(3))
    const [row] = await db.query(
      'select total::int, done::int, progress, stage from sync_jobs where id = $1',
      [id],
    )
    expect(row).toEqual({ total: 10, done: 4, progress: 40, stage: 'syncing' })
    await settle(10)
    await endJobs(db)
    const end = (await events(id)).at(-1)
    expect(end).toMatchObject({ event: 'complete', progress: 100, done: 10, message: 'complete: 10 success' })
  })

  it('has the rate of the last minute, and the time left from what Amazon permits', async () => {
    await enableMarketplaces(db, [
      { marketplaceId: US, countryCode: 'US' },
      { marketplaceId: CA, countryCode: 'CA' },
    ])
    await addProducts(db, 30)
    await db.query('update product_syncs set next_attempt_at = $2 where marketplace_id = $1', [
      CA,
      'infinity',
    ])
    const older = await start()
    await start([CA])
    await recordProgress(db, () => null)
    await age(10)
    await settle(20)
    await recordProgress(db, (marketplaces) => (marketplaces.includes(US) ? 2 : 5))
    const job = await getJob(db, older)
    expect(job?.done).toBe(20)
    expect(job?.ratePerSecond).toBeGreaterThan(1)
    expect(job?.ratePerSecond).toBeLessThanOrEqual(2)
    expect(job?.secondsLeft).toBe(5)
    expect((await listJobs(db, { limit: 1 }))[0]?.secondsLeft).toBe(6)
  })

  it('counts what waits before it to the time left, and not what waits behind it', async () => {
    await addProducts(db, 10, { supplier: 'one' })
    const filter = (sku: string) => ({ filter: { sku: [sku] }, marketplaces: [US], requestedBy: 'test' })
    const first = await createJob(db, filter('S1'))
    while (await expandNextJob(db, 1_000)) {}
    const second = await createJob(db, filter('S2'))
    while (await expandNextJob(db, 1_000)) {}
    await recordProgress(db, () => 1)
    expect((await getJob(db, first))?.secondsLeft).toBe(9)
    expect((await getJob(db, second))?.secondsLeft).toBe(10)
  })

  it('is thinned with its age, while what a job came to stays', async () => {
    await addProducts(db, 1)
    const id = await start()
    await db.query(
      `insert into sync_progress select job_id, 3000 - n, at - n * interval '1 second', 'progress', state, stage,
              progress, total, done, outcomes, rate_per_second, seconds_left, message, error
         from sync_progress, generate_series(1, 1800) n where event = 'running'`,
    )
    const kinds = async () => (await events(id)).map(({ event }) => event)
    expect((await kinds()).length).toBe(1_000)
    expect(await thinProgress(db)).toBeGreaterThan(1_100)
    const left = await kinds()
    expect(left.length).toBeLessThan(640)
    expect(left.filter((event) => event !== 'progress')).toEqual(['queued', 'running'])
    await age(2 * 86_400)
    await thinProgress(db)
    expect((await kinds()).length).toBeLessThan(6)
    expect((await kinds()).slice(0, 2)).toEqual(['queued', 'running'])
  })

  it('goes with the job, and so do its counts', async () => {
    await addProducts(db, 3)
    const id = await start()
    await settle(100)
    await endJobs(db)
    // Made pending by hand, a product still names its last job.
    await db.query(`update product_syncs set state = 'pending'`)
    expect(await dropStrayCounts(db)).toBe(1)
    await db.query('delete from sync_jobs where id = $1', [id])
    expect(await db.query('select 1 from sync_progress')).toEqual([])
    expect(await db.query('select 1 from sync_job_counts')).toEqual([])
  })

  it('m0013 keeps what jobs came to that had ended before, and goes on with the open ones', async () => {
    const name = `${new URL(database.url).pathname.slice(1)}_before`
    await db.query(`create database ${name}`)
    const url = Object.assign(new URL(database.url), { pathname: `/${name}` }).href
    const old = await openDatabase({ url })
    try {
      await migrate(url, 'm0008-room-for-updates')
      await old.query(`insert into marketplaces (marketplace_id, country_code) values ($1, 'US')`, [US])
      await old.query(`insert into products (sku, upc) select 'S' || n, n::text from generate_series(1, 5) n`)
      const [ended, open] = (
        await old.query<{ id: string }>(
          `insert into sync_jobs (state, marketplaces, requested_by, expanded, finished_at)
             values ('complete', array[$1], 'test', true, now()), ('running', array[$1], 'test', true, null)
           returning id`,
          [US],
        )
      ).map(({ id }) => id)
      await old.query(
        `insert into sync_job_counts values ($1, 'total', 3), ($1, 'success', 2), ($1, 'success', 1)`,
        [ended],
      )
      await old.query('update product_syncs set job_id = $1', [open])
      expect(await migrate(url)).toContain('m0013-sync-jobs')
      expect(await getJob(old, ended as string)).toMatchObject({
        state: 'complete',
        total: 3,
        done: 3,
        outcomes: { success: 3 },
        progress: 100,
      })
      expect(await getJob(old, open as string)).toMatchObject({ state: 'running', total: 5, done: 0 })
      await old.query(`update product_syncs set state = 'success'`)
      expect(await endJobs(old)).toEqual([open])
      expect((await readEvents(old, new Map([[open as string, 0]]), 9)).map(({ event }) => event)).toEqual([
        'complete',
      ])
    } finally {
      await old.close()
      await db.query(`drop database ${name} with (force)`)
    }
  })
})
