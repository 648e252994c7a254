/**
 * How much of Amazon's quota three fetchers on Redis use, and how often they are refused.
 *
 *   node bench/quota.ts [--seconds 300] [--fetchers 3] [--rate 2] [--burst 2] [--latency 50-200] [--asins-per-upc 1]
 *
 * Real Kafka, Redis, PostgreSQL and processes against the simulator at Amazon's default plan. The simulator counts.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openDatabase } from '#libs/db/database.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { spawnSimulator } from '#tests/support/simulator-process.ts'
import { startCluster } from './support/cluster.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    fetchers: { type: 'string', default: '3' },
    rate: { type: 'string', default: '2' },
    burst: { type: 'string', default: '2' },
    latency: { type: 'string', default: '50-200' },
    'asins-per-upc': { type: 'string', default: '1' },
  },
})
const seconds = Number(values.seconds)
const [rate, burst, fetchers] = [Number(values.rate), Number(values.burst), Number(values.fetchers)]
const asinsPerUpc = Number(values['asins-per-upc'])

const simulator = await spawnSimulator({ rate, burst, latency: values.latency, 'asins-per-upc': asinsPerUpc })
const folder = await mkdtemp(join(tmpdir(), 'asinstream-quota-'))
const cluster = await startCluster({
  mode: 'cluster',
  folder,
  amazon: simulator.url,
  variables: { SP_API_USAGE_PLANS: `searchCatalogItems=${rate}/${burst}` },
})
try {
  const db = await openDatabase({ url: cluster.databaseUrl })
  await enableMarketplaces(db, [{ marketplaceId: 'ATVPDKIKX0DER', countryCode: 'US' }])
  // Work for longer than the measurement: twenty products a call, and half as much again.
  const count = Math.ceil((seconds + 60) * rate * 20 * 1.5)
  let batch = []
  for (const product of generateProducts({ seed: 1, asinsPerUpc, count })) {
    batch.push(product)
    if (batch.length === 1_000) {
      await upsertProducts(db, batch)
      batch = []
    }
  }
  await upsertProducts(db, batch)

  await cluster.startService('product-change')
  await cluster.startService('persister')
  await Promise.all(Array.from({ length: fetchers }, (_, i) => cluster.startService('catalog-fetcher', i)))
  const warm = async (): Promise<void> => {
    while ((await simulator.stats()).searchCatalogItems.firstPages.calls < 20) await sleep(200)
  }
  await Promise.race([warm(), cluster.failed])
  await simulator.resetStats()
  await Promise.race([sleep(seconds * 1_000), cluster.failed])

  const stats = await simulator.stats()
  const quota = stats.quota.find((use) => use.operation === 'searchCatalogItems')
  const [left] = await db.query<{ n: number }>(
    `select count(*)::int as n from product_syncs where state in ('pending', 'queued')`,
  )
  await db.close()
  if (!quota) throw new Error('the simulator saw no call')
  const search = stats.searchCatalogItems
  console.log(
    JSON.stringify(
      {
        plan: `${rate}/s, burst ${burst}`,
        fetchers,
        seconds: Math.round(quota.windowSeconds),
        calls: quota.used,
        available: Math.round(quota.ratePerSecond * quota.windowSeconds),
        quotaUsedPercent: round((100 * quota.used) / (quota.ratePerSecond * quota.windowSeconds)),
        throttled429: quota.throttled,
        identifiersPerFirstPage: round(search.firstPages.identifiersPerCall),
        furtherPages: search.furtherPages.calls,
        identifiersPerRequest: round(
          search.firstPages.identifiers / (search.firstPages.calls + search.furtherPages.calls),
        ),
        productsLeft: left?.n ?? 0,
      },
      null,
      2,
    ),
  )
} finally {
  await cluster.stop()
  await simulator.stop()
  await rm(folder, { recursive: true, force: true })
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
