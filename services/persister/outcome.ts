import type { MarketDataRow } from '#libs/db/market-data.ts'
import type { Outcome } from '#libs/db/outcomes.ts'
import type { Candidate, SyncResult } from '#schemas/generated/sync-result.ts'
import { ASIN, brief, clean, isObservedAt, MARKETPLACE, MAX_INT } from './checks.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const MAX_REPAIR = 64

/** An outcome with what decides about the next attempt. */
export interface ResultOutcome extends Outcome {
  readonly result: SyncResult['outcome']
  readonly retryAfterMs: number | null
}

/** Whether a result, whatever else it says, names a row and an attempt. */
export function namesItsRow(result: SyncResult): boolean {
  return (
    UUID.test(result.productId) &&
    MARKETPLACE.test(result.marketplaceId) &&
    result.attempt >= 1 &&
    result.attempt <= MAX_INT
  )
}

/** A result that can not be stored, as a failed attempt. */
export function unusable(result: SyncResult, why: string, now: number): ResultOutcome {
  return {
    productId: result.productId,
    marketplaceId: result.marketplaceId,
    attempt: result.attempt,
    result: 'failed',
    reason: clean(`the result could not be stored: ${why}`),
    gtin14: null,
    repair: null,
    observedAt: now,
    operation: 'none',
    responseTimeMs: null,
    amazonRequestId: null,
    httpStatus: null,
    answered: false,
    candidates: [],
    retryAfterMs: null,
  }
}

/** Why a result that follows its schema can not be true all the same; null when it can. */
export function absurdity(result: SyncResult, now: number): string | null {
  if (!UUID.test(result.productId)) return `productId is not a UUID: ${brief(result.productId)}`
  if (!MARKETPLACE.test(result.marketplaceId)) return `marketplaceId is none: ${brief(result.marketplaceId)}`
  if (!(result.attempt >= 1 && result.attempt <= MAX_INT))
    return `attempt ${result.attempt} is not from 1 to ${MAX_INT}`
  if (!isObservedAt(result.observedAt, now)) {
    return `observedAt ${result.observedAt} is not a time at which this can have been observed`
  }
  if (result.gtin14 !== null && !/^\d{14}$/.test(result.gtin14))
    return `gtin14 is not 14 digits: ${brief(result.gtin14)}`
  if (result.httpStatus !== null && !(result.httpStatus >= 100 && result.httpStatus <= 999))
    return `HTTP status ${result.httpStatus}`
  if (result.repair !== null && result.repair.length > MAX_REPAIR) return 'a repair longer than a code'
  const negative = [result.responseTimeMs, result.retryAfterMs].find((value) => value !== null && value < 0)
  if (negative !== undefined) return `a time of ${negative} ms`
  if (result.candidates.filter((candidate) => candidate.chosen).length > 1)
    return 'more than one candidate is chosen'
  if (new Set(result.candidates.map((candidate) => candidate.asin)).size < result.candidates.length) {
    return 'one ASIN is a candidate twice'
  }
  for (const candidate of result.candidates) {
    if (!ASIN.test(candidate.asin)) return `not an ASIN: ${brief(candidate.asin)}`
    if (!(candidate.score >= 0 && candidate.score <= 1))
      return `${candidate.asin}: score ${candidate.score} is not from 0 to 1`
    if (candidate.salesRank !== null && candidate.salesRank < 0)
      return `${candidate.asin}: sales rank below 0`
    if (candidate.packageQuantity !== null && Math.abs(candidate.packageQuantity) > MAX_INT)
      return `${candidate.asin}: package quantity`
    if (candidate.dimensions !== null && !isJson(candidate.dimensions))
      return `${candidate.asin}: dimensions are not JSON`
  }
  return null
}

const answers: ReadonlySet<SyncResult['outcome']> = new Set(['success', 'not_found', 'ambiguous'])

export function toOutcome(result: SyncResult): ResultOutcome {
  return {
    productId: result.productId,
    marketplaceId: result.marketplaceId,
    attempt: result.attempt,
    result: result.outcome,
    reason: clean(result.reason),
    gtin14: result.gtin14,
    repair: clean(result.repair),
    observedAt: result.observedAt,
    operation: result.operation.slice(0, 100),
    responseTimeMs: result.responseTimeMs,
    amazonRequestId: clean(result.amazonRequestId)?.slice(0, 100) ?? null,
    httpStatus: result.httpStatus,
    answered: answers.has(result.outcome),
    candidates: result.candidates.map(toRow),
    retryAfterMs: result.retryAfterMs,
  }
}

function toRow(candidate: Candidate): MarketDataRow {
  return {
    asin: candidate.asin,
    chosen: candidate.chosen,
    score: candidate.score,
    reasons: candidate.reasons.map((reason) => clean(reason) ?? ''),
    title: clean(candidate.title),
    brand: clean(candidate.brand),
    productType: clean(candidate.productType),
    itemClassification: clean(candidate.itemClassification)?.slice(0, 32) ?? null,
    packageQuantity: candidate.packageQuantity,
    salesRank: candidate.salesRank,
    salesRankCategory: clean(candidate.salesRankCategory),
    imageUrl: clean(candidate.imageUrl),
    dimensions: candidate.dimensions,
  }
}

/** As PostgreSQL has it: no NUL, and no half of a surrogate pair, both of which come out of `stringify` as escapes. */
function isJson(text: string): boolean {
  try {
    return !/\\u(?:0000|d[89a-f])/i.test(JSON.stringify(JSON.parse(text)))
  } catch {
    return false
  }
}
