/**
 * `GET /products/pricing/v0/items/{Asin}/offers` and its batch (model `productPricingV0`, operations `getItemOffers` and
 * `getItemOffersBatch`).
 */

import { type Answer, ok } from '../answer.ts'
import { isTooSoon, marketOf } from './market.ts'
import { answerBatch, readBatch } from './offers-batch.ts'
import { type Operation, type OperationContext, Refusal } from './operation.ts'
import { offersPayload, readOffersQuery, tooSoonPayload } from './pricing-v0.ts'

export const getItemOffers: Operation = {
  name: 'getItemOffers',
  method: 'GET',
  path: '/products/pricing/v0/items/{Asin}/offers',
  plan: { rate: 0.5, burst: 1, appRate: null },
  answer: ({ path: { Asin = '' }, query }, context) => offersOfAsin(Asin, query, context),
}

export const getItemOffersBatch: Operation = {
  name: 'getItemOffersBatch',
  method: 'POST',
  path: '/batches/products/pricing/v0/itemOffers',
  plan: { rate: 0.1, burst: 1, appRate: null },
  answer(request, context) {
    const batch = readBatch(request, /^\/products\/pricing\/v0\/items\/([^/?]+)\/offers$/)
    context.statistics.batch('getItemOffersBatch', batch.length)
    const answer = ({ id, parameters }: (typeof batch)[number]) => offersOfAsin(id, parameters, context)
    return answerBatch(batch, 'Asin', answer, context)
  },
}

function offersOfAsin(asin: string, query: URLSearchParams, context: OperationContext): Answer {
  const asked = readOffersQuery(query)
  const { marketplace, condition } = asked
  const item = marketOf(context).offersOf(marketplace.id, asin)
  if (item === null) throw new Refusal(`${asin} is an invalid ASIN for marketplace ${marketplace.id}`)
  const payload = isTooSoon(item, context)
    ? tooSoonPayload(item, asked, context.date())
    : offersPayload(item, asked)
  return ok({
    payload: {
      ASIN: asin,
      Identifier: { MarketplaceId: marketplace.id, ItemCondition: condition, ASIN: asin },
      ...payload,
    },
  })
}
