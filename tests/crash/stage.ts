import { mkdirSync } from 'node:fs'
import { freePort } from '#libs/child-process/port.ts'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import type { EventLog } from '#libs/event-log/port.ts'
import { createBackends } from '#libs/service/backends.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import type { StartService } from '#libs/service/service.ts'
import { SYNC_RESULTS } from '#schemas/topics.ts'
import { CATALOG_FETCHER_GROUP } from '#services/catalog-fetcher/catalog-fetcher.ts'
import { startCatalogFetcher } from '#services/catalog-fetcher/service.ts'
import { OFFER_FETCHER_GROUP } from '#services/offer-fetcher/offer-fetcher.ts'
import { startOfferFetcher } from '#services/offer-fetcher/service.ts'
import { OFFERS_PERSISTER_GROUP } from '#services/persister/offers-persister.ts'
import { PERSISTER_GROUP } from '#services/persister/persister.ts'
import { startPersister } from '#services/persister/service.ts'
import { startProductChange } from '#services/product-change/service.ts'
import { startReporting } from '#services/reporting/service.ts'
import { DEFAULT_MARKETPLACE } from '#simulator/marketplaces.ts'
import { installAudit } from '#tests/faults/audit.ts'
import type { Finding } from '#tests/faults/checker.ts'
import { BOTH_LEVELS, installPriceAudit } from '#tests/faults/prices.ts'
import { type System, startSystem } from '#tests/flow/system.ts'
import { waitFor } from '#tests/support/wait-for.ts'
import { checkCell, checkReaders, isFinal, isIdle, lengthOf, type Outcome } from './outcome.ts'
import type { Crash, Step } from './plan.ts'
import { startVictim, type Victim } from './victim.ts'
import { askDirectly, askThroughApi, forget, untilPricesQueued, untilQueued } from './workload.ts'

export const SERVICES = [
  'product-change',
  'catalog-fetcher',
  'persister',
  'offer-fetcher',
  'reporting',
] as const
export type ServiceName = (typeof SERVICES)[number]

/** Whether there are no runs of the service without prices. */
export const needsPrices = (service: ServiceName): boolean => service === 'offer-fetcher'

/** What came of one run of the workload. */
export interface CellResult {
  /** Where each process that ended by its plan did so, such as `postgres: commit`. */
  readonly crashedAt: readonly Step[]
  /** Attempts beyond one per product. */
  readonly retried: number
  /** The steps of the last process that was given a plan. */
  readonly steps: readonly Step[]
  readonly findings: readonly Finding[]
  readonly seconds: number
}

export interface StageOptions {
  /** The one whose processes crash. */
  readonly service: ServiceName
  /** What is matched is priced as well: always so for a service that does nothing else. */
  readonly prices?: boolean
  /** Another entry point than the service's own. */
  readonly main?: string
  /** Leads to servers that are migrated and have their topics. */
  readonly environment: Readonly<Record<string, string>>
  /** For logs and reports of the processes. */
  readonly folder: string
}

/** Short waits. Leases of rows are long: none may be needed. */
const VARIABLES: Readonly<Record<string, string>> = {
  DATABASE_POOL_SIZE: '4',
  SP_API_USAGE_PLANS: ['searchCatalogItems', 'getCompetitivePricing', 'getItemOffersBatch']
    .map((name) => `${name}=1000/1000`)
    .join(),
  FETCH_CONCURRENCY: '2',
  FETCH_LINGER: '20ms',
  RETRY_DELAY_BASE: '50ms',
  RETRY_DELAY_MAX: '500ms',
  MAX_ATTEMPTS: '100',
  QUEUED_TIMEOUT: '10m',
  KAFKA_SESSION_TIMEOUT: '1s',
  SYNC_SCHEDULE: 'off',
  LOG_LEVEL: 'error',
}

/** Small chunks, so that there are several of each. */
const SMALL = { products: 40, variables: { CLAIM_BATCH: '20', PERSIST_BATCH: '15' } }
/** An import writes a thousand products in a transaction. */
const IMPORT = { products: 1_050, variables: {} }
const sizeOf = (service: ServiceName): typeof SMALL | typeof IMPORT =>
  service === 'reporting' ? IMPORT : SMALL

