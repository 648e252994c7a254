/** A process that sends what waits in the store, until it is killed. */
import { openDatabase } from '#libs/db/database.ts'
import { createOperationStore } from '#libs/db/operation-store.ts'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { createSpApi, RegionalEndpointManager } from '#libs/sp-api/index.ts'
import { DurableOperations } from '#libs/sp-api/operation-queue/durable-operations.ts'
import { OperationQueue } from '#libs/sp-api/operation-queue/operation-queue.ts'
import { createFeed } from '#libs/sp-api/operations/generated/feeds-2021-06-30.ts'
import { getReport } from '#libs/sp-api/operations/generated/reports-2021-06-30.ts'

const [databaseUrl = '', amazon = '', leaseMs = ''] = process.argv.slice(2)
const plan = { seller: { ratePerSecond: 200, burst: 200 } }
const db = await openDatabase({ url: databaseUrl, poolSize: 4 })
const api = createSpApi({
  application: { clientId: 'id', clientSecret: 'secret' },
  refreshToken: 'token',
  sellerKey: 'shop',
  bucket: createMemoryTokenBucket(),
  usagePlans: { getReport: plan, createFeed: plan },
  endpoints: new RegionalEndpointManager({ spApiEndpoint: amazon, lwaEndpoint: amazon }),
  homeMarketplaceId: 'US',
})
const durable = new DurableOperations({
  queue: new OperationQueue(),
  store: createOperationStore(db),
  sellers: [{ name: 'shop', api }],
  operations: [getReport, createFeed],
  leaseMs: Number(leaseMs),
  pollMs: 100,
})
await durable.run()
