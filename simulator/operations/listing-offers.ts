/**
 * `GET /products/pricing/v0/listings/{SellerSKU}/offers` and its batch (model `productPricingV0`, operations
 * `getListingOffers` and `getListingOffersBatch`): the offers of the item that the caller's SKU sells, his own among them.
 */

import { type Answer, ok } from '../answer.ts'
import { sellerOf } from '../seller/seller.ts'
import { isTooSoon } from './market.ts'
import { answerBatch, readBatch } from './offers-batch.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from './operation.ts'
import { ownOfferOf } from './own-offers.ts'
import { offersPayload, readOffersQuery, tooSoonPayload } from './pricing-v0.ts'

export const getListingOffers: Operation = {
  name: 'getListingOffers',
  method: 'GET',
  path: '/products/pricing/v0/listings/{SellerSKU}/offers',
  plan: { rate: 1, burst: 2, appRate: null },
  answer: ({ path: { SellerSKU = '' }, query, caller }, context) =>
    offersOfSku(SellerSKU, query, caller, context),
}

export const getListingOffersBatch: Operation = {
  name: 'getListingOffersBatch',
  method: 'POST',
  path: '/batches/products/pricing/v0/listingOffers',
  plan: { rate: 0.5, burst: 1, appRate: null },
  answer(request, context) {
    const batch = readBatch(request, /^\/products\/pricing\/v0\/listings\/([^/?]+)\/offers$/)
    context.statistics.batch('getListingOffersBatch', batch.length)
    const answer = ({ id, parameters }: (typeof batch)[number]) =>
      offersOfSku(id, parameters, request.caller, context)
    return answerBatch(batch, 'SellerSKU', answer, context)
  },
}

function offersOfSku(
  sku: string,
  query: URLSearchParams,
  caller: OperationRequest['caller'],
  context: OperationContext,
): Answer {
  const asked = readOffersQuery(query)
  const { marketplace, condition } = asked
  const seller = sellerOf(caller, context)
  const own = ownOfferOf(sku, marketplace, seller, context)
  if (own === null) throw new Refusal(`${sku} is an invalid SKU for marketplace ${marketplace.id}`)
  return ok({
    payload: {
      SKU: sku,
      Identifier: { MarketplaceId: marketplace.id, ItemCondition: condition, SellerSKU: sku },
      ...(isTooSoon(own.item, context)
        ? tooSoonPayload(own.item, asked, context.date())
        : offersPayload(own.item, asked, (offer) => offer === own.mine)),
    },
  })
}
