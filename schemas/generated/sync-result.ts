// Generated from schemas/catalog.sync-results/v1.avsc by "npm run schemas:generate"; do not edit.

/** What one attempt to look a product up in one marketplace came to. Key: product id. */
export interface SyncResult {
  /** products.id (UUID) */
  readonly productId: string
  /** Amazon's marketplace id */
  readonly marketplaceId: string
  /** The attempt of the request that this answers */
  readonly attempt: number
  /** The first five are final; the others are tried again, throttled, unavailable and unauthorized without using up an attempt */
  readonly outcome: Outcome
  /** For people: why it is not a success, or what the repair was */
  readonly reason: string | null
  /** The code that was asked for */
  readonly gtin14: string | null
  /** How the catalogue's code was repaired to get there */
  readonly repair: string | null
  /** Every ASIN that was returned for the code, best first */
  readonly candidates: readonly Candidate[]
  /** Which operation of Amazon's told it; none when Amazon was not asked */
  readonly operation: string
  /** When Amazon answered, or when it was decided without asking (milliseconds since the epoch) */
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

export const outcomes = [
  'success',
  'not_found',
  'ambiguous',
  'invalid_upc',
  'restricted',
  'timeout',
  'throttled',
  'unavailable',
  'unauthorized',
  'failed',
] as const
export type Outcome = (typeof outcomes)[number]

/** One ASIN that Amazon returned for the code, and how well it fits */
export interface Candidate {
  /** Amazon's id of the item */
  readonly asin: string
  /** The match; at most one per result */
  readonly chosen: boolean
  /** 0 to 1 */
  readonly score: number
  /** Each feature with its contribution, for people and for review */
  readonly reasons: readonly string[]
  /** summaries.itemName */
  readonly title: string | null
  /** summaries.brand, else attributes.brand */
  readonly brand: string | null
  /** productTypes.productType */
  readonly productType: string | null
  /** BASE_PRODUCT, OTHER, PRODUCT_BUNDLE or VARIATION_PARENT */
  readonly itemClassification: string | null
  /** summaries.packageQuantity */
  readonly packageQuantity: number | null
  /** Rank in the display group */
  readonly salesRank: number | null
  /** Title of that display group */
  readonly salesRankCategory: string | null
  /** The main image, largest */
  readonly imageUrl: string | null
  /** dimensions as Amazon sent them, JSON */
  readonly dimensions: string | null
}
