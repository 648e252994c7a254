/**
 * Operations that take many asks in one request, split so that each ask has an outcome of its own.
 *
 *     const settled = await settleBatch(api, itemOffers, 'US', [{ asin: 'B000000001' }, { asin: 'B000000002' }])
 */
export type { BatchCaller, BatchOperation } from './batch-operation.ts'
export {
  competitiveSummary,
  type ExpectedPriceAsk,
  featuredOfferExpectedPrice,
  type SummaryAsk,
} from './competitive-summary.ts'
export { type FeesAsk, feesEstimate } from './fees.ts'
export { MicroBatcher, type MicroBatcherOptions } from './micro-batcher.ts'
export { type AmazonMoney, decimalOf, type Money, moneyOf } from './money.ts'
export { type ItemOffersAsk, itemOffers, type ListingOffersAsk, listingOffers } from './offers.ts'
export {
  type AsinAsk,
  competitivePrices,
  competitivePricesOfSkus,
  ownPrices,
  ownPricesOfSkus,
  type SkuAsk,
} from './prices.ts'
export { type Answered, type BatchOptions, type Failed, type Settled, settleBatch } from './settle.ts'
