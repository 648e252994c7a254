import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { csvHeader, csvLine } from '#simulator/catalogue/csv.ts'
import { type GenerateOptions, generateProducts } from '#simulator/catalogue/generate-products.ts'
import { DEFAULT_MARKETPLACE } from '#simulator/marketplaces.ts'
import { type SimulatorProcess, spawnSimulator } from '#tests/support/simulator-process.ts'
import { type Cluster, type Service, startCluster } from './cluster.ts'
import { type Pace, watchPace } from './pace.ts'
import { compareWithTruth, type Truth } from './truth.ts'
import { type Usage, type WatchedProcess, watchUsage } from './usage-watch.ts'

export interface CatalogueRun {
  readonly mode: 'embedded' | 'cluster'
  readonly catalogue: GenerateOptions & {
    readonly asinsPerUpc: number
    readonly notFound: number
    readonly seed: number
  }
  readonly fetchers: number
  readonly persisters: number
  /** Calls a second that the simulator grants. */
  readonly rate: number
  /** Products that are synced first and not measured: what a process pays once, such as compiling, is paid then. */
  readonly warmUp?: number
  readonly folder: string
  readonly say: (line: string) => void
}

export interface Figures {
  readonly importSeconds: number
  /** From the readiness of the last service to the last outcome. */
  readonly syncSeconds: number
  /** The slowest service, from its start with all products there to its readiness. */
  readonly startSeconds: number
  readonly importUsage: readonly Usage[]
  readonly syncUsage: readonly Usage[]
  /** What the machine's CPU was worth while it synced. */
  readonly pace: Pace
  /** What the API took to say how far it is while it synced, in milliseconds, ascending. */
  readonly statusMs: readonly number[]
  readonly truth: Truth
  readonly requests: number
  readonly identifiers: number
  readonly furtherPages: number
  readonly itemsReturned: number
  readonly throttled: number
  readonly findings: readonly string[]
}

/** What is there when all products are final; services run and have nothing to do. */
export interface Finished {
  readonly figures: Figures
  readonly cluster: Cluster
  readonly simulator: SimulatorProcess
  readonly db: Database
  readonly api: string
  readonly services: readonly Service[]
}

/**
 * A catalogue through the whole system, checked product by product. The API imports it while nothing else runs, then
 * the services start and sync it: each part has the machine to itself and its own figures.
 */
