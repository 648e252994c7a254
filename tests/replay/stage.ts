import { main } from '#cli/main.ts'
import { createReplayer } from '#cli/replay/replayer.ts'
import { openTools } from '#cli/tools.ts'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { loadConfig } from '#libs/service/config.ts'
import { registerAll } from '#schemas/tools/register.ts'
import { startCatalogFetcher } from '#services/catalog-fetcher/service.ts'
import { startOfferFetcher } from '#services/offer-fetcher/service.ts'
import { runReplay } from '#services/persister/replay/run-replay.ts'
import { startPersister } from '#services/persister/service.ts'
import { startProductChange } from '#services/product-change/service.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { control } from '#simulator/testing.ts'
import { createTestDatabase, waitFor } from '#tests/support/backing.ts'
import { type System, startSystem } from '../flow/system.ts'

const sample = { seed: 11, asinsPerUpc: 1.4, notFound: 0.05 }
export const OPERATIONS = ['searchCatalogItems', 'getCompetitivePricing', 'getItemOffersBatch']
export const OFFERS_POLICY = '{"price":{},"offers":{}}'

/** A synced catalogue, with what every answer said on the log. */
export interface Stage {
  readonly db: Database
  readonly system: System
  readonly simulator: Simulator
  /** What services and commands are told. */
  readonly environment: Readonly<Record<string, string>>
  /** `asinstream replay`, in this process. */
  replay(
    ...args: string[]
  ): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
  startServices(): Promise<void>
  close(): Promise<void>
}

