/**
 * A process that asks Amazon for reports and submits feeds, and kills itself at a step: `node tests/documents/worker.ts`
 * with a `WorkerOrders` as JSON in its argument. What it found goes to stdout as JSON.
 */
import pg from 'pg'
import { createDocumentLedger } from '#libs/db/document-ledger.ts'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { DocumentManager, type Ledger, LISTINGS_FEED, listingsFeed } from '#libs/sp-api/documents/index.ts'
import { createSpApi, RegionalEndpointManager, usagePlansWith } from '#libs/sp-api/index.ts'

export interface WorkerOrders {
  readonly amazon: string
  readonly databaseUrl: string
  /** Marketplaces, each with a report or a feed of its own. */
  readonly reports: readonly string[]
  readonly feeds: readonly string[]
  /** The step before which it ends: a write to the ledger or a request to Amazon, counted from 0. Null: never. */
  readonly killAt: number | null
}

export interface WorkerResults {
  readonly reports: Readonly<Record<string, string | null>>
  readonly feeds: Readonly<Record<string, string>>
}

const orders = JSON.parse(process.argv[2] ?? '') as WorkerOrders
let steps = 0
/** What is before one step is after the one before it. */
function step<T>(work: () => Promise<T>): Promise<T> {
  if (steps++ === orders.killAt) process.kill(process.pid, 'SIGKILL')
  return work()
}

const plan = { ratePerSecond: 100, burst: 100 }
const api = createSpApi({
  application: { clientId: 'client', clientSecret: 'client-secret' },
  refreshToken: 'Atzr|refresh',
  sellerKey: 'seller',
  bucket: createMemoryTokenBucket(),
  endpoints: new RegionalEndpointManager({ spApiEndpoint: orders.amazon, lwaEndpoint: orders.amazon }),
  usagePlans: usagePlansWith({
    createReport: plan,
    getReports: plan,
    getReport: plan,
    createFeedDocument: plan,
    createFeed: plan,
    getFeeds: plan,
    getFeed: plan,
  }),
})
const pool = new pg.Pool({ connectionString: orders.databaseUrl, max: 4 })
const stored = createDocumentLedger(
  { query: async (sql, parameters = []) => (await pool.query(sql, [...parameters])).rows },
  'client/seller',
)
const ledger: Ledger = { ...stored, write: (entry) => step(() => stored.write(entry)) }
const documents = new DocumentManager({
  api: { call: (...call) => step(() => api.call(...call)) },
  ledger,
  patience: { firstMs: 200, longestMs: 1_000, leaseMs: 15_000, listedAfterMs: 1_000 },
})

const reports = orders.reports.map(async (marketplace) => {
  const request = {
    reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA',
    marketplaceIds: [marketplace],
    reuseMs: 600_000,
  }
  return [marketplace, (await documents.report(request)).reportId] as const
})
const feeds = orders.feeds.map(async (marketplace) => {
  const content = listingsFeed({ sellerId: 'A1' }, [{ sku: 'S', operationType: 'DELETE' }])
  const feed = {
    key: `feed of ${marketplace}`,
    feedType: LISTINGS_FEED,
    marketplaceIds: [marketplace],
    content,
  }
  return [marketplace, (await documents.submitFeed(feed)).feedId] as const
})
const results: WorkerResults = {
  reports: Object.fromEntries(await Promise.all(reports)),
  feeds: Object.fromEntries(await Promise.all(feeds)),
}
process.stdout.write(JSON.stringify(results))
await documents.close()
await api.close()
await pool.end()
