/** Everything that the simulator answers: to add an operation, a line here. */

import { downloadDocument, uploadDocument } from './documents/serve.ts'
import { getCatalogItem } from './get-catalog-item.ts'
import { getMarketplaceParticipations } from './get-marketplace-participations.ts'
import { changeListings } from './listings/store.ts'
import { changeOffers, readOffers } from './market.ts'
import type { ControlRoute, Operation, Resource } from './operation.ts'
import { pricingOperations } from './pricing.ts'
import { searchCatalogItems } from './search-catalog-items.ts'
import { sellerControlRoutes, sellerOperations } from './seller-operations.ts'

export const operations: readonly Operation[] = [
  searchCatalogItems,
  getCatalogItem,
  getMarketplaceParticipations,
  ...pricingOperations,
  ...sellerOperations,
]

/** What is fetched without a token. */
export const resources: readonly Resource[] = [downloadDocument, uploadDocument]

/** Routes of `/_simulator/…` beside those of `control.ts`. */
export const controlRoutes: readonly ControlRoute[] = [
  readOffers,
  changeOffers,
  changeListings,
  ...sellerControlRoutes,
]