export async function openStage(cluster: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one()
  }
  try {
    const database = await createTestDatabase()
    closers.push(() => database.drop())
    const simulator = await startSimulator({ ...sample, rate: 200, burst: 200, latencyMs: [1, 10] })
    closers.push(() => simulator.stop())
    await control(simulator, 'plan', { operation: '*', rate: 200, burst: 200 })
    if (cluster.SCHEMA_REGISTRY_URL) await registerAll(cluster.SCHEMA_REGISTRY_URL, () => {})
    const environment = {
      ...cluster,
      DATABASE_URL: database.url,
      DATABASE_POOL_SIZE: '4',
      SP_API_ENDPOINT: simulator.url,
      LWA_ENDPOINT: simulator.url,
      SP_API_CLIENT_ID: `client-${database.url.slice(-12)}`,
      SP_API_CLIENT_SECRET: 'secret',
      SP_API_REFRESH_TOKEN: 'token',
      SP_API_USAGE_PLANS: OPERATIONS.map((name) => `${name}=200/200`).join(','),
      RETRY_DELAY_BASE: '200ms',
      MAX_ATTEMPTS: '20',
      OFFERS_POLICY,
    }
    const system = await startSystem(environment)
    closers.push(() => system.stop())
    const db = await openDatabase({ url: database.url, poolSize: 3 })
    closers.push(() => db.close())
    return {
      db,
      system,
      simulator,
      environment,
      replay: (...args) => runHere(['replay', ...args], environment),
      async startServices() {
        await system.start('product-change', startProductChange)
        await system.start('persister', startPersister)
        await system.start('catalog-fetcher', startCatalogFetcher)
        await system.start('offer-fetcher', startOfferFetcher)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Runs a command line here: a process of its own would take longer to start than to do its work. */
async function runHere(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const written = { stdout: '', stderr: '' }
  const streams = ['stdout', 'stderr'] as const
  const writes = streams.map((name) => process[name].write)
  process.stdout.setMaxListeners(0)
  Object.assign(process.env, environment)
  for (const name of streams)
    process[name].write = ((text: string | Uint8Array) => {
      written[name] += String(text)
      return true
    }) as typeof process.stdout.write
  try {
    return { code: await main(args), ...written }
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name]
    streams.forEach((name, at) => {
      process[name].write = writes[at] as typeof process.stdout.write
    })
  }
}

export async function addCatalogue({ db }: Stage, count: number): Promise<void> {
  const rows = [...generateProducts({ ...sample, count, duplicates: 0.1, damaged: 0.1, restricted: 0.02 })]
  for (let i = 0; i < rows.length; i += 500) await upsertProducts(db, rows.slice(i, i + 500))
}

/** Every product is in a final state and no price is outstanding. */
export async function settled({ db, system }: Stage, products: number): Promise<void> {
  await Promise.race([
    waitFor(
      async () => {
        const [row] = await db.query<{ open: number; all: number; waiting: number; prices: number }>(
          `select (select count(*)::int from product_syncs where state in ('pending', 'queued')) as open,
                  (select count(*)::int from product_syncs) as all,
                  (select count(*)::int from offer_syncs where state in ('pending', 'queued')) as waiting,
                  (select count(*)::int from offer_syncs) as prices`,
        )
        return row?.open === 0 && row.all === products && row.waiting === 0 && row.prices > 0
      },
      { what: 'every product and price in a final state', timeoutMs: 120_000 },
    ),
    system.failed,
  ])
}

/** A whole topic into the live tables, in this process; resolves to how many records changed something. */
export async function replayHere({ environment, db }: Stage, topic: string): Promise<number> {
  const config = loadConfig(environment)
  await using tools = openTools(config)
  const { backends } = tools
  const log = backends.log()
  const { kinds } = await runReplay({
    log,
    codec: backends.codec(),
    topic,
    range: { from: new Map(), to: await log.admin.endOffsets(topic) },
    replayer: createReplayer({ backends, db, config }, topic, {
      schema: null,
      dryRun: false,
      rematch: false,
    }),
    signal: new AbortController().signal,
  })
  return kinds.created + kinds.updated
}

/** Rows by table and key; columns as JSON has them. */
export type Contents = Readonly<Record<string, ReadonlyMap<string, Readonly<Record<string, unknown>>>>>

/** What differs, column by column, the first ones: whole rows would fill the screen. */
export function differences(expected: Contents, actual: Contents): readonly string[] {
  const found: string[] = []
  const text = (value: unknown): string => JSON.stringify(value ?? null).slice(0, 80)
  for (const [table, rows] of Object.entries(expected)) {
    const others = actual[table] ?? new Map()
    for (const [key, row] of rows) {
      const other = others.get(key)
      if (other === undefined) found.push(`${table} lacks ${key}`)
      else
        for (const [column, value] of Object.entries(row))
          if (JSON.stringify(value) !== JSON.stringify(other[column]))
            found.push(`${table} ${key} ${column}: ${text(value)} became ${text(other[column])}`)
    }
    for (const key of others.keys()) if (!rows.has(key)) found.push(`${table} has ${key}`)
  }
  return found.slice(0, 20)
}

/** Everything that a replay may change, and that it must not. */
export async function contents(db: Database): Promise<Contents> {
  const read = async (key: string, select: string) => {
    const rows = await db.query<{ key: string; row: Record<string, unknown> }>(
      `select concat_ws(' ', ${key}) as key, to_jsonb(t) as row from (${select}) t order by 1`,
    )
    return new Map(rows.map(({ key, row }) => [key, row]))
  }
  return {
    products: await read(
      'sku',
      'select id, sku, upc, gtin14, upc_repair, sync_status, last_amazon_sync from products',
    ),
    syncs: await read('product_id, marketplace_id', 'select * from product_syncs'),
    data: await read('product_id, marketplace_id, asin', 'select * from amazon_market_data'),
    // A row that was gone does not know any more when it was claimed, and with which priority.
    prices: await read(
      'asin, marketplace_id, level',
      'select asin, marketplace_id, level, state, attempt, failures, sales_rank, observed_at, operation, observation, last_result from offer_syncs',
    ),
    history: await read('asin, marketplace_id, level, observed_at', 'select * from pricing_history'),
    logs: await read('product_id, marketplace_id, attempt', 'select * from sync_logs'),
    counts: await read(
      'marketplace_id, state',
      'select marketplace_id, state, sum(n) as n from sync_state_counts group by 1, 2 having sum(n) <> 0',
    ),
    priceCounts: await read(
      'marketplace_id, level, state',
      'select marketplace_id, level, state, sum(n) as n from offer_state_counts group by 1, 2, 3 having sum(n) <> 0',
    ),
    jobs: await read(
      'job_id, outcome',
      'select job_id, outcome, sum(n) as n from sync_job_counts group by 1, 2 having sum(n) <> 0',
    ),
    offsets: await read('consumer_group, topic, partition', 'select * from consumer_offsets'),
  }
}
