/** Everything that the simulator answers: to add an operation, a line here. */

import { changeBatches } from './batch-troubles.ts'
import { downloadDocument, uploadDocument } from './documents/serve.ts'
import { createFeedStore } from './feeds/feed-store.ts'
import { getMyFeesEstimateForASIN, getMyFeesEstimateForSKU, getMyFeesEstimates } from './fees.ts'
import { getCatalogItem } from './get-catalog-item.ts'
import { getMarketplaceParticipations } from './get-marketplace-participations.ts'
import { getInventorySummaries } from './inventory-summaries.ts'
import { changeListings, listingsOperations } from './listings/index.ts'
import { changeOffers, readOffers } from './market.ts'
import type { ControlRoute, Operation, Resource, World } from './operation.ts'
import { pricingOperations } from './pricing.ts'
import {
  getDefinitionsProductType,
  productTypeMetaSchema,
  productTypeSchema,
  searchDefinitionsProductTypes,
} from './product-types.ts'
import { getListingsRestrictions } from './restrictions.ts'
import { searchCatalogItems } from './search-catalog-items.ts'
import { readSeller } from './seller-id.ts'
import { sellerControlRoutes, sellerOperations } from './seller-operations.ts'

export const operations: readonly Operation[] = [
  searchCatalogItems,
  getCatalogItem,
  getMarketplaceParticipations,
  ...pricingOperations,
  ...listingsOperations,
  getListingsRestrictions,
  searchDefinitionsProductTypes,
  getDefinitionsProductType,
  getMyFeesEstimateForSKU,
  getMyFeesEstimateForASIN,
  getMyFeesEstimates,
  getInventorySummaries,
  ...sellerOperations,
]

/** Lets happen what was to happen by now: to be called before a call is answered. */
export const settle = (world: World): void => world.part(createFeedStore).settle()

/** What is fetched without a token. */
export const resources: readonly Resource[] = [
  downloadDocument,
  uploadDocument,
  productTypeSchema,
  productTypeMetaSchema,
]

/** Routes of `/_simulator/…` beside those of `control.ts`. */
export const controlRoutes: readonly ControlRoute[] = [
  readSeller,
  readOffers,
  changeOffers,
  changeBatches,
  changeListings,
  ...sellerControlRoutes,
]
