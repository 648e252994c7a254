import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '#libs/db/database.ts'
import { matchDue, policy } from '#libs/db/offers/testing.ts'
import { addProducts, openTestDatabase } from '#libs/db/testing.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import type { Cluster } from './cluster.ts'
import { prices } from './prices.ts'

const sample = { seed: 3, asinsPerUpc: 1, notFound: 0 }

describeWith(['postgres'], 'the checker of prices', () => {
  let database: TestDatabase
  let db: Database
  let simulator: Simulator
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    simulator = await startSimulator({ ...sample, rate: 100, burst: 100 })
  })
  afterEach(async () => {
    await simulator.stop()
    await db.close()
    await database.drop()
  })

  it('finds what is lost, wrong, twice, put back or miscounted', async () => {
    const cluster = { db, simulator: { url: simulator.url } } as unknown as Cluster
    const checker = prices(100)
    await checker.prepare(cluster)
    const asins = [...generateProducts({ ...sample, count: 3 })].map(({ expectedAsin }) => expectedAsin!)
    await addProducts(db, 3)
    await matchDue(
      db,
      asins.map((asin) => ({ asin })),
      policy('{"offers":{}}').levels,
    )
    expect(await checker.done(cluster)).toBe(false)
    await db.query(`update offer_syncs set state = 'queued', attempt = 1 where asin = any ($1)`, [
      asins.slice(0, 2),
    ])
    for (const state of ['priced', 'queued', 'priced'])
      await db.query(
        `update offer_syncs set state = $2, last_result = 'priced', observed_at = coalesce(observed_at, now()) - interval '1 minute' where asin = $1`,
        [asins[0], state],
      )
    await db.query(
      `insert into pricing_history (marketplace_id, asin, level, observed_at, operation)
         select marketplace_id, asin, level, now() - n * interval '1 minute', 'planted' from offer_syncs, generate_series(1, 2) n where asin = $1`,
      [asins[0]],
    )
    await db.query(
      `update amazon_market_data set price = 0.01, price_observed_at = now(), offers_observed_at = now() where asin = $1`,
      [asins[0]],
    )
    await db.query(
      `insert into offer_state_counts select marketplace_id, level, 'error', 1 from offer_syncs limit 1`,
    )
    const findings = await checker.check(cluster)
    const found = new Set(findings.map(({ kind, detail }) => `${kind}: ${detail.replace(/:.*/, '')}`))
    expect(found).toEqual(
      new Set([
        `wrong: ${asins[0]}`,
        'lost: 2 matches have no price',
        'lost: a price is still outstanding',
        'lost: a price without a line in the history',
        'lost: attempts without an outcome',
        'duplicate: changes that nobody made',
        'duplicate: outcomes of an attempt',
        'stale: an observation went back',
        'counter: counts and rows differ',
      ]),
    )
  })
})
