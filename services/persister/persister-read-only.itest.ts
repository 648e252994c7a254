import { afterEach, beforeEach, expect, it } from 'vitest'
import { type ClaimedProduct, claimDue } from '#libs/db/claims.ts'
import type { Database } from '#libs/db/database.ts'
import { addProducts, openTestDatabase, setReadOnly } from '#libs/db/testing.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { createPersister } from './persister.ts'

describeWith(['postgres'], 'a persister whose PostgreSQL takes no writes', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    await addProducts(db, 20)
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  const logger = createLogger({ level: 'silent', service: 'test' })
  const reasonOf = (ready: Promise<void>): Promise<string> =>
    ready.then(
      () => '',
      (error: Error) => error.message,
    )

  it('waits, says why, and writes the chunk once when it is over', async () => {
    const claims: ClaimedProduct[] = []
    await claimDue(db, { limit: 20, queuedTimeoutMs: 600_000 }, async (rows) => void claims.push(...rows))
    const persister = createPersister({ db, config: loadConfig({}), logger, metrics: createMetrics() })
    await persister.ready()
    await setReadOnly(database.url, true)
    const processing = persister.process(
      { key: '', records: claims.map((claim, i) => ({ value: toResult(claim), raw: toRaw(i) })) },
      { signal: new AbortController().signal },
    )
    await waitFor(async () => (await reasonOf(persister.ready())).includes('read-only'), {
      what: 'the persister to be not ready, with the reason',
    })
    await setReadOnly(database.url, false)
    expect((await processing).every((verdict) => verdict.kind === 'done')).toBe(true)
    await persister.ready()
    const [counts] = await db.query(
      `select (select count(*)::int from product_syncs where state = 'not_found') as done,
              (select count(*)::int from sync_logs) as logs`,
    )
    expect(counts).toEqual({ done: 20, logs: 20 })
  })
})

const toRaw = (i: number) => ({
  topic: 'catalog.sync-results',
  partition: 0,
  offset: BigInt(i),
  key: null,
  value: null,
  headers: {},
  timestamp: Date.now(),
})

const toResult = (claim: ClaimedProduct): SyncResult => ({
  productId: claim.productId,
  marketplaceId: claim.marketplaceId,
  attempt: claim.attempt,
  outcome: 'not_found',
  reason: null,
  gtin14: null,
  repair: null,
  candidates: [],
  operation: 'searchCatalogItems',
  observedAt: Date.now(),
  responseTimeMs: 100,
  amazonRequestId: 'request',
  httpStatus: 200,
  retryAfterMs: null,
})
