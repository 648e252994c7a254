import type { Database } from '#libs/db/database.ts'
import { sqlState } from '#libs/db/errors.ts'
import { createJob } from '#libs/db/jobs.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { MAX_ASINS } from '#libs/offers/levels.ts'
import { csvHeader, csvLine } from '#simulator/catalogue/csv.ts'
import { type GenerateOptions, generateProducts } from '#simulator/catalogue/generate-products.ts'
import { DEFAULT_MARKETPLACE } from '#simulator/marketplaces.ts'
import type { Expected } from '#tests/faults/checker.ts'
import { expectations } from '#tests/faults/expectation.ts'
import { waitFor } from '#tests/support/wait-for.ts'

/** What ends differently is in it: shared codes, several items, no item, codes that can and can not be repaired. */
export const CATALOGUE = {
  seed: 4,
  asinsPerUpc: 1.3,
  notFound: 0.1,
  duplicates: 0.15,
  damaged: 0.15,
  restricted: 0.05,
} as const satisfies Partial<GenerateOptions>

/** A code of the catalogue that Amazon is made to refuse: that of its second row. */
export const REFUSED_CODE = refusedCode()

function refusedCode(): number {
  const [, second] = generateProducts({ ...CATALOGUE, count: 2 })
  if (second?.expected !== 'success')
    throw new Error('choose another seed: the second product is to be a good one')
  return Number(second.upc)
}

/** What each of the products must come to. */
export function* expected(count: number): Generator<Expected> {
  const refused = String(REFUSED_CODE).padStart(14, '0')
  for (const product of expectations({ ...CATALOGUE, count })) {
    if (product.gtin14 !== refused) yield product
    else yield { ...product, state: 'invalid', asin: null, candidates: new Map(), gtin14: null }
  }
}

/** An ASIN of the catalogue of which Amazon is made not to tell the price at first. */
export const TROUBLED_ASIN = troubledAsin()

function troubledAsin(): string {
  for (const { asin } of expected(10)) if (asin !== null) return asin
  throw new Error('choose another seed: one of the first ten products is to have a match')
}

/**
 * Empty tables, and an Amazon that has not been asked. What was read stays read: offsets are kept.
 * @param amazon base URL of the simulator
 */
export async function forget(db: Database, amazon: string): Promise<void> {
  await waitFor(
    () =>
      db
        .transaction(async (tx) => {
          // Market data and logs go with their products.
          await tx.query('truncate products, product_syncs')
          await tx.query('truncate sync_jobs, sync_job_counts, sync_state_counts, fault_audit')
          await tx.query('truncate offer_syncs, offer_state_counts, pricing_history, price_audit')
          return true
        })
        .catch((error: unknown) => {
          // A service that looks at the tables just then.
          if (sqlState(error) === '40P01') return false
          throw error
        }),
    { what: 'empty tables' },
  )
  await fetch(`${amazon}/_simulator/stats/reset`, { method: 'POST' })
}

/** Imports the catalogue and asks for a sync of all of it, by the statements that the API runs. */
export async function askDirectly(db: Database, count: number): Promise<void> {
  await db.transaction((tx) => upsertProducts(tx, [...generateProducts({ ...CATALOGUE, count })]))
  await createJob(db, { filter: {}, marketplaces: [DEFAULT_MARKETPLACE], requestedBy: 'test' })
}

/**
 * The same through the API, as a client does whose server may die: an import is repeated until it is answered, and so is
 * the request for a sync, after a look whether it has been taken.
 */
export async function askThroughApi(api: string, count: number): Promise<void> {
  let body = csvHeader(false)
  for (const row of generateProducts({ ...CATALOGUE, count })) body += csvLine(row, false)
  const jobs = `${api}/marketplace/amazon/sync-jobs`
  await untilDone(`the import`, () =>
    ask(`${api}/products`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body }),
  )
  await untilDone('the request for a sync', async () => {
    const { items } = (await ask(jobs)) as { items: readonly unknown[] }
    if (items.length === 0) await ask(`${api}/marketplace/amazon/sync`, { method: 'POST' })
    return true
  })
}

const untilDone = (what: string, work: () => Promise<unknown>): Promise<unknown> =>
  waitFor(async () => (await work()) !== undefined, { what })

async function ask(url: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, init)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return response.json()
}

/** Resolves when all requests for look-ups are in the log. */
export async function untilQueued(db: Database, count: number): Promise<void> {
  const queued = `select 1 from product_syncs where state = 'queued' having count(*) = $1`
  await waitFor(async () => (await db.query(queued, [count])).length > 0, { what: 'all requests in the log' })
}

/** Resolves when all products are final, and all requests for prices that are claimed without an answer are in the log. */
export async function untilPricesQueued(db: Database, count: number): Promise<void> {
  const final = `select 1 from product_syncs where state not in ('pending', 'queued') having count(*) = $1`
  await waitFor(async () => (await db.query(final, [count])).length > 0 && (await areClaimsAtRest(db)), {
    what: 'requests for prices in the log',
  })
}

/**
 * Whether no price will be claimed unless an answer comes: what is due waits for a full call while another is under way
 * (`services/product-change/offers.ts`). Of so few products no level has more calls than may be under way.
 */
export async function areClaimsAtRest(db: Database): Promise<boolean> {
  const claimable = await db.query(
    `select 1 from offer_syncs where state in ('pending', 'queued') group by level
     having bool_and(state = 'pending') or count(*) filter (where state = 'pending') >= $1`,
    [MAX_ASINS],
  )
  return claimable.length === 0
}
