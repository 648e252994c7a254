/**
 * `GET /products/pricing/v0/items/{Asin}/offers` and its batch (model `productPricingV0`, operations `getItemOffers` and
 * `getItemOffersBatch`).
 */

import { type Answer, invalidInput, ok } from '../answer.ts'
import { isTooSoon, marketOf } from './market.ts'
import { answerBatch, readBatch } from './offers-batch.ts'
import { type Operation, type OperationContext, Refusal } from './operation.ts'
import { marketplaceOf, oneOf, required } from './parameters.ts'
import { CONDITIONS, offersPayload, tooSoonPayload } from './pricing-v0.ts'

/** How long an item that is too soon says to wait. */
const TOO_SOON_MS = 3_600_000

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
    return answerBatch(
      batch,
      'Asin',
      ({ id, parameters }) => {
        try {
          return offersOfAsin(id, parameters, context)
        } catch (error) {
          if (error instanceof Refusal) return invalidInput(error.message, error.details)
          throw error
        }
      },
      context.date(),
    )
  },
}

function offersOfAsin(asin: string, query: URLSearchParams, context: OperationContext): Answer {
  const marketplace = marketplaceOf(required(query, 'MarketplaceId'), 'MarketplaceId')
  const condition = oneOf(query, 'ItemCondition', CONDITIONS)
  if (condition === null) throw new Refusal("Missing required 'ItemCondition'.")
  const business = oneOf(query, 'CustomerType', ['Consumer', 'Business']) === 'Business'
  const item = marketOf(context).offersOf(marketplace.id, asin)
  if (item === null) throw new Refusal(`${asin} is an invalid ASIN for marketplace ${marketplace.id}`)
  const asked = { condition, business }
  const payload = isTooSoon(context)
    ? tooSoonPayload(item, asked, new Date(context.date().getTime() + TOO_SOON_MS))
    : offersPayload(item, asked, () => false)
  return ok({
    payload: {
      ASIN: asin,
      Identifier: { MarketplaceId: marketplace.id, ItemCondition: condition, ASIN: asin },
      ...payload,
    },
  })
}
