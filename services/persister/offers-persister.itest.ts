import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '#libs/db/database.ts'
import type { ClaimedOffer } from '#libs/db/offers/claims.ts'
import { claimAll, matchDue } from '#libs/db/offers/testing.ts'
import { addProducts, openTestDatabase } from '#libs/db/testing.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import type { Decoded, Verdict } from '#libs/stream/processor.ts'
import type { OffersResult } from '#schemas/generated/offers-result.ts'
import { OFFERS_RESULTS } from '#schemas/topics.ts'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { createOffersPersister } from './offers-persister.ts'

const asin = (n: number): string => `B${String(n).padStart(9, '0')}`

describeWith(['postgres'], 'the persister of prices', () => {
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

  const process = (records: readonly Decoded<OffersResult>[]): Promise<readonly Verdict[]> =>
    createOffersPersister({
      db,
      config: loadConfig({ MAX_ATTEMPTS: '2', RETRY_DELAY_BASE: '1h' }),
      logger: createLogger({ level: 'silent', service: 'test' }),
      metrics: createMetrics(),
    }).process({ key: '', records }, { signal: new AbortController().signal })
  const claimed = async (count: number): Promise<readonly ClaimedOffer[]> => {
    await addProducts(db, count)
    await matchDue(
      db,
      Array.from({ length: count }, (_, i) => ({ asin: asin(i), salesRank: i + 1 })),
    )
    return claimAll(db, 'price', count)
  }
  /** Everything that a result may change. */
  const effects = () =>
    db.query(`select to_jsonb(t) as row from (
      select 'sync', to_jsonb(s) from offer_syncs s union all select 'data', to_jsonb(d) from amazon_market_data d union all
      select 'history', to_jsonb(h) from pricing_history h union all select 'count', to_jsonb(c) from offer_state_counts c union all
      select 'rate', to_jsonb(r) from offer_rates r) t (kind, what) order by t.kind, t.what::text`)

  it('applies a chunk once, however often it is delivered, and to whichever of two owners', async () => {
    const records = toRecords(await claimed(40))
    await Promise.all([process(records), process(records), process(records.slice(0, 20))])
    const once = await effects()
    await process(records)
    await process([...records].reverse())
    expect(await effects()).toEqual(once)
    const [row] = await db.query(
      `select (select count(*)::int from pricing_history) as changes, (select sum(outcomes)::int from offer_rates) as outcomes,
              (select count(*)::int from amazon_market_data where price = 19.90 and currency = 'USD') as priced`,
    )
    expect(row).toEqual({ changes: 40, outcomes: 40, priced: 40 })
  })

  it('rejects the one result that can not be stored, counts its attempt, and keeps the others', async () => {
    const records = toRecords(await claimed(60))
    records[17] = { ...records[17]!, value: { ...records[17]!.value, marketplaceId: 'nowhere!' } }
    records[31] = { ...records[31]!, value: { ...records[31]!.value, salesRank: -5 } }
    await db.query(`alter table pricing_history add check (seller_id <> 'POISON')`)
    const poisoned = { ...records[45]!.value.featuredOffer!, sellerId: 'POISON' }
    records[45] = { ...records[45]!, value: { ...records[45]!.value, featuredOffer: poisoned } }
    const verdicts = await process(records)
    expect(verdicts.flatMap((verdict, i) => (verdict.kind === 'reject' ? [i] : []))).toEqual([17, 31, 45])
    const states = await db.query(
      `select state, failures, count(*)::int as n from offer_syncs where level = 'price' group by 1, 2 order by 1`,
    )
    expect(states).toEqual([
      { state: 'pending', failures: 1, n: 2 },
      { state: 'priced', failures: 0, n: 57 },
      { state: 'queued', failures: 0, n: 1 },
    ])
  })

  it('takes every example of the topic', async () => {
    const folder = new URL(`../../schemas/${OFFERS_RESULTS}/`, import.meta.url)
    const examples = readdirSync(folder).filter((name) => name.includes('.example-'))
    const claims = await claimed(examples.length)
    const records = toRecords(claims).map((record, i) => {
      const example = JSON.parse(readFileSync(new URL(examples[i]!, folder), 'utf8')) as OffersResult
      return { ...record, value: { ...example, ...claims[i]! } }
    })
    expect((await process(records)).map(({ kind }) => kind)).toEqual(examples.map(() => 'done'))
    const [row] = await db.query(`select count(*)::int as n from offer_syncs where state = 'queued'`)
    expect(row).toEqual({ n: 0 })
  })

  it('ends in error what fails as often as it may', async () => {
    const [claim] = await claimed(1)
    const [record] = toRecords([claim!])
    const failed = { outcome: 'failed', featuredOffer: null } as const
    await process([{ ...record!, value: { ...record!.value, ...failed } }])
    await db.query('update offer_syncs set next_attempt_at = now()')
    const [again] = toRecords(await claimAll(db, 'price', 1), 10n)
    await process([{ ...again!, value: { ...again!.value, ...failed } }])
    const [row] = await db.query(
      `select state, failures, next_attempt_at > now() + interval '23 hours' as later from offer_syncs where level = 'price'`,
    )
    expect(row).toEqual({ state: 'error', failures: 2, later: true })
  })
})

/** Answers of two partitions in turn, offsets from `from` on. */
function toRecords(claims: readonly ClaimedOffer[], from = 0n): Decoded<OffersResult>[] {
  return claims.map((claim, i) => ({
    value: {
      ...claim,
      outcome: 'priced',
      reason: null,
      featuredOffer: {
        price: '19.90',
        shipping: '0.00',
        currency: 'USD',
        sellerId: 'SELLER',
        fulfillmentChannel: null,
        prime: null,
      },
      lowestPrices: null,
      offerCounts: null,
      fulfillmentOptions: null,
      salesRank: null,
      operation: 'productPricingV0.getCompetitivePricing',
      observedAt: Date.now(),
      responseTimeMs: 100,
      amazonRequestId: 'request',
      httpStatus: 200,
      retryAfterMs: null,
    },
    raw: {
      topic: OFFERS_RESULTS,
      partition: i % 2,
      offset: from + BigInt(Math.floor(i / 2)),
      key: null,
      value: null,
      headers: {},
      timestamp: Date.now(),
    },
  }))
}
