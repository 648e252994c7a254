import type { Queryable } from './database.ts'
import type { SyncState } from './entities.ts'
import { type ProductFilter, productFilterSql } from './product-filter.ts'
import { isoTimestamp } from './timestamps.ts'

/** A product as lists show it; times are ISO 8601 in UTC. */
export interface ProductView {
  readonly id: string
  readonly sku: string
  readonly upc: string | null
  readonly title: string | null
  readonly brand: string | null
  readonly supplier: string | null
  readonly category: string | null
  readonly packQuantity: number | null
  /** The code as GTIN-14 once it has been read; null before, and when it can not be read. */
  readonly gtin14: string | null
  readonly upcRepair: string | null
  readonly syncStatus: SyncState
  readonly lastAmazonSync: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

export interface ProductPage {
  readonly filter: Pick<ProductFilter, 'supplier' | 'category' | 'brand' | 'sku' | 'upc' | 'status'> & {
    /** Products with one of these among their candidates. */
    readonly asin?: readonly string[]
  }
  readonly limit: number
  /** Id of the last product of the page before. */
  readonly after?: string
}

export const productColumns = `p.id, p.sku, p.upc, p.title, p.brand, p.supplier, p.category,
  p.pack_quantity as "packQuantity", p.gtin14, p.upc_repair as "upcRepair", p.sync_status as "syncStatus",
  ${isoTimestamp('p.last_amazon_sync')} as "lastAmazonSync", ${isoTimestamp('p.created_at')} as "createdAt",
  ${isoTimestamp('p.updated_at')} as "updatedAt"`

/**
 * Up to `limit` products by id. The most selective filter given leads: its index is read once per value, in the order of
 * the id, and no further than the page needs; the other filters are checked on what it finds. Without a filter, and for
 * `pending` and `success`, the states that most products are in, the primary key is walked.
 */
export async function listProducts(db: Queryable, page: ProductPage): Promise<readonly ProductView[]> {
  const parameters: unknown[] = [page.limit]
  const { asin, ...filter } = page.filter
  const conditions = [productFilterSql(filter, parameters)]
  const bind = (value: unknown): string => `$${parameters.push(value)}`
  if (asin) {
    conditions.push(
      `exists (select 1 from amazon_market_data d where d.product_id = p.id and d.asin = any (${bind(asin)}::text[]))`,
    )
  }
  if (filter.status?.every((state) => state === 'queued')) {
    // As an array, so that the planner can not begin with the products: its statistics are out of date just when a
    // whole catalogue has become pending. There are no more than MAX_QUEUED, and the index on due rows knows them.
    conditions.push(
      `p.id = any (array(select s.product_id from product_syncs s
                          where s.state = 'queued' and s.state in ('pending', 'queued')))`,
    )
  }
  const after = page.after === undefined ? undefined : bind(page.after)
  const leader = leadingFilter(page.filter)
  if (!leader) {
    if (after) conditions.push(`p.id > ${after}::uuid`)
    return db.query<ProductView & Record<string, unknown>>(
      `select ${productColumns} from products p where ${conditions.join(' and ')} order by p.id limit $1`,
      parameters,
    )
  }
  conditions.push(leader.condition)
  if (after) conditions.push(`${leader.id} > ${after}::uuid`)
  return db.query<ProductView & Record<string, unknown>>(
    `select ${productColumns} from products p where p.id in (
       select found.id from unnest(${bind([...new Set(leader.values)])}::text[]) v cross join lateral (
         select distinct ${leader.id} as id from ${leader.from}
          where ${conditions.join(' and ')} order by 1 limit $1) found)
      order by p.id limit $1`,
    parameters,
  )
}

interface LeadingFilter {
  readonly from: string
  /** The column in whose order the index is read; the cursor is put to it as well, so that reading begins there. */
  readonly id: string
  readonly condition: string
  readonly values: readonly string[]
}

const productColumn = (column: string, values: readonly string[]): LeadingFilter => ({
  from: 'products p',
  id: 'p.id',
  condition: `p.${column} = v`,
  values,
})

const exceptions = `('not_found', 'ambiguous', 'invalid', 'restricted', 'error')`

function leadingFilter(filter: ProductPage['filter']): LeadingFilter | undefined {
  if (filter.sku) return productColumn('sku', filter.sku)
  if (filter.asin) {
    return {
      from: 'amazon_market_data d join products p on p.id = d.product_id',
      id: 'd.product_id',
      condition: 'd.asin = v',
      values: filter.asin,
    }
  }
  if (filter.upc) return productColumn('upc', filter.upc)
  if (filter.status?.every((state) => exceptions.includes(`'${state}'`))) {
    return {
      from: 'product_syncs s join products p on p.id = s.product_id',
      id: 's.product_id',
      condition: `s.state = v and s.state in ${exceptions}`,
      values: filter.status,
    }
  }
  if (filter.supplier) return productColumn('supplier', filter.supplier)
  if (filter.brand) return productColumn('brand', filter.brand)
  if (filter.category) return productColumn('category', filter.category)
  return undefined
}
