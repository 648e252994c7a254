import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import type { Database } from '../database.ts'
import { addProducts, openTestDatabase, productId, US } from '../testing.ts'
import { makeDue, offerQueues, wakeOffers } from './claims.ts'
import { enrolPage } from './enrol.ts'
import { applyOfferOutcomes, type OfferOutcome, type OfferTransition } from './outcomes.ts'
import { productPrices } from './product-prices.ts'
import { readOfferStatus } from './status.ts'
import { claimAll, featured, matchDue, NONE_TOLD, offerOutcome, policy } from './testing.ts'

const asin = (n: number): string => `B${String(n).padStart(9, '0')}`
const PRICED: OfferTransition = { state: 'priced', failures: 0, nextInMs: 86_400_000 }

describeWith(['postgres'], 'prices of matches', () => {
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

  const apply = (outcomes: readonly OfferOutcome[], transition = PRICED, levels = policy().levels) =>
    db.transaction((tx) => applyOfferOutcomes(tx, outcomes, levels, () => transition))
  const rows = (columns = 'asin, level, state') =>
    db.query(`select ${columns} from offer_syncs order by asin, level desc`)
  const shown = async (sku = 'S1') => {
    const [row] = await db.query<Record<string, unknown>>(
      `select d.asin, price::text as price, shipping::text as shipping, currency, offer_count, prime, fulfillment_channel,
              featured_offer_price::text as featured, lowest_price::text as lowest, price_operation, offers_operation,
              offer_counts_operation
         from amazon_market_data d join products p on p.id = d.product_id where p.sku = $1 and d.chosen`,
      [sku],
    )
    return row
  }
  const history = () =>
    db.query(
      'select asin, level, price::text as price, fulfillment_channel as channel from pricing_history order by observed_at, level',
    )
  const ageAll = (interval: string) =>
    db.query(
      `update offer_syncs set next_attempt_at = next_attempt_at - $1::interval, observed_at = observed_at - $1::interval`,
      [interval],
    )

  it('a match is pending in each level, once for an ASIN that several products have', async () => {
    await addProducts(db, 3)
    await matchDue(db, [{ asin: asin(1) }, { asin: asin(1) }, { asin: asin(2) }])
    expect(await rows()).toEqual([
      { asin: asin(1), level: 'price', state: 'pending' },
      { asin: asin(1), level: 'offers', state: 'pending' },
      { asin: asin(2), level: 'price', state: 'pending' },
      { asin: asin(2), level: 'offers', state: 'pending' },
    ])
  })

  it('a match has no row in a level that its sales rank is not good enough for', async () => {
    await addProducts(db, 3)
    const some = policy('{"offers":{"maxRank":1000}}')
    await matchDue(
      db,
      [{ asin: asin(1), salesRank: 1_000 }, { asin: asin(2), salesRank: 1_001 }, { asin: asin(3) }],
      some.levels,
    )
    expect(await rows('asin')).toEqual([{ asin: asin(1) }])
  })

  it('claims what was never priced first, then what is stale, the best sales rank first in each', async () => {
    await addProducts(db, 4)
    await matchDue(db, [
      { asin: asin(1), salesRank: 10 },
      { asin: asin(2), salesRank: 5_000 },
      { asin: asin(3) },
      { asin: asin(4), salesRank: 70 },
    ])
    const first = await claimAll(db, 'price', 3)
    expect(first.map((claim) => claim.asin)).toEqual([asin(1), asin(4), asin(2)])
    await apply(first.map((claim) => offerOutcome(claim)))
    await ageAll('25 hours')
    await makeDue(db, policy(), 100)
    expect((await claimAll(db, 'price')).map((claim) => claim.asin)).toEqual([
      asin(3),
      asin(1),
      asin(4),
      asin(2),
    ])
  })

  it('lets nothing wait for ever: what has been stale for long goes before a better rank that just became so', async () => {
    await addProducts(db, 2)
    await matchDue(db, [
      { asin: asin(1), salesRank: 1 },
      { asin: asin(2), salesRank: 9_000_000 },
    ])
    await apply((await claimAll(db, 'price')).map((claim) => offerOutcome(claim)))
    await ageAll('24 hours')
    await db.query(`update offer_syncs set observed_at = observed_at - interval '30 hours' where asin = $1`, [
      asin(2),
    ])
    await makeDue(db, policy(), 100)
    expect((await claimAll(db, 'price')).map((claim) => claim.asin)).toEqual([asin(2), asin(1)])
  })

  it('shows each answer with its time and source, and keeps them apart', async () => {
    await addProducts(db, 2)
    await matchDue(db, [{ asin: asin(1) }, { asin: asin(1) }])
    const [cheap] = await claimAll(db, 'price')
    await apply([
      offerOutcome(cheap!, {
        observation: {
          ...NONE_TOLD,
          featured: featured('19.90', { shipping: '4.99' }),
          offerCounts: [{ condition: 'new', fulfillmentChannel: null, count: 7 }],
        },
      }),
    ])
    expect(await shown('S1')).toEqual({
      asin: asin(1),
      price: '19.90',
      shipping: '4.99',
      currency: 'USD',
      offer_count: 7,
      prime: null,
      fulfillment_channel: null,
      featured: null,
      lowest: null,
      price_operation: 'getCompetitivePricing',
      offers_operation: null,
      offer_counts_operation: 'getCompetitivePricing',
    })
    const [dear] = await claimAll(db, 'offers')
    await apply([
      offerOutcome(dear!, {
        operation: 'getCompetitiveSummary',
        observation: {
          ...NONE_TOLD,
          featured: featured('18.00', { fulfillmentChannel: 'AFN', prime: 'NATIONAL' }),
          lowestPrices: [
            {
              condition: 'new',
              fulfillmentChannel: 'MFN',
              price: '17.49',
              shipping: '4.99',
              currency: 'USD',
            },
            { condition: 'new', fulfillmentChannel: 'AFN', price: '18.00', shipping: null, currency: 'USD' },
            { condition: 'used', fulfillmentChannel: 'MFN', price: '3.00', shipping: null, currency: 'USD' },
          ],
          fulfillmentOptions: [],
        },
      }),
    ])
    expect(await shown('S2')).toEqual({
      asin: asin(1),
      price: '18.00',
      shipping: '0.00',
      currency: 'USD',
      offer_count: 7,
      prime: 'NATIONAL',
      fulfillment_channel: 'AFN',
      featured: '18.00',
      lowest: '18.00',
      price_operation: 'getCompetitiveSummary',
      offers_operation: 'getCompetitiveSummary',
      offer_counts_operation: 'getCompetitivePricing',
    })
    const [prices] = await productPrices(db, await productId(db, 'S1'), 10)
    expect(prices).toMatchObject({
      asin: asin(1),
      featured: { price: '18.00', operation: 'getCompetitiveSummary' },
      offerCounts: { newOffers: 7, operation: 'getCompetitivePricing' },
      offers: { fulfillmentChannel: 'AFN', prime: 'NATIONAL', lowestPrice: '18.00' },
      states: [
        { level: 'price', state: 'priced' },
        { level: 'offers', state: 'priced' },
      ],
      history: [
        { price: '18.00', level: 'offers' },
        { price: '19.90', level: 'price' },
      ],
    })
  })

  it('shows a product that matches a priced ASIN later what is known, without asking again', async () => {
    await addProducts(db, 1)
    await matchDue(db, [{ asin: asin(1) }])
    await apply((await claimAll(db, 'price')).map((claim) => offerOutcome(claim)))
    await addProducts(db, 2)
    await matchDue(db, [{ asin: asin(1) }])
    expect(await shown('S2')).toMatchObject({ price: '19.90' })
    expect(await claimAll(db, 'price')).toEqual([])
  })

  it('ignores a second result of an attempt, a late one, and lets no older observation overwrite a newer one', async () => {
    await addProducts(db, 1)
    await matchDue(db, [{ asin: asin(1) }])
    const [first] = await claimAll(db, 'price')
    const told = offerOutcome(first!)
    expect(
      await apply([told, { ...told, observation: { ...NONE_TOLD, featured: featured('1.00') } }]),
    ).toHaveLength(1)
    expect(await apply([told])).toEqual([])
    await ageAll('25 hours')
    await db.query(`update offer_syncs set observed_at = now() + interval '1 hour'`)
    await makeDue(db, policy(), 10)
    const [again] = await claimAll(db, 'price')
    expect(
      await apply([offerOutcome(again!, { observation: { ...NONE_TOLD, featured: featured('5.00') } })]),
    ).toHaveLength(1)
    expect(await shown()).toMatchObject({ price: '19.90' })
    expect(await history()).toEqual([{ asin: asin(1), level: 'price', price: '19.90', channel: null }])
  })

  it('appends to the history what is news and nothing else', async () => {
    await addProducts(db, 1)
    await matchDue(db, [{ asin: asin(1) }])
    for (const price of ['19.90', '19.90', '21.00', null]) {
      const [claim] = await claimAll(db, 'price')
      const observation = { ...NONE_TOLD, featured: price === null ? null : featured(price) }
      await apply([offerOutcome(claim!, { observation })])
      await ageAll('25 hours')
      await makeDue(db, policy(), 10)
    }
    const [dear] = await claimAll(db, 'offers')
    await apply([offerOutcome(dear!, { observation: { ...NONE_TOLD, lowestPrices: null } })])
    expect((await history()).map((row) => [row.level, row.price])).toEqual([
      ['price', '19.90'],
      ['price', '21.00'],
      ['price', null],
      ['offers', null],
    ])
  })

  it('puts a failure back with its place in the queue and its time', async () => {
    await addProducts(db, 1)
    await matchDue(db, [{ asin: asin(1), salesRank: 5 }])
    const [claim] = await claimAll(db, 'price')
    await apply([offerOutcome(claim!, { result: 'failed', observation: null, reason: 'it failed' })], {
      state: 'pending',
      failures: 1,
      nextInMs: 60_000,
    })
    expect(await claimAll(db, 'price')).toEqual([])
    expect(await shown()).toMatchObject({ price: null, price_operation: null })
    await db.query('update offer_syncs set next_attempt_at = now()')
    expect(await claimAll(db, 'price')).toMatchObject([{ asin: asin(1), attempt: 2 }])
  })

  it('asks no more for an ASIN that no product has any more, nor for one that fell out of the policy', async () => {
    await addProducts(db, 2)
    await matchDue(db, [
      { asin: asin(1), salesRank: 5 },
      { asin: asin(2), salesRank: 5_000 },
    ])
    await db.query(`delete from products where sku = 'S1'`)
    const strict = policy('{"price":{"maxRank":100}}')
    expect(await claimAll(db, 'price', 10, strict)).toEqual([])
    expect(await rows('level')).toEqual([{ level: 'offers' }, { level: 'offers' }])
    expect(await claimAll(db, 'offers')).toMatchObject([{ asin: asin(2) }])
  })

  it('asks again for what was queued for too long', async () => {
    await addProducts(db, 1)
    await matchDue(db, [{ asin: asin(1) }])
    const [lost] = await claimAll(db, 'price')
    await db.query(
      `update offer_syncs set next_attempt_at = now() - interval '1 second' where state = 'queued'`,
    )
    expect(await makeDue(db, policy(), 10)).toEqual({ rows: 1, requeued: 1 })
    const [again] = await claimAll(db, 'price')
    expect(again?.attempt).toBe(lost!.attempt + 1)
    expect(await apply([offerOutcome(lost!)])).toEqual([])
  })

  it('parks a level that the policy leaves out, and wakes it', async () => {
    await addProducts(db, 1)
    await matchDue(db, [{ asin: asin(1) }])
    await claimAll(db, 'offers')
    await ageAll('2 hours')
    const cheap = policy('{"price":{}}')
    expect(await makeDue(db, cheap, 10)).toMatchObject({ rows: 1 })
    expect(await makeDue(db, cheap, 10)).toEqual({ rows: 0, requeued: 0 })
    expect(await claimAll(db, 'offers')).toEqual([])
    expect(await wakeOffers(db, policy(), 10)).toBe(1)
    expect(await claimAll(db, 'offers')).toHaveLength(1)
  })

  it('takes a better rank that comes with the price into the level that is kept for good ranks', async () => {
    await addProducts(db, 1)
    const ranked = policy('{"price":{},"offers":{"maxRank":1000}}')
    await matchDue(db, [{ asin: asin(1), salesRank: 5_000 }], ranked.levels)
    expect(await rows('level')).toEqual([{ level: 'price' }])
    const [claim] = await claimAll(db, 'price')
    await apply([offerOutcome(claim!, { salesRank: 900 })], PRICED, ranked.levels)
    expect(await rows('level, sales_rank::int as rank')).toEqual([
      { level: 'price', rank: 900 },
      { level: 'offers', rank: 900 },
    ])
  })

  it('gives matches from before the policy their rows, page by page', async () => {
    await addProducts(db, 7)
    await matchDue(
      db,
      Array.from({ length: 7 }, (_, i) => ({ asin: asin(i) })),
      [],
    )
    expect(await rows()).toEqual([])
    let added = 0
    let cursor: Awaited<ReturnType<typeof enrolPage>>['next'] = null
    do {
      const page = await enrolPage(db, policy(), cursor, 3)
      added += page.added
      cursor = page.next
    } while (cursor !== null)
    expect(added).toBe(14)
  })

  it('counts exactly what is never priced, stale, queued and priced, and how long it all takes', async () => {
    await addProducts(db, 5)
    await matchDue(
      db,
      [1, 2, 3, 4, 5].map((n) => ({ asin: asin(n), salesRank: n })),
    )
    const claimed = await claimAll(db, 'price', 3)
    await apply(claimed.slice(0, 2).map((claim) => offerOutcome(claim)))
    await db.query(`update offer_syncs set next_attempt_at = now() where asin = $1 and level = 'price'`, [
      asin(1),
    ])
    await makeDue(db, policy(), 10)
    const [price] = await readOfferStatus(db, policy(), () => 0.5)
    expect(price).toMatchObject({
      level: 'price',
      total: 5,
      states: { pending: 2, stale: 1, queued: 1, priced: 1, no_price: 0, not_found: 0, error: 0 },
      permittedPerSecond: 10,
      secondsLeft: 1,
      secondsToCover: 1,
    })
    expect(await offerQueues(db, 'price')).toMatchObject([{ marketplaceId: US, queued: 1, due: 3 }])
    await db.query('delete from offer_syncs')
    expect((await readOfferStatus(db, policy(), () => null))[0]).toMatchObject({ total: 0 })
  })
})
