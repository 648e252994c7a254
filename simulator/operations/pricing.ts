/** The operations of Product Pricing v0 and 2022-05-01. */

import { getCompetitiveSummary } from './competitive-summary.ts'
import { getFeaturedOfferExpectedPriceBatch } from './featured-offer-expected-price.ts'
import { getCompetitivePricing } from './get-competitive-pricing.ts'
import { getPricing } from './get-pricing.ts'
import { getItemOffers, getItemOffersBatch } from './item-offers.ts'
import { getListingOffers, getListingOffersBatch } from './listing-offers.ts'
import type { Operation } from './operation.ts'

export const pricingOperations: readonly Operation[] = [
  getPricing,
  getCompetitivePricing,
  getListingOffers,
  getItemOffers,
  getItemOffersBatch,
  getListingOffersBatch,
  getFeaturedOfferExpectedPriceBatch,
  getCompetitiveSummary,
]
