import type { OfferLevel } from '#libs/offers/levels.ts'
import type { Queryable } from '../database.ts'
import { isoTimestamp } from '../timestamps.ts'
import type { OfferState } from './entities.ts'
import type { FulfillmentOption, LowestPrice, OfferCount } from './observation.ts'

/** Where a figure comes from. */
interface Source {
  readonly observedAt: string
  /** Amazon's operation that told it. */
  readonly operation: string
}

/** How one level stands for an ASIN. */
export interface OfferSyncView {
  readonly level: OfferLevel
  readonly state: OfferState
  readonly attempt: number
  readonly failures: number
  /** When it is asked for (again): for a price that is there, when it will be stale. */
  readonly nextAttemptAt: string | null
  readonly observedAt: string | null
  readonly lastResult: string | null
  readonly lastReason: string | null
}

/** A change of the price, as one answer told it; null where it told nothing. */
export interface PriceChangeView extends Source {
  readonly level: OfferLevel
  readonly price: string | null
  readonly shipping: string | null
  readonly currency: string | null
  readonly sellerId: string | null
  readonly fulfillmentChannel: string | null
  readonly prime: string | null
  readonly lowestPrice: string | null
  readonly lowestShipping: string | null
  readonly offerCount: number | null
}

/** What the match of a product costs in one marketplace. Amounts are decimal text. */
export interface ProductPricesView {
  readonly marketplaceId: string
  readonly asin: string
  /** Null: not told so far. Its `price` is null when Amazon features no offer. */
  readonly featured:
    | (Source & {
        readonly price: string | null
        readonly shipping: string | null
        readonly currency: string | null
        readonly sellerId: string | null
      })
    | null
  readonly offerCounts:
    | (Source & { readonly newOffers: number | null; readonly counts: readonly OfferCount[] })
    | null
  readonly offers:
    | (Source & {
        readonly featuredPrice: string | null
        readonly featuredShipping: string | null
        readonly featuredSellerId: string | null
        readonly fulfillmentChannel: string | null
        readonly prime: string | null
        readonly lowestPrice: string | null
        readonly lowestShipping: string | null
        readonly lowestPrices: readonly LowestPrice[] | null
        readonly fulfillmentOptions: readonly FulfillmentOption[] | null
      })
    | null
  readonly states: readonly OfferSyncView[]
  /** Newest first. */
  readonly history: readonly PriceChangeView[]
}

/** Prices of a product's matches, one entry per marketplace that has one, each with its newest changes. */
export async function productPrices(
  db: Queryable,
  productId: string,
  changes: number,
): Promise<readonly ProductPricesView[]> {
  return db.query<ProductPricesView & Record<string, unknown>>(pricesSql, [productId, changes])
}

const pricesSql = `
  select d.marketplace_id as "marketplaceId", d.asin,
         case when d.price_observed_at is not null then jsonb_build_object(
           'price', d.price::text, 'shipping', d.shipping::text, 'currency', d.currency, 'sellerId', d.seller_id,
           'observedAt', ${isoTimestamp('d.price_observed_at')}, 'operation', d.price_operation) end as featured,
         case when d.offer_counts_observed_at is not null then jsonb_build_object(
           'newOffers', d.offer_count, 'counts', d.offer_counts,
           'observedAt', ${isoTimestamp('d.offer_counts_observed_at')}, 'operation', d.offer_counts_operation)
           end as "offerCounts",
         case when d.offers_observed_at is not null then jsonb_build_object(
           'featuredPrice', d.featured_offer_price::text, 'featuredShipping', d.featured_offer_shipping::text,
           'featuredSellerId', d.featured_offer_seller_id, 'fulfillmentChannel', d.fulfillment_channel, 'prime', d.prime,
           'lowestPrice', d.lowest_price::text, 'lowestShipping', d.lowest_price_shipping::text,
           'lowestPrices', d.lowest_prices, 'fulfillmentOptions', d.fulfillment_options,
           'observedAt', ${isoTimestamp('d.offers_observed_at')}, 'operation', d.offers_operation) end as offers,
         (select coalesce(jsonb_agg(jsonb_build_object(
                   'level', o.level, 'state', o.state, 'attempt', o.attempt, 'failures', o.failures,
                   'nextAttemptAt', case when isfinite(o.next_attempt_at) then ${isoTimestamp('o.next_attempt_at')} end,
                   'observedAt', ${isoTimestamp('o.observed_at')}, 'lastResult', o.last_result,
                   'lastReason', o.last_reason) order by o.level desc), '[]')
            from offer_syncs o where o.asin = d.asin and o.marketplace_id = d.marketplace_id) as states,
         (select coalesce(jsonb_agg(to_jsonb(h) order by h."observedAt" desc), '[]') from (
            select h.level, ${isoTimestamp('h.observed_at')} as "observedAt", h.operation, h.price::text as price,
                   h.shipping::text as shipping, h.currency, h.seller_id as "sellerId",
                   h.fulfillment_channel as "fulfillmentChannel", h.prime, h.lowest_price::text as "lowestPrice",
                   h.lowest_shipping::text as "lowestShipping", h.offer_count as "offerCount"
              from pricing_history h where h.asin = d.asin and h.marketplace_id = d.marketplace_id
             order by h.observed_at desc limit $2) h) as history
    from amazon_market_data d
   where d.product_id = $1 and d.chosen
   order by d.marketplace_id`
