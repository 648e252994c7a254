import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { type ClaimedProduct, claimDue } from './claims.ts'
import type { Database } from './database.ts'
import { applyOutcomes, type Outcome, type Transition } from './outcomes.ts'
import { addProducts, candidate, openTestDatabase, outcome, syncRow } from './testing.ts'

const settle = (): Transition => ({ state: 'success', failures: 0, retryInMs: null })

describeWith(['postgres'], 'outcomes', () => {
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

  const claimAll = async (): Promise<ClaimedProduct[]> => {
    const all: ClaimedProduct[] = []
    await claimDue(db, { limit: 100, queuedTimeoutMs: 60_000 }, async (claimed) => void all.push(...claimed))
    return all.sort((a, b) => (a.title ?? '').localeCompare(b.title ?? ''))
  }
  const apply = (outcomes: readonly Outcome[], decide: () => Transition = settle) =>
    db.transaction((tx) => applyOutcomes(tx, outcomes, decide))
  const count = async (table: string): Promise<number> =>
    Number((await db.query<{ n: string }>(`select count(*) as n from ${table}`))[0]?.n)
  const asins = async () =>
    await db.query<{ asin: string; title: string; chosen: boolean }>(
      'select asin, title, chosen from amazon_market_data order by asin',
    )

  it('drops what Amazon told of a code when the product has another one, and keeps it when anything else changes', async () => {
    await addProducts(db, 2)
    const claims = await claimAll()
    await apply(claims.map((claim, i) => outcome(claim, { candidates: [candidate(`B00000000${i}`)] })))
    await db.query(`update products set title = 'New title', upc = upc where sku = 'S1'`)
    expect(await count('amazon_market_data')).toBe(2)
    // A code that can not be looked up: no answer will ever take the old one's place.
    await db.query(`update products set upc = 'none' where sku = 'S1'`)
    expect((await asins()).map(({ asin }) => asin)).toEqual(['B000000001'])
  })

  it('records a success: state, summary, log, code, candidates', async () => {
    await addProducts(db, 1)
    const [claim] = await claimAll()
    await apply([
      outcome(claim!, {
        candidates: [candidate('B000000001', { chosen: true, salesRank: 7 }), candidate('B000000002')],
      }),
    ])
    expect(await syncRow(db, 'S1')).toMatchObject({
      state: 'success',
      sync_status: 'success',
      gtin14: '00036000291452',
    })
    expect((await syncRow(db, 'S1')).last_amazon_sync).not.toBeNull()
    expect(await asins()).toMatchObject([
      { asin: 'B000000001', chosen: true },
      { asin: 'B000000002', chosen: false },
    ])
    const [log] = await db.query('select * from sync_logs')
    expect(log).toMatchObject({
      attempt: 1,
      result: 'success',
      response_time_ms: 120,
      amazon_request_id: 'request-1',
    })
  })

  it('ignores a duplicate, a late answer and an answer for a code that has changed', async () => {
    await addProducts(db, 2)
    const [first, second] = await claimAll()
    const done = outcome(first!, { candidates: [candidate('B000000001')] })
    expect(await apply([done, done])).toHaveLength(1)
    expect(await apply([done])).toHaveLength(0)
    await db.query(`update products set upc = '4006381333931' where sku = 'S2'`)
    expect(await apply([outcome(second!)])).toHaveLength(0)
    expect(await syncRow(db, 'S2')).toMatchObject({ state: 'pending', gtin14: null })
    expect(await count('sync_logs')).toBe(1)
  })

  it('waits for the claim when the answer is sooner than its commit', async () => {
    await addProducts(db, 1)
    let applied: ReturnType<typeof apply> | undefined
    await claimDue(db, { limit: 1, queuedTimeoutMs: 60_000 }, async ([claim]) => {
      applied = apply([outcome(claim!)])
      const waiting = async () =>
        (await db.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock'`)).length > 0
      await Promise.race([applied, waitFor(waiting, { what: 'the outcome to wait for the claim' })])
    })
    expect(await applied).toHaveLength(1)
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'success', attempt: 1 })
  })

  it('keeps going when a product has been deleted meanwhile', async () => {
    await addProducts(db, 2)
    const [first, second] = await claimAll()
    await db.query(`delete from products where sku = 'S1'`)
    expect(
      await apply([outcome(first!, { candidates: [candidate('B000000001')] }), outcome(second!)]),
    ).toHaveLength(1)
    expect(await asins()).toEqual([])
  })

  it('keeps the candidates of the latest answer only, and leaves them alone when Amazon did not answer', async () => {
    await addProducts(db, 1)
    const [claim] = await claimAll()
    const at = Date.now()
    await apply([
      outcome(claim!, { observedAt: at, candidates: [candidate('B000000001'), candidate('B000000002')] }),
    ])
    const again = async (): Promise<ClaimedProduct> => {
      await db.query(`update product_syncs set state = 'pending', next_attempt_at = now()`)
      return (await claimAll())[0]!
    }
    await apply([outcome(await again(), { observedAt: at + 1, result: 'timeout', answered: false })], () => ({
      state: 'pending',
      failures: 1,
      retryInMs: 60_000,
    }))
    expect(await asins()).toHaveLength(2)
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'pending', failures: 1, due: false })
    await apply([
      outcome(await again(), {
        observedAt: at + 2,
        candidates: [candidate('B000000002', { title: 'New title' })],
      }),
    ])
    expect(await asins()).toMatchObject([{ asin: 'B000000002', title: 'New title' }])
  })

  it('does not touch a row whose values have not changed', async () => {
    await addProducts(db, 1)
    const version = async () => (await db.query('select ctid::text, xmin::text from amazon_market_data'))[0]
    const [claim] = await claimAll()
    await apply([outcome(claim!, { candidates: [candidate('B000000001')] })])
    const before = await version()
    await db.query(`update product_syncs set state = 'pending', next_attempt_at = now()`)
    await apply([outcome((await claimAll())[0]!, { candidates: [candidate('B000000001')] })])
    expect(await version()).toEqual(before)
  })
})
