import type { ClaimedProduct } from '#libs/db/claims.ts'
import type { NewRecord } from '#libs/event-log/port.ts'
import { parseCode } from '#libs/gtin/index.ts'
import type { SyncRequest } from '#schemas/generated/sync-request.ts'

/** What a claimed product asks of Amazon: its code read, repaired and classified. */
export function toSyncRequest(claimed: ClaimedProduct, now: number): SyncRequest {
  const code = parseCode(claimed.upc)
  return {
    productId: claimed.productId,
    marketplaceId: claimed.marketplaceId,
    attempt: claimed.attempt,
    upc: claimed.upc,
    codeStatus: code.status,
    codeReason: code.status === 'valid' ? null : code.reason,
    gtin14: code.status === 'invalid' ? null : code.gtin14,
    repair: code.status === 'invalid' ? null : code.repair,
    title: claimed.title,
    brand: claimed.brand,
    packQuantity: claimed.packQuantity,
    requestedAt: now,
  }
}

/** Products with one code share a partition, so that one lookup can serve them all. */
export function syncRequestKey(request: SyncRequest): NonNullable<NewRecord['key']> {
  return Buffer.from(`${request.marketplaceId}:${request.gtin14 ?? request.productId}`)
}
