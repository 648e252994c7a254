/**
 * `POST /batches/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice` (model `productPricing_2022-05-01`,
 * operation `getFeaturedOfferExpectedPriceBatch`): the price at or below which the caller's offer would be featured.
 */

import { invalidInput, ok } from '../answer.ts'
import type { ItemOffers, Offer } from '../catalogue/offers.ts'
import type { Marketplace } from '../marketplaces.ts'
import { sellerOf } from '../seller/seller.ts'
import { arranged, troubleOf } from './batch-troubles.ts'
import { money2022 } from './market.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from './operation.ts'
import { ownOfferOf } from './own-offers.ts'
import { isObject, marketplaceOf, readObject } from './parameters.ts'

const URI = '/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice'
/** Of the operation's description; its schema has no limit. */
const MAX_REQUESTS = 40

interface ExpectedPriceRequest {
  readonly marketplace: Marketplace
  readonly sku: string
  readonly echo: object
}

export const getFeaturedOfferExpectedPriceBatch: Operation = {
  name: 'getFeaturedOfferExpectedPriceBatch',
  method: 'POST',
  path: '/batches/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice',
  plan: { rate: 0.033, burst: 1, appRate: null },
  answer(request, context) {
    const { requests } = readObject(request)
    if (!Array.isArray(requests) || requests.length === 0) throw new Refusal("Missing required 'requests'.")
    if (requests.length > MAX_REQUESTS) {
      throw new Refusal(
        'Invalid Input',
        `At most ${MAX_REQUESTS} requests are allowed, not ${requests.length}.`,
      )
    }
    const batch = requests.map(readRequest)
    context.statistics.batch('getFeaturedOfferExpectedPriceBatch', batch.length)
    const bodies = batch.map((one) => expectedPrice(one, request.caller, context))
    const errors = bodies.filter((body) => body === null).map(() => INVALID_SKU)
    if (errors.length === batch.length) return { ...invalidInput(''), body: { errors } }
    const responses = bodies.map((body, i) => {
      const respond = (statusCode: number, reasonPhrase: string, rest: object) => {
        return { request: batch[i]?.echo, headers: {}, status: { statusCode, reasonPhrase }, body: rest }
      }
      const trouble = troubleOf(context)
      if (trouble !== null) return respond(trouble.status, trouble.reasonPhrase, { errors: [trouble.error] })
      return body === null
        ? respond(400, 'Client Error', { errors: [INVALID_SKU] })
        : respond(200, 'Success', body)
    })
    return ok({ responses: arranged(responses, context) })
  },
}

const INVALID_SKU = {
  code: 'INVALID_SKU',
  message: 'The requested SKU does not exist for the seller in the requested Amazon store.',
}

function readRequest(request: unknown): ExpectedPriceRequest {
  if (!isObject(request)) throw new Refusal('Invalid Input')
  const { marketplaceId, sku, segment, method, uri } = request
  if (typeof sku !== 'string' || sku === '') throw new Refusal("Missing required 'sku'.")
  if (method !== 'GET') throw new Refusal("Invalid 'method' provided.")
  if (uri !== URI) throw new Refusal("Invalid 'uri' provided.")
  const marketplace = marketplaceOf(marketplaceId, 'marketplaceId')
  return { marketplace, sku, echo: { marketplaceId, sku, ...(segment === undefined ? {} : { segment }) } }
}

/** The answer to one request, or null when there is no such SKU. */
function expectedPrice(
  { marketplace, sku }: ExpectedPriceRequest,
  caller: OperationRequest['caller'],
  context: OperationContext,
): object | null {
  const seller = sellerOf(caller, context)
  const own = ownOfferOf(sku, marketplace, seller, context)
  if (own === null) return null
  const { item, mine } = own
  const offerIdentifier = {
    marketplaceId: marketplace.id,
    sellerId: seller.merchantId,
    sku,
    asin: item.asin,
    ...(mine === null ? {} : { fulfillmentType: mine.channel }),
  }
  return { offerIdentifier, featuredOfferExpectedPriceResults: [result(item, mine)] }
}

function result(item: ItemOffers, mine: Offer | null): object {
  const current = item.featured === null ? {} : { currentFeaturedOffer: featured(item, item.featured) }
  if (mine === null) return { resultStatus: 'OFFER_NOT_FOUND', ...current }
  if (item.suppressed) return { resultStatus: 'ASIN_NOT_ELIGIBLE' }
  if (!mine.eligible) return { resultStatus: 'OFFER_NOT_ELIGIBLE', ...current }
  const rivals = item.offers.filter(
    (offer) => offer !== mine && offer.condition === mine.condition && offer.eligible,
  )
  const [rival] = rivals
  if (rival === undefined) return { resultStatus: 'NO_COMPETING_OFFER', ...current }
  const listingPrice = Math.max(1, rival.landedPrice - mine.shipping - 1)
  return {
    featuredOfferExpectedPrice: { listingPrice: money2022(item)(listingPrice) },
    resultStatus: 'VALID_FOEP',
    competingFeaturedOffer: featured(item, rival),
    ...current,
  }
}

const featured = (item: ItemOffers, offer: Offer) => ({
  offerIdentifier: {
    marketplaceId: item.marketplace.id,
    sellerId: offer.sellerId,
    asin: item.asin,
    fulfillmentType: offer.channel,
  },
  condition: offer.condition,
  price: {
    listingPrice: money2022(item)(offer.listingPrice),
    shippingPrice: money2022(item)(offer.shipping),
    ...(offer.points > 0
      ? { points: { pointsNumber: offer.points, pointsMonetaryValue: money2022(item)(offer.points) } }
      : {}),
  },
})
