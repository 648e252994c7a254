/** What a message of a listings feed does to a listing. */

import type { Seller } from '../../seller/seller.ts'
import type { World } from '../operation.ts'
import type { ListingMessage } from './listings-feed.ts'

export interface ListingChange {
  readonly seller: Seller
  readonly marketplaceIds: readonly string[]
  readonly world: World
}

/** Does it; says what is wrong with it, or null. */
export function changeListing(_message: ListingMessage, _change: ListingChange): string | null {
  return null
}
