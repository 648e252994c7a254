import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { csvHeader, csvLine } from '#simulator/catalogue/csv.ts'
import { DEFAULT_MARKETPLACE } from '#simulator/marketplaces.ts'
import { summarise } from '#tests/faults/checker.ts'
import { startCluster } from '#tests/faults/cluster.ts'
import { type Figures, readFigures } from '#tests/faults/facts.ts'
import type { Exit } from '#tests/faults/supervisor.ts'
import { noticeClosed } from '#tests/faults/trial.ts'
import { waitFor } from '#tests/support/wait-for.ts'
import { checkSoak } from './check.ts'
import { startLoad } from './load.ts'
import { MovingCatalogue } from './moving-catalogue.ts'
import { panels, type Sample, seriesOf } from './series.ts'
import { age, staleness } from './staleness.ts'
import { judge, leastOf, type Verdict } from './verdict.ts'
import { watch } from './watch.ts'

export interface SoakOptions {
  readonly products: number
  /** Products a second that are to be done, all in all. */
  readonly rate: number
  readonly durationMs: number
  readonly brokers: 1 | 3
  readonly seed: number
  /** For data and logs. */
  readonly folder: string
  /** Ends the load early; what there is by then is judged. */
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

export interface SeriesVerdict extends Verdict {
  readonly panel: string
  readonly series: string
}

export interface SoakReport extends Figures {
  readonly startedAt: string
  /** How long the load lasted. */
  readonly seconds: number
  readonly products: number
  readonly rate: number
  readonly brokers: number
  readonly processes: number
  readonly seed: number
  /** Products whose code changed, and products that a job of the stream asked for. */
  readonly changes: number
  readonly asked: number
  readonly jobs: number
  readonly endedByThemselves: readonly Exit[]
  readonly badExits: readonly Exit[]
  readonly failures: readonly string[]
  /** What the services logged at level warn and above, by message: how often. */
  readonly warnings: Readonly<Record<string, number>>
  /** Of the checker; empty when nothing is wrong. */
  readonly findings: Readonly<Record<string, readonly string[]>>
  readonly verdicts: readonly SeriesVerdict[]
}

/** What the warm-up and the rest after the load may take. */
const SETTLE_LIMIT_MS = 15 * 60_000
/** Calls a second that the simulator grants: enough that the quota does not bind. */
const QUOTA = 50
/** Few codes that no call is worth: each schedule asks for those again. */
const MIX = { asinsPerUpc: 1.15, notFound: 0.05, duplicates: 0.05, damaged: 0.01, restricted: 0.002 }
const REPLICAS = { reporting: 1, 'product-change': 2, persister: 2, 'catalog-fetcher': 2 }
/** A catalogue that changes at a steady rate on a whole cluster, watched every ten seconds, then checked to the last product. */
export async function runSoak(
  options: SoakOptions,
): Promise<{ readonly report: SoakReport; readonly samples: readonly Sample[] }> {
  const { products, rate, durationMs, brokers, seed, folder, say } = options
  const catalogue = new MovingCatalogue({ ...MIX, seed, count: products })
  const unanswered = products * (MIX.restricted + (MIX.damaged * 4) / 7)
  const stale = staleness({
    products,
    touchedPerSecond: rate / 2,
    stalePerSecond: rate / 2 - unanswered / 60,
  })
  const cluster = await startCluster({
    folder,
    brokers,
    simulator: {
      seed,
      rate: QUOTA,
      burst: QUOTA,
      'app-rate': QUOTA,
      latency: '50-200',
      'token-ttl': 900,
      'asins-per-upc': MIX.asinsPerUpc,
      'not-found': MIX.notFound,
    },
    variables: {
      SP_API_USAGE_PLANS: `searchCatalogItems=${QUOTA}/${QUOTA}`,
      SYNC_SCHEDULE: '* * * * *',
      SYNC_STALE_AFTER: `${Math.round(stale.afterSeconds)}s`,
      FETCHERS: String(REPLICAS['catalog-fetcher']),
    },
  })
  const { db, supervisor, simulator } = cluster
  const redis = new Redis(cluster.redis.url)
  const pim = await openDatabase({ url: cluster.postgres.url, poolSize: 1, applicationName: 'pim' })
  try {
    await supervisor.scale('reporting', 1)
    const api = supervisor.urlOf('reporting-0')
    await waitFor(() => supervisor.isReady('reporting-0'), { what: 'the API', timeoutMs: 60_000 })
    await enableMarketplaces(db, [{ marketplaceId: DEFAULT_MARKETPLACE, countryCode: 'US' }])
    say(`importing ${products} products`)
    await importCatalogue(api, catalogue)
    for (const [service, count] of Object.entries(REPLICAS)) await supervisor.scale(service, count)
    say('waiting for the first sync of all of them')
    await untilQuiet(db)
    await age(db, stale)
    await db.query('vacuum (analyze)')

    const startedAt = new Date()
    const started = performance.now()
    const stop = AbortSignal.any([options.signal, AbortSignal.timeout(durationMs)])
    say(`the load begins: ${rate} products a second for ${Math.round(durationMs / 1_000)} s`)
    const load = startLoad({
      api,
      pim,
      catalogue,
      seed,
      changesPerSecond: rate / 4,
      asksPerSecond: rate / 4,
      signal: stop,
    })
    const samples = await watch(cluster, redis, { folder, signal: stop, say }, started)
    await load.ended
    const seconds = Math.round((performance.now() - started) / 1_000)
    say('the load has ended; waiting for the rest')
    await untilQuiet(db)
    const processes = supervisor.names.length
    await supervisor.stop()
    say('checking every product')
    const findings = await checkSoak({ catalogue, load, db, log: cluster.log, amazon: simulator.url })
    return {
      samples,
      report: {
        startedAt: startedAt.toISOString(),
        seconds,
        products,
        rate,
        brokers,
        seed,
        processes,
        changes: load.changes,
        asked: [...load.jobs.values()].reduce((sum, n) => sum + n, 0),
        jobs: load.jobs.size,
        ...(await readFigures(db, simulator.url)),
        endedByThemselves: supervisor.endedByThemselves,
        badExits: supervisor.exits.filter(({ sent, code }) => sent === 'SIGTERM' && code !== 0),
        failures: load.failures,
        warnings: warningsOf(join(folder, 'services')),
        findings: summarise(findings),
        verdicts: judgeAll(samples),
      },
    }
  } finally {
    redis.disconnect()
    await pim.close()
    await cluster.stop()
  }
}

async function importCatalogue(api: string, catalogue: MovingCatalogue): Promise<void> {
  let body = csvHeader(false)
  for (let product = 0; product < catalogue.size; product++) body += csvLine(catalogue.row(product), false)
  await noticeClosed()
  const response = await fetch(`${api}/products`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body,
  })
  if (!response.ok) throw new Error(`the import failed: ${response.status} ${await response.text()}`)
}

