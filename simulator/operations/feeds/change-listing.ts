/** What a message of a listings feed does to a listing. */

import { type Marketplace, marketplaces } from '../../marketplaces.ts'
import type { Seller } from '../../seller/seller.ts'
import type { Attributes } from '../listings/listing.ts'
import {
  deleteListing,
  type Outcome,
  type Patch,
  patchListing,
  putListing,
  type Requirements,
  type Target,
} from '../listings/submission.ts'
import type { World } from '../operation.ts'
import type { ListingMessage } from './listings-feed.ts'

export interface ListingChange {
  readonly seller: Seller
  readonly marketplaceIds: readonly string[]
  readonly world: World
}

/** Does it; says what is wrong with it, or null. */
export function changeListing(message: ListingMessage, change: ListingChange): string | null {
  const outcomes = change.marketplaceIds.map((id) => {
    return submit(
      message,
      { seller: change.seller, marketplace: marketplaceOf(id), sku: message.sku },
      change.world,
    )
  })
  const errors = outcomes.flatMap(({ issues }) => issues.filter(({ severity }) => severity === 'ERROR'))
  return errors[0]?.message ?? null
}

function submit(message: ListingMessage, target: Target, world: World): Outcome {
  const { operationType, productType = '', patches = [] } = message
  const attributes = (message.attributes ?? {}) as Attributes
  switch (operationType) {
    case 'DELETE':
      return deleteListing(target, world)
    case 'PATCH':
      return patchListing(target, productType, patches as unknown as readonly Patch[], world)
    case 'PARTIAL_UPDATE': {
      const replaced = Object.entries(attributes).map(([name, value]) => {
        return { op: 'replace' as const, path: `/attributes/${name}`, value }
      })
      return patchListing(target, productType, replaced, world)
    }
    case 'UPDATE': {
      const requirements = (message.requirements ?? 'LISTING') as Requirements
      return putListing(target, productType, attributes, requirements, world)
    }
  }
}

/** Ids of a feed were checked when it was created. */
const marketplaceOf = (id: string) => marketplaces.get(id) as Marketplace
