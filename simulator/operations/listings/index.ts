/** The operations of the Listings Items API 2021-08-01. */

import type { Operation } from '../operation.ts'
import { deleteListingsItem, getListingsItem, patchListingsItem, putListingsItem } from './listings-items.ts'
import { searchListingsItems } from './search-listings-items.ts'

export { changeListings } from './store.ts'

export const listingsOperations: readonly Operation[] = [
  searchListingsItems,
  getListingsItem,
  putListingsItem,
  patchListingsItem,
  deleteListingsItem,
]
