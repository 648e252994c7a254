// Generated from schemas/offers.requests/v1.avsc by "npm run schemas:generate"; do not edit.

/** An ASIN that a product matched is due to be priced. Key: one per claim of up to 20 ASINs of one marketplace and level, so that those which share a call share a partition. */
export interface OffersRequest {
  /** Amazon's marketplace id, such as ATVPDKIKX0DER */
  readonly marketplaceId: string
  /** Amazon's id of the item */
  readonly asin: string
  /** price: what the featured offer costs and how many offers there are; offers: price with fulfilment, the lowest of each channel */
  readonly level: Level
  /** offer_syncs.attempt at the claim: a result counts only while the row still has it */
  readonly attempt: number
  /** When it was claimed (milliseconds since the epoch) */
  readonly requestedAt: number
}

export const levels = ['price', 'offers'] as const
export type Level = (typeof levels)[number]
