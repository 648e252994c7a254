/**
 * What an ASIN is priced by. `price`: the featured offer's price and the number of offers, by a cheap operation.
 * `offers`: price with fulfilment and the lowest of each channel, by a dear one.
 */
export const offerLevels = ['price', 'offers'] as const
export type OfferLevel = (typeof offerLevels)[number]

/** Amazon's operations that can answer for a level; the first is the default. */
export const levelOperations = {
  price: ['getCompetitivePricing'],
  offers: ['getItemOffersBatch', 'getCompetitiveSummary'],
} as const
export type OfferOperation = (typeof levelOperations)[OfferLevel][number]

/** ASINs that one call of any of these operations takes at most. Source: Amazon's models of Product Pricing. */
export const MAX_ASINS = 20
