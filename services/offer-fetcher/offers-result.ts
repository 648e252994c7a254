import type { OffersRequest } from '#schemas/generated/offers-request.ts'
import type { OffersOutcome, OffersResult } from '#schemas/generated/offers-result.ts'
import type { Answer } from './questions.ts'
import type { Told, TooSoon } from './told.ts'

/** Longest reason that is kept, in characters. */
const MAX_REASON = 500
/** How long to wait for offers of which Amazon does not say when they come, and at most. */
const SOON_MS = 600_000
const LATEST_MS = 86_400_000

/** What one ASIN's answer means for one request. `source`: the operation, as results name it. */
export function toOffersResult(request: OffersRequest, answer: Answer, source: string): OffersResult {
  const { marketplaceId, asin, level, attempt } = request
  const common = {
    marketplaceId,
    asin,
    level,
    attempt,
    reason: null,
    ...NOTHING_TOLD,
    operation: source,
    observedAt: answer.observedAt,
    responseTimeMs: Math.round(answer.responseTimeMs),
    amazonRequestId: answer.amazonRequestId,
    httpStatus: answer.httpStatus,
    retryAfterMs: null,
  }
  if (answer.kind === 'failed') {
    const { kind, message, retryAfterMs } = answer.error
    return { ...common, outcome: outcomeOf(kind), reason: brief(message), retryAfterMs }
  }
  if (isTooSoon(answer.body)) {
    const { availableAt } = answer.body
    const waitMs = availableAt === null ? SOON_MS : availableAt - answer.observedAt
    return {
      ...common,
      outcome: 'unavailable',
      reason: 'Amazon has not put the offers of the item together yet',
      retryAfterMs: Math.min(LATEST_MS, Math.max(1_000, waitMs)),
    }
  }
  const told = answer.body
  const priced =
    told.featuredOffer !== null || (told.lowestPrices ?? []).some(({ condition }) => condition === 'new')
  return {
    ...common,
    ...told,
    outcome: priced ? 'priced' : 'no_price',
    reason: priced ? null : 'Amazon features no offer in new condition',
  }
}

const NOTHING_TOLD: Told = {
  featuredOffer: null,
  lowestPrices: null,
  offerCounts: null,
  fulfillmentOptions: null,
  salesRank: null,
}

const isTooSoon = (body: Told | TooSoon): body is TooSoon => 'availableAt' in body

/** A refusal of one ASIN alone says that the marketplace has no such item. */
function outcomeOf(kind: (Answer & { kind: 'failed' })['error']['kind']): OffersOutcome {
  return kind === 'rejected' ? 'not_found' : kind
}

const brief = (text: string): string =>
  text.length > MAX_REASON ? `${text.slice(0, MAX_REASON - 1)}…` : text
