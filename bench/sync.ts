/**
 * A whole catalogue from a CSV file to final states, checked product by product.
 *
 *   node bench/sync.ts [--mode embedded|cluster] [--products 100000] [--fetchers 3] [--persisters 2]
 *
 * embedded: every service in one process, the log in PostgreSQL. cluster: a process per service and replica on real
 * Kafka, Redis, PostgreSQL and a schema registry. The simulator's quota does not bind. Every product's state and ASIN
 * are compared with what the simulator's seed says, and the effects are counted.
 */

import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '#libs/child-process/port.ts'
import { openDatabase } from '#libs/db/database.ts'
import { csvHeader, csvLine } from '#simulator/catalogue/csv.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { spawnSimulator } from '#tests/support/simulator-process.ts'
import { startCluster } from './support/cluster.ts'
import { cpuSeconds, residentMegabytes } from './support/process-usage.ts'
import { untilReady } from './support/ready.ts'
import { compareWithTruth } from './support/truth.ts'

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'embedded' },
    products: { type: 'string', default: '100000' },
    fetchers: { type: 'string', default: '3' },
    persisters: { type: 'string', default: '2' },
    rate: { type: 'string', default: '1000' },
  },
})
const mode = values.mode === 'cluster' ? 'cluster' : 'embedded'
const sample = {
  seed: 7,
  asinsPerUpc: 1.1,
  notFound: 0.05,
  duplicates: 0.05,
  damaged: 0.03,
  restricted: 0.01,
}
const catalogue = { ...sample, count: Number(values.products) }

const folder = await mkdtemp(join(tmpdir(), 'asinstream-bench-'))
const file = join(folder, 'products.csv')
const lines = function* () {
  yield csvHeader(false)
  for (const row of generateProducts(catalogue)) yield csvLine(row, false)
}
await pipeline(Readable.from(lines()), createWriteStream(file))

const simulator = await spawnSimulator({
  rate: values.rate,
  burst: values.rate,
  'app-rate': values.rate,
  seed: sample.seed,
  'asins-per-upc': sample.asinsPerUpc,
  'not-found': sample.notFound,
})
const cluster = await startCluster({
  mode,
  amazon: simulator.url,
  variables: { SP_API_USAGE_PLANS: `searchCatalogItems=${values.rate}/${values.rate}` },
})
try {
  const port = await freePort()
  const processes =
    mode === 'embedded'
      ? { all: cluster.spawnService('all', { port }) }
      : {
          reporting: cluster.spawnService('reporting', { port }),
          'product-change': cluster.spawnService('product-change'),
          ...replicas('persister', Number(values.persisters)),
          ...replicas('catalog-fetcher', Number(values.fetchers)),
        }
  const api = `http://127.0.0.1:${port}`
  await Promise.race([untilReady(api), cluster.failed])

  const started = performance.now()
  const answer = await fetch(`${api}/products`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: Readable.toWeb(createReadStream(file)) as ReadableStream,
    duplex: 'half',
  })
  const report = (await answer.json()) as Record<string, unknown>
  const importSeconds = (performance.now() - started) / 1_000
  if (!answer.ok) throw new Error(`the import failed: ${JSON.stringify(report)}`)

  await Promise.race([untilFinal(api, catalogue.count), cluster.failed])
  const totalSeconds = (performance.now() - started) / 1_000
  const usage = Object.fromEntries(
    Object.entries(processes).map(([name, child]) => [
      name,
      { cpuSeconds: cpuSeconds(child.pid), residentMB: residentMegabytes(child.pid) },
    ]),
  )
  const db = await openDatabase({ url: cluster.databaseUrl })
  const truth = await compareWithTruth(db, generateProducts(catalogue))
  await db.close()
  const stats = await simulator.stats()
  const search = stats.searchCatalogItems
  console.log(
    JSON.stringify(
      {
        mode,
        products: catalogue.count,
        importSeconds: round(importSeconds),
        secondsUntilAllFinal: round(totalSeconds),
        productsPerSecond: Math.round(catalogue.count / totalSeconds),
        ...truth,
        calls: search.firstPages.calls + search.furtherPages.calls,
        identifiersPerFirstPage: round(search.firstPages.identifiersPerCall),
        throttled429: stats.throttled,
        usage,
      },
      null,
      2,
    ),
  )
  if (truth.wrongProducts > 0 || truth.duplicateEffects > 0) process.exitCode = 1
} finally {
  await cluster.stop()
  await simulator.stop()
  await rm(folder, { recursive: true, force: true })
}

function replicas(name: string, count: number) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${name}-${index}`, cluster.spawnService(name, { index })]),
  )
}

async function untilFinal(api: string, products: number): Promise<void> {
  for (;;) {
    const status = (await (await fetch(`${api}/marketplace/amazon/sync-status`)).json()) as {
      total: number
      pending: number
      queued: number
    }
    if (status.total >= products && status.pending + status.queued === 0) return
    await sleep(250)
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
