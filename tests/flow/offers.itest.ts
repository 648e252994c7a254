import { afterEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { startCatalogFetcher } from '#services/catalog-fetcher/service.ts'
import { startOfferFetcher } from '#services/offer-fetcher/service.ts'
import { startPersister } from '#services/persister/service.ts'
import { startProductChange } from '#services/product-change/service.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { control, US } from '#simulator/testing.ts'
import { createTestDatabase, describeWith, waitFor } from '#tests/support/backing.ts'
import { comparePrices } from '#tests/support/price-truth.ts'
import { type System, startSystem } from './system.ts'

const sample = { seed: 11, asinsPerUpc: 1.15, notFound: 0.05 }
const PRODUCTS = 400
const OPERATIONS = [
  'searchCatalogItems',
  'getCompetitivePricing',
  'getItemOffersBatch',
  'getCompetitiveSummary',
]

describeWith(['postgres'], 'prices of all matches', () => {
  const closers: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  async function setUp(
    policy: string,
    faults = {},
  ): Promise<{ db: Database; system: System; simulator: Simulator }> {
    const database = await createTestDatabase()
    closers.push(() => database.drop())
    const simulator = await startSimulator({ ...sample, rate: 200, burst: 200, latencyMs: [1, 20], faults })
    closers.push(() => simulator.stop())
    await control(simulator, 'plan', { operation: '*', rate: 200, burst: 200 })
    const system = await startSystem({
      DATABASE_URL: database.url,
      DATABASE_POOL_SIZE: '4',
      SP_API_ENDPOINT: simulator.url,
      LWA_ENDPOINT: simulator.url,
      SP_API_CLIENT_ID: `client-${database.url.slice(-12)}`,
      SP_API_CLIENT_SECRET: 'secret',
      SP_API_REFRESH_TOKEN: 'token',
      SP_API_USAGE_PLANS: OPERATIONS.map((name) => `${name}=200/200`).join(','),
      RETRY_DELAY_BASE: '200ms',
      MAX_ATTEMPTS: '20',
      OFFERS_POLICY: policy,
    })
    closers.push(() => system.stop())
    const db = await openDatabase({ url: database.url, poolSize: 2 })
    closers.push(() => db.close())
    await system.start('product-change', startProductChange)
    await system.start('persister', startPersister)
    await system.start('catalog-fetcher', startCatalogFetcher)
    await system.start('offer-fetcher', startOfferFetcher)
    await upsertProducts(db, [...generateProducts({ ...sample, count: PRODUCTS, duplicates: 0.1 })])
    return { db, system, simulator }
  }

  /** Every product is in a final state and no price is outstanding. */
  const settled = (db: Database, system: System) =>
    Promise.race([
      waitFor(
        async () => {
          const [row] = await db.query<{ open: number; all: number; prices: number; waiting: number }>(
            `select (select count(*)::int from product_syncs where state in ('pending', 'queued')) as open,
                    (select count(*)::int from product_syncs) as all,
                    (select count(*)::int from offer_syncs where state in ('pending', 'queued')) as waiting,
                    (select count(*)::int from offer_syncs) as prices`,
          )
          return row?.open === 0 && row.all === PRODUCTS && row.waiting === 0 && row.prices > 0
        },
        { what: 'every match priced', timeoutMs: 90_000 },
      ),
      system.failed,
    ])

  it.each([
    ['getItemOffersBatch', '{"price":{},"offers":{}}'],
    ['getCompetitiveSummary', '{"price":{},"offers":{"operation":"getCompetitiveSummary"}}'],
  ])('are what the simulator offers, by getCompetitivePricing and %s', async (_, policy) => {
    const { db, system, simulator } = await setUp(policy)
    await settled(db, system)
    const truth = await comparePrices(db, simulator.url, US, ['price', 'offers'])
    expect(truth).toMatchObject({ missing: 0, differences: [], wrong: 0 })
    expect(truth.compared).toBeGreaterThan(PRODUCTS / 2)
    const [asked] = await db.query<{ rows: number; attempts: number }>(
      'select count(*)::int as rows, sum(attempt)::int as attempts from offer_syncs',
    )
    expect(asked?.attempts).toBe(asked?.rows)
    expect(simulator.stats().throttled).toBe(0)
  })

  it('follow when they change: what is stale is asked for again, and the history has the change', async () => {
    const { db, system, simulator } = await setUp('{"price":{}}')
    await settled(db, system)
    await control(simulator, 'offers', { advance: 1, changes: 1 })
    await db.query(`update offer_syncs set next_attempt_at = now()`)
    await waitFor(
      async () => {
        const [row] = await db.query<{ left: number }>(
          'select count(*)::int as left from offer_syncs where attempt < 2',
        )
        return row?.left === 0
      },
      { what: 'everything to be asked for again', timeoutMs: 60_000 },
    )
    await settled(db, system)
    expect(await comparePrices(db, simulator.url, US, ['price'])).toMatchObject({ missing: 0, wrong: 0 })
    const [changes] = await db.query<{ repeated: number; changed: number }>(
      `select count(*) filter (where repeats)::int as repeated, count(*) filter (where n = 2)::int as changed from (
         select row_number() over w as n, (price, shipping, currency, seller_id, offer_count)
                is not distinct from lag((price, shipping, currency, seller_id, offer_count)) over w as repeats
           from pricing_history window w as (partition by asin, level order by observed_at)) h`,
    )
    expect(changes?.repeated).toBe(0)
    expect(changes?.changed).toBeGreaterThan(0)
  })

  it('come in the end when Amazon throttles, breaks, hangs up and answers nonsense', async () => {
    const { db, system, simulator } = await setUp('{"price":{},"offers":{}}', {
      429: 0.02,
      500: 0.02,
      503: 0.02,
      reset: 0.02,
      html400: 0.02,
      truncated: 0.02,
    })
    await settled(db, system)
    expect(await comparePrices(db, simulator.url, US, ['price', 'offers'])).toMatchObject({
      missing: 0,
      wrong: 0,
    })
  })
})
