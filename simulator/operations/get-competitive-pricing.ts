/**
 * `GET /products/pricing/v0/competitivePrice` (model `productPricingV0`, operation `getCompetitivePricing`). One ASIN
 * that is none fails alone, with `ClientError` for its status.
 */

import { ok } from '../answer.ts'
import type { ItemOffers, Offer } from '../catalogue/offers.ts'
import type { Marketplace } from '../marketplaces.ts'
import { marketOf, v0Money } from './market.ts'
import { type Operation, type OperationContext, Refusal } from './operation.ts'
import { list, marketplaceOf, oneOf, required } from './parameters.ts'
import { salesRankings } from './pricing-v0.ts'

const MAX_ITEMS = 20

export const getCompetitivePricing: Operation = {
  name: 'getCompetitivePricing',
  method: 'GET',
  path: '/products/pricing/v0/competitivePrice',
  plan: { rate: 0.5, burst: 1, appRate: null },
  answer({ query }, context) {
    const marketplace = marketplaceOf(required(query, 'MarketplaceId'), 'MarketplaceId')
    const business = oneOf(query, 'CustomerType', ['Consumer', 'Business']) === 'Business'
    const itemType = oneOf(query, 'ItemType', ['Asin', 'Sku'])
    if (itemType === null) throw new Refusal("Missing required 'ItemType'.")
    const asins = list(query, itemType === 'Asin' ? 'Asins' : 'Skus', MAX_ITEMS)
    if (asins.length === 0) throw new Refusal(`Missing required '${itemType}s'.`)
    context.statistics.batch('getCompetitivePricing', asins.length)
    return ok({ payload: [...new Set(asins)].map((asin) => price(asin, marketplace, business, context)) })
  },
}

function price(asin: string, marketplace: Marketplace, business: boolean, context: OperationContext): object {
  const item = marketOf(context).offersOf(marketplace.id, asin)
  if (item === null) return { status: 'ClientError', ASIN: asin }
  return {
    status: 'Success',
    ASIN: asin,
    Product: {
      Identifiers: {
        MarketplaceASIN: { MarketplaceId: marketplace.id, ASIN: asin },
        SKUIdentifier: { MarketplaceId: '', SellerId: '', SellerSKU: '' },
      },
      CompetitivePricing: {
        CompetitivePrices: competitivePrices(item, business),
        NumberOfOfferListings: listingCounts(item),
      },
      SalesRankings: salesRankings(item),
    },
  }
}

/** The featured offers: 1 is the new one, 2 the used one. Without one of them there is no price, however many sell. */
function competitivePrices(item: ItemOffers, business: boolean): object[] {
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
          ...(offer.points > 0
            ? { Points: { PointsNumber: offer.points, PointsMonetaryValue: money(offer.points) } }
            : {}),
        },
        condition: offer.condition,
        subcondition: offer.subCondition === 'VeryGood' ? 'Very Good' : offer.subCondition,
        ...(business ? { offerType: 'B2B' } : {}),
        sellerId: offer.sellerId,
        belongsToRequester: false,
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
