import type { Database, Queryable } from './database.ts'
import type { SyncState } from './entities.ts'
import { inIndexOrder } from './index-order.ts'
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
 * the id, and no further than the page needs; the other filters are checked on what it finds. Without a filter the
 * primary key is walked.
 */
export async function listProducts(db: Database, page: ProductPage): Promise<readonly ProductView[]> {
  const { status, asin, ...columns } = page.filter
  const leader = await leadingFilter(db, page.filter)
  const parameters: unknown[] = [page.limit]
  const conditions = [productFilterSql(columns, parameters)]
  const bind = (value: unknown): string => `$${parameters.push(value)}`
  if (status) conditions.push(`p.sync_status = any (${bind(status)}::text[])`)
  if (asin) {
    conditions.push(
      `exists (select 1 from amazon_market_data d where d.product_id = p.id and d.asin = any (${bind(asin)}::text[]))`,
    )
  }
  const after = page.after === undefined ? undefined : bind(page.after)
  if (!leader) {
    if (after) conditions.push(`p.id > ${after}::uuid`)
    return db.query<ProductRow>(
      `select ${productColumns} from products p where ${conditions.join(' and ')} order by p.id limit $1`,
      parameters,
    )
  }
  const fromCursor = after ? `and l.${leader.id} > ${after}::uuid` : ''
  // The conditions as an expression and not as a join, which the planner could begin with the products.
  const sql = `
    select ${productColumns}
      from (select distinct found.id
              from unnest(${bind([...new Set(leader.values)])}::text[]) v cross join lateral (
                select distinct l.${leader.id} as id from ${leader.table} l
                 where l.${leader.column} = v ${fromCursor}
                   and (select true from products p where p.id = l.${leader.id} and ${conditions.join(' and ')})
                 order by 1 limit $1) found
             order by 1 limit $1) page
      join products p on p.id = page.id
     order by page.id`
  return leader.inOrder
    ? inIndexOrder(db, (tx) => tx.query<ProductRow>(sql, parameters))
    : db.query<ProductRow>(sql, parameters)
}

type ProductRow = ProductView & Record<string, unknown>

interface LeadingFilter {
  readonly table: 'products' | 'product_syncs' | 'amazon_market_data'
  readonly column: string
  /** Column with the product's id. */
  readonly id: string
  readonly values: readonly string[]
  /** Its index has the id after the column; otherwise a value has so few products that they are sorted. */
  readonly inOrder: boolean
}

const productColumn = (column: string, values: readonly string[], inOrder: boolean): LeadingFilter => ({
  table: 'products',
  column,
  id: 'id',
  values,
  inOrder,
})

async function leadingFilter(
  db: Queryable,
  filter: ProductPage['filter'],
): Promise<LeadingFilter | undefined> {
  const { sku, asin, upc, status, supplier, brand, category } = filter
  if (sku) return productColumn('sku', sku, false)
  if (asin) {
    return { table: 'amazon_market_data', column: 'asin', id: 'product_id', values: asin, inOrder: false }
  }
  if (upc) return productColumn('upc', upc, false)
  const byStatus = (): LeadingFilter | undefined =>
    status && { table: 'product_syncs', column: 'state', id: 'product_id', values: status, inOrder: true }
  if (status?.every((state) => fewStates.has(state))) return byStatus()
  if (supplier) return productColumn('supplier', supplier, true)
  if (brand) return productColumn('brand', brand, true)
  if (category) return productColumn('category', category, true)
  // Before the first marketplace is enabled, products are pending without a row that says so.
  if (status?.includes('pending') && !(await anyEnabled(db))) return undefined
  return byStatus()
}

/** What most products are in is neither. */
const fewStates: ReadonlySet<string> = new Set([
  'queued',
  'not_found',
  'ambiguous',
  'invalid',
  'restricted',
  'error',
])

async function anyEnabled(db: Queryable): Promise<boolean> {
  return (await db.query('select 1 from marketplaces where enabled limit 1')).length > 0
}