const STARTERS: Readonly<Record<ServiceName, StartService>> = {
  'product-change': startProductChange,
  'catalog-fetcher': startCatalogFetcher,
  persister: startPersister,
  'offer-fetcher': startOfferFetcher,
  reporting: startReporting,
}
/** How long a run may take; far more than it does. */
const TIMEOUT_MS = 90_000
/** When to look whether anything is still going on; the second look, as long after the first, decides. */
const LOST_AFTER_MS = 2_000
const GROUPS: Partial<Record<ServiceName, readonly string[]>> = {
  'catalog-fetcher': [CATALOG_FETCHER_GROUP],
  persister: [PERSISTER_GROUP, OFFERS_PERSISTER_GROUP],
  'offer-fetcher': [OFFER_FETCHER_GROUP],
}

/**
 * One running system for any number of cells. The services that are not to crash run in this process, from cell to cell;
 * so does the one that takes over from the crashed process: it starts at the moment of the crash, with connections and
 * memory of its own. Each cell begins with empty tables.
 */
export class Stage {
  readonly #environment: Readonly<Record<string, string>>
  readonly #options: StageOptions
  readonly #products: number
  readonly #outcome: Outcome
  readonly #system: System
  readonly #running = new Set<ServiceName>()
  readonly #db: Database
  readonly #log: EventLog
  readonly #close: () => Promise<void>
  /** The next process: it loads while the one before is at work. */
  #next: Promise<Victim>
  #victims = 0
  /** The work is still being asked for. */
  #asking: boolean = false

  private constructor(
    options: StageOptions,
    parts: { system: System; db: Database; log: EventLog; close: () => Promise<void> },
  ) {
    this.#options = options
    this.#environment = options.environment
    this.#products = sizeOf(options.service).products
    this.#system = parts.system
    this.#db = parts.db
    this.#log = parts.log
    this.#outcome = {
      db: parts.db,
      log: parts.log,
      amazon: String(this.#environment.SP_API_ENDPOINT),
      products: this.#products,
      prices: pricesOf(options),
    }
    this.#close = parts.close
    this.#next = this.#load()
  }

  static async open(given: StageOptions): Promise<Stage> {
    const { variables } = sizeOf(given.service)
    const environment: Record<string, string> = {
      ...given.environment,
      ...VARIABLES,
      ...variables,
      OFFERS_POLICY: pricesOf(given) ? BOTH_LEVELS : 'off',
      PORT: String(await freePort()),
    }
    const options = { ...given, environment }
    mkdirSync(options.folder, { recursive: true })
    const system = await startSystem(environment)
    const logger = createLogger({ level: 'error', service: 'crash-test' })
    const config = loadConfig(environment)
    const backends = createBackends({ config, service: 'crash-test', logger, metrics: createMetrics() })
    const close = async (): Promise<void> => {
      await system.stop()
      await backends.close()
    }
    try {
      const db = await openDatabase({ url: String(environment.DATABASE_URL), poolSize: 2 })
      const closeAll = async (): Promise<void> => {
        await close()
        await db.close()
      }
      const [audit] = await db.query<{ there: boolean }>(
        `select to_regclass('fault_audit') is not null as there`,
      )
      if (!audit?.there) {
        await installAudit(db)
        await installPriceAudit(db)
      }
      await enableMarketplaces(db, [{ marketplaceId: DEFAULT_MARKETPLACE, countryCode: 'US' }])
      return new Stage(options, { system, db, log: backends.log(), close: closeAll })
    } catch (error) {
      await close()
      throw error
    }
  }

