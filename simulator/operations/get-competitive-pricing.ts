/**
 * `GET /products/pricing/v0/competitivePrice` (model `productPricingV0`, operation `getCompetitivePricing`). One ASIN or
 * SKU that is none fails alone, with `ClientError` for its status.
 */

import { ok } from '../answer.ts'
import type { ItemOffers, Offer } from '../catalogue/offers.ts'
import type { Marketplace } from '../marketplaces.ts'
import { type Seller, sellerOf } from '../seller/seller.ts'
import { marketOf, v0Money } from './market.ts'
import type { Operation, World } from './operation.ts'
import { ownOfferOf, skuIdentifiers } from './own-offers.ts'
import { oneOf } from './parameters.ts'
import { asinIdentifiers, pointsOf, readPricingQuery, salesRankings } from './pricing-v0.ts'

export const getCompetitivePricing: Operation = {
  name: 'getCompetitivePricing',
  method: 'GET',
  path: '/products/pricing/v0/competitivePrice',
  plan: { rate: 0.5, burst: 1, appRate: null },
  answer(request, context) {
    const query = readPricingQuery(request.query)
    const business = oneOf(request.query, 'CustomerType', ['Consumer', 'Business']) === 'Business'
    context.statistics.batch('getCompetitivePricing', query.ids.length)
    return ok({
      payload: query.ids.map((id) => {
        return query.itemType === 'Asin'
          ? priceOfAsin(id, query.marketplace, business, context)
          : priceOfSku(id, query.marketplace, business, sellerOf(request.caller, context), context)
      }),
    })
  },
}

function priceOfAsin(asin: string, marketplace: Marketplace, business: boolean, world: World): object {
  const item = marketOf(world).offersOf(marketplace.id, asin)
  if (item === null) return { status: 'ClientError', ASIN: asin }
  const Identifiers = asinIdentifiers(asin, marketplace)
  return {
    status: 'Success',
    ASIN: asin,
    Product: { Identifiers, ...competitivePricing(item, business, null) },
  }
}

function priceOfSku(
  sku: string,
  marketplace: Marketplace,
  business: boolean,
  seller: Seller,
  world: World,
): object {
  const own = ownOfferOf(sku, marketplace, seller, world)
  if (own === null) return { status: 'ClientError', SellerSKU: sku }
  const { item, mine } = own
  const Identifiers = skuIdentifiers(item.asin, marketplace, seller, sku)
  return {
    status: 'Success',
    SellerSKU: sku,
    Product: { Identifiers, ...competitivePricing(item, business, mine) },
  }
}

const competitivePricing = (item: ItemOffers, business: boolean, mine: Offer | null) => ({
  CompetitivePricing: {
    CompetitivePrices: competitivePrices(item, business, mine),
    NumberOfOfferListings: listingCounts(item),
  },
  SalesRankings: salesRankings(item),
})

/** The featured offers: 1 is the new one, 2 the used one. Without one of them there is no price, however many sell. */
function competitivePrices(item: ItemOffers, business: boolean, mine: Offer | null): object[] {
  const money = v0Money(item)
  const entry = (id: '1' | '2', offer: Offer | null) => {
    if (offer === null) return []
    return [
      {
        CompetitivePriceId: id,
        Price: {
          LandedPrice: money(offer.landedPrice),
          ListingPrice: money(offer.listingPrice),
          Shipping: money(offer.shipping),
          ...pointsOf(item, offer),
        },
        condition: offer.condition,
        subcondition: offer.subCondition === 'VeryGood' ? 'Very Good' : offer.subCondition,
        ...(business ? { offerType: 'B2B' } : {}),
        sellerId: offer.sellerId,
        belongsToRequester: offer === mine,
      },
    ]
  }
  return [...entry('1', item.featured), ...entry('2', item.featuredUsed)]
}

/** By condition, and `Any` for the sum. */
function listingCounts({ offers }: ItemOffers): object[] {
  const count = (condition: string) => offers.filter((offer) => offer.condition === condition).length
  return [
    { condition: 'New', Count: count('New') },
    { condition: 'Used', Count: count('Used') },
    { condition: 'Any', Count: offers.length },
  ].filter(({ Count }) => Count > 0)
}
