// Generated from schemas/offers.results/v1.avsc by "npm run schemas:generate"; do not edit.

/** What one attempt to price an ASIN in one marketplace came to. Null stands for what the operation does not tell, an empty list for none. Amounts are decimal text with two places or more, such as 19.90. Key: marketplace id and ASIN. */
export interface OffersResult {
  /** Amazon's marketplace id */
  readonly marketplaceId: string
  /** Amazon's id of the item */
  readonly asin: string
  /** The level of the request that this answers */
  readonly level: Level
  /** The attempt of the request that this answers */
  readonly attempt: number
  /** The first three are answers; the others are tried again, throttled, unavailable and unauthorized without using up an attempt */
  readonly outcome: OffersOutcome
  /** For people: why there is no price */
  readonly reason: string | null
  /** Null with an answer: there is none */
  readonly featuredOffer: FeaturedOffer | null
  /** By condition and channel */
  readonly lowestPrices: readonly LowestPrice[] | null
  /** As Amazon counts them */
  readonly offerCounts: readonly OfferCount[] | null
  /** By channel */
  readonly fulfillmentOptions: readonly FulfillmentOption[] | null
  /** Rank in the display group */
  readonly salesRank: number | null
  /** Which operation of Amazon's told it; none when Amazon was not asked */
  readonly operation: string
  /** When Amazon answered; for failures, when they were certain (milliseconds since the epoch) */
  readonly observedAt: number
  /** How long Amazon took; null when it was not asked */
  readonly responseTimeMs: number | null
  /** x-amzn-RequestId */
  readonly amazonRequestId: string | null
  /** Status of the answer, when there was one */
  readonly httpStatus: number | null
  /** Not before this long, when the answer or the limiter said so */
  readonly retryAfterMs: number | null
}

export const levels = ['price', 'offers'] as const
export type Level = (typeof levels)[number]

export const offersOutcomes = [
  'priced',
  'no_price',
  'not_found',
  'timeout',
  'throttled',
  'unavailable',
  'unauthorized',
  'failed',
] as const
export type OffersOutcome = (typeof offersOutcomes)[number]

/** The offer in new condition that Amazon features on the page of the item */
export interface FeaturedOffer {
  /** Without shipping */
  readonly price: string
  /** Null when Amazon does not tell it */
  readonly shipping: string | null
  /** ISO 4217 */
  readonly currency: string
  /** Whose offer it is */
  readonly sellerId: string | null
  /** AFN: Amazon ships it; MFN: the seller does */
  readonly fulfillmentChannel: string | null
  /** NATIONAL, REGIONAL or NONE */
  readonly prime: string | null
}

/** The lowest price of a condition in a channel */
export interface LowestPrice {
  /** new, used, collectible, refurbished or club */
  readonly condition: string
  /** AFN or MFN */
  readonly fulfillmentChannel: string | null
  /** Without shipping */
  readonly price: string
  /** Null when Amazon does not tell it */
  readonly shipping: string | null
  /** ISO 4217 */
  readonly currency: string
}

/** How many offers there are of a condition */
export interface OfferCount {
  /** new, used, collectible, refurbished, club or any */
  readonly condition: string
  /** AFN or MFN; null: of all channels */
  readonly fulfillmentChannel: string | null
  /** Offers */
  readonly count: number
}

/** A way in which the item is offered new */
export interface FulfillmentOption {
  /** AFN or MFN */
  readonly fulfillmentChannel: string
  /** The best of its listed offers: NATIONAL, REGIONAL or NONE */
  readonly prime: string | null
  /** How many there are; null when Amazon does not count them */
  readonly offers: number | null
  /** The lowest, without shipping */
  readonly price: string | null
  /** That comes on top of it */
  readonly shipping: string | null
  /** ISO 4217 */
  readonly currency: string | null
}
