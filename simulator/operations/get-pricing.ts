/**
 * `GET /products/pricing/v0/price` (model `productPricingV0`, operation `getPricing`): the caller's own offers, by ASIN or
 * SKU. An ASIN that the caller does not sell is no error: `Offers` is missing (amzn/selling-partner-api-docs#423).
 */

import { ok } from '../answer.ts'
import { moneyOf } from '../catalogue/money.ts'
import { type Seller, sellerOf } from '../seller/seller.ts'
import { type Listing, offerOf } from './listings/listing.ts'
import { listingsOf } from './listings/store.ts'
import type { Operation, OperationContext } from './operation.ts'
import { skuIdentifiers } from './own-offers.ts'
import { oneOf } from './parameters.ts'
import { asinIdentifiers, CONDITIONS, type PricingQuery, readPricingQuery } from './pricing-v0.ts'

export const getPricing: Operation = {
  name: 'getPricing',
  method: 'GET',
  path: '/products/pricing/v0/price',
  plan: { rate: 0.5, burst: 1, appRate: null },
  answer(request, context) {
    const query = readPricingQuery(request.query)
    const condition = oneOf(request.query, 'ItemCondition', CONDITIONS)
    const business = oneOf(request.query, 'OfferType', ['B2C', 'B2B']) === 'B2B'
    const seller = sellerOf(request.caller, context)
    context.statistics.batch('getPricing', query.ids.length)
    const offers = (listings: readonly Listing[]) =>
      listings
        .map((listing) => ownPrice(listing, business, context))
        .filter((offer) => offer !== null)
        .filter(({ ItemCondition }) => condition === null || ItemCondition === condition)
    const answer = query.itemType === 'Asin' ? ofAsin : ofSku
    return ok({ payload: query.ids.map((id) => answer(id, query, seller, context, offers)) })
  },
}

type OffersOf = (listings: readonly Listing[]) => object[]

function ofAsin(
  asin: string,
  { marketplace }: PricingQuery,
  seller: Seller,
  context: OperationContext,
  offers: OffersOf,
): object {
  if (context.catalogue.itemByAsin(marketplace.id, asin) === null)
    return { status: 'ClientError', ASIN: asin }
  const own = listingsOf(context).ofAsin(seller, marketplace, asin)
  return {
    status: 'Success',
    ASIN: asin,
    Product: { Identifiers: asinIdentifiers(asin, marketplace), ...withOffers(offers(own)) },
  }
}

function ofSku(
  sku: string,
  { marketplace }: PricingQuery,
  seller: Seller,
  context: OperationContext,
  offers: OffersOf,
): object {
  const listing = listingsOf(context).find(seller, marketplace, sku)
  if (listing === null || listing.asin === null) return { status: 'ClientError', SellerSKU: sku }
  return {
    status: 'Success',
    SellerSKU: sku,
    Product: {
      Identifiers: skuIdentifiers(listing.asin, marketplace, seller, sku),
      ...withOffers(offers([listing])),
    },
  }
}

const withOffers = (offers: readonly object[]) => (offers.length === 0 ? {} : { Offers: offers })

function ownPrice(listing: Listing, business: boolean, context: OperationContext) {
  const { price, channel, conditionType } = offerOf(listing, context.date().getTime())
  if (price === null) return null
  const { currency, toNumber } = moneyOf(listing.marketplace.currency)
  const money = { CurrencyCode: currency, Amount: toNumber(price) }
  const [condition = 'new', ...sub] = conditionType.split('_')
  return {
    ...(business ? { offerType: 'B2B' } : {}),
    BuyingPrice: { ListingPrice: money, LandedPrice: money, Shipping: { CurrencyCode: currency, Amount: 0 } },
    RegularPrice: money,
    // Capitals here, unlike anywhere else: so in the model's sandbox cases.
    FulfillmentChannel: channel === 'AFN' ? 'AMAZON' : 'MERCHANT',
    ItemCondition: capital(condition),
    ItemSubCondition: sub.map(capital).join(' '),
    SellerSKU: listing.sku,
  }
}

const capital = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`
