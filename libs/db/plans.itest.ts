import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { claimDue, countQueued, nextDueInMs } from './claims.ts'
import type { Database, Queryable } from './database.ts'
import { expandNextJob } from './job-expansion.ts'
import { completeJobs, createJob } from './jobs.ts'
import type { ProductFilter } from './product-filter.ts'
import { readSyncStatus } from './sync-status.ts'
import { openTestDatabase, US } from './testing.ts'

const PRODUCTS = 30_000

describeWith(['postgres'], 'what is asked again and again', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    await db.query(
      `insert into products (sku, upc, supplier, brand, category)
         select 'S' || i, i::text, 'supplier ' || i % 500, 'brand ' || i % 500, 'category ' || i % 500
           from generate_series(1, $1::int) i`,
      [PRODUCTS],
    )
    await db.query(
      `insert into sync_logs (product_id, marketplace_id, attempt, occurred_at, result)
         select product_id, marketplace_id, n, now() - interval '1 day' + n * interval '1 hour', 'success'
           from generate_series(1, 3) n, product_syncs`,
    )
    await db.query('vacuum analyze')
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  /** The plans of every statement that `work` runs. */
  async function plansOf(work: (db: Database) => Promise<unknown>): Promise<string> {
    const statements: { sql: string; parameters: readonly unknown[] }[] = []
    const record = (inner: Queryable): Queryable => ({
      query: (sql, parameters = []) => {
        statements.push({ sql, parameters })
        return inner.query(sql, parameters)
      },
    })
    await work({ ...db, ...record(db), transaction: (run) => db.transaction((tx) => run(record(tx))) })
    const plans = await Promise.all(
      statements.map(({ sql, parameters }) =>
        db.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, parameters),
      ),
    )
    return plans.flatMap((rows) => rows.map((row) => row['QUERY PLAN'])).join('\n')
  }
  const scansOfBigTables = (plans: string): string[] =>
    plans
      .split('\n')
      .filter((line) => /Seq Scan on (products|product_syncs|sync_logs|amazon_market_data)\b/.test(line))

  it.each<[string, (db: Database) => Promise<unknown>]>([
    ['the status', readSyncStatus],
    ['how many are queued', countQueued],
    ['when the next is due', nextDueInMs],
    ['the next products', (on) => claimDue(on, { limit: 100, queuedTimeoutMs: 1_000 }, async () => {})],
    ['complete jobs', completeJobs],
  ])('finds %s without reading the catalogue', async (_, work) => {
    const plans = await plansOf(work)
    expect(plans).not.toBe('')
    expect(scansOfBigTables(plans)).toEqual([])
  })

  it.each<[string, ProductFilter]>([
    ['everything', {}],
    ['a supplier', { supplier: ['supplier 7'] }],
    ['a brand', { brand: ['brand 7'] }],
    ['a category', { category: ['category 7'] }],
    ['skus', { sku: ['S1', 'S2'] }],
    ['codes', { upc: ['1', '2'] }],
    ['errors', { status: ['error'] }],
  ])('takes a batch of a job over %s in by an index', async (_, filter) => {
    await createJob(db, { filter, marketplaces: [US], requestedBy: 'test' })
    const plans = await plansOf((on) => expandNextJob(on, 100))
    expect(plans).toContain('Index')
    expect(scansOfBigTables(plans)).toEqual([])
  })
})
