import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { claimDue, countQueued, nextDueInMs } from './claims.ts'
import type { Database, Queryable } from './database.ts'
import { type SyncState, syncStates } from './entities.ts'
import { groupFailures, listFailures } from './failures.ts'
import { steerJob } from './job-actions.ts'
import { expandNextJob } from './job-expansion.ts'
import { giveBackJobs, HELD, wakeJobs } from './job-holding.ts'
import { endJobs } from './job-progress.ts'
import { createJob, getJob, listJobs } from './jobs.ts'
import { candidatesByAsin, knownPrices, productsByCode } from './lookups.ts'
import { backfillMarketplaces, enableMarketplaces } from './marketplaces.ts'
import { applyOutcomes } from './outcomes.ts'
import { getProduct, listLogs } from './product-detail.ts'
import type { ProductFilter } from './product-filter.ts'
import { listProducts, type ProductPage } from './product-list.ts'
import { productValues } from './product-values.ts'
import { compareAnswers } from './replay/answers.ts'
import { lockStandings, readStandings } from './replay/standing.ts'
import { listInvalidCodes } from './review-codes.ts'
import { getMatch, listAmbiguous, listDecisions } from './review-matches.ts'
import type { ReviewFilter } from './review-walk.ts'
import { newestExceptions } from './sync-exceptions.ts'
import { readSyncStatus } from './sync-status.ts'
import { candidate, openTestDatabase, outcome, US } from './testing.ts'

const PRODUCTS = 40_000
/** What one call may read: pages and index searches are a few per row, and a page of a list has some fifty rows. */
const ROWS_LIMIT = 1_500

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly Plans?: readonly PlanNode[]
}

const bigTables = new Set(['products', 'product_syncs', 'amazon_market_data'])
const isBig = (table: string | undefined): boolean =>
  table !== undefined && (bigTables.has(table) || table.startsWith('sync_logs'))

type Work = (db: Database) => Promise<unknown>

