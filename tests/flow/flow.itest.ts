import { afterEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { registerAll } from '#schemas/tools/register.ts'
import { startCatalogFetcher } from '#services/catalog-fetcher/service.ts'
import { startPersister } from '#services/persister/service.ts'
import { startProductChange } from '#services/product-change/service.ts'
import { generateProducts, type ProductRow } from '#simulator/catalogue/generate-products.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { backing, createTestDatabase, describeWith, waitFor } from '#tests/support/backing.ts'
import { type System, startSystem } from './system.ts'

const sample = { seed: 11, asinsPerUpc: 1.15, notFound: 0.05 }
const PRODUCTS = 1_500

const clusters = [
  {
    title: 'on the log in PostgreSQL',
    needs: ['postgres'] as const,
    environment: (): Record<string, string> => ({}),
    fetchers: 1,
    persisters: 1,
  },
  {
    title: 'on Kafka, Redis and a schema registry, with three fetchers and two persisters',
    needs: ['postgres', 'kafka', 'redis', 'registry'] as const,
    environment: (): Record<string, string> => ({
      KAFKA_BROKERS: backing('kafka'),
      REDIS_URL: backing('redis'),
      SCHEMA_REGISTRY_URL: backing('registry'),
    }),
    fetchers: 3,
    persisters: 2,
  },
]

for (const { title, needs, environment, fetchers, persisters } of clusters) {
  describeWith([...needs], `the loop ${title}`, () => {
    const closers: (() => Promise<unknown>)[] = []
    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close()
    })

    async function setUp(faults = {}): Promise<{ db: Database; system: System; simulator: Simulator }> {
      const database = await createTestDatabase()
      closers.push(() => database.drop())
      const simulator = await startSimulator({ ...sample, rate: 200, burst: 200, latencyMs: [1, 20], faults })
      closers.push(() => simulator.stop())
      const cluster = environment()
      if (cluster.SCHEMA_REGISTRY_URL) await registerAll(cluster.SCHEMA_REGISTRY_URL, () => {})
      const system = await startSystem({
        ...cluster,
        DATABASE_URL: database.url,
        DATABASE_POOL_SIZE: '4',
        SP_API_ENDPOINT: simulator.url,
        LWA_ENDPOINT: simulator.url,
        SP_API_CLIENT_ID: `client-${database.url.slice(-12)}`,
        SP_API_CLIENT_SECRET: 'secret',
        SP_API_REFRESH_TOKEN: 'token',
        SP_API_USAGE_PLANS: 'searchCatalogItems=200/200',
        RETRY_DELAY_BASE: '200ms',
        MAX_ATTEMPTS: '20',
      })
      closers.push(() => system.stop())
      const db = await openDatabase({ url: database.url, poolSize: 2 })
      closers.push(() => db.close())
      await system.start('product-change', startProductChange)
      for (let i = 0; i < persisters; i++) await system.start(`persister-${i}`, startPersister)
      for (let i = 0; i < fetchers; i++) await system.start(`catalog-fetcher-${i}`, startCatalogFetcher)
      return { db, system, simulator }
    }

    it('brings every product to the state that Amazon has for it, and writes each effect once', async () => {
      const { db, system, simulator } = await setUp()
      const rows = await importProducts(db)
      await settled(db, system)
      await expectTruth(db, rows)
      const [effects] = await db.query<Record<string, number>>(
        `select (select count(*)::int from sync_logs) as logs, (select sum(attempt)::int from product_syncs) as attempts`,
      )
      expect(effects).toEqual({ logs: PRODUCTS, attempts: PRODUCTS })
      expect(simulator.stats().throttled).toBe(0)
    })

    it('ends in the same state when Amazon throttles, breaks, hangs up and answers nonsense', async () => {
      const { db, system } = await setUp({
        429: 0.02,
        500: 0.02,
        503: 0.02,
        reset: 0.02,
        html400: 0.02,
        truncated: 0.02,
      })
      const rows = await importProducts(db)
      await settled(db, system)
      await expectTruth(db, rows)
      const [counts] = await db.query<Record<string, number>>(
        `select (select count(*)::int from sync_logs) as logs, (select sum(attempt)::int from product_syncs) as attempts`,
      )
      expect(counts?.logs).toBe(counts?.attempts)
    })
  })
}

async function importProducts(db: Database): Promise<readonly ProductRow[]> {
  const rows = [
    ...generateProducts({ ...sample, count: PRODUCTS, duplicates: 0.1, damaged: 0.1, restricted: 0.02 }),
  ]
  for (let i = 0; i < rows.length; i += 500) await upsertProducts(db, rows.slice(i, i + 500))
  return rows
}

/** Every product is in a final state; fails at once when a service has. */
async function settled(db: Database, system: System): Promise<void> {
  await Promise.race([
    waitFor(
      async () => {
        const [row] = await db.query<{ open: number; all: number }>(
          `select count(*) filter (where state in ('pending', 'queued'))::int as open, count(*)::int as all from product_syncs`,
        )
        return row?.open === 0 && row.all === PRODUCTS
      },
      { what: 'every product in a final state', timeoutMs: 50_000 },
    ),
    system.failed,
  ])
}

async function expectTruth(db: Database, rows: readonly ProductRow[]): Promise<void> {
  const stored = await db.query<{ sku: string; status: string; asin: string | null }>(
    `select p.sku, p.sync_status as status, d.asin
       from products p left join amazon_market_data d on d.product_id = p.id and d.chosen`,
  )
  const bySku = new Map(stored.map((row) => [row.sku, row]))
  expect(bySku.size).toBe(rows.length)
  const wrong = rows
    .map((row) => ({ row, found: bySku.get(row.sku) }))
    .filter(({ row, found }) => found?.status !== row.expected || found.asin !== row.expectedAsin)
  expect(wrong.slice(0, 5)).toEqual([])
}
