/** Batches of the Product Pricing API 2022-05-01. */
import {
  type CompetitiveSummaryRequest,
  type CompetitiveSummaryResponseBody,
  type FeaturedOfferExpectedPriceResponseBody,
  getCompetitiveSummary,
  getFeaturedOfferExpectedPriceBatch,
  type Segment,
} from '../operations/generated/product-pricing-2022-05-01.ts'
import type { Operation } from '../operations/operation.ts'
import {
  asinProblem,
  at,
  type BatchOperation,
  checked,
  listAt,
  type Part,
  skuProblem,
  textAt,
  withUnreadParts,
} from './batch-operation.ts'

export interface SummaryAsk extends Pick<CompetitiveSummaryRequest, 'asin' | 'lowestPricedOffersInputs'> {
  /** `featuredBuyingOptions` and `referencePrices` unless it says otherwise. */
  readonly includedData?: CompetitiveSummaryRequest['includedData']
}

/** The seller's own SKU. */
export interface ExpectedPriceAsk {
  readonly sku: string
  readonly segment?: Segment
}

const summary = withUnreadParts(getCompetitiveSummary, 'CompetitiveSummaryResponseList')
const expectedPrice = withUnreadParts(
  getFeaturedOfferExpectedPriceBatch,
  'FeaturedOfferExpectedPriceResponseList',
)

/** `getCompetitiveSummary`: 20 ASINs a request, 0.033 requests a second. Its answers name the ASIN and nothing else. */
export const competitiveSummary: BatchOperation<SummaryAsk, CompetitiveSummaryResponseBody> = {
  operationId: 'getCompetitiveSummary',
  most: 20,
  sameness: (ask) => JSON.stringify([ask.asin, includedOf(ask), ask.lowestPricedOffersInputs ?? null]),
  subject: ({ ask }) => ask.asin,
  problem: ({ asin }) => asinProblem(asin),
  request: (marketplaceId, entries) => {
    const uri = '/products/pricing/2022-05-01/items/competitiveSummary'
    const requests = entries.map(({ ask }) => ({
      asin: ask.asin,
      marketplaceId,
      includedData: includedOf(ask),
      ...(ask.lowestPricedOffersInputs === undefined
        ? {}
        : { lowestPricedOffersInputs: ask.lowestPricedOffersInputs }),
      method: 'GET',
      uri,
    }))
    return { operation: summary as Operation<object, unknown>, parameters: { body: { requests } } }
  },
  parts: (answer) =>
    listAt(answer, 'responses').map((response) => ({
      ...outlines(response),
      subject: textAt(response, 'body', 'asin'),
      answer: () => checked(summary, 'CompetitiveSummaryResponseBody', at(response, 'body')),
    })),
}

/** Amazon names no limit in its model, but 40 in its text. */
const MOST_EXPECTED_PRICES = 40

/** `getFeaturedOfferExpectedPriceBatch`: 40 of the seller's SKUs a request, 0.033 requests a second. */
export const featuredOfferExpectedPrice: BatchOperation<
  ExpectedPriceAsk,
  FeaturedOfferExpectedPriceResponseBody
> = {
  operationId: 'getFeaturedOfferExpectedPriceBatch',
  most: MOST_EXPECTED_PRICES,
  sameness: ({ sku, segment }) => JSON.stringify([sku, segment ?? null]),
  subject: ({ ask }) => ask.sku,
  problem: ({ sku }) => skuProblem(sku),
  request: (marketplaceId, entries) => {
    const uri = '/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice'
    const requests = entries.map(({ ask: { sku, segment } }) => ({
      marketplaceId,
      sku,
      ...(segment === undefined ? {} : { segment }),
      method: 'GET',
      uri,
    }))
    return { operation: expectedPrice as Operation<object, unknown>, parameters: { body: { requests } } }
  },
  parts: (answer) =>
    listAt(answer, 'responses').map((response) => ({
      ...outlines(response),
      subject: textAt(response, 'request', 'sku') ?? textAt(response, 'body', 'offerIdentifier', 'sku'),
      answer: () => checked(expectedPrice, 'FeaturedOfferExpectedPriceResponseBody', at(response, 'body')),
    })),
}

function includedOf({ includedData }: SummaryAsk): CompetitiveSummaryRequest['includedData'] {
  return includedData ?? ['featuredBuyingOptions', 'referencePrices']
}

function outlines(response: unknown): Pick<Part<unknown>, 'status' | 'requestId' | 'errors'> {
  const status = at(response, 'status', 'statusCode')
  const errors = at(response, 'body', 'errors')
  return {
    // Without one, what it holds tells.
    status: typeof status === 'number' ? status : errors === undefined ? 200 : 500,
    requestId: textAt(response, 'headers', 'x-amzn-RequestId'),
    errors,
  }
}
