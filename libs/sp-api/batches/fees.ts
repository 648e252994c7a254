/** Batches of the Product Fees API v0. */
import {
  type FeesEstimate,
  type FeesEstimateRequest,
  getMyFeesEstimates,
} from '../operations/generated/product-fees-v0.ts'
import type { Operation } from '../operations/operation.ts'
import {
  asinProblem,
  at,
  type BatchOperation,
  checked,
  type Part,
  skuProblem,
  textAt,
  withUnreadParts,
} from './batch-operation.ts'

/** A price, and of what its fees are asked: an ASIN or the seller's own SKU. */
export type FeesAsk = Omit<FeesEstimateRequest, 'MarketplaceId' | 'Identifier'> &
  ({ readonly asin: string; readonly sku?: never } | { readonly sku: string; readonly asin?: never })

const feesEstimates = withUnreadParts(getMyFeesEstimates, 'GetMyFeesEstimatesResponse')

/**
 * `getMyFeesEstimates`: 20 asks a request, 0.5 requests a second. One ASIN may be asked about at many prices and both
 * channels: answers are joined by an identifier of ours, which Amazon gives back.
 */
export const feesEstimate: BatchOperation<FeesAsk, FeesEstimate> = {
  operationId: 'getMyFeesEstimates',
  most: 20,
  sameness: ({ asin, sku, PriceToEstimateFees, IsAmazonFulfilled, OptionalFulfillmentProgram }) =>
    JSON.stringify([asin, sku, PriceToEstimateFees, IsAmazonFulfilled, OptionalFulfillmentProgram]),
  subject: ({ tag }) => tag,
  problem: ({ asin, sku }) => (asin === undefined ? skuProblem(sku) : asinProblem(asin)),
  request: (MarketplaceId, entries) => {
    const body = entries.map(({ tag, ask: { asin, sku, ...ask } }) => ({
      IdType: asin === undefined ? 'SellerSKU' : 'ASIN',
      IdValue: asin ?? sku,
      FeesEstimateRequest: { ...ask, MarketplaceId, Identifier: tag },
    }))
    return { operation: feesEstimates as Operation<object, unknown>, parameters: { body } }
  },
  parts: (answer) => (Array.isArray(answer) ? answer : []).map(part),
}

function part(result: unknown): Part<FeesEstimate> {
  const status = textAt(result, 'Status') ?? 'without a status'
  const code = textAt(result, 'Error', 'Code')
  return {
    subject: textAt(result, 'FeesEstimateIdentifier', 'SellerInputIdentifier'),
    status: httpStatusOf(status),
    requestId: null,
    errors: [{ code: code ?? status, message: textAt(result, 'Error', 'Message') ?? status }],
    answer: () => checked(feesEstimates, 'FeesEstimate', at(result, 'FeesEstimate')),
  }
}

/** `Success`, `ClientError`, `ServiceError` and the like, as HTTP would say it. */
function httpStatusOf(status: string): number {
  if (/^success$/i.test(status)) return 200
  return /^(server|service)/i.test(status) ? 503 : 400
}
