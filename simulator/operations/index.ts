/** Everything that the simulator answers: to add an operation, a line here. */

import { changeDocuments, downloadDocument, uploadDocument } from './documents/serve.ts'
import { getCatalogItem } from './get-catalog-item.ts'
import { getMarketplaceParticipations } from './get-marketplace-participations.ts'
import type { ControlRoute, Operation, Resource } from './operation.ts'
import { changeProcessing, changeReports, reportOperations } from './reports/index.ts'
import { createRestrictedDataToken } from './restricted-data-token.ts'
import { searchCatalogItems } from './search-catalog-items.ts'

export const operations: readonly Operation[] = [
  searchCatalogItems,
  getCatalogItem,
  getMarketplaceParticipations,
  ...reportOperations,
  createRestrictedDataToken,
]

/** What is fetched without a token. */
export const resources: readonly Resource[] = [downloadDocument, uploadDocument]

/** Routes of `/_simulator/…` beside those of `control.ts`. */
export const controlRoutes: readonly ControlRoute[] = [changeProcessing, changeReports, changeDocuments]
