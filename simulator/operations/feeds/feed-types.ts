/** The feed types that the simulator takes, and those that Amazon has taken away. */

import type { Seller } from '../../seller/seller.ts'
import type { World } from '../operation.ts'
import { isFulfillmentXml, readFulfillmentFlatFile, readFulfillmentXml } from './fulfillment-feed.ts'
import { isListingsFeed, readListingsFeed } from './listings-feed.ts'

export interface FeedInput {
  /** Null for a feed that comes to nothing. */
  readonly content: string | null
  readonly feedId: string
  readonly seller: Seller
  readonly marketplaceIds: readonly string[]
  readonly world: World
}

export interface FeedType {
  /** Of the report on it. */
  readonly mediaType: string
  isReadable(content: string): boolean
  /** Does what it says, and reports on that. */
  read(input: FeedInput): string
}

export const feedTypes: Readonly<Record<string, FeedType>> = {
  JSON_LISTINGS_FEED: { mediaType: 'application/json', isReadable: isListingsFeed, read: readListingsFeed },
  POST_ORDER_FULFILLMENT_DATA: {
    mediaType: 'text/xml',
    isReadable: isFulfillmentXml,
    read: readFulfillmentXml,
  },
  POST_FLAT_FILE_FULFILLMENT_DATA: {
    mediaType: 'text/tab-separated-values',
    isReadable: (content) => content.startsWith('order-id\t'),
    read: readFulfillmentFlatFile,
  },
}

/** XML and flat-file feeds of listings, which Amazon removed on 31 July 2025. */
export const REMOVED: ReadonlySet<string> = new Set([
  'POST_PRODUCT_DATA',
  'POST_INVENTORY_AVAILABILITY_DATA',
  'POST_PRODUCT_OVERRIDES_DATA',
  'POST_PRODUCT_PRICING_DATA',
  'POST_PRODUCT_IMAGE_DATA',
  'POST_PRODUCT_RELATIONSHIP_DATA',
  'POST_FLAT_FILE_INVLOADER_DATA',
  'POST_FLAT_FILE_LISTINGS_DATA',
  'POST_FLAT_FILE_PRICEANDQUANTITYONLY_UPDATE_DATA',
])
