import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { createJob } from '#libs/db/jobs.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { upsertProducts } from '#libs/db/products.ts'
import type { EventLog } from '#libs/event-log/port.ts'
import { createPostgresEventLog } from '#libs/event-log/postgres.ts'
import { DEAD_LETTERS } from '#schemas/topics.ts'
import { startCatalogFetcher } from '#services/catalog-fetcher/service.ts'
import { startPersister } from '#services/persister/service.ts'
import { startProductChange } from '#services/product-change/service.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { DEFAULT_MARKETPLACE } from '#simulator/marketplaces.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { startSystem } from '#tests/flow/system.ts'
import { createTestDatabase, describeWith, waitFor } from '#tests/support/backing.ts'
import { installAudit } from './audit.ts'
import { checkRun } from './facts.ts'

const catalogue = { seed: 5, count: 300, asinsPerUpc: 1.3, notFound: 0.05, duplicates: 0.1, damaged: 0.1 }

describeWith(['postgres'], 'the checker, on what the services really wrote', () => {
  let db: Database
  let log: EventLog
  let simulator: Simulator
  const closers: (() => Promise<unknown>)[] = []
  const check = () => checkRun({ catalogue, db, log, amazon: simulator.url })
  let planted = 0
  /** A product that Amazon has, another one at each call. */
  const aProduct = async (): Promise<{ id: string; sku: string }> => {
    const rows = await db.query<{ id: string; sku: string }>(
      `select p.id, p.sku from products p join amazon_market_data d on d.product_id = p.id and d.chosen
        where d.sales_rank is not null order by p.sku`,
    )
    const row = rows[planted++]
    if (!row) throw new Error('no product is left')
    return row
  }

  beforeAll(async () => {
    const database = await createTestDatabase()
    closers.push(() => database.drop())
    simulator = await startSimulator({ ...catalogue, rate: 500, burst: 500 })
    closers.push(() => simulator.stop())
    const system = await startSystem({
      DATABASE_URL: database.url,
      DATABASE_POOL_SIZE: '4',
      SP_API_ENDPOINT: simulator.url,
      LWA_ENDPOINT: simulator.url,
      SP_API_CLIENT_ID: 'client',
      SP_API_CLIENT_SECRET: 'secret',
      SP_API_REFRESH_TOKEN: 'token',
      SP_API_USAGE_PLANS: 'searchCatalogItems=500/500',
    })
    closers.push(() => system.stop())
    db = await openDatabase({ url: database.url, poolSize: 2 })
    closers.push(() => db.close())
    log = createPostgresEventLog({ connectionString: database.url })
    closers.push(() => log.close())
    await installAudit(db)
    await enableMarketplaces(db, [{ marketplaceId: DEFAULT_MARKETPLACE, countryCode: 'US' }])
    await upsertProducts(db, [...generateProducts(catalogue)])
    await createJob(db, { filter: {}, marketplaces: [DEFAULT_MARKETPLACE], requestedBy: 'test' })
    await system.start('product-change', startProductChange)
    await system.start('persister', startPersister)
    await system.start('catalog-fetcher', startCatalogFetcher)
    await waitFor(
      async () =>
        (await db.query(`select 1 from sync_jobs where state = 'complete'`)).length === 1 &&
        (await db.query(`select 1 from product_syncs where state in ('pending', 'queued')`)).length === 0,
      { what: 'every product in a final state' },
    )
  })
  afterAll(async () => {
    for (const close of closers.reverse()) await close()
  })

  it('finds nothing in a run without faults', async () => {
    expect(await check()).toEqual([])
  })

  it.each([
    ['a lost log row', 'lost', `delete from sync_logs where product_id = $1`],
    ['a lost item', 'lost', `delete from amazon_market_data where product_id = $1 and chosen`],
    [
      'a duplicate effect',
      'duplicate',
      `insert into sync_logs (product_id, marketplace_id, attempt, occurred_at, result)
         select product_id, marketplace_id, attempt + 1, now(), result from sync_logs where product_id = $1`,
    ],
    [
      'an older answer over a newer one',
      'stale',
      `update amazon_market_data set observed_at = observed_at - interval '1 hour' where product_id = $1`,
    ],
    [
      'a time of the last answer that goes back',
      'stale',
      `update product_syncs set synced_at = synced_at - interval '1 s' where product_id = $1`,
    ],
    [
      "yesterday's rank",
      'stale',
      `update amazon_market_data set sales_rank = 1e6 where product_id = $1 and chosen`,
    ],
    ['an attempt put back', 'stale', `update product_syncs set attempt = 0 where product_id = $1`],
    ['another final state', 'wrong', `update product_syncs set state = 'error' where product_id = $1`],
    [
      'a wrong counter',
      'counter',
      // What has ended does not change any more, by the trigger that is put aside here.
      `with aside as (select set_config('session_replication_role', 'replica', true))
       update sync_jobs set outcomes = '{"success": 1}' from aside where $1::uuid is not null`,
    ],
  ])('catches %s', async (_, kind, plant) => {
    const { id, sku } = await aProduct()
    const before = new Set((await check()).map(({ detail }) => detail))
    await db.query(plant, [id])
    const fresh = (await check()).filter(({ detail }) => !before.has(detail))
    const expected = kind === 'counter' ? /^job / : new RegExp(`^${sku}: `)
    expect(fresh).toContainEqual({ kind, detail: expect.stringMatching(expected) })
  })

  it('catches a dead letter that nobody poisoned', async () => {
    await log.append([{ topic: DEAD_LETTERS, key: null, value: Buffer.from('x') }])
    expect(await check()).toContainEqual({ kind: 'dead-letter', detail: '1 dead letters instead of 0' })
  })
})
