import type { Database } from '#libs/db/database.ts'
import { listJobs } from '#libs/db/jobs.ts'
import type { EventLog } from '#libs/event-log/port.ts'
import { DEAD_LETTERS } from '#schemas/topics.ts'
import type { GenerateOptions } from '#simulator/catalogue/generate-products.ts'
import {
  checkProduct,
  checkTotals,
  type Expected,
  type Finding,
  type ProductFacts,
  type Totals,
} from './checker.ts'
import { expectations } from './expectation.ts'

const PAGE = 5_000

/** Reads everything there is to know about a run that has ended, and checks it against what was asked. */
export async function checkRun(options: {
  readonly catalogue: GenerateOptions
  readonly db: Database
  readonly log: EventLog
  /** Base URL of the simulator. */
  readonly amazon: string
}): Promise<readonly Finding[]> {
  const { catalogue, db, log, amazon } = options
  const findings = await checkProducts(db, expectations(catalogue))
  return [...findings, ...checkTotals(expectations(catalogue), await readTotals(db, log, amazon))]
}

/** Every product that is expected against what the database says of it. */
export async function checkProducts(db: Database, expected: Iterable<Expected>): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  let page: Expected[] = []
  for (const one of expected) {
    page.push(one)
    if (page.length < PAGE) continue
    await checkPage()
  }
  await checkPage()
  return findings

  async function checkPage(): Promise<void> {
    const found = await readProducts(
      db,
      page.map(({ sku }) => sku),
    )
    for (const expected of page) findings.push(...checkProduct(expected, found.get(expected.sku)))
    page = []
  }
}

async function readProducts(
  db: Database,
  skus: readonly string[],
): Promise<ReadonlyMap<string, ProductFacts>> {
  const rows = await db.query<ProductFacts & Record<string, unknown>>(
    `select p.sku, p.sync_status as summary,
            coalesce((select jsonb_agg(jsonb_build_object('state', s.state, 'attempt', s.attempt))
                        from product_syncs s where s.product_id = p.id), '[]') as syncs,
            array(select l.attempt from sync_logs l where l.product_id = p.id) as "loggedAttempts",
            coalesce((select jsonb_agg(jsonb_build_object('asin', d.asin, 'chosen', d.chosen, 'salesRank', d.sales_rank))
                        from amazon_market_data d where d.product_id = p.id), '[]') as "marketData",
            (select jsonb_build_object(
                      'claims', count(*) filter (where kind = 'claim'),
                      'requeues', count(*) filter (where kind = 'requeue'),
                      'outcomes', count(*) filter (where kind = 'outcome'),
                      'changes', count(*) filter (where kind = 'change'),
                      'overtaken', count(*) filter (where kind = 'overtaken'),
                      'regressions', count(*) filter (where kind = 'regression'))
               from fault_audit a where a.product_id = p.id) as audit
       from products p where p.sku = any ($1::text[])`,
    [skus],
  )
  return new Map(rows.map((row) => [row.sku, row]))
}

export async function readTotals(db: Database, log: EventLog, amazon: string): Promise<Totals> {
  const [products] = await db.query<{ n: number }>('select count(*)::int as n from products')
  const states = await db.query<{ state: string; n: number }>(
    'select state, sum(n)::int as n from sync_state_counts group by state',
  )
  const ends = await log.admin.endOffsets(DEAD_LETTERS)
  const { identifiers } = (await (await fetch(`${amazon}/_simulator/asked`)).json()) as {
    identifiers: string[]
  }
  return {
    products: products?.n ?? 0,
    stateCounts: Object.fromEntries(states.map(({ state, n }) => [state, n])),
    jobs: await listJobs(db, { limit: 100 }),
    deadLetters: Number([...ends.values()].reduce((sum, end) => sum + end, 0n)),
    asked: new Set(identifiers),
  }
}

export interface Figures {
  readonly attempts: number
  readonly logRows: number
  /** Products that only the lease of their row brought back. */
  readonly requeued: number
  /** Codes that were asked for, per code that had to be: what was paid for twice. */
  readonly asksPerCode: number
  readonly throttled429: number
}

export async function readFigures(db: Database, amazon: string): Promise<Figures> {
  const [row] = await db.query<{ attempts: number; logRows: number; requeued: number }>(
    `select (select coalesce(sum(attempt), 0)::int from product_syncs) as attempts,
            (select count(*)::int from sync_logs) as "logRows",
            (select count(*)::int from fault_audit where kind = 'requeue') as requeued`,
  )
  const stats = (await (await fetch(`${amazon}/_simulator/stats`)).json()) as {
    throttled: number
    searchCatalogItems: { firstPages: { identifiers: number }; distinctIdentifiers: number }
  }
  const { firstPages, distinctIdentifiers } = stats.searchCatalogItems
  return {
    attempts: row?.attempts ?? 0,
    logRows: row?.logRows ?? 0,
    requeued: row?.requeued ?? 0,
    asksPerCode: Math.round((1_000 * firstPages.identifiers) / Math.max(1, distinctIdentifiers)) / 1_000,
    throttled429: stats.throttled,
  }
}
