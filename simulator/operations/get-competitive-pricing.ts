/**
 * `GET /products/pricing/v0/competitivePrice` (model `productPricingV0`, operation `getCompetitivePricing`). One ASIN or
 * SKU that is none fails alone, with `ClientError` for its status.
 */

import { ok } from '../answer.ts'
import type { ItemOffers, Offer } from '../catalogue/offers.ts'
import type { Marketplace } from '../marketplaces.ts'
import { sellerOf } from '../seller/seller.ts'
import { listingsOf } from './listings/store.ts'
import { marketOf, v0Money } from './market.ts'
import type { Operation, OperationContext, OperationRequest } from './operation.ts'
import { ownOffer, skuIdentifiers } from './own-offers.ts'
import { oneOf } from './parameters.ts'
import {
  asinIdentifiers,
  type PricingQuery,
  pointsOf,
  readPricingQuery,
  salesRankings,
} from './pricing-v0.ts'

export const getCompetitivePricing: Operation = {
  name: 'getCompetitivePricing',
  method: 'GET',
  path: '/products/pricing/v0/competitivePrice',
  plan: { rate: 0.5, burst: 1, appRate: null },
  answer(request, context) {
    const query = readPricingQuery(request.query)
    const business = oneOf(request.query, 'CustomerType', ['Consumer', 'Business']) === 'Business'
    context.statistics.batch('getCompetitivePricing', query.ids.length)
    const price = query.itemType === 'Asin' ? priceOfAsin : priceOfSku
    return ok({ payload: query.ids.map((id) => price(id, query, business, request, context)) })
  },
}

function priceOfAsin(
  asin: string,
  { marketplace }: PricingQuery,
  business: boolean,
  _: OperationRequest,
  context: OperationContext,
): object {
  const item = marketOf(context).offersOf(marketplace.id, asin)
  if (item === null) return { status: 'ClientError', ASIN: asin }
  return {
    status: 'Success',
    ASIN: asin,
    Product: {
      Identifiers: asinIdentifiers(asin, marketplace),
      ...competitivePricing(item, business, null),
    },
  }
}

function priceOfSku(
  sku: string,
  { marketplace }: PricingQuery,
  business: boolean,
  { caller }: OperationRequest,
  context: OperationContext,
): object {
  const seller = sellerOf(caller, context)
  const own = ownOfSku(sku, marketplace, seller, context)
  if (own === null) return { status: 'ClientError', SellerSKU: sku }
  return {
    status: 'Success',
    SellerSKU: sku,
    Product: {
      Identifiers: skuIdentifiers(own.item.asin, marketplace, seller, sku),
      ...competitivePricing(own.item, business, own.mine),
    },
  }
}

function ownOfSku(
  sku: string,
  marketplace: Marketplace,
  seller: ReturnType<typeof sellerOf>,
  context: OperationContext,
) {
  const listing = listingsOf(context).find(seller, marketplace, sku)
  return listing === null ? null : ownOffer(listing, seller, context)
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
