import type { Queryable } from './database.ts'
import { type CandidateView, candidateColumns, type ItemView, itemColumns } from './item-view.ts'
import { isoTimestamp } from './timestamps.ts'

/** Of an item that Amazon knows: what it tells, as whoever looked it up keeps it. */
export type KeptItem = Readonly<Record<string, unknown>>

/** What one call of a lookup brought. */
export interface Looked {
  readonly marketplaceId: string
  /** Milliseconds since the epoch. */
  readonly observedAt: number
  /** Null: Amazon does not know it. */
  readonly items: ReadonlyMap<string, KeptItem | null>
  /** By GTIN-14, the ASINs of the items that Amazon answered; those are among `items`. */
  readonly codes: ReadonlyMap<string, readonly string[]>
}

export interface KnownItem {
  readonly asin: string
  readonly item: KeptItem | null
  readonly observedAt: string
}

export interface KnownCode {
  readonly gtin14: string
  readonly items: readonly KeptItem[]
  readonly observedAt: string
}

/** An item as a product's candidate has it. */
export interface CandidateItem extends ItemView {
  readonly dimensions: unknown
}

export type ProductCandidate = CandidateView & CandidateItem

/** A product that has a code, and what it came to if that is fresh. */
export interface ProductOfCode {
  readonly gtin14: string
  readonly productId: string
  readonly sku: string
  readonly title: string | null
  readonly brand: string | null
  readonly packQuantity: number | null
  /** Null: nothing fresh. */
  readonly answer: {
    readonly state: 'success' | 'ambiguous' | 'not_found'
    readonly reason: string | null
    readonly observedAt: string
    /** The chosen one first, then by score. */
    readonly candidates: readonly ProductCandidate[]
  } | null
}

/** Money is decimal text. */
export interface KnownPrice {
  readonly asin: string
  /** Of the featured offer, without shipping. */
  readonly price: string
  readonly shipping: string | null
  readonly currency: string | null
  readonly observedAt: string
  readonly operation: string | null
}

/** Rows beyond their age that one store deletes at most. */
const FORGET_AT_ONCE = 500

/** Keeps what a lookup brought, where nothing newer is kept, and deletes what is older than `keptMs`. */
export async function keepLookups(db: Queryable, looked: Looked, keptMs: number): Promise<void> {
  const { marketplaceId, observedAt, items, codes } = looked
  // In the order of their keys, so that two who keep the same wait for each other in turn.
  const known = [...items].toSorted(byKey)
  const answered = [...codes].toSorted(byKey)
  if (known.length > 0)
    await db.query(keepItemsSql, [
      marketplaceId,
      known.map(([asin]) => asin),
      known.map(([, item]) => (item === null ? null : storable(item))),
      observedAt,
    ])
  if (answered.length > 0)
    await db.query(keepCodesSql, [
      marketplaceId,
      answered.map(([gtin14]) => gtin14),
      answered.map(([, asins]) => JSON.stringify(asins)),
      observedAt,
    ])
  for (const table of ['looked_up_items', 'looked_up_codes']) await db.query(forgetSql(table), [keptMs])
}

/** What lookups brought of these ASINs within `maxAgeMs`, newest lookup each. */
export async function knownItems(
  db: Queryable,
  marketplaceId: string,
  asins: readonly string[],
  maxAgeMs: number,
): Promise<readonly KnownItem[]> {
  return db.query<KnownItem & Record<string, unknown>>(knownItemsSql, [marketplaceId, asins, maxAgeMs])
}

/** What Amazon answered for these codes within `maxAgeMs`, with every item of the answer. */
export async function knownCodes(
  db: Queryable,
  marketplaceId: string,
  gtin14s: readonly string[],
  maxAgeMs: number,
): Promise<readonly KnownCode[]> {
  return db.query<KnownCode & Record<string, unknown>>(knownCodesSql, [marketplaceId, gtin14s, maxAgeMs])
}

/** These ASINs as candidates of products whose answer was confirmed within `maxAgeMs`, the newest each. */
export async function candidatesByAsin(
  db: Queryable,
  marketplaceId: string,
  asins: readonly string[],
  maxAgeMs: number,
): Promise<readonly (CandidateItem & { readonly observedAt: string })[]> {
  return db.query<CandidateItem & { observedAt: string } & Record<string, unknown>>(candidatesByAsinSql, [
    marketplaceId,
    asins,
    maxAgeMs,
  ])
}

/**
 * The product of each code, found by the forms in which catalogues write it: one with a fresh answer before others.
 * @param forms by GTIN-14
 */
export async function productsByCode(
  db: Queryable,
  marketplaceId: string,
  forms: ReadonlyMap<string, readonly string[]>,
  maxAgeMs: number,
): Promise<readonly ProductOfCode[]> {
  const pairs = [...forms].flatMap(([gtin14, written]) => written.map((form) => [gtin14, form] as const))
  const products = await db.query<ProductRow>(productsByCodeSql, [
    marketplaceId,
    pairs.map(([gtin14]) => gtin14),
    pairs.map(([, form]) => form),
    maxAgeMs,
  ])
  const fresh = products.filter(({ isFresh }) => isFresh).map(({ productId }) => productId)
  const candidates =
    fresh.length === 0
      ? []
      : await db.query<ProductCandidate & { productId: string } & Record<string, unknown>>(
          candidatesOfProductsSql,
          [marketplaceId, fresh],
        )
  const byProduct = Map.groupBy(candidates, ({ productId }) => productId)
  return products.map(({ isFresh, state, reason, observedAt, ...product }) => ({
    ...product,
    answer:
      isFresh === true
        ? {
            state,
            reason,
            observedAt,
            candidates: (byProduct.get(product.productId) ?? []).map(({ productId: _, ...one }) => one),
          }
        : null,
  }))
}

