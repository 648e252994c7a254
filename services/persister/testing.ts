import { type ClaimedProduct, claimDue } from '#libs/db/claims.ts'
import type { Database } from '#libs/db/database.ts'
import type { Decoded } from '#libs/stream/processor.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'

/** Claims so many due products, and makes of each the result that Amazon has no such code, as the persister reads it. */
export async function claimedAndNotFound(db: Database, count: number): Promise<Decoded<SyncResult>[]> {
  const claims: ClaimedProduct[] = []
  await claimDue(db, { limit: count, queuedTimeoutMs: 600_000 }, async (rows) => void claims.push(...rows))
  return claims.map((claim, i) => ({ value: notFound(claim), raw: rawAt(i) }))
}

const rawAt = (offset: number): Decoded<SyncResult>['raw'] => ({
  topic: 'catalog.sync-results',
  partition: 0,
  offset: BigInt(offset),
  key: null,
  value: null,
  headers: {},
  timestamp: Date.now(),
})

const notFound = ({ productId, marketplaceId, attempt }: ClaimedProduct): SyncResult => ({
  productId,
  marketplaceId,
  attempt,
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
