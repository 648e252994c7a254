import { join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { csvHeader, csvLine } from '#simulator/catalogue/csv.ts'
import { type GenerateOptions, generateProducts } from '#simulator/catalogue/generate-products.ts'
import { DEFAULT_MARKETPLACE } from '#simulator/marketplaces.ts'
import { waitFor } from '#tests/support/wait-for.ts'
import { type Finding, summarise } from './checker.ts'
import { type Cluster, type ClusterOptions, startCluster } from './cluster.ts'
import { checkRun, type Figures, readFigures } from './facts.ts'
import { checkOutputs } from './output.ts'
import { Progress } from './progress.ts'
import type { Exit } from './supervisor.ts'

/** The mix of products: everything that ends differently is in it. */
const SAMPLE = { asinsPerUpc: 1.15, notFound: 0.05, duplicates: 0.05, damaged: 0.05, restricted: 0.01 }

export interface TrialOptions extends Pick<ClusterOptions, 'through' | 'advertised' | 'postgresDisk'> {
  readonly scenario: string
  readonly seed: number
  readonly products: number
  readonly brokers: 1 | 3
  /** Calls a second that the simulator grants. */
  readonly rate: number
  /** Processes of each service. */
  readonly replicas: Readonly<Record<string, number>>
  /** For data and logs. */
  readonly folder: string
  /** How long the work may take in all. */
  readonly timeoutMs: number
  readonly variables?: Readonly<Record<string, string>>
  readonly besides?: BesidesLookups
  readonly say?: (line: string) => void
}

/** Work that goes on beside the look-ups, and is checked with them. */
export interface BesidesLookups {
  /** Before any product is there. */
  prepare(cluster: Cluster): Promise<void>
  /** Whether all of it is done, once all products are final. */
  done(cluster: Cluster): Promise<boolean>
  check(cluster: Cluster): Promise<readonly Finding[]>
}

/** What a scenario is given to act on. */
export interface Trial extends Cluster {
  readonly options: TrialOptions
  /** Products in a final state so far. */
  finals(): Promise<number>
  /** Resolves when this share of the products is in a final state. */
  reached(share: number): Promise<void>
  /** Resolves when this is so, or the time of the trial is over. */
  until(done: () => Promise<boolean>): Promise<void>
  /** When products became final. */
  readonly progress: Progress
  readonly say: (line: string) => void
}

/** What a scenario did; `more` is asked for figures when all work is done. */
export interface Deeds {
  readonly faults: number
  /** Beyond what the checker finds. */
  readonly findings?: readonly Finding[]
  readonly more?: Record<string, unknown> | (() => Record<string, unknown>)
}

export interface Report extends Figures {
  readonly scenario: string
  readonly seed: number
  readonly products: number
  readonly brokers: number
  readonly processes: number
  readonly faults: number
  readonly seconds: number
  /** Processes that ended although nobody asked them to. */
  readonly endedByThemselves: number
  /** SIGTERMs whose process did not end with 0 within its grace. */
  readonly badExits: readonly Exit[]
  /** Empty when nothing is wrong. */
  readonly findings: Readonly<Record<string, readonly string[]>>
  readonly more?: Readonly<Record<string, unknown>>
}

/** `SHUTDOWN_GRACE`, and what closing backends and ending a process may take beyond it. */
const GRACE_MS = 20_000 + 7_000

/**
 * One catalogue from the import to final states on a whole cluster, while `act` does harm to it; then the checker.
 * `act` resolves to how many faults there were; the work goes on until every product is final or the time is over.
 */
export async function runTrial(
  options: TrialOptions,
  act: (trial: Trial) => Promise<Deeds>,
): Promise<Report> {
  const { scenario, seed, products, brokers, rate, replicas, folder, timeoutMs, say = () => {} } = options
  const { besides } = options
  const catalogue: GenerateOptions = { ...SAMPLE, seed, count: products }
  const cluster = await startCluster({
    folder,
    brokers,
    ...(options.through && { through: options.through }),
    ...(options.advertised && { advertised: options.advertised }),
    ...(options.postgresDisk !== undefined && { postgresDisk: options.postgresDisk }),
    simulator: {
      seed,
      rate,
      burst: rate,
      'app-rate': rate,
      'asins-per-upc': SAMPLE.asinsPerUpc,
      'not-found': SAMPLE.notFound,
    },
    variables: {
      SP_API_USAGE_PLANS: `searchCatalogItems=${rate}/${rate}`,
      KAFKA_SESSION_TIMEOUT: '6s',
      // Long enough that only a loss runs into it: what a rebalance holds up comes within seconds.
      QUEUED_TIMEOUT: '90s',
      RETRY_DELAY_BASE: '1s',
      MAX_QUEUED: String(Math.max(1_000, Math.min(10_000, rate * 200))),
      LOG_LEVEL: 'info',
      ...options.variables,
    },
  })
  const { db, supervisor, simulator } = cluster
  let progress: Progress | undefined
  try {
    await besides?.prepare(cluster)
    for (const service of Object.keys(replicas).filter((name) => name === 'reporting')) {
      await supervisor.scale(service, replicas[service] ?? 1)
    }
    const api = supervisor.urlOf('reporting-0')
    await waitFor(() => supervisor.isReady('reporting-0'), { what: 'the API', timeoutMs: 60_000 })
    // As product-change does when it starts: here the work is asked for before it does.
    await enableMarketplaces(db, [{ marketplaceId: DEFAULT_MARKETPLACE, countryCode: 'US' }])
    await importCatalogue(api, catalogue)
    await ask(api, '/marketplace/amazon/sync', { method: 'POST' })
    await simulator.resetStats()
    const started = performance.now()
    for (const [service, count] of Object.entries(replicas)) await supervisor.scale(service, count)

    const finals = async (): Promise<number> => {
      const [row] = await db.query<{ n: number }>(
        `select coalesce(sum(n), 0)::int as n from sync_state_counts where state not in ('pending', 'queued')`,
      )
      return row?.n ?? 0
    }
    progress = new Progress(finals)
    const deadline = started + timeoutMs
    const until = async (done: () => Promise<boolean>): Promise<void> => {
      // A question that fails is a database that is away: part of some scenarios.
      while (performance.now() < deadline && !(await done().catch(() => false))) await sleep(100)
    }
    const reached = (share: number) => until(async () => (await finals()) >= share * products)
    const {
      faults,
      more,
      findings: seen = [],
    } = await act({ ...cluster, options, finals, reached, until, progress, say })
    say('waiting for the rest')
    await reached(1)
    await until(async () => {
      const [open] = await db.query<{ n: number }>(
        `select count(*)::int as n from sync_jobs where state <> 'complete'`,
      )
      return open?.n === 0 && (besides === undefined || (await besides.done(cluster)))
    })
    const seconds = Math.round((performance.now() - started) / 100) / 10
    await progress.stop()
    const processes = supervisor.names.length
    await supervisor.stop()
    const findings = [
      ...seen,
      ...(await checkRun({ catalogue, db, log: cluster.log, amazon: simulator.url })),
      ...((await besides?.check(cluster)) ?? []),
      ...checkOutputs(join(folder, 'services')),
    ]
    return {
      scenario,
      seed,
      products,
      brokers,
      processes,
      faults,
      seconds,
      ...(await readFigures(db, simulator.url)),
      endedByThemselves: supervisor.endedByThemselves.length,
      badExits: supervisor.exits.filter(
        ({ sent, code, tookMs }) => sent === 'SIGTERM' && (code !== 0 || tookMs > GRACE_MS),
      ),
      findings: summarise(findings),
      ...(more && { more: typeof more === 'function' ? more() : more }),
    }
  } finally {
    await progress?.stop()
    await cluster.stop()
  }
}

async function importCatalogue(api: string, catalogue: GenerateOptions): Promise<void> {
  let body = csvHeader(false)
  for (const row of generateProducts(catalogue)) body += csvLine(row, false)
  await noticeClosed()
  await ask(api, '/products', { method: 'POST', headers: { 'content-type': 'text/csv' }, body })
}

/**
 * Long work keeps this process from seeing that a server has closed a connection that stood idle; the next request would
 * be written to it. One turn of the event loop shows it.
 */
export async function noticeClosed(): Promise<void> {
  await setImmediate()
}

async function ask(api: string, path: string, init: RequestInit): Promise<void> {
  const response = await fetch(`${api}${path}`, init)
  if (!response.ok) throw new Error(`${init.method} ${path}: ${response.status} ${await response.text()}`)
}