  /** The workload once, while processes of the service end by these plans, one after the other; then a whole one. */
  async run(crashes: readonly Crash[]): Promise<CellResult> {
    const { service } = this.#options
    const started = performance.now()
    for (const name of SERVICES) {
      if (name === service) await this.#end(name)
      else if (this.#outcome.prices || !needsPrices(name)) await this.#start(name)
    }
    await forget(this.#db, this.#outcome.amazon)
    const before = await lengthOf(this.#log, SYNC_RESULTS)
    const asked =
      service === 'reporting'
        ? askThroughApi(`http://127.0.0.1:${this.#environment.PORT}`, this.#products)
        : askDirectly(this.#db, this.#products)
    this.#asking = true
    const askedAll = asked.finally(() => {
      this.#asking = false
    })
    askedAll.catch(() => {}) // it is awaited below
    await this.#backlog(before)

    const crashedAt: Step[] = []
    let steps: readonly Step[] = []
    let crashed = true
    for (const plan of crashes) {
      const victim = await this.#next
      this.#next = this.#load()
      const running = victim.run(plan)
      const settled = this.#settled({ victim, running })
      const report = await running
      await settled
      steps = report.steps
      crashed = report.crashed
      const last = steps.at(-1)
      if (!crashed || last === undefined) break
      crashedAt.push(last)
      await this.#expireLeases()
    }
    if (crashed) await this.#start(service)
    await askedAll
    await this.#settled()
    const { findings, retried } = await checkCell(this.#outcome)
    return {
      crashedAt,
      steps,
      retried,
      findings: [...findings, ...(crashed ? await checkReaders(this.#outcome) : [])],
      seconds: (performance.now() - started) / 1_000,
    }
  }

  async close(): Promise<void> {
    await (await this.#next).kill()
    await this.#close()
  }

  async #start(name: ServiceName): Promise<void> {
    if (this.#running.has(name)) return
    await this.#system.start(name, STARTERS[name])
    this.#running.add(name)
  }

  async #end(name: ServiceName): Promise<void> {
    this.#running.delete(name)
    await this.#system.end(name)
  }

  #load(): Promise<Victim> {
    const { service, main } = this.#options
    return startVictim({
      name: `${service}-${++this.#victims}`,
      main: main ?? `services/${service}/main.ts`,
      // The health port of the others may be any; the API has to be where the client looks for it.
      environment: { ...this.#environment, ...(service !== 'reporting' && { PORT: '0' }) },
      preload: ['libs/service/run.ts', `services/${service}/service.ts`],
      folder: this.#options.folder,
    })
  }

  /** Waits until all that the others can do before the service has to is done, so that its steps are the same each time. */
  async #backlog(before: bigint): Promise<void> {
    const { service } = this.#options
    if (service === 'catalog-fetcher') await untilQueued(this.#db, this.#products)
    if (service === 'offer-fetcher') await untilPricesQueued(this.#db, this.#products)
    if (service === 'persister') {
      const results = async (): Promise<bigint> => (await lengthOf(this.#log, SYNC_RESULTS)) - before
      await waitFor(async () => (await results()) >= BigInt(this.#products), {
        what: 'all results in the log',
      })
    }
  }

  /**
   * Resolves when every product is final, every job complete and every match priced, or when there is nothing left that could bring that about:
   * the checker then says what is missing. A process that is still there is asked to end.
   */
  async #settled(process?: { victim: Victim; running: Promise<unknown> }): Promise<void> {
    const gone = new AbortController()
    const over = (): void => gone.abort()
    void process?.running.then(over, over)
    let lookAt = performance.now() + LOST_AFTER_MS
    let idleBefore = false
    const done = async (): Promise<boolean> => {
      if (gone.signal.aborted || (await isFinal(this.#outcome))) return true
      if (performance.now() < lookAt) return false
      const idle = !this.#asking && (await isIdle(this.#outcome))
      lookAt = performance.now() + LOST_AFTER_MS
      // Twice: what is on its way between two of the looks would be missed once.
      if (idle && idleBefore) return true
      idleBefore = idle
      return false
    }
    await waitFor(done, { what: 'every product in a final state', timeoutMs: TIMEOUT_MS }).catch(
      (error: unknown) => {
        // What is missing is for the checker to say.
        if (error instanceof Error && error.cause !== undefined) throw error
      },
    )
    if (!gone.signal.aborted) await process?.victim.stop()
  }

  /** A member of the log in PostgreSQL that died keeps its partitions for ten seconds: they are over now. */
  async #expireLeases(): Promise<void> {
    const groups = GROUPS[this.#options.service]
    if (groups === undefined || this.#environment.KAFKA_BROKERS) return
    await this.#db.query(
      `update event_log.members set expires_at = clock_timestamp() - interval '1 second' where group_name = any ($1)`,
      [groups],
    )
  }
}

const pricesOf = ({ service, prices = false }: Pick<StageOptions, 'service' | 'prices'>): boolean =>
  prices || needsPrices(service)
