import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type ClaimedProduct, claimDue, countQueued } from './claims.ts'
import type { Database } from './database.ts'
import { expandNextJob } from './job-expansion.ts'
import { endJobs } from './job-progress.ts'
import { createJob, getJob } from './jobs.ts'
import { backfillMarketplaces, enableMarketplaces } from './marketplaces.ts'
import { applyOutcomes } from './outcomes.ts'
import { addProducts, CA, openTestDatabase, outcome, syncRow, US } from './testing.ts'

describeWith(['postgres'], 'marketplaces that come and go', () => {
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

  const us = { countryCode: 'US', marketplaceId: US }
  const ca = { countryCode: 'CA', marketplaceId: CA }
  const claim = async (): Promise<ClaimedProduct[]> => {
    const all: ClaimedProduct[] = []
    // The first claim parks what is due in a disabled marketplace, and tells that it did something.
    while (
      (await claimDue(
        db,
        { limit: 100, queuedTimeoutMs: 60_000 },
        async (claimed) => void all.push(...claimed),
      )) > 0
    ) {}
    return all
  }
  const settle = async (claims: readonly ClaimedProduct[], retryInMs: number | null = null) =>
    db.transaction((tx) =>
      applyOutcomes(
        tx,
        claims.map((claimed) => outcome(claimed)),
        () => ({ state: retryInMs === null ? 'success' : 'pending', failures: 0, retryInMs }),
      ),
    )

  it('claims nothing of a disabled marketplace, and all of it when it is enabled again', async () => {
    await addProducts(db, 3)
    await enableMarketplaces(db, [us])
    expect((await claim()).map((claimed) => claimed.marketplaceId)).toEqual([US, US, US])
    expect(await syncRow(db, 'S1', CA)).toMatchObject({ state: 'pending', attempt: 0, due: false })
    await enableMarketplaces(db, [us, ca])
    expect((await claim()).map((claimed) => claimed.marketplaceId)).toEqual([CA, CA, CA])
  })

  it('parks a retry of a marketplace that was disabled while the request was under way', async () => {
    await addProducts(db, 1)
    const claims = await claim()
    await enableMarketplaces(db, [us])
    await settle(claims, 0)
    expect((await claim()).map((claimed) => claimed.marketplaceId)).toEqual([US])
    expect(await syncRow(db, 'S1', CA)).toMatchObject({ state: 'pending', due: false })
  })

  it('keeps room in the queue when requests of a disabled marketplace are lost', async () => {
    await addProducts(db, 4)
    await claim()
    await enableMarketplaces(db, [us])
    await db.query(`update product_syncs set next_attempt_at = now() where marketplace_id = $1`, [CA])
    await claim()
    expect(await countQueued(db)).toBe(4)
  })

  it('asks again for a code that changed while its marketplace was disabled', async () => {
    await addProducts(db, 1)
    const claims = await claim()
    await settle(claims)
    await enableMarketplaces(db, [us])
    await db.query(`update products set upc = '4006381333931'`)
    await enableMarketplaces(db, [us, ca])
    const again = await claim()
    expect(new Set(again.map((claimed) => claimed.marketplaceId))).toEqual(new Set([CA, US]))
    expect(again.every((claimed) => claimed.upc === '4006381333931')).toBe(true)
  })

  it('does not take the answer for an old code in a disabled marketplace', async () => {
    await addProducts(db, 1)
    const claims = await claim()
    await enableMarketplaces(db, [us])
    await db.query(`update products set upc = '4006381333931'`)
    expect(await settle(claims)).toEqual([])
  })

  it('completes a job whose marketplace is disabled half-way, and says what became of its products', async () => {
    await addProducts(db, 2)
    const id = await createJob(db, { filter: {}, marketplaces: [US, CA], requestedBy: 'test' })
    await enableMarketplaces(db, [us])
    while (await expandNextJob(db, 100)) {}
    await settle(await claim())
    expect(await endJobs(db)).toEqual([id])
    expect(await getJob(db, id)).toMatchObject({ total: 4, outcomes: { success: 2, superseded: 2 } })
  })

  it('sums a product up without what is parked', async () => {
    await addProducts(db, 1)
    await enableMarketplaces(db, [us])
    await settle(await claim())
    expect(await syncRow(db, 'S1', US)).toMatchObject({ state: 'success', sync_status: 'success' })
    await enableMarketplaces(db, [us, ca])
    expect(await syncRow(db, 'S1', CA)).toMatchObject({ state: 'pending', sync_status: 'pending' })
  })

  it('gives a product whose insertion was under way its row in a new marketplace', async () => {
    await enableMarketplaces(db, [us])
    await db.transaction(async (tx) => {
      await tx.query(`insert into products (sku, upc) values ('late', '1')`)
      await enableMarketplaces(db, [us, ca])
      expect(await backfillMarketplaces(db, 10)).toBe(0)
    })
    expect(await backfillMarketplaces(db, 10)).toBe(1)
    expect(await syncRow(db, 'late', CA)).toMatchObject({ state: 'pending', due: true })
    expect(await backfillMarketplaces(db, 10)).toBe(0)
  })

  it('adds rows while a product is locked, without waiting for it', async () => {
    await addProducts(db, 3)
    await db.query('delete from product_syncs where marketplace_id = $1', [CA])
    await db.transaction(async (tx) => {
      await tx.query(`update products set title = 'held' where sku = 'S2'`)
      expect(await backfillMarketplaces(db, 2)).toBe(2)
    })
    expect(await backfillMarketplaces(db, 2)).toBe(1)
  })
})
