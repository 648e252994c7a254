import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { claimDue } from './claims.ts'
import type { Database } from './database.ts'
import { expandNextJob } from './job-expansion.ts'
import { endJobs } from './job-progress.ts'
import { createJob, getJob } from './jobs.ts'
import { applyOutcomes } from './outcomes.ts'
import { addProducts, openTestDatabase, outcome, syncRow, US } from './testing.ts'

describeWith(['postgres'], 'jobs that can not go on', () => {
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

  const expandAll = async (): Promise<void> => {
    for (let i = 0; i < 20 && (await expandNextJob(db, 2)) !== false; i++) {}
  }
  const insertJob = async (filter: unknown, marketplaces = [US]): Promise<string> => {
    const [row] = await db.query<{ id: string }>(
      `insert into sync_jobs (filter, marketplaces, requested_by) values ($1, $2, 'sql') returning id`,
      [JSON.stringify(filter), marketplaces],
    )
    return row?.id ?? ''
  }

  it.each([
    [
      'a time that PostgreSQL has not',
      { notSyncedSince: '0000-01-01T00:00:00Z' },
      [US],
      /notSyncedSince|date/i,
    ],
    ['a filter of another shape', { supplier: { is: 'Acme' } }, [US], /supplier/],
    ['a filter that is none', 'everything', [US], /filter/],
    ['a marketplace that is not there', {}, ['NOWHERE'], /NOWHERE/],
  ])('fails a job with %s, and the next one goes on', async (_, filter, marketplaces, message) => {
    await addProducts(db, 3)
    const bad = await insertJob(filter, marketplaces)
    const good = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await expandAll()
    const failed = await getJob(db, bad)
    expect(failed).toMatchObject({ state: 'failed', error: expect.stringMatching(message) })
    expect(failed?.finishedAt).not.toBeNull()
    expect(await getJob(db, good)).toMatchObject({ state: 'running', expanded: true, total: 3 })
  })

  it('does not wait for a product that somebody holds; takes it in when it is free', async () => {
    await addProducts(db, 3)
    const id = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await db.transaction(async (tx) => {
      await tx.query(`update products set title = 'held' where sku = 'S2'`)
      await expandAll()
      expect(await getJob(db, id)).toMatchObject({ expanded: false })
    })
    await expandAll()
    expect(await getJob(db, id)).toMatchObject({ expanded: true, total: 3 })
  })

  it('keeps its sum when somebody makes a finished product pending by hand', async () => {
    await addProducts(db, 2)
    const id = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await expandAll()
    const settle = (limit: number) =>
      db.transaction(async (tx) => {
        const claims: Parameters<typeof outcome>[0][] = []
        await claimDue(db, { limit, queuedTimeoutMs: 60_000 }, async (rows) => void claims.push(...rows))
        await applyOutcomes(
          tx,
          claims.map((claim) => outcome(claim)),
          () => ({ state: 'success', failures: 0, retryInMs: null }),
        )
      })
    await settle(1)
    await db.query(
      `update product_syncs set state = 'pending', next_attempt_at = now() where state = 'success'`,
    )
    expect((await getJob(db, id))?.outcomes.success ?? 0).toBe(0)
    await settle(2)
    expect(await endJobs(db)).toEqual([id])
    expect(await getJob(db, id)).toMatchObject({ total: 2, outcomes: { success: 2 } })
  })

  it('changes 5,000 codes in one statement with a handful of count rows', async () => {
    await addProducts(db, 5_000)
    const rows = async () =>
      (await db.query<{ n: number }>('select count(*)::int as n from sync_state_counts'))[0]?.n ?? 0
    await db.query(`update product_syncs set state = 'success'`)
    const before = await rows()
    await db.query(`update products set upc = 'x' || upc`)
    expect((await rows()) - before).toBeLessThan(10)
    expect(await syncRow(db, 'S7')).toMatchObject({ state: 'pending', attempt: 1, due: true })
  })

  it('counts a catalogue that was truncated as empty', async () => {
    await addProducts(db, 3)
    const id = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await expandAll()
    await db.query('truncate products cascade')
    const [counted] = await db.query('select coalesce(sum(n), 0)::int as n from sync_state_counts')
    expect(counted).toEqual({ n: 0 })
    expect(await endJobs(db)).toEqual([id])
    expect(await getJob(db, id)).toMatchObject({ total: 3, outcomes: { deleted: 3 } })
  })
})