export async function runCatalogue<T>(
  run: CatalogueRun,
  then: (finished: Finished) => Promise<T>,
): Promise<T> {
  const { mode, fetchers, persisters, rate, warmUp = 0, folder, say } = run
  // One catalogue: its first products are the ones to warm up with.
  const catalogue = { ...run.catalogue, count: warmUp + run.catalogue.count }
  await mkdir(folder, { recursive: true })
  const warmUpFile = await writeCsv(join(folder, 'warm-up.csv'), catalogue, 0, warmUp)
  const file = await writeCsv(join(folder, 'products.csv'), catalogue, warmUp, catalogue.count)
  const simulator = await spawnSimulator({
    rate,
    burst: rate,
    'app-rate': rate,
    seed: catalogue.seed,
    'asins-per-upc': catalogue.asinsPerUpc,
    'not-found': catalogue.notFound,
  })
  const stops: (() => Promise<unknown>)[] = [() => simulator.stop()]
  try {
    const cluster = await startCluster({
      mode,
      folder: join(folder, 'stack'),
      amazon: simulator.url,
      variables: { SP_API_USAGE_PLANS: `searchCatalogItems=${rate}/${rate}` },
    })
    stops.push(() => cluster.stop())
    const running = <R>(work: Promise<R>): Promise<R> => Promise.race([work, cluster.failed])
    const servers: WatchedProcess[] = Object.entries(cluster.servers).map(([name, pid]) => ({
      name,
      pid,
      tree: name === 'PostgreSQL',
    }))
    const db = await openDatabase({ url: cluster.databaseUrl, poolSize: 2, applicationName: 'bench' })
    stops.push(() => db.close())

    // As product-change does when it starts: here the products come before it.
    await enableMarketplaces(db, [{ marketplaceId: DEFAULT_MARKETPLACE, countryCode: 'US' }])

    let reporting = await cluster.startService('reporting')
    const services: Service[] = []
    let handingOut: Service | undefined
    /** All but the one that hands out the work, which is the last. */
    const startAll = async (): Promise<void> => {
      if (mode === 'embedded') {
        await reporting.stop()
        reporting = await cluster.startService('all')
        services.push(reporting)
        return
      }
      services.push(
        reporting,
        ...(await Promise.all([
          ...Array.from({ length: persisters }, (_, index) => cluster.startService('persister', index)),
          ...Array.from({ length: fetchers }, (_, index) => cluster.startService('catalog-fetcher', index)),
        ])),
      )
    }
    const handOut = async (): Promise<void> => {
      if (mode === 'cluster') handingOut = await cluster.startService('product-change')
    }
    if (warmUp > 0) {
      await running(importFile(reporting.url, warmUpFile))
      await startAll()
      await handOut()
      await running(untilFinal(reporting.url, warmUp, say))
      await handingOut?.stop()
      await simulator.resetStats()
      say(`warmed up with ${warmUp}`)
    }
    const imported = watchUsage([...servers, reporting])
    const importStarted = performance.now()
    await running(importFile(reporting.url, file))
    const importSeconds = (performance.now() - importStarted) / 1_000
    const importUsage = imported()
    say(`imported ${run.catalogue.count} in ${importSeconds.toFixed(1)} s`)

    // It takes a second to begin, and the services are at work as soon as they are ready.
    const endPace = await watchPace()
    stops.push(endPace)
    if (services.length === 0) await startAll()
    await handOut()
    if (handingOut) services.push(handingOut)
    const startSeconds = Math.max(...services.map((service) => service.startSeconds))
    const synced = watchUsage([...services, ...servers, { name: 'simulator', pid: simulator.child.pid! }])
    const syncStarted = performance.now()
    const statusMs = await running(untilFinal(reporting.url, catalogue.count, say))
    const syncSeconds = (performance.now() - syncStarted) / 1_000
    const syncUsage = synced()
    stops.pop()
    const pace = await endPace()
    say(`synced in ${syncSeconds.toFixed(1)} s`)

    const truth = await compareWithTruth(db, generateProducts(catalogue))
    const { searchCatalogItems: search, throttled } = await simulator.stats()
    const figures: Figures = {
      importSeconds,
      syncSeconds,
      startSeconds,
      importUsage,
      syncUsage,
      pace,
      statusMs,
      truth,
      requests: search.firstPages.calls + search.furtherPages.calls,
      identifiers: search.firstPages.identifiers,
      furtherPages: search.furtherPages.calls,
      itemsReturned: search.itemsReturned,
      throttled,
      findings: findingsOf(`${mode}, ${run.catalogue.count} products`, truth),
    }
    return await then({ figures, cluster, simulator, db, api: reporting.url, services })
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

/** Rows `from` … `to` of the catalogue. */
async function writeCsv(file: string, catalogue: GenerateOptions, from: number, to: number): Promise<string> {
  const lines = function* () {
    yield csvHeader(false)
    let index = 0
    for (const row of generateProducts(catalogue)) {
      if (index >= from && index < to) yield csvLine(row, false)
      index++
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file))
  return file
}

function findingsOf(
  what: string,
  { lost, wrongProducts, missingEffects, duplicateEffects }: Truth,
): string[] {
  const found = {
    lost,
    wrong: wrongProducts,
    'effects lost': missingEffects,
    'effects twice': duplicateEffects,
  }
  return Object.entries(found).flatMap(([name, n]) => (n === 0 ? [] : [`${what}: ${n} ${name}`]))
}

async function importFile(api: string, file: string): Promise<void> {
  const answer = await fetch(`${api}/products`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: Readable.toWeb(createReadStream(file)) as ReadableStream,
    duplex: 'half',
  })
  const report = await answer.text()
  if (!answer.ok) throw new Error(`the import failed: ${answer.status} ${report}`)
}

/** Milliseconds that each question took, ascending. */
async function untilFinal(api: string, products: number, say: (line: string) => void): Promise<number[]> {
  const times: number[] = []
  for (let asked = 0; ; asked++) {
    const started = performance.now()
    const answer = await fetch(`${api}/marketplace/amazon/sync-status`)
    const status = (await answer.json()) as { total: number; pending: number; queued: number }
    times.push(performance.now() - started)
    if (status.total >= products && status.pending + status.queued === 0) break
    if (asked % 60 === 0) say(`${status.pending + status.queued} of ${products} to go`)
    await sleep(250)
  }
  return times.sort((a, b) => a - b)
}
