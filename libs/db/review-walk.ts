import type { Database } from './database.ts'
import type { SyncState } from './entities.ts'
import type { ProductFilter } from './product-filter.ts'
import { listProducts, type ProductView } from './product-list.ts'
import type { MatchKey } from './review-rulings.ts'

/** Which of the products that need a person. */
export interface ReviewFilter extends Pick<ProductFilter, 'supplier' | 'category' | 'brand' | 'sku' | 'upc'> {
  readonly asin?: readonly string[]
  /** Ids; absent: any. */
  readonly marketplaces?: readonly string[]
  /** Words that must all be in sku, code, title or brand; not by an index, see `LOOKED_AT`. */
  readonly text?: string
}

/** The last row of a page; without a marketplace, all of the product's have been seen. */
export interface ReviewCursor {
  readonly productId: string
  readonly marketplaceId: string | null
}

export interface ReviewPage<T> {
  readonly items: readonly T[]
  /** Where the next page begins; null at the end. A page may have fewer rows than it has room for, even none. */
  readonly next: ReviewCursor | null
}

/** Products that one page looks at when no index tells which ones fit: whoever wants more asks for the next page. */
const LOOKED_AT = 4_000
const CHUNK = 500

/**
 * A page of products × marketplaces in these states, by id. The filters lead by their indexes, as `listProducts` has them;
 * a text, and what `view` leaves out, is held to what those find: a bounded number of products for each page.
 *
 * @param view the rows of these keys, in their order; it may leave some out
 */
export async function walkReview<T extends MatchKey>(
  db: Database,
  page: {
    readonly filter: ReviewFilter
    readonly states: readonly SyncState[]
    readonly limit: number
    readonly after?: ReviewCursor
    /** `view` leaves most out: look at more at once. */
    readonly sparse?: boolean
  },
  view: (keys: readonly MatchKey[]) => Promise<readonly T[]>,
): Promise<ReviewPage<T>> {
  const { states, limit } = page
  const { marketplaces, text, ...columns } = page.filter
  const filter = { ...columns, inState: { states, ...(marketplaces && { marketplaces }) } }
  const items: T[] = []
  let cursor = page.after
  for (let looked = 0; looked < LOOKED_AT; ) {
    // The rest of the product that the cursor is in comes first.
    const size = text === undefined && !page.sparse ? Math.min(CHUNK, limit + 1) : CHUNK
    const products = await listProducts(db, {
      filter,
      limit: size,
      ...(cursor !== undefined && { after: cursor.productId }),
    })
    const fit = text === undefined ? products : products.filter((product) => hasWords(product, text))
    const ids = fit.map(({ id }) => id)
    if (cursor?.marketplaceId != null) ids.unshift(cursor.productId)
    const keys = await keysOf(db, ids, { states, marketplaces, after: cursor })
    const rows = await view(keys)
    for (const row of rows) {
      if (items.length === limit) return { items, next: positionOf(items.at(-1)!) }
      items.push(row)
    }
    looked += products.length
    const last = products.at(-1)
    if (products.length < size || last === undefined) return { items, next: null }
    cursor = { productId: last.id, marketplaceId: null }
  }
  return { items, next: cursor ?? null }
}

/**
 * The rows of keys, `$1` and `$2` of their statement, each looked up by itself: a planner with statistics from before a
 * sync would rather read all products. `s`, `p` and `m` are the row, its product and its marketplace.
 */
export const keyedRowsSql = `unnest($1::uuid[], $2::text[]) k (product_id, marketplace_id)
  cross join lateral (
    select * from product_syncs x
     where x.product_id = k.product_id and x.marketplace_id = k.marketplace_id offset 0) s
  cross join lateral (select * from products x where x.id = k.product_id offset 0) p
  join marketplaces m on m.marketplace_id = k.marketplace_id`

const positionOf = ({ productId, marketplaceId }: MatchKey): ReviewCursor => ({ productId, marketplaceId })

async function keysOf(
  db: Database,
  ids: readonly string[],
  {
    states,
    marketplaces,
    after,
  }: {
    readonly states: readonly SyncState[]
    readonly marketplaces: readonly string[] | undefined
    readonly after: ReviewCursor | undefined
  },
): Promise<readonly MatchKey[]> {
  if (ids.length === 0) return []
  // `|| ''`: the index of states would be read for each product.
  return db.query<MatchKey & Record<string, unknown>>(
    `select s.product_id as "productId", s.marketplace_id as "marketplaceId"
       from unnest($1::uuid[]) k (id) cross join lateral (
         select product_id, marketplace_id from product_syncs s
          where s.product_id = k.id and s.state || '' = any ($2::text[])
            and ($3::text[] is null or s.marketplace_id = any ($3))
            and ($4::uuid is null or s.product_id <> $4 or s.marketplace_id > $5) offset 0) s
      order by 1, 2`,
    [ids, states, marketplaces ?? null, after?.productId ?? null, after?.marketplaceId ?? null],
  )
}

function hasWords({ sku, upc, title, brand }: ProductView, text: string): boolean {
  const all = [sku, upc, title, brand].join('\n').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}
