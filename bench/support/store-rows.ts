import type { ClaimedProduct } from '#libs/db/claims.ts'
import type { MarketDataRow } from '#libs/db/market-data.ts'
import type { Outcome, Transition } from '#libs/db/outcomes.ts'

/** What every product of a measurement comes to. */
export const TRANSITION: Transition = { state: 'success', failures: 0, retryInMs: null }

/** An answer as Amazon gives it: one item of ordinary size. */
export function resultOf(claim: ClaimedProduct): Outcome {
  return {
    productId: claim.productId,
    marketplaceId: claim.marketplaceId,
    attempt: claim.attempt,
    result: 'success',
    reason: null,
    gtin14: `00${claim.upc ?? '000000000000'}`.slice(0, 14),
    repair: null,
    observedAt: Date.now(),
    operation: 'searchCatalogItems',
    responseTimeMs: 180,
    amazonRequestId: `request-${claim.productId}`,
    httpStatus: 200,
    answered: true,
    candidates: [candidateOf(claim)],
  }
}

function candidateOf(claim: ClaimedProduct): MarketDataRow {
  return {
    asin: `B${(claim.upc ?? '0').slice(-9).padStart(9, '0')}`,
    chosen: true,
    score: 0.93,
    reasons: ['exact code', 'brand agrees', 'title is alike'],
    title: `${claim.title} as Amazon has it, with a longer title than its owner gave it`,
    brand: claim.brand,
    productType: 'KITCHEN',
    itemClassification: 'BASE_PRODUCT',
    packageQuantity: 1,
    salesRank: Math.floor(Math.random() * 1_000_000),
    salesRankCategory: 'Home & Kitchen',
    imageUrl: `https://m.media-amazon.com/images/I/${claim.attempt}.jpg`,
    dimensions: '{"item":{"height":{"unit":"inches","value":3.2},"weight":{"unit":"pounds","value":0.4}}}',
  }
}
