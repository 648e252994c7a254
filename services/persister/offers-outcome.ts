import type { Observation } from '#libs/db/offers/observation.ts'
import type { OfferOutcome } from '#libs/db/offers/outcomes.ts'
import type { OffersResult } from '#schemas/generated/offers-result.ts'
import { ASIN, brief, clean, isObservedAt, MARKETPLACE, MAX_INT } from './checks.ts'

/** As `numeric(12, 2)` takes it. */
const AMOUNT = /^\d{1,10}(?:\.\d{1,5})?$/
const CURRENCY = /^[A-Z]{3}$/
const CHANNELS: readonly (string | null)[] = ['AFN', 'MFN', null]
const MAX_RANK = 1e15

/** An outcome with what decides about the next attempt. */
export interface OffersResultOutcome extends OfferOutcome {
  readonly result: OffersResult['outcome']
  readonly retryAfterMs: number | null
}

const answers: ReadonlySet<OffersResult['outcome']> = new Set(['priced', 'no_price', 'not_found'])

/** Whether a result, whatever else it says, names a row and an attempt. */
export function namesItsRow({ marketplaceId, asin, attempt }: OffersResult): boolean {
  return MARKETPLACE.test(marketplaceId) && ASIN.test(asin) && attempt >= 1 && attempt <= MAX_INT
}

/** A result that can not be stored, as a failed attempt. */
export function unusable(result: OffersResult, why: string, now: number): OffersResultOutcome {
  const { marketplaceId, asin, level, attempt } = result
  return {
    marketplaceId,
    asin,
    level,
    attempt,
    result: 'failed',
    reason: clean(`the result could not be stored: ${why}`),
    observedAt: now,
    operation: 'none',
    salesRank: null,
    observation: null,
    retryAfterMs: null,
  }
}

export function toOutcome(result: OffersResult): OffersResultOutcome {
  const { marketplaceId, asin, level, attempt, outcome, observedAt, salesRank, retryAfterMs } = result
  return {
    marketplaceId,
    asin,
    level,
    attempt,
    result: outcome,
    reason: clean(result.reason),
    observedAt,
    operation: result.operation.slice(0, 100),
    salesRank,
    observation: answers.has(outcome) ? toObservation(result) : null,
    retryAfterMs,
  }
}

function toObservation(result: OffersResult): Observation {
  const { featuredOffer, lowestPrices, offerCounts, fulfillmentOptions } = result
  return { featured: featuredOffer, lowestPrices, offerCounts, fulfillmentOptions }
}

/** Why a result that follows its schema can not be true all the same; null when it can. */
export function absurdity(result: OffersResult, now: number): string | null {
  const { marketplaceId, asin, attempt, observedAt, salesRank, retryAfterMs } = result
  if (!MARKETPLACE.test(marketplaceId)) return `marketplaceId is none: ${brief(marketplaceId)}`
  if (!ASIN.test(asin)) return `not an ASIN: ${brief(asin)}`
  if (!(attempt >= 1 && attempt <= MAX_INT)) return `attempt ${attempt} is not from 1 to ${MAX_INT}`
  if (!isObservedAt(observedAt, now))
    return `observedAt ${observedAt} is not a time at which this can have been observed`
  if (salesRank !== null && !(salesRank >= 0 && salesRank <= MAX_RANK)) return `sales rank ${salesRank}`
  if (retryAfterMs !== null && retryAfterMs < 0) return `a time of ${retryAfterMs} ms`
  for (const { count } of result.offerCounts ?? []) if (count < 0) return `${count} offers`
  const priced = [
    ...(result.featuredOffer ? [result.featuredOffer] : []),
    ...(result.lowestPrices ?? []),
    ...(result.fulfillmentOptions ?? []),
  ]
  for (const offer of priced) {
    const problem = offerProblem(offer)
    if (problem !== null) return problem
  }
  return textProblem(result)
}

interface PricedOffer {
  readonly price: string | null
  readonly shipping: string | null
  readonly currency: string | null
  readonly fulfillmentChannel: string | null
}

function offerProblem({ price, shipping, currency, fulfillmentChannel }: PricedOffer): string | null {
  for (const amount of [price, shipping])
    if (amount !== null && !AMOUNT.test(amount)) return `not an amount: ${brief(amount)}`
  if (currency !== null && !CURRENCY.test(currency)) return `not a currency: ${brief(currency)}`
  return CHANNELS.includes(fulfillmentChannel) ? null : `no fulfilment channel: ${brief(fulfillmentChannel!)}`
}

/** Texts that end up in columns of that width, or in JSON, where PostgreSQL takes no NUL and no half of a character. */
function textProblem({
  featuredOffer,
  lowestPrices,
  offerCounts,
  fulfillmentOptions,
}: OffersResult): string | null {
  const texts: readonly (readonly [string | null | undefined, number])[] = [
    [featuredOffer?.sellerId, 32],
    [featuredOffer?.prime, 10],
    ...[...(lowestPrices ?? []), ...(offerCounts ?? [])].map(({ condition }) => [condition, 32] as const),
    ...(fulfillmentOptions ?? []).map(({ prime }) => [prime, 10] as const),
  ]
  for (const [text, longest] of texts)
    if (text != null && (text.length > longest || /[^\x20-\x7e]/.test(text)))
      return `not as Amazon writes it: ${brief(text)}`
  return null
}
