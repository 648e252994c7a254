import type { Database, Queryable } from './database.ts'
import type { SyncState } from './entities.ts'
import { type CandidateView, candidateColumns } from './item-view.ts'
import { type ProductView, productColumns } from './product-list.ts'
import { isoTimestamp } from './timestamps.ts'

/** How a product stands in one marketplace. */
export interface ProductMarketplaceView {
  readonly marketplaceId: string
  readonly countryCode: string
  readonly state: SyncState
  /** How often it has been asked for, ever. */
  readonly attempt: number
  /** Failed attempts in a row. */
  readonly failures: number
  /** When it is asked for (again); null unless it is pending in an enabled marketplace. */
  readonly nextAttemptAt: string | null
  /** When Amazon last answered. */
  readonly syncedAt: string | null
  readonly lastResult: string | null
  readonly lastReason: string | null
  readonly jobId: string | null
}

/** A candidate of Amazon's latest answer. Money is decimal text in units of `currency`. */
export interface MarketDataView extends CandidateView {
  readonly marketplaceId: string
  readonly dimensions: unknown
  /** Of the featured offer, without shipping; `/prices` tells more. */
  readonly price: string | null
  readonly currency: string | null
  readonly shipping: string | null
  readonly priceObservedAt: string | null
  readonly priceOperation: string | null
  readonly offerCount: number | null
  readonly offerCountsObservedAt: string | null
  readonly featuredOfferPrice: string | null
  readonly fulfillmentChannel: string | null
  readonly prime: string | null
  readonly lowestPrice: string | null
  readonly lowestPriceShipping: string | null
  readonly offersObservedAt: string | null
  readonly offersOperation: string | null
  /** Since when these values have been seen. */
  readonly observedAt: string
  /** When Amazon last gave them. */
  readonly confirmedAt: string | null
  readonly operation: string
}

/** One attempt and what it came to. */
export interface SyncLogView {
  readonly marketplaceId: string
  readonly attempt: number
  readonly occurredAt: string
  readonly result: string
  readonly reason: string | null
  readonly responseTimeMs: number | null
  /** From the claim to the outcome. */
  readonly durationMs: number | null
  readonly amazonRequestId: string | null
  readonly httpStatus: number | null
  readonly jobId: string | null
}

/** Where a page of logs begins: after this one, which is the last of the page before. */
export type SyncLogKey = Pick<SyncLogView, 'occurredAt' | 'marketplaceId' | 'attempt'>

export interface ProductDetail extends ProductView {
  readonly marketplaces: readonly ProductMarketplaceView[]
  readonly marketData: readonly MarketDataView[]
  /** Newest first. */
  readonly logs: readonly SyncLogView[]
}

/** A product with all that is known of it, from one snapshot; null when there is none. */
export async function getProduct(db: Database, id: string, logLimit: number): Promise<ProductDetail | null> {
  return db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read read only')
    const [product] = await tx.query<ProductView & Record<string, unknown>>(
      `select ${productColumns} from products p where p.id = $1`,
      [id],
    )
    if (!product) return null
    const marketplaces = await tx.query<ProductMarketplaceView & Record<string, unknown>>(marketplacesSql, [
      id,
    ])
    const marketData = await tx.query<MarketDataView & Record<string, unknown>>(marketDataSql, [id])
    return { ...product, marketplaces, marketData, logs: await listLogs(tx, id, { limit: logLimit }) }
  })
}

export async function productExists(db: Queryable, id: string): Promise<boolean> {
  return (await db.query('select 1 from products where id = $1', [id])).length > 0
}

/** A product's attempts, newest first. */
export async function listLogs(
  db: Queryable,
  productId: string,
  page: { readonly limit: number; readonly after?: SyncLogKey },
): Promise<readonly SyncLogView[]> {
  return db.query<SyncLogView & Record<string, unknown>>(logsSql, [
    productId,
    page.limit,
    page.after?.occurredAt ?? null,
    page.after?.marketplaceId ?? null,
    page.after?.attempt ?? null,
  ])
}

const marketplacesSql = `
  select s.marketplace_id as "marketplaceId", m.country_code as "countryCode", s.state, s.attempt, s.failures,
         case when s.state = 'pending' and isfinite(s.next_attempt_at)
              then ${isoTimestamp('s.next_attempt_at')} end as "nextAttemptAt",
         ${isoTimestamp('s.synced_at')} as "syncedAt", s.last_result as "lastResult", s.last_reason as "lastReason",
         s.job_id as "jobId"
    from product_syncs s join marketplaces m using (marketplace_id)
   where s.product_id = $1 order by s.marketplace_id`

const marketDataSql = `
  select d.marketplace_id as "marketplaceId", ${candidateColumns}, d.dimensions,
         d.price::text as price, d.currency, d.shipping::text as shipping,
         ${isoTimestamp('d.price_observed_at')} as "priceObservedAt", d.price_operation as "priceOperation",
         d.offer_count as "offerCount", ${isoTimestamp('d.offer_counts_observed_at')} as "offerCountsObservedAt",
         d.featured_offer_price::text as "featuredOfferPrice", d.fulfillment_channel as "fulfillmentChannel", d.prime,
         d.lowest_price::text as "lowestPrice", d.lowest_price_shipping::text as "lowestPriceShipping",
         ${isoTimestamp('d.offers_observed_at')} as "offersObservedAt", d.offers_operation as "offersOperation",
         ${isoTimestamp('d.observed_at')} as "observedAt", ${isoTimestamp('s.synced_at')} as "confirmedAt", d.operation
    from amazon_market_data d
    left join product_syncs s on s.product_id = d.product_id and s.marketplace_id = d.marketplace_id
   where d.product_id = $1
   order by d.marketplace_id, d.chosen desc, d.score desc, d.asin`

const logsSql = `
  select marketplace_id as "marketplaceId", attempt, ${isoTimestamp('occurred_at')} as "occurredAt", result, reason,
         response_time_ms as "responseTimeMs", duration_ms as "durationMs", amazon_request_id as "amazonRequestId",
         http_status as "httpStatus", job_id as "jobId"
    from sync_logs
   where product_id = $1
     and ($3::timestamptz is null or (occurred_at, marketplace_id, attempt) < ($3::timestamptz, $4::text, $5::int))
   order by occurred_at desc, marketplace_id desc, attempt desc limit $2`
