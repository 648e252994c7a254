import { join } from 'node:path'
import { type ClaimedProduct, claimDue, countQueued, nextDueInMs } from '#libs/db/claims.ts'
import type { Database } from '#libs/db/database.ts'
import { foldCounts } from '#libs/db/job-counts.ts'
import { expandNextJob } from '#libs/db/job-expansion.ts'
import { endJobs } from '#libs/db/job-progress.ts'
import { createJob, listJobs } from '#libs/db/jobs.ts'
import { backfillMarketplaces, enableMarketplaces } from '#libs/db/marketplaces.ts'
import { pendingMigrations } from '#libs/db/migrate.ts'
import { applyOutcomes } from '#libs/db/outcomes.ts'
import { getProduct, listLogs } from '#libs/db/product-detail.ts'
import { listProducts, type ProductPage } from '#libs/db/product-list.ts'
import { findRedrives } from '#libs/db/redrives.ts'
import { newestExceptions } from '#libs/db/sync-exceptions.ts'
import { readSyncStatus } from '#libs/db/sync-status.ts'
import {
  addPendingProducts,
  settleProducts,
  startCatalogueDatabase,
  US,
} from './support/catalogue-database.ts'
import { benchCommand } from './support/command.ts'
import { cpuSecondsOfTree } from './support/process-usage.ts'
import { defineSection, type Row } from './support/section.ts'
import { resultOf, TRANSITION } from './support/store-rows.ts'

/** `sync-status` has to answer within this time, in milliseconds. */
const STATUS_LIMIT_MS = 50
/** Products that one statement of the hot path takes. */
const CHUNK = 1_000

type Table = Map<string, Row>
type Operation = readonly [name: string, work: (db: Database) => Promise<unknown>]

export const storeGrowth = defineSection({
  name: 'store-growth',
  title: 'Statements as the catalogue grows',
  about:
    'What the services and the API ask PostgreSQL, with ever more products in one database: the median of several calls in milliseconds, statistics as autovacuum finds them. "Fresh" is right after a bulk import, before PostgreSQL has looked at the tables. The hot path is measured twice: products in the order of the catalogue, as a job takes them, and products spread over all of it, each on pages of its own, as retries and single edits are. Its processor time, all of PostgreSQL\'s, is what other work on the machine hardly moves.',
  options: {
    sizes: { full: '10000,100000,1000000', quick: '10000', help: 'products, ascending' },
    runs: { full: 9, quick: 3, help: 'calls of each statement' },
  },
  async run({ options, folder, say }) {
    const { db, server, stop } = await startCatalogueDatabase(join(folder, 'postgres'))
    const rows: Table = new Map()
    const cpuRows: Table = new Map()
    const findings: string[] = []
    const note = (operation: string, column: string, ms: number | null, table = rows): void => {
      table.set(operation, { ...(table.get(operation) ?? { operation }), [column]: ms })
    }
    try {
      let present = 0
      for (const size of options.sizes.split(',').map(Number)) {
        const column = `${size} products`
        say(`${size} products: import`)
        await addPendingProducts(db, present, size)
        for (const [name, work] of fresh) note(name, column, await median(db, work, options.runs))
        await settleProducts(db, present, size)
        present = size
        await db.query('analyze')
        say(`${size} products: statements`)
        for (const [name, work] of [...startUp, ...questions(await deepCursor(db))]) {
          note(name, column, await median(db, work, options.runs))
        }
        const hot = await hotPath(db, { size, runs: options.runs, cpu: () => cpuSecondsOfTree(server.pid) })
        for (const { name, ms, cpuMs } of hot) {
          note(name, column, ms)
          note(name, column, cpuMs, cpuRows)
        }
        const status = rows.get('sync-status')?.[column]
        if (Number(status) > STATUS_LIMIT_MS) findings.push(`sync-status takes ${status} ms at ${column}`)
      }
    } finally {
      await stop()
    }
    return {
      tables: [
        { title: 'Milliseconds', rows: [...rows.values()] },
        { title: "PostgreSQL's processor time, milliseconds, the mean", rows: [...cpuRows.values()] },
      ],
      notes: [],
      findings,
    }
  },
})

const products =
  (filter: ProductPage['filter'], more: { after?: string } = {}) =>
  (db: Database) =>
    listProducts(db, { filter, limit: 51, ...more })

/** While everything is pending and the planner knows nothing of it. */
const fresh: readonly Operation[] = [
  ['fresh: sync-status', readSyncStatus],
  ['fresh: products, syncStatus=pending', products({ status: ['pending'] })],
  ['fresh: products, syncStatus=queued', products({ status: ['queued'] })],
  ['fresh: products, syncStatus=error', products({ status: ['error'] })],
  ['fresh: products, syncStatus=success', products({ status: ['success'] })],
  ['fresh: newest exceptions', (db) => newestExceptions(db, 20)],
  ['fresh: when the next is due', nextDueInMs],
]

const startUp: readonly Operation[] = [
  ['start: migrations there', pendingMigrations],
  ['start: marketplaces enabled', (db) => enableMarketplaces(db, [{ marketplaceId: US, countryCode: 'US' }])],
  ['start: rows missing', (db) => backfillMarketplaces(db, CHUNK)],
]

