import { join } from 'node:path'
import { type ClaimedProduct, claimDue } from '#libs/db/claims.ts'
import type { Database } from '#libs/db/database.ts'
import { foldCounts } from '#libs/db/job-counts.ts'
import { createJob, expandNextJob } from '#libs/db/jobs.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import type { Decoded } from '#libs/stream/processor.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { SYNC_RESULTS } from '#schemas/topics.ts'
import { createPersister } from '#services/persister/persister.ts'
import { addPendingProducts, startCatalogueDatabase, US } from './support/catalogue-database.ts'
import { benchCommand } from './support/command.ts'
import { cpuSeconds, cpuSecondsOfTree, residentMegabytes } from './support/process-usage.ts'
import { defineSection, type Row } from './support/section.ts'
import { resultOf } from './support/store-rows.ts'

export const store = defineSection({
  name: 'store',
  title: 'Writing results',
  about:
    "The persister's chunk transaction (fence, state, counts, log, code, market data) beside a raw `unnest` upsert of the same market data into a table with a primary key and nothing else, in turns, over every product of the catalogue; and what goes before it, the job's expansion and the claims. PostgreSQL is durable and without a replica.",
  options: {
    products: { full: 50_000, quick: 4_000, help: 'products in each round' },
    rounds: { full: 3, quick: 1, help: 'rounds; the first one inserts, the others update' },
    chunk: { full: 1_000, quick: 1_000, help: 'results in one transaction' },
    prices: { full: 'off', quick: 'off', help: 'OFFERS_POLICY: whether matches are queued to be priced' },
  },
  async run({ options, folder, say }) {
    const { db, server, stop } = await startCatalogueDatabase(join(folder, 'postgres'))
    const rows: Row[] = []
    const findings: string[] = []
    try {
      await addPendingProducts(db, 0, options.products)
      await createRawTable(db)
      const persister = createPersister({
        db,
        config: loadConfig({ PERSIST_BATCH: String(options.chunk), OFFERS_POLICY: options.prices }),
        logger: createLogger({ level: 'warn', service: 'bench' }),
        metrics: createMetrics(),
      })
      let offset = 0
      const measured = async (what: string, round: number, work: () => Promise<number>): Promise<number> => {
        const before = {
          at: performance.now(),
          own: cpuSeconds(process.pid),
          server: cpuSecondsOfTree(server.pid),
        }
        const done = await work()
        const seconds = (performance.now() - before.at) / 1_000
        const per100k = (now: number | null, then: number | null) =>
          now === null || then === null ? null : round2(((now - then) / done) * 100_000)
        rows.push({
          what,
          round,
          'products/s': Math.round(done / seconds),
          'Node CPU s per 100,000': per100k(cpuSeconds(process.pid), before.own),
          'PostgreSQL CPU s per 100,000': per100k(cpuSecondsOfTree(server.pid), before.server),
        })
        if (done !== options.products) findings.push(`${what}: ${done} of ${options.products} products`)
        return done / seconds
      }
      for (let round = 1; round <= options.rounds; round++) {
        say(`round ${round}`)
        if (round > 1) {
          await measured('into a job', round, async () => {
            await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'bench' })
            while (await expandNextJob(db, 2_000)) {}
            return options.products
          })
        }
        const claims: ClaimedProduct[] = []
        await measured('claimed', round, async () => {
          const claim = () =>
            claimDue(
              db,
              { limit: 1_000, queuedTimeoutMs: 3_600_000 },
              async (due) => void claims.push(...due),
            )
          while ((await claim()) > 0) {}
          return claims.length
        })
        const results = claims.map(resultOf) as unknown as SyncResult[]
        const ours = await measured('chunk transaction', round, async () => {
          let done = 0
          for (const chunk of chunks(results, options.chunk)) {
            const records = chunk.map(
              (value): Decoded<SyncResult> => ({ value: toResult(value), raw: rawOf(offset++) }),
            )
            const verdicts = await persister.process(
              { key: '', records },
              { signal: new AbortController().signal },
            )
            done += verdicts.filter((verdict) => verdict.kind === 'done').length
            await foldCounts(db)
          }
          return done
        })
        const raw = await measured('raw unnest upsert', round, async () => {
          for (const chunk of chunks(results, options.chunk)) await upsertRaw(db, chunk)
          return results.length
        })
        const last = rows.at(-2)
        if (last) rows[rows.length - 2] = { ...last, 'ratio to raw': round2(ours / raw) }
      }
      const [left] = await db.query<{ n: number }>(
        `select count(*)::int as n from product_syncs where state <> 'success'`,
      )
      if (left?.n !== 0) findings.push(`${left?.n} products without success`)
      return {
        tables: [
          { title: 'Throughput and CPU', rows },
          { title: 'Updates that stay on their page (HOT), and sizes', rows: await tableFacts(db) },
        ],
        notes: [`Resident memory of this process at the end: ${residentMegabytes(process.pid)} MB.`],
        findings,
      }
    } finally {
      await stop()
    }
  },
})

