import { type AmazonMoney, moneyOf } from '#libs/sp-api/batches/index.ts'
import type {
  CompetitivePriceType,
  Product,
  SalesRankList,
} from '#libs/sp-api/operations/generated/product-pricing-v0.ts'
import { amountText, bounded, conditionText, sellerText, type Told } from './told.ts'

/** `1`: the featured offer in new condition. Source: Product Pricing v0, `CompetitivePriceId`. */
const NEW_FEATURED = '1'

/** What `getCompetitivePricing` tells of an item. */
export function competitiveTold(product: Product): Told {
  const { CompetitivePrices = [], NumberOfOfferListings = [] } = product.CompetitivePricing ?? {}
  return {
    featuredOffer: featuredOffer(CompetitivePrices),
    lowestPrices: null,
    offerCounts: bounded(
      NumberOfOfferListings.map(({ condition, Count }) => ({
        condition: conditionText(condition),
        fulfillmentChannel: null,
        count: Count,
      })),
    ),
    fulfillmentOptions: null,
    salesRank: displayGroupRank(product.SalesRankings),
  }
}

function featuredOffer(prices: readonly CompetitivePriceType[]): Told['featuredOffer'] {
  const featured = prices.find(
    ({ CompetitivePriceId, condition, offerType, quantityTier }) =>
      CompetitivePriceId === NEW_FEATURED &&
      conditionText(condition ?? 'new') === 'new' &&
      isForOne({ offerType, quantityTier }),
  )
  const price = moneyOf(featured?.Price.ListingPrice)
  if (featured === undefined || price === null) return null
  return {
    price: amountText(price.amount),
    shipping: amountOf(featured.Price.Shipping, price.currency),
    currency: price.currency,
    sellerId: sellerText(featured.sellerId),
    // It tells what the offer costs, not how it is fulfilled.
    fulfillmentChannel: null,
    prime: null,
  }
}

/** A price that a consumer pays for a single piece. */
export function isForOne(of: {
  readonly offerType?: string | undefined
  readonly quantityTier?: number | undefined
}): boolean {
  return of.offerType !== 'B2B' && of.quantityTier === undefined
}

/** An amount in the currency that it has to be in; null when it is not told. */
export function amountOf(money: AmazonMoney | undefined, currency: string): string | null {
  const found = moneyOf(money)
  return found?.currency === currency ? amountText(found.amount) : null
}

/** The rank in a display group, such as `toy_display_on_website`; ranks in a class have a number for their category. */
export function displayGroupRank(ranks: SalesRankList | undefined): number | null {
  const rank = ranks?.find(({ ProductCategoryId }) => !/^\d+$/.test(ProductCategoryId))?.Rank
  return rank !== undefined && Number.isSafeInteger(rank) && rank > 0 ? rank : null
}