describeWith(['postgres'], 'what is asked again and again', () => {
  let database: TestDatabase
  let db: Database
  let middle: string
  beforeAll(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    // Autovacuum would look at the tables half-way: what the planner knows is part of the test.
    for (const table of ['products', 'product_syncs', 'amazon_market_data']) {
      await db.query(`alter table ${table} set (autovacuum_enabled = false)`)
    }
    await db.query(
      `insert into products (id, sku, upc, supplier, brand, category)
         select uuidv7(), 'S' || i, i::text,
                case when i % 10000 = 5000 then 'rare' when i % 2 = 0 then 'large' else 'supplier ' || i % 200 end,
                'brand ' || i % 200, 'category ' || i % 200
           from generate_series(1, $1::int) i`,
      [PRODUCTS],
    )
    const [row] = await db.query<{ id: string }>(`select id from products where sku = 'S' || $1::int / 2`, [
      PRODUCTS,
    ])
    middle = row!.id
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
  })

  /** The plans, with what they read, of every statement that `work` runs; nothing that it writes stays. */
  async function plansOf(work: Work): Promise<PlanNode[]> {
    const plans: PlanNode[] = []
    const explaining = (tx: Queryable): Queryable => ({
      async query(sql, parameters = []) {
        if (!/^\s*(select|with|insert|update|delete)\b/i.test(sql)) return tx.query(sql, parameters)
        await tx.query('savepoint explained')
        const [explained] = await tx.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
          `explain (analyze, format json) ${sql}`,
          parameters,
        )
        await tx.query('rollback to explained')
        if (explained) plans.push(explained['QUERY PLAN'][0].Plan)
        return tx.query(sql, parameters)
      },
    })
    class Undone extends Error {}
    await db
      .transaction(async (tx) => {
        const on = explaining(tx)
        await work({ ...db, ...on, transaction: (inner) => inner(on) })
        throw new Undone()
      })
      .catch((error: unknown) => {
        if (!(error instanceof Undone)) throw error
      })
    return plans
  }

  const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]
  /** Rows that the nodes on the big tables looked at, kept or not. */
  const rowsRead = (plans: readonly PlanNode[]): number =>
    plans
      .flatMap(nodesOf)
      .filter((node) => isBig(node['Relation Name']))
      .reduce(
        (sum, node) =>
          sum +
          node['Actual Loops'] *
            (node['Actual Rows'] +
              (node['Rows Removed by Filter'] ?? 0) +
              (node['Rows Removed by Index Recheck'] ?? 0)),
        0,
      )
  const fullScans = (plans: readonly PlanNode[]): string[] =>
    plans
      .flatMap(nodesOf)
      .filter((node) => node['Node Type'] === 'Seq Scan' && isBig(node['Relation Name']))
      // The partitions that have nothing in them yet are a page at most.
      .filter((node) => node['Actual Rows'] > 0 || node['Rows Removed by Filter'])
      .map((node) => String(node['Relation Name']))

  const expectByIndex = async (work: Work, limit = ROWS_LIMIT): Promise<void> => {
    const plans = await plansOf(work)
    expect(plans.length).toBeGreaterThan(0)
    expect(fullScans(plans)).toEqual([])
    expect(rowsRead(plans)).toBeLessThan(limit)
  }

  const products =
    (filter: ProductPage['filter'], after?: () => string): Work =>
    (on) =>
      listProducts(on, { filter, limit: 51, ...(after && { after: after() }) })
  const status = (state: SyncState): [string, Work] => [
    `products that are ${state}`,
    products({ status: [state] }),
  ]

  const ambiguous =
    (filter: ReviewFilter, after?: () => string): Work =>
    (on) =>
      listAmbiguous(on, {
        filter,
        limit: 50,
        ...(after && { after: { productId: after(), marketplaceId: null } }),
      })
  /** A hundred results, of which one is of a product there is. */
  const replayed: Work = async (on) => {
    const results = Array.from({ length: 100 }, (_, i) => {
      const marketplaceId = i === 0 ? US : `M${i}`
      const candidates = [candidate('B000000001'), candidate('B000000002')]
      return outcome({ productId: middle, marketplaceId, attempt: 1 }, { candidates })
    })
    await readStandings(on, results)
    await compareAnswers(on, results)
    await lockStandings(on, results)
  }
  const questions: [string, Work][] = [
    ['the status', readSyncStatus],
    ['how many are queued', countQueued],
    ['when the next is due', nextDueInMs],
    ['complete jobs', endJobs],
    ['jobs', (on) => listJobs(on, { limit: 51 })],
    ['the newest exceptions', (on) => newestExceptions(on, 20)],
    ['products', products({})],
    ['products after one in the middle', products({}, () => middle)],
    ...(['pending', 'queued', 'success', 'not_found', 'ambiguous', 'error', 'invalid'] as const).map(status),
    ['errors after one in the middle', products({ status: ['error', 'ambiguous'] }, () => middle)],
    ['a supplier', products({ supplier: ['supplier 7'] })],
    ['a brand after one in the middle', products({ brand: ['brand 7'] }, () => middle)],
    ['a category', products({ category: ['category 7', 'category 8'] })],
    ["a supplier's successes", products({ supplier: ['supplier 7'], status: ['success'] })],
    ["a rare supplier's errors", products({ supplier: ['rare'], status: ['error'] })],
    ["a large supplier's few restricted ones", products({ supplier: ['large'], status: ['restricted'] })],
    ["a large supplier's errors", products({ supplier: ['large'], status: ['error'] })],
    ["a large supplier's products of a brand", products({ supplier: ['large'], brand: ['brand 8'] })],
    ["a brand's products of a rare supplier", products({ supplier: ['rare'], brand: ['brand 0'] })],
    ['errors in a marketplace', products({ inState: { states: ['error'], marketplaces: [US] } })],
    ['a marketplace', products({ inState: { states: syncStates, marketplaces: [US] } })],
    ['skus', products({ sku: ['S1', 'S2'] })],
    ['codes', products({ upc: ['1', '2'] })],
    ['an ASIN', products({ asin: ['B000000001'] })],
    [
      'codes that are looked up',
      (on) => productsByCode(on, US, new Map([['17', ['17', '017', '18']]]), 1e12),
    ],
    ['items that are looked up', (on) => candidatesByAsin(on, US, ['B000000001', 'B000000002'], 1e12)],
    ['what they cost', (on) => knownPrices(on, US, ['B000000001', 'B000000002'])],
    ['suppliers', (on) => productValues(on, 'supplier', '', 50)],
    ['brands that begin so', (on) => productValues(on, 'brand', 'Brand 1', 50)],
    ['a product', (on) => getProduct(on, middle, 50)],
    ['what is ambiguous', ambiguous({})],
    ['what is ambiguous after one in the middle', ambiguous({}, () => middle)],
    ["a rare supplier's ambiguous ones", ambiguous({ supplier: ['rare'], marketplaces: [US] })],
    ['a match', (on) => getMatch(on, { productId: middle, marketplaceId: US })],
    ['decisions', (on) => listDecisions(on, { limit: 51 })],
    ['invalid codes', (on) => listInvalidCodes(on, { filter: {}, limit: 50 })],
    [
      'failures after one in the middle',
      (on) =>
        listFailures(on, {
          filter: {},
          states: ['error'],
          limit: 50,
          after: { productId: middle, marketplaceId: null },
        }),
    ],
    ['its log', (on) => listLogs(on, middle, { limit: 51 })],
    ['what a replay compares', replayed],
    ['what is missing', (on) => backfillMarketplaces(on, 1_000)],
    ['marketplaces at a start', (on) => enableMarketplaces(on, [{ marketplaceId: US, countryCode: 'US' }])],
  ]

  it('reads what it groups by cause, and what a text is looked for in, by index alone', async () => {
    await settle()
    // A quarter of the four thousand exceptions, and their products.
    await expectByIndex((on) => groupFailures(on, { states: ['error'] }), 3_000)
    await expectByIndex((on) => listAmbiguous(on, { filter: { text: 'no such word' }, limit: 50 }), 6_000)
  })

  it('notices who reads the catalogue', async () => {
    await expect(expectByIndex((on) => on.query('select count(*) from products'))).rejects.toThrow()
    await expect(
      expectByIndex((on) => on.query(`select id from products where title = 'x' order by id limit 5`)),
    ).rejects.toThrow()
  })

  it.each(questions)('right after an import, of which the planner knows nothing: %s', async (_, work) => {
    await expectByIndex(work)
  })

  it.each(questions)('in a synced catalogue with statistics of before the sync: %s', async (_, work) => {
    await settle()
    await expectByIndex(work)
  })

  it.each(questions)('in a synced catalogue: %s', async (_, work) => {
    await settle()
    await vacuum()
    await expectByIndex(work)
  })

  it('claims the next products', async () => {
    await db.query(`update product_syncs set state = 'pending' where product_id > $1`, [middle])
    await expectByIndex((on) => claimDue(on, { limit: 100, queuedTimeoutMs: 1_000 }, async () => {}))
  })

  it('claims the next of many when few were due as the planner saw it', async () => {
    await settle()
    const due = (some: string) =>
      db.query(`update product_syncs set state = 'pending', next_attempt_at = now() where ${some}`)
    await due('product_id in (select id from products where substr(sku, 2)::int % 100 = 0)')
    await vacuum()
    await due('true')
    await expectByIndex((on) => claimDue(on, { limit: 500, queuedTimeoutMs: 1_000 }, async () => {}), 3_000)
  })

  /** What came of a hundred products that are asked for: a third has the item that it had, a third another, a third none. */
  const written = async (): Promise<void> => {
    const asked = await db.query<{ productId: string; attempt: number; asin: string }>(
      `update product_syncs s set state = 'queued', queued_at = now()
         from (select product_id, asin from amazon_market_data order by product_id offset 20000 limit 99) d
        where s.product_id = d.product_id returning s.product_id as "productId", s.attempt, d.asin`,
    )
    expect(asked).toHaveLength(99)
    const outcomes = asked.map(({ productId, attempt, asin }, i) =>
      outcome(
        { productId, marketplaceId: US, attempt },
        { observedAt: Date.now(), candidates: [[candidate(asin)], [candidate('B0ANOTHER0')], []][i % 3]! },
      ),
    )
    await expectByIndex(async (on) => {
      const applied = await on.transaction((tx) =>
        applyOutcomes(tx, outcomes, () => ({ state: 'success', failures: 0, retryInMs: null })),
      )
      expect(applied).toHaveLength(99)
    }, 3_000)
  }

  it('writes what came of products', async () => {
    await settle()
    await vacuum()
    await written()
  })

  it('writes it with statistics of a moment at which no product had an item', async () => {
    await settle()
    // All rows are dead in what the planner saw, and live for who comes after it.
    const undo = new Error('undo')
    const emptied = db.transaction(async (tx) => {
      await tx.query('delete from amazon_market_data')
      await tx.query('analyze amazon_market_data')
      throw undo
    })
    await expect(emptied).rejects.toBe(undo)
    await written()
    await db.query('analyze amazon_market_data')
  })

  it('claims pairs of one code, of which the planner knows no more than of what is pending', async () => {
    await settle()
    await vacuum()
    await db.query(`update products set upc = 'pair ' || substr(sku, 2)::int / 2 where id > $1`, [middle])
    await expectByIndex((on) => claimDue(on, { limit: 100, queuedTimeoutMs: 1_000 }, async () => {}), 3_000)
  })

  it.each<[string, ProductFilter]>([
    ['everything', {}],
    ['a supplier', { supplier: ['supplier 7'] }],
    ['a brand', { brand: ['brand 7'] }],
    ['a category', { category: ['category 7'] }],
    ['skus', { sku: ['S1', 'S2'] }],
    ['codes', { upc: ['1', '2'] }],
  ])('takes a batch of a job over %s in by an index', async (_, filter) => {
    const job = await createJob(db, { filter, marketplaces: [US], requestedBy: 'test' })
    await expectByIndex((on) => expandNextJob(on, 100))
    await db.query('delete from sync_jobs')
    expect(await getJob(db, job)).toBeNull()
  })

  /** Every product in this state, of a job, in one statement: the planner knows nothing of it. */
  const allOf = (job: string, set: string) => db.query(`update product_syncs set job_id = $1, ${set}`, [job])
  const LONG = 180_000

  it('gives products of a cancelled job back, and holds them at the claim', { timeout: LONG }, async () => {
    await settle()
    await vacuum()
    const job = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await allOf(job, `prior_state = state, state = 'pending', next_attempt_at = now()`)
    await steerJob(db, job, 'cancel')
    await expectByIndex((on) => giveBackJobs(on, 100, 0))
    await expectByIndex((on) => claimDue(on, { limit: 100, queuedTimeoutMs: 1_000 }, async () => {}))
    await db.query('delete from sync_jobs')
  })

  it('wakes products of a job that is resumed', { timeout: LONG }, async () => {
    const job = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await allOf(job, `state = 'pending', next_attempt_at = ${HELD}`)
    await steerJob(db, job, 'pause')
    await steerJob(db, job, 'resume')
    await expectByIndex((on) => wakeJobs(on, 100))
    await db.query('delete from sync_jobs')
  })

  it('takes in what failed of another job', { timeout: LONG }, async () => {
    const of = '00000000-0000-4000-8000-000000000000'
    await allOf(of, `state = 'error'`)
    const retry = { of, outcomes: ['error'] as const }
    await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test', retry })
    await expectByIndex((on) => expandNextJob(on, 100))
    await db.query('delete from sync_jobs')
    // Or of any job, for a cause.
    const standing = { filter: { cause: ['unknown: no reason was given'] }, requestedBy: 'test' }
    await createJob(db, { ...standing, marketplaces: [US], retry: { of: null, outcomes: ['error'] } })
    await expectByIndex((on) => expandNextJob(on, 100))
    await db.query('delete from sync_jobs')
  })

  let settled = false
  /** A state that nobody has told the planner of: 90 % success, the others the rest. */
  async function settle(): Promise<void> {
    if (settled) return
    settled = true
    await db.query('analyze')
    await db.query(
      `update product_syncs s set attempt = 1, synced_at = now(), next_attempt_at = now() - i * interval '1 second',
              state = case when i % 10000 = 10 then 'restricted' when i % 10 > 0 then 'success' else (array['not_found', 'ambiguous', 'error', 'invalid'])[1 + i / 10 % 4] end
         from (select id, substr(sku, 2)::int as i from products) p where p.id = s.product_id`,
    )
    await db.query(
      `insert into amazon_market_data (product_id, marketplace_id, asin, chosen, score, reasons, observed_at, operation)
         select product_id, marketplace_id, 'B' || lpad(p.upc, 9, '0'), true, 1, '[]', now(), 'searchCatalogItems'
           from product_syncs s join products p on p.id = s.product_id where state = 'success'`,
    )
    await db.query(
      `insert into sync_logs (product_id, marketplace_id, attempt, occurred_at, result)
         select product_id, marketplace_id, n, now() - interval '1 day' + n * interval '1 hour', 'success'
           from generate_series(1, 3) n, product_syncs`,
    )
  }
  let vacuumed = false
  async function vacuum(): Promise<void> {
    if (!vacuumed) await db.query('vacuum analyze')
    vacuumed = true
  }
})
