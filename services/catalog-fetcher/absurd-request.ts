import type { SyncRequest } from '#schemas/generated/sync-request.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const GTIN_14 = /^\d{14}$/
const MAX_INT = 2_147_483_647

/**
 * Why a request that follows its schema can not be one all the same; null when it can. Amazon is not asked for it: its
 * result would have no row to go to.
 */
export function absurdRequest({ productId, attempt, codeStatus, gtin14 }: SyncRequest): string | null {
  if (!UUID.test(productId)) return `productId is not a UUID: ${brief(productId)}`
  if (!(attempt >= 1 && attempt <= MAX_INT)) return `attempt ${attempt} is not from 1 to ${MAX_INT}`
  if (codeStatus === 'valid' && (gtin14 === null || !GTIN_14.test(gtin14)))
    return `gtin14 is not a code of 14 digits: ${gtin14 === null ? 'none' : brief(gtin14)}`
  return null
}

const brief = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