const questions = (deep: string): readonly Operation[] => [
  ['sync-status', readSyncStatus],
  ['products', products({})],
  ['products, deep cursor', products({}, { after: deep })],
  ['products, sku', products({ sku: ['SKU-77'] })],
  ['products, upc', products({ upc: ['000000000077'] })],
  ['products, asin', products({ asin: ['B000000077'] })],
  ['products, supplier', products({ supplier: ['supplier 7'] })],
  ['products, supplier, deep cursor', products({ supplier: ['supplier 7'] }, { after: deep })],
  ['products, brand', products({ brand: ['brand 7'] })],
  ['products, category', products({ category: ['category 7'] })],
  ['products, supplier and brand', products({ supplier: ['supplier 7'], brand: ['brand 8'] })],
  ['products, supplier and success', products({ supplier: ['supplier 7'], status: ['success'] })],
  ['products, supplier and error', products({ supplier: ['supplier 7'], status: ['error'] })],
  ...(['pending', 'queued', 'success', 'not_found', 'ambiguous', 'error', 'restricted'] as const).map(
    (state): Operation => [`products, syncStatus=${state}`, products({ status: [state] })],
  ),
  [
    'products, error and ambiguous, deep cursor',
    products({ status: ['error', 'ambiguous'] }, { after: deep }),
  ],
  ['products, pending, deep cursor', products({ status: ['pending'] }, { after: deep })],
  ['one product', (db) => getProduct(db, deep, 50)],
  ['logs of a product', (db) => listLogs(db, deep, { limit: 51 })],
  ['newest exceptions', (db) => newestExceptions(db, 20)],
  ['sync jobs', (db) => listJobs(db, { limit: 51 })],
  ['dead letters redriven', (db) => findRedrives(db, [{ partition: 0, offset: 1n, timestamp: 0 }])],
  ['how many are queued', countQueued],
  ['when the next is due', nextDueInMs],
]

interface HotStep {
  readonly name: string
  /** Of a call, the median. */
  readonly ms: number
  /** Of PostgreSQL, in a call, the mean; null where the system does not tell. */
  readonly cpuMs: number | null
}

interface HotPathOptions {
  readonly size: number
  readonly runs: number
  /** Seconds of PostgreSQL since it started. */
  readonly cpu: () => number | null
}

/** Whole rounds of a few thousand products, into a job, claimed, answered: the same work whatever the size. */
async function hotPath(db: Database, { size, runs, cpu }: HotPathOptions): Promise<readonly HotStep[]> {
  const calls = new Map<string, { ms: number; cpuMs: number | null }[]>()
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const before = { at: performance.now(), cpu: cpu() }
    const result = await work()
    const after = { at: performance.now(), cpu: cpu() }
    const cpuMs = after.cpu === null || before.cpu === null ? null : (after.cpu - before.cpu) * 1_000
    calls.set(name, [...(calls.get(name) ?? []), { ms: after.at - before.at, cpuMs }])
    return result
  }
  const claimAndAnswer = async (where: string): Promise<void> => {
    const claims: ClaimedProduct[] = []
    await timed(`hot: claim ${CHUNK}, ${where}`, () =>
      claimDue(db, { limit: CHUNK, queuedTimeoutMs: 3_600_000 }, async (rows) => void claims.push(...rows)),
    )
    if (claims.length !== CHUNK) throw new Error(`${claims.length} claims ${where} instead of ${CHUNK}`)
    await timed(`hot: ${CHUNK} outcomes, ${where}`, () =>
      db.transaction((tx) => applyOutcomes(tx, claims.map(resultOf), () => TRANSITION)),
    )
  }
  // Those that the catalogue has pending are spread over it, and would be claimed first.
  await db.query(`update product_syncs set state = 'not_found' where state = 'pending'`)
  // No more rounds than there are products for.
  const rounds = Math.min(runs, Math.floor(size / CHUNK))
  const job = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'bench' })
  for (let run = 0; run < rounds; run++) {
    await timed(`hot: ${CHUNK} products into a job`, () => expandNextJob(db, CHUNK))
  }
  await db.query('update sync_jobs set expanded = true where id = $1', [job])
  for (let run = 0; run < rounds; run++) {
    await claimAndAnswer('in order')
    await timed('hot: fold counts', () => foldCounts(db))
    await timed('hot: complete jobs', () => endJobs(db))
  }
  for (let run = 0; run < rounds; run++) {
    await makeSpreadPending(db, size, run)
    await claimAndAnswer('spread')
    await foldCounts(db)
  }
  return [...calls].map(([name, of]) => ({
    name,
    ms: middle(of.map((call) => call.ms)),
    cpuMs: meanOf(of.map((call) => call.cpuMs)),
  }))
}

/** One product in so many, so that each is as far from the next one as the catalogue has room. */
async function makeSpreadPending(db: Database, size: number, run: number): Promise<void> {
  const step = Math.floor(size / CHUNK)
  await db.query(
    `update product_syncs set state = 'pending', next_attempt_at = now() - random() * interval '1 hour'
      where product_id = any (array(select id from products where sku = any (array(
        select 'SKU-' || n from generate_series($1::int, $2::int, $3::int) n))))`,
    [1 + (run % step), step * CHUNK, step],
  )
}

async function deepCursor(db: Database): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    `select id from products where sku = 'SKU-' || (select count(*) * 9 / 10 from products)`,
  )
  if (!row) throw new Error('no product to begin a deep page after')
  return row.id
}

async function median(db: Database, work: Operation[1], runs: number): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const started = performance.now()
    await work(db)
    times.push(performance.now() - started)
  }
  return middle(times)
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  if (known.length < values.length) return null
  return Math.round((known.reduce((sum, value) => sum + value, 0) / known.length) * 10) / 10
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 10) / 10
}

if (import.meta.main) await benchCommand([storeGrowth])
