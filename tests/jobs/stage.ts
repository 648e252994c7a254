import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '#libs/child-process/port.ts'
import type { Database } from '#libs/db/database.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { createBackends } from '#libs/service/backends.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { prepare } from '#libs/service/prepare.ts'
import type { JobDocument } from '#services/reporting/jobs/job-document.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { DEFAULT_MARKETPLACE } from '#simulator/marketplaces.ts'
import { waitFor } from '#tests/support/wait-for.ts'

const script = fileURLToPath(new URL('../../cli/asinstream.ts', import.meta.url))
const IMPORT_BATCH = 1_000
/** On a machine that has other work to do. */
const PATIENCE_MS = 240_000

/** All services in one process that can be killed, with its log in a file. */
export class Stage {
  readonly #environment: Readonly<Record<string, string>>
  readonly #log: number
  readonly #port: number
  #child: ChildProcess | undefined

  private constructor(environment: Readonly<Record<string, string>>, log: number, port: number) {
    this.#environment = environment
    this.#log = log
    this.#port = port
  }

  /** Prepares database and log; starts nothing. */
  static async open(options: {
    readonly databaseUrl: string
    /** Base URL of the simulator, and the requests a second that it grants. */
    readonly amazon: string
    readonly rate: number
    readonly folder: string
  }): Promise<Stage> {
    const port = await freePort()
    const environment = {
      DATABASE_URL: options.databaseUrl,
      SP_API_ENDPOINT: options.amazon,
      LWA_ENDPOINT: options.amazon,
      SP_API_CLIENT_ID: 'client',
      SP_API_CLIENT_SECRET: 'secret',
      SP_API_REFRESH_TOKEN: 'token',
      SP_API_USAGE_PLANS: `searchCatalogItems=${options.rate}/${options.rate}`,
      SYNC_SCHEDULE: 'off',
      OFFERS_POLICY: 'off',
      API_RATE_LIMIT: '100000',
      PORT: String(port),
    }
    const config = loadConfig(environment)
    const logger = createLogger({ level: 'warn', service: 'prepare' })
    const backends = createBackends({ config, service: 'prepare', logger, metrics: createMetrics() })
    try {
      await prepare(config, backends)
    } finally {
      await backends.close()
    }
    return new Stage(environment, openSync(join(options.folder, 'services.log'), 'a'), port)
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [script, 'serve', 'all'], {
      env: { PATH: process.env.PATH, ...this.#environment },
      stdio: ['ignore', this.#log, this.#log],
    })
    this.#child = child
    await waitFor(
      async () => {
        if (child.exitCode !== null) throw new Error(`the services ended with ${child.exitCode}`)
        return (await fetch(`${this.url}/readyz`)).ok
      },
      { what: 'the services to be ready', timeoutMs: PATIENCE_MS },
    )
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  async ask<T>(path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.url + path, {
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as T
  }

  status(id: string): Promise<JobDocument> {
    return this.ask(`/api/sync/status/${id}`)
  }

  /** The job as soon as it is so. */
  until(id: string, what: string, fact: (job: JobDocument) => boolean): Promise<JobDocument> {
    return waitFor(
      async () => {
        const job = await this.status(id)
        return fact(job) ? job : null
      },
      { what: `sync ${id}: ${what}`, timeoutMs: PATIENCE_MS },
    )
  }

  /** Requests of cancelled syncs that the fetcher has left out. */
  async dropped(): Promise<number> {
    const metrics = await (await fetch(`${this.url}/metrics`)).text()
    return Number(
      /records_dropped_total\{group="catalog-fetcher",reason="[^"]+"\} (\d+)/.exec(metrics)?.[1] ?? 0,
    )
  }
}

/** Products with codes that the simulator knows, in the one marketplace. */
export async function addKnownProducts(db: Database, count: number): Promise<void> {
  await enableMarketplaces(db, [{ marketplaceId: DEFAULT_MARKETPLACE, countryCode: 'US' }])
  let batch: { sku: string; upc: string; title: string; brand: string }[] = []
  for (const { sku, upc, title, brand } of generateProducts({ count, seed: 1 })) {
    batch.push({ sku, upc, title, brand })
    if (batch.length < IMPORT_BATCH) continue
    await upsertProducts(db, batch)
    batch = []
  }
  if (batch.length > 0) await upsertProducts(db, batch)
}

/** What is wrong with the books of all jobs that have ended, in words; empty when all is exact. */
export async function auditJobs(db: Database): Promise<readonly string[]> {
  const rows = await db.query<{ finding: string }>(
    `with sums as (
       select id, state, total, done, last_event,
              (select coalesce(sum(n::bigint), 0) from jsonb_each_text(outcomes) o (outcome, n)) as sum
         from sync_jobs where finished_at is not null)
     select 'sync ' || id || ' has ' || sum || ' outcomes of ' || total || ' products' as finding from sums
      where sum <> total or done <> total
     union all
     select 'sync ' || s.id || ' has gaps in its events' from sums s
      where (select array_agg(p.id order by p.id) from sync_progress p where p.job_id = s.id)
            is distinct from (select array_agg(n) from generate_series(1, s.last_event) n)
     union all
     select count(*) || ' products are ' || state || ' and no sync has them' from product_syncs
      where state in ('pending', 'queued') group by state
     union all
     select 'the counts have ' || coalesce(kept, 0) || ' ' || state || ', the rows ' || coalesce(n, 0)
       from (select state, sum(n) as kept from sync_state_counts group by state) k
       full join (select state, count(*) as n from product_syncs group by state) r using (state)
      where coalesce(kept, 0) <> coalesce(n, 0)
     union all
     select 'attempt ' || attempt || ' of ' || product_id || ' is in the log twice' from sync_logs
      group by product_id, marketplace_id, attempt having count(*) > 1`,
  )
  return rows.map(({ finding }) => finding)
}