/** Resolves when every product is final and every job complete, at a moment when no schedule is about to begin one. */
async function untilQuiet(db: Database): Promise<void> {
  await waitFor(
    async () => {
      if (new Date().getUTCSeconds() > 45) return false
      const [open] = await db.query<{ n: number }>(
        `select (select count(*) from sync_jobs where state in ('queued', 'running'))::int
              + (select coalesce(sum(n), 0) from sync_state_counts where state in ('pending', 'queued'))::int as n`,
      )
      return open?.n === 0
    },
    { what: 'every product in a final state and every job complete', timeoutMs: SETTLE_LIMIT_MS },
  )
}

function judgeAll(samples: readonly Sample[]): readonly SeriesVerdict[] {
  return panels.flatMap((panel) => {
    const { tolerance } = panel
    if (tolerance === null) return []
    return [...seriesOf(panel, samples)].flatMap(([series, points]) => {
      const { leastOfSeconds } = panel
      const judged = leastOfSeconds === undefined ? points : leastOf(points, leastOfSeconds)
      const verdict = judge(judged, tolerance)
      return verdict === null ? [] : [{ panel: panel.key, series, ...verdict }]
    })
  })
}

const SERIOUS = new Set(['warn', 'error', 'fatal'])

/** Lines of the services' logs from `warn` on, and whatever is no line of JSON, by what they say. */
function warningsOf(folder: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.log'))) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      if (line === '') continue
      const said = messageOf(line)
      if (said === null) continue
      const key = `${file.replace(/(-\d+)?\.log$/, '')}: ${said}`
      counts[key] = (counts[key] ?? 0) + 1
    }
  }
  return counts
}

function messageOf(line: string): string | null {
  try {
    const { level, msg } = JSON.parse(line) as { level: string; msg: string }
    return SERIOUS.has(level) ? msg : null
  } catch {
    return line.slice(0, 200)
  }
}
