import type { Database } from './database.ts'
import type { SyncState } from './entities.ts'
import { isUnanswered } from './errors.ts'
import { type ProductFilter, productFilterSql } from './product-filter.ts'
import { isoTimestamp } from './timestamps.ts'

/** Which rows an export has: every given condition must hold. */
export type ExportFilter = Pick<
  ProductFilter,
  'supplier' | 'category' | 'brand' | 'sku' | 'upc' | 'status'
> & {
  /** Products with one of these among their candidates. */
  readonly asin?: readonly string[]
  /** Rows of these marketplaces, by id. */
  readonly marketplaces?: readonly string[]
  /** Rows that this sync job was the last to ask for. */
  readonly job?: string
  /** Rows in one of these states in their marketplace. */
  readonly state?: readonly SyncState[]
}

/** A product in one marketplace, with the item that was chosen there. Money is a decimal, times are ISO 8601 in UTC. */
export interface ExportRow {
  readonly productId: string
  readonly sku: string
  readonly upc: string | null
  readonly gtin14: string | null
  readonly upcRepair: string | null
  readonly title: string | null
  readonly brand: string | null
  readonly supplier: string | null
  readonly category: string | null
  readonly packQuantity: number | null
  readonly marketplace: string
  readonly state: SyncState
  readonly result: string | null
  readonly reason: string | null
  readonly syncedAt: string | null
  readonly asin: string | null
  readonly amazonTitle: string | null
  readonly amazonBrand: string | null
  readonly salesRank: number | null
  readonly salesRankCategory: string | null
  readonly price: string | null
  readonly shipping: string | null
  readonly currency: string | null
  readonly fulfillmentChannel: string | null
  readonly featuredOfferPrice: string | null
  readonly lowestPrice: string | null
  readonly offerCount: number | null
  readonly priceObservedAt: string | null
}

const BATCH = 1_000

/**
 * All rows of a filter as they are at one moment, a thousand at a time and no faster than they are taken. They come from
 * a cursor on a connection of its own, which PostgreSQL ends when nobody takes a row for a minute
 * (`idle_in_transaction_session_timeout`): a reader that stops must not keep old row versions from being cleaned up.
 */
export async function* exportRows(
  db: Database,
  filter: ExportFilter,
): AsyncGenerator<readonly ExportRow[], void, undefined> {
  const client = await db.reserve()
  let broken: Error | undefined
  try {
    await client.query('begin isolation level repeatable read read only')
    const { sql, parameters } = statement(filter)
    await client.query(`declare product_export no scroll cursor for ${sql}`, parameters)
    for (;;) {
      const { rows } = await client.query<ExportRow>(`fetch forward ${BATCH} from product_export`)
      if (rows.length > 0) yield rows
      if (rows.length < BATCH) return
    }
  } catch (error) {
    if (isUnanswered(error)) broken = error as Error
    throw error
  } finally {
    // Also when the reader went away: a connection that can not even do this is thrown away.
    if (!broken)
      await client.query('rollback').catch((error: Error) => {
        broken = error
      })
    client.release(broken)
  }
}

function statement(filter: ExportFilter): { readonly sql: string; readonly parameters: unknown[] } {
  const { asin, marketplaces, job, state, ...products } = filter
  const parameters: unknown[] = []
  const bind = (value: unknown): string => `$${parameters.push(value)}`
  const conditions = [productFilterSql(products, parameters)]
  if (asin)
    conditions.push(
      `p.id in (select product_id from amazon_market_data where asin = any (${bind(asin)}::text[]))`,
    )
  if (marketplaces) conditions.push(`s.marketplace_id = any (${bind(marketplaces)}::text[])`)
  if (job) conditions.push(`s.job_id = ${bind(job)}::uuid`)
  if (state) conditions.push(`s.state = any (${bind(state)}::text[])`)
  return { sql: `${rowsSql} and ${conditions.join(' and ')}`, parameters }
}

const rowsSql = `
  select p.id as "productId", p.sku, p.upc, p.gtin14, p.upc_repair as "upcRepair", p.title, p.brand, p.supplier, p.category,
         p.pack_quantity as "packQuantity", m.country_code as marketplace, s.state, s.last_result as result,
         s.last_reason as reason, ${isoTimestamp('s.synced_at')} as "syncedAt", d.asin, d.title as "amazonTitle",
         d.brand as "amazonBrand", d.sales_rank::float8 as "salesRank", d.sales_rank_category as "salesRankCategory",
         d.price::text as price, d.shipping::text as shipping, d.currency, d.fulfillment_channel as "fulfillmentChannel",
         d.featured_offer_price::text as "featuredOfferPrice", d.lowest_price::text as "lowestPrice",
         d.offer_count as "offerCount", ${isoTimestamp('d.price_observed_at')} as "priceObservedAt"
    from products p
    join product_syncs s on s.product_id = p.id
    join marketplaces m on m.marketplace_id = s.marketplace_id and m.enabled
    left join amazon_market_data d
      on d.product_id = s.product_id and d.marketplace_id = s.marketplace_id and d.chosen
   where true`
