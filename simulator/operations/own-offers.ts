/** A seller's own offers among those of the market: what operations by SKU show beside the operations by ASIN. */

import { combineText } from '../catalogue/hash.ts'
import {
  type Condition,
  type ItemOffers,
  type Offer,
  type SubCondition,
  withOffer,
} from '../catalogue/offers.ts'
import type { Marketplace } from '../marketplaces.ts'
import type { Seller } from '../seller/seller.ts'
import { offerOf } from './listings/listing.ts'
import { listingsOf } from './listings/store.ts'
import { marketOf } from './market.ts'
import type { World } from './operation.ts'

export interface OwnOffer {
  /** The market with the offer in it. */
  readonly item: ItemOffers
  /** The offer, or null when the listing has no price yet. */
  readonly mine: Offer | null
}

const SUB_CONDITIONS: Readonly<Record<string, SubCondition>> = {
  used_like_new: 'Mint',
  used_very_good: 'VeryGood',
  used_good: 'Good',
  used_acceptable: 'Acceptable',
}

/** The offer of a seller's SKU in its market, or null when there is no such SKU, or it sells no item of the catalogue. */
export function ownOfferOf(
  sku: string,
  marketplace: Marketplace,
  seller: Seller,
  world: World,
): OwnOffer | null {
  const listing = listingsOf(world).find(seller, marketplace, sku)
  const asin = listing?.asin ?? null
  const item = asin === null ? null : marketOf(world).offersOf(marketplace.id, asin)
  if (listing === null || item === null) return null
  const { price, channel, conditionType } = offerOf(listing, world.date().getTime())
  if (price === null) return { item, mine: null }
  const sellerId = seller.merchantId
  const amazons = channel === 'AFN'
  const joined = withOffer(item, {
    sellerId,
    condition: conditionOf(conditionType),
    subCondition: SUB_CONDITIONS[conditionType] ?? 'New',
    channel,
    prime: amazons ? 'NATIONAL' : 'NONE',
    listingPrice: price,
    shipping: 0,
    eligible: amazons || combineText(1, `${seller.name} ${sku}`) % 2 === 0,
    handlingHours: amazons ? 0 : 24,
    feedback: { positivePercent: 97, count: 1_250 },
  })
  return { item: joined, mine: joined.offers.find((one) => one.sellerId === sellerId) ?? null }
}

const conditionOf = (conditionType: string): Condition => (conditionType.startsWith('used') ? 'Used' : 'New')

/** How Product Pricing v0 names an item that was asked for by SKU. */
export const skuIdentifiers = (asin: string, marketplace: Marketplace, seller: Seller, sku: string) => ({
  MarketplaceASIN: { MarketplaceId: marketplace.id, ASIN: asin },
  SKUIdentifier: { MarketplaceId: marketplace.id, SellerId: seller.merchantId, SellerSKU: sku },
})
