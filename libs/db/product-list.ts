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
    /** Products that are in one of these states in any marketplace, or in any of these. */
    readonly inState?: { readonly states: readonly SyncState[]; readonly marketplaces?: readonly string[] }
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
 * Up to `limit` products by id. An index in the order of the id leads, no further than the page needs; the other filters
 * are checked on what it finds. Without a filter the primary key is walked.
 */
export async function listProducts(db: Database, page: ProductPage): Promise<readonly ProductView[]> {
  const leaders = await leadingFilters(db, page.filter)
  const [leader] = leaders
  const after = page.after ?? null
  if (!leader) {
    const { where, parameters } = conditions(page)
    return db.query<ProductRow>(
      `select ${productColumns} from products p where ($2::uuid is null or p.id > $2) and ${where} order by p.id limit $1`,
      parameters,
    )
  }
  if (!leader.inOrder) return readRange(db, page, leader, { after, last: null }, page.limit)
  return inIndexOrder(db, async (tx) => {
    return leaders.length > 1
      ? readByRarest(tx, page, leaders)
      : readRange(tx, page, leader, { after, last: null }, page.limit)
  })
}

/** Entries of an index that are walked before it is asked anew which filter is the rarest. */
const FIRST_WALK = 200
const LONGEST_WALK = 3_200

/**
 * Whichever filter's next so many entries reach furthest is the rarest from here on, and leads that far. So a page costs in
 * proportion to the rarest filter, whatever the statistics say and wherever in the catalogue its products are.
 */
async function readByRarest(
  tx: Queryable,
  page: ProductPage,
  leaders: readonly LeadingFilter[],
): Promise<readonly ProductView[]> {
  const rows: ProductView[] = []
  let after = page.after ?? null
  for (let walk = FIRST_WALK; ; walk = Math.min(walk * 4, LONGEST_WALK)) {
    const ends: { leader: LeadingFilter; last: string | null }[] = []
    for (const leader of leaders) {
      const last = await entryAfter(tx, leader, after, walk)
      ends.push({ leader, last })
      if (last === null) break
    }
    const { leader, last } = ends.reduce((a, b) => (reaches(b.last) > reaches(a.last) ? b : a))
    rows.push(...(await readRange(tx, page, leader, { after, last }, page.limit - rows.length)))
    if (last === null || rows.length >= page.limit) return rows
    after = last
  }
}

/** Further than any id: the filter has no more than that. UUIDs sort as their text does. */
const reaches = (last: string | null): string => last ?? 'none'

/** Id of the entry that is `count` further in the leader's index; null when it has fewer left. */
async function entryAfter(
  tx: Queryable,
  leader: LeadingFilter,
  after: string | null,
  count: number,
): Promise<string | null> {
  const [row] = await tx.query<{ id: string }>(
    `select found.id
       from unnest($1::text[]) v cross join lateral (
         select l.${leader.id} as id from ${leader.table} l
          where l.${leader.column} = v and ($3::uuid is null or l.${leader.id} > $3)
          order by 1 limit $2) found
      order by 1 offset $2 - 1 limit 1`,
    [leader.values, count, after],
  )
  return row?.id ?? null
}

/** The products that fit, by id, from `after` (excluded) to `last` (included), of those that the leader's index has there. */
async function readRange(
  db: Queryable,
  page: ProductPage,
  leader: LeadingFilter,
  { after, last }: { after: string | null; last: string | null },
  limit: number,
): Promise<readonly ProductView[]> {
  const { where, parameters } = conditions({ ...page, limit, ...(after !== null && { after }) })
  const bind = (value: unknown): string => `$${parameters.push(value)}`
  const toLast = last === null ? '' : `and l.${leader.id} <= ${bind(last)}::uuid`
  // The conditions as an expression and not as a join, which the planner could begin with the products.
  return db.query<ProductRow>(
    `select ${productColumns}
       from (select distinct found.id
               from unnest(${bind(leader.values)}::text[]) v cross join lateral (
                 select distinct l.${leader.id} as id from ${leader.table} l
                  where l.${leader.column} = v and ($2::uuid is null or l.${leader.id} > $2) ${toLast}
                    and (select true from products p where p.id = l.${leader.id} and ${where})
                  order by 1 limit $1) found
              order by 1 limit $1) page
       join products p on p.id = page.id
      order by page.id`,
    parameters,
  )
}

/** Everything that a product `p` has to fulfil but the cursor; `$1` is the limit, `$2` the cursor or null. */
function conditions(page: ProductPage): { where: string; parameters: unknown[] } {
  const { status, asin, inState, ...columns } = page.filter
  const parameters: unknown[] = [page.limit, page.after ?? null]
  const where = [productFilterSql(columns, parameters)]
  const bind = (value: unknown): string => `$${parameters.push(value)}`
  if (status) where.push(`p.sync_status = any (${bind(status)}::text[])`)
  if (asin) {
    where.push(
      `exists (select 1 from amazon_market_data d where d.product_id = p.id and d.asin = any (${bind(asin)}::text[]))`,
    )
  }
  if (inState) {
    const among = inState.marketplaces && `and x.marketplace_id = any (${bind(inState.marketplaces)}::text[])`
    // `|| ''`: the index of states would be read for each product.
    where.push(
      `exists (select 1 from product_syncs x where x.product_id = p.id and x.state || '' = any (${bind(inState.states)}::text[]) ${among ?? ''})`,
    )
  }
  return { where: where.join(' and '), parameters }
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
  values: [...new Set(values)],
  inOrder,
})

/** What can lead: one alone when few products have a value of it, otherwise every filter that has an index by id. */
async function leadingFilters(
  db: Queryable,
  filter: ProductPage['filter'],
): Promise<readonly LeadingFilter[]> {
  const { sku, asin, upc, status, supplier, brand, category, inState } = filter
  if (sku) return [productColumn('sku', sku, false)]
  if (asin) return [{ ...productColumn('asin', asin, false), table: 'amazon_market_data', id: 'product_id' }]
  if (upc) return [productColumn('upc', upc, false)]
  const leaders: LeadingFilter[] = []
  if (supplier) leaders.push(productColumn('supplier', supplier, true))
  if (brand) leaders.push(productColumn('brand', brand, true))
  if (category) leaders.push(productColumn('category', category, true))
  // Before the first marketplace is enabled, products are pending without a row that says so.
  if (status && (!status.includes('pending') || (await anyEnabled(db)))) {
    leaders.push({ ...productColumn('state', status, true), table: 'product_syncs', id: 'product_id' })
  }
  if (inState)
    leaders.push({
      ...productColumn('state', inState.states, true),
      table: 'product_syncs',
      id: 'product_id',
    })
  return leaders
}

async function anyEnabled(db: Queryable): Promise<boolean> {
  return (await db.query('select 1 from marketplaces where enabled limit 1')).length > 0
}
