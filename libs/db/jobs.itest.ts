import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type ClaimedProduct, claimDue } from './claims.ts'
import type { Database } from './database.ts'
import { foldCounts } from './job-counts.ts'
import { expandNextJob } from './job-expansion.ts'
import { endJobs } from './job-progress.ts'
import { createJob, getJob, listJobs } from './jobs.ts'
import { applyOutcomes } from './outcomes.ts'
import { addProducts, CA, openTestDatabase, outcome, syncRow, US } from './testing.ts'

describeWith(['postgres'], 'jobs', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url, ['US', 'CA'])
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  const expandAll = async (batch: number): Promise<void> => {
    while (await expandNextJob(db, batch)) {}
  }
  const settle = async (limit = 1_000): Promise<void> => {
    const claimed: ClaimedProduct[] = []
    await claimDue(db, { limit, queuedTimeoutMs: 60_000 }, async (rows) => void claimed.push(...rows))
    await db.transaction((tx) =>
      applyOutcomes(
        tx,
        claimed.map((claim) => outcome(claim)),
        () => ({ state: 'success', failures: 0, retryInMs: null }),
      ),
    )
  }
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((a, b) => a + b, 0)

  it('takes in the products that the filter means, in batches, and completes when each has an outcome', async () => {
    await addProducts(db, 7, { supplier: 'Acme' })
    await db.query(`insert into products (sku, upc, supplier) values ('other', '1', 'Other')`)
    await settle()
    const id = await createJob(db, {
      filter: { supplier: ['Acme'] },
      marketplaces: [US],
      requestedBy: 'test',
    })
    await expandAll(3)
    expect(await getJob(db, id)).toMatchObject({ state: 'running', expanded: true, total: 7, outcomes: {} })
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'pending', job_id: id })
    expect(await syncRow(db, 'S1', CA)).toMatchObject({ state: 'success' })
    expect(await syncRow(db, 'other')).toMatchObject({ state: 'success' })
    expect(await endJobs(db)).toEqual([])
    await settle()
    expect(await endJobs(db)).toEqual([id])
    expect(await getJob(db, id)).toMatchObject({ state: 'complete', outcomes: { success: 7 } })
  })

  it('stays exact when a newer job takes over, products are deleted, and codes change', async () => {
    await addProducts(db, 10)
    const first = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await expandAll(100)
    await settle(6)
    const second = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await expandAll(100)
    await db.query(`delete from products where sku = 'S10'`)
    await db.query(`update products set upc = 'changed' where sku = 'S9'`)
    while ((await db.query(`select 1 from product_syncs where state in ('pending', 'queued')`)).length > 0)
      await settle()
    await foldCounts(db)
    expect(new Set(await endJobs(db))).toEqual(new Set([first, second]))
    for (const id of [first, second]) {
      const job = await getJob(db, id)
      expect(job?.total).toBe(10)
      expect(sum(job?.outcomes ?? {})).toBe(10)
    }
    expect((await getJob(db, second))?.outcomes).toMatchObject({ deleted: 1 })
    expect((await getJob(db, first))?.outcomes.superseded).toBeGreaterThan(0)
  })

  it('counts a product as it is that was synced between the making of the job and its turn', async () => {
    await addProducts(db, 5)
    await settle(2)
    const id = await createJob(db, { filter: {}, marketplaces: [US, CA], requestedBy: 'test' })
    await settle(4)
    const attempts = async (): Promise<number> =>
      (await db.query<{ n: number }>('select sum(attempt)::int as n from product_syncs'))[0]?.n ?? 0
    expect(await attempts()).toBe(6)
    await expandAll(3)
    expect(await getJob(db, id)).toMatchObject({ total: 10, outcomes: { success: 4 } })
    await settle()
    // The two from before the job once more, the others once.
    expect(await attempts()).toBe(12)
    expect(await endJobs(db)).toEqual([id])
    expect((await getJob(db, id))?.outcomes).toEqual({ success: 10 })
  })

  it('asks again for a product whose attempts have failed since the job was made', async () => {
    await addProducts(db, 1)
    const id = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await settle(2)
    await db.query(`update product_syncs set state = 'error', failures = 5`)
    await expandAll(3)
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'pending', failures: 0, job_id: id })
  })

  it('completes a job that means no product', async () => {
    const id = await createJob(db, { filter: { sku: ['none'] }, marketplaces: [US], requestedBy: 'test' })
    await expandAll(10)
    expect(await endJobs(db)).toEqual([id])
    expect(await listJobs(db, { limit: 10 })).toMatchObject([{ id, state: 'complete', total: 0 }])
  })

  it('counts states exactly, folded or not', async () => {
    await addProducts(db, 5)
    const counts = async () =>
      db.query(
        `select marketplace_id, state, sum(n)::int as n from sync_state_counts group by 1, 2 having sum(n) <> 0 order by 1, 2`,
      )
    const truth = async () =>
      db.query(
        'select marketplace_id, state, count(*)::int as n from product_syncs group by 1, 2 order by 1, 2',
      )
    const rows = async () =>
      (await db.query<{ n: number }>('select count(*)::int as n from sync_state_counts'))[0]?.n ?? 0
    await settle(3)
    expect(await counts()).toEqual(await truth())
    await foldCounts(db)
    expect(await rows()).toBeGreaterThan(4)
    for (let i = 0; i < 110; i++) {
      await db.query(`update product_syncs set state = $1 where marketplace_id = $2`, [
        i % 2 ? 'error' : 'success',
        US,
      ])
    }
    expect(await rows()).toBeGreaterThan(200)
    await foldCounts(db)
    expect(await rows()).toBeLessThan(20)
    expect(await counts()).toEqual(await truth())
    await db.query(`delete from products where sku = 'S2'`)
    expect(await counts()).toEqual(await truth())
  })
})