async function tableFacts(db: Database): Promise<Row[]> {
  await db.query('select pg_stat_force_next_flush()')
  return db.query<Record<string, string | number>>(
    `select relname as table, n_tup_ins::int as inserted, n_tup_upd::int as updated,
            case when n_tup_upd > 0 then round(100.0 * n_tup_hot_upd / n_tup_upd)::int end as "HOT %",
            (pg_relation_size(relid) / 1048576.0)::numeric(10, 1)::float8 as "table MB",
            (pg_indexes_size(relid) / 1048576.0)::numeric(10, 1)::float8 as "indexes MB"
       from pg_stat_user_tables where n_tup_ins + n_tup_upd > 1000 order by relname`,
  ) as Promise<Row[]>
}

const toResult = (value: SyncResult): SyncResult =>
  ({ ...value, outcome: 'success', retryAfterMs: null }) as SyncResult

const rawOf = (offset: number): Decoded<SyncResult>['raw'] => ({
  topic: SYNC_RESULTS,
  partition: 0,
  offset: BigInt(offset),
  key: null,
  value: null,
  headers: {},
  timestamp: Date.now(),
})

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size)
}

const rawColumns = `product_id uuid, marketplace_id text, asin text, chosen bool, score float8, reasons jsonb, title text,
  brand text, product_type text, item_classification text, package_quantity int, sales_rank bigint,
  sales_rank_category text, image_url text, dimensions jsonb, observed_at float8, operation text`

async function createRawTable(db: Database): Promise<void> {
  await db.query(`create table raw_market_data (${rawColumns}, primary key (product_id, marketplace_id, asin))
    with (fillfactor = 80)`)
}

const columns = rawColumns.split(',').map((column) => column.trim().split(' ') as [string, string])

async function upsertRaw(db: Database, results: readonly SyncResult[]): Promise<void> {
  const values = results.flatMap((r) =>
    r.candidates.map((c) => [
      r.productId,
      r.marketplaceId,
      c.asin,
      c.chosen,
      c.score,
      JSON.stringify(c.reasons),
      c.title,
      c.brand,
      c.productType,
      c.itemClassification,
      c.packageQuantity,
      c.salesRank,
      c.salesRankCategory,
      c.imageUrl,
      c.dimensions,
      r.observedAt,
      r.operation,
    ]),
  )
  const names = columns.map(([name]) => name)
  await db.query(
    `insert into raw_market_data (${names.join(', ')})
       select * from unnest(${columns.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ')})
       on conflict (product_id, marketplace_id, asin)
       do update set (${names.join(', ')}) = (${names.map((name) => `excluded.${name}`).join(', ')})`,
    columns.map((_, i) => values.map((row) => row[i])),
  )
}

const round2 = (value: number): number => Math.round(value * 100) / 100

if (import.meta.main) await benchCommand([store])