interface ProductRow extends Omit<ProductOfCode, 'answer'>, Record<string, unknown> {
  /** Null where the product is not kept in step. */
  readonly isFresh: boolean | null
  readonly state: 'success' | 'ambiguous' | 'not_found'
  readonly reason: string | null
  readonly observedAt: string
}

/** The newest price that is known of each. */
export async function knownPrices(
  db: Queryable,
  marketplaceId: string,
  asins: readonly string[],
): Promise<readonly KnownPrice[]> {
  return db.query<KnownPrice & Record<string, unknown>>(knownPricesSql, [marketplaceId, asins])
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

/** PostgreSQL holds no NUL in text, and no half of a surrogate pair. */
const storable = (item: KeptItem): string =>
  JSON.stringify(item, (_key, value) =>
    typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value,
  )

const keepItemsSql = `
  insert into looked_up_items as t (marketplace_id, asin, item, observed_at)
  select $1, asin, item, least(now(), to_timestamp($4::float8 / 1000.0))
    from unnest($2::text[], $3::jsonb[]) r (asin, item)
  on conflict (marketplace_id, asin) do update set item = excluded.item, observed_at = excluded.observed_at
   where excluded.observed_at >= t.observed_at`

const keepCodesSql = `
  insert into looked_up_codes as t (marketplace_id, gtin14, asins, observed_at)
  select $1, gtin14, array(select jsonb_array_elements_text(asins)), least(now(), to_timestamp($4::float8 / 1000.0))
    from unnest($2::text[], $3::jsonb[]) r (gtin14, asins)
  on conflict (marketplace_id, gtin14) do update set asins = excluded.asins, observed_at = excluded.observed_at
   where excluded.observed_at >= t.observed_at`

const forgetSql = (table: string) => `
  delete from ${table} where ctid = any (array(
    select ctid from ${table} where observed_at < now() - $1::float8 * interval '1 millisecond'
     order by observed_at limit ${FORGET_AT_ONCE} for update skip locked))`

const isFresh = (column: string) => `${column} >= now() - $3::float8 * interval '1 millisecond'`

const knownItemsSql = `
  select asin, item, ${isoTimestamp('observed_at')} as "observedAt"
    from looked_up_items
   where marketplace_id = $1 and asin = any ($2::text[]) and ${isFresh('observed_at')}`

// An answer of which an item is gone, or unknown to Amazon by now, is none.
const knownCodesSql = `
  select c.gtin14, i.items, ${isoTimestamp('c.observed_at')} as "observedAt"
    from looked_up_codes c
   cross join lateral (
      select coalesce(jsonb_agg(i.item), '[]') as items, count(i.item) as known
        from looked_up_items i where i.marketplace_id = c.marketplace_id and i.asin = any (c.asins)) i
   where c.marketplace_id = $1 and c.gtin14 = any ($2::text[]) and ${isFresh('c.observed_at')}
     and i.known = cardinality(c.asins)`

// Item by item (lateral): as joins, a planner without statistics would read whole tables.
const candidatesByAsinSql = `
  select found.* from unnest($2::text[]) a (asin)
   cross join lateral (
      select ${itemColumns}, d.dimensions, ${isoTimestamp('s.synced_at')} as "observedAt"
        from amazon_market_data d
        join product_syncs s on s.product_id = d.product_id and s.marketplace_id = d.marketplace_id
       where d.asin = a.asin and d.marketplace_id = $1 and ${isFresh('s.synced_at')}
       order by s.synced_at desc limit 1) found`

const productsByCodeSql = `
  select distinct on (found.gtin14) found.* from unnest($2::text[], $3::text[]) c (gtin14, upc)
   cross join lateral (
      select c.gtin14, p.id as "productId", p.sku, p.title, p.brand, p.pack_quantity as "packQuantity",
             s.state in ('success', 'ambiguous', 'not_found')
               and s.synced_at >= now() - $4::float8 * interval '1 millisecond' as "isFresh",
             s.state, s.last_reason as reason, ${isoTimestamp('s.synced_at')} as "observedAt"
        from products p
        left join product_syncs s on s.product_id = p.id and s.marketplace_id = $1
       where p.upc = c.upc and coalesce(p.gtin14, c.gtin14) = c.gtin14
       order by 7 desc nulls last, s.synced_at desc nulls last, p.id limit 1) found
   order by found.gtin14, found."isFresh" desc nulls last, found."observedAt" desc nulls last, found."productId"`

const candidatesOfProductsSql = `
  select d.product_id as "productId", ${candidateColumns}, d.dimensions
    from amazon_market_data d
   where d.marketplace_id = $1 and d.product_id = any ($2::uuid[])
   order by d.chosen desc, d.score desc, d.asin`

const knownPricesSql = `
  select found.* from unnest($2::text[]) a (asin)
   cross join lateral (
      select d.asin, d.price::text as price, d.shipping::text as shipping, d.currency,
             ${isoTimestamp('d.price_observed_at')} as "observedAt", d.price_operation as operation
        from amazon_market_data d
       where d.asin = a.asin and d.marketplace_id = $1 and d.price is not null and d.price_observed_at is not null
       order by d.price_observed_at desc limit 1) found`
