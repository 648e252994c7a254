/** Prices of many products by the Product Pricing API v0. */
import {
  type GetCompetitivePricingParameters,
  type GetPricingParameters,
  getCompetitivePricing,
  getPricing,
  type Product,
} from '../operations/generated/product-pricing-v0.ts'
import type { Operation } from '../operations/operation.ts'
import {
  asinProblem,
  at,
  type BatchOperation,
  type BatchRequest,
  checked,
  listAt,
  type Part,
  skuProblem,
  textAt,
  withUnreadParts,
} from './batch-operation.ts'

/** Amazon takes 1 to 20 ASINs or SKUs in a request. */
const MOST = 20

/** A request speaks either of ASINs or of the seller's SKUs. */
export interface AsinAsk {
  readonly asin: string
}
export interface SkuAsk {
  readonly sku: string
}

const competitivePricing = withUnreadParts(getCompetitivePricing, 'PriceList')
const pricing = withUnreadParts(getPricing, 'PriceList')

type CompetitiveOptions = Pick<GetCompetitivePricingParameters, 'CustomerType'>
type OwnOptions = Pick<GetPricingParameters, 'ItemCondition' | 'OfferType'>

/** `getCompetitivePricing`: competitive prices, counts of offers and sales ranks of 20 ASINs a request, 0.5 a second. */
export const competitivePrices = (options: CompetitiveOptions = {}): BatchOperation<AsinAsk, Product> =>
  byAsin('getCompetitivePricing', competitivePricing, options)

/** As `competitivePrices`, of the seller's own SKUs. */
export const competitivePricesOfSkus = (options: CompetitiveOptions = {}): BatchOperation<SkuAsk, Product> =>
  bySku('getCompetitivePricing', competitivePricing, options)

/** `getPricing`: the seller's own offers for 20 ASINs a request, 0.5 requests a second. */
export const ownPrices = (options: OwnOptions = {}): BatchOperation<AsinAsk, Product> =>
  byAsin('getPricing', pricing, options)

/** As `ownPrices`, by SKU. */
export const ownPricesOfSkus = (options: OwnOptions = {}): BatchOperation<SkuAsk, Product> =>
  bySku('getPricing', pricing, options)

function byAsin(operationId: string, operation: unknown, options: object): BatchOperation<AsinAsk, Product> {
  return {
    operationId,
    most: MOST,
    sameness: ({ asin }) => asin,
    subject: ({ ask }) => ask.asin,
    problem: ({ asin }) => asinProblem(asin),
    request: (MarketplaceId, entries) => {
      const Asins = entries.map(({ ask }) => ask.asin)
      return request(operation, { ...options, MarketplaceId, ItemType: 'Asin', Asins })
    },
    parts: (body) => parts(body, 'ASIN'),
  }
}

function bySku(operationId: string, operation: unknown, options: object): BatchOperation<SkuAsk, Product> {
  return {
    operationId,
    most: MOST,
    sameness: ({ sku }) => sku,
    subject: ({ ask }) => ask.sku,
    problem: ({ sku }) => skuProblem(sku),
    request: (MarketplaceId, entries) => {
      const Skus = entries.map(({ ask }) => ask.sku)
      return request(operation, { ...options, MarketplaceId, ItemType: 'Sku', Skus })
    },
    parts: (body) => parts(body, 'SellerSKU'),
  }
}

function request(operation: unknown, parameters: object): BatchRequest {
  return { operation: operation as Operation<object, unknown>, parameters }
}

function parts(body: unknown, name: string): Part<Product>[] {
  return listAt(body, 'payload').map((price) => {
    const status = textAt(price, 'status') ?? 'without a status'
    return {
      subject: textAt(price, name),
      status: httpStatusOf(status),
      requestId: null,
      // There is no other word about it than this one.
      errors: [{ code: status, message: 'Amazon has no price for it' }],
      answer: () => checked(competitivePricing, 'Product', at(price, 'Product')),
    }
  })
}

/** `Success`, `ClientError` and the like, as HTTP would say it. */
function httpStatusOf(status: string): number {
  if (/^success$/i.test(status)) return 200
  return /^(server|service)/i.test(status) ? 503 : 400
}
