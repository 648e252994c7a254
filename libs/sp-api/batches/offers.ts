/** Batches of offers by the Product Pricing API v0. */
import {
  type BatchOffersRequestParams,
  type GetOffersResult,
  getItemOffersBatch,
  getListingOffersBatch,
} from '../operations/generated/product-pricing-v0.ts'
import type { Operation } from '../operations/operation.ts'
import {
  asinProblem,
  at,
  type BatchOperation,
  checked,
  type Entry,
  listAt,
  type Part,
  skuProblem,
  textAt,
  withUnreadParts,
} from './batch-operation.ts'

/** Amazon takes 1 to 20 asks in a request. */
const MOST = 20

interface OffersAsk {
  /** `New` unless it says otherwise. */
  readonly condition?: BatchOffersRequestParams['ItemCondition']
  readonly customerType?: NonNullable<BatchOffersRequestParams['CustomerType']>
}

export interface ItemOffersAsk extends OffersAsk {
  readonly asin: string
}

/** The seller's own SKU. */
export interface ListingOffersAsk extends OffersAsk {
  readonly sku: string
}

const itemOffersBatch = withUnreadParts(getItemOffersBatch, 'ItemOffersResponseList')
const listingOffersBatch = withUnreadParts(getListingOffersBatch, 'ListingOffersResponseList')

/**
 * `getItemOffersBatch`: 20 ASINs a request, 0.1 requests a second. The `status` of an answer may be
 * `ActiveButTooSoonForProcessing`: Amazon has no offers before `Summary.OffersAvailableTime`.
 */
export const itemOffers: BatchOperation<ItemOffersAsk, GetOffersResult> = {
  operationId: 'getItemOffersBatch',
  most: MOST,
  sameness: ({ asin, ...ask }) => sameness(asin, ask),
  subject: ({ ask }) => ask.asin,
  problem: ({ asin }) => asinProblem(asin),
  request: (marketplaceId, entries) => ({
    operation: itemOffersBatch as Operation<object, unknown>,
    parameters: body(marketplaceId, entries, ({ asin }) => `/products/pricing/v0/items/${asin}/offers`),
  }),
  parts: (answer) => parts(answer, 'Asin', 'ASIN'),
}

/** `getListingOffersBatch`: 20 of the seller's SKUs a request, 0.5 requests a second. Its `status` as for `itemOffers`. */
export const listingOffers: BatchOperation<ListingOffersAsk, GetOffersResult> = {
  operationId: 'getListingOffersBatch',
  most: MOST,
  sameness: ({ sku, ...ask }) => sameness(sku, ask),
  subject: ({ ask }) => ask.sku,
  problem: ({ sku }) => skuProblem(sku),
  request: (marketplaceId, entries) => ({
    operation: listingOffersBatch as Operation<object, unknown>,
    parameters: body(
      marketplaceId,
      entries,
      ({ sku }) => `/products/pricing/v0/listings/${encodeURIComponent(sku)}/offers`,
    ),
  }),
  parts: (answer) => parts(answer, 'SellerSKU', 'SKU'),
}

function sameness(subject: string, { condition = 'New', customerType = 'Consumer' }: OffersAsk): string {
  return [condition, customerType, subject].join(' ')
}

/** Parameters stand beside the uri: inside of `queryParams` Amazon no longer reads them. */
function body<Q extends OffersAsk>(
  MarketplaceId: string,
  entries: readonly Entry<Q>[],
  uriOf: (ask: Q) => string,
): object {
  const requests = entries.map(({ ask }) => ({
    uri: uriOf(ask),
    method: 'GET',
    MarketplaceId,
    ItemCondition: ask.condition ?? 'New',
    CustomerType: ask.customerType ?? 'Consumer',
  }))
  return { body: { requests } }
}

function parts(answer: unknown, asked: string, answered: string): Part<GetOffersResult>[] {
  return listAt(answer, 'responses').map((response) => {
    const status = at(response, 'status', 'statusCode')
    return {
      subject: textAt(response, 'request', asked) ?? textAt(response, 'body', 'payload', answered),
      // Without one, what it holds tells.
      status: typeof status === 'number' ? status : at(response, 'body', 'payload') === undefined ? 500 : 200,
      requestId: textAt(response, 'headers', 'x-amzn-RequestId'),
      errors: at(response, 'body', 'errors'),
      answer: () => checked(itemOffersBatch, 'GetOffersResult', at(response, 'body', 'payload')),
    }
  })
}
