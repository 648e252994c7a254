import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type ClaimedProduct, claimDue } from './claims.ts'
import type { Database } from './database.ts'
import { applyOutcomes } from './outcomes.ts'
import { addProducts, candidate, openTestDatabase, outcome } from './testing.ts'

const MINUTE = 60_000

describeWith(['postgres'], 'clocks that are minutes apart', () => {
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

  /** The product is due, asked for, and answered by a process whose clock is `skewMs` off. */
  async function sync(skewMs: number, salesRank: number, asin = 'B000000001'): Promise<void> {
    await db.query(`update product_syncs set state = 'pending', next_attempt_at = now()`)
    const claims: ClaimedProduct[] = []
    await claimDue(
      db,
      { limit: 10, queuedTimeoutMs: MINUTE },
      async (claimed) => void claims.push(...claimed),
    )
    const answer = outcome(claims[0]!, {
      observedAt: Date.now() + skewMs,
      candidates: [candidate(asin, { chosen: true, salesRank })],
    })
    await db.transaction((tx) =>
      applyOutcomes(tx, [answer], () => ({ state: 'success', failures: 0, retryInMs: null })),
    )
  }

  it('keep no answer from taking the place of the one before, nor an item that is gone from going', async () => {
    await addProducts(db, 1)
    const stored = () =>
      db.query<{ asin: string; rank: number }>('select asin, sales_rank::int as rank from amazon_market_data')
    await sync(5 * MINUTE, 1)
    await sync(-5 * MINUTE, 2)
    expect(await stored()).toEqual([{ asin: 'B000000001', rank: 2 }])
    await sync(3 * MINUTE, 3)
    await sync(0, 4, 'B000000002')
    expect(await stored()).toEqual([{ asin: 'B000000002', rank: 4 }])
  })

  it('put no observation before its claim or after now', async () => {
    await addProducts(db, 1)
    for (const skew of [-5, 5, -5]) {
      await sync(skew * MINUTE, 10 + skew)
      const [row] = await db.query<{ early: boolean; late: boolean; logged_late: boolean }>(
        `select observed_at < (select now() - interval '1 minute') as early, observed_at > now() as late,
                (select max(occurred_at) > now() from sync_logs) as logged_late
           from amazon_market_data`,
      )
      expect(row).toEqual({ early: false, late: false, logged_late: false })
    }
  })
})
