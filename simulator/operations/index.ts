/** Everything that the simulator answers: to add an operation, a line here. */

import { getCatalogItem } from './get-catalog-item.ts'
import { getMarketplaceParticipations } from './get-marketplace-participations.ts'
import type { ControlRoute, Operation, Resource } from './operation.ts'
import { searchCatalogItems } from './search-catalog-items.ts'

export const operations: readonly Operation[] = [
  searchCatalogItems,
  getCatalogItem,
  getMarketplaceParticipations,
]

/** What is fetched without a token. */
export const resources: readonly Resource[] = []

/** Routes of `/_simulator/…` beside those of `control.ts`. */
export const controlRoutes: readonly ControlRoute[] = []
