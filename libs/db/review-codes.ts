import type { Database, Queryable } from './database.ts'
import type { ReviewFilter } from './review-walk.ts'
import { walkReview } from './review-walk.ts'
import { isoTimestamp } from './timestamps.ts'

/** A product whose code can not be looked up. */
export interface InvalidCode {
  readonly productId: string
  readonly sku: string
  readonly upc: string | null
  readonly title: string | null
  readonly brand: string | null
  readonly supplier: string | null
  readonly category: string | null
  /** Country codes of the marketplaces in which it is invalid. */
  readonly countries: readonly string[]
  /** What its sync said of it, in the first of them. */
  readonly reason: string | null
  readonly updatedAt: string
}

export interface CodePage {
  readonly items: readonly InvalidCode[]
  /** The product that the next page begins after; null at the end. */
  readonly next: string | null
}

/** Products with codes that can not be looked up, by id. */
export async function listInvalidCodes(
  db: Database,
  page: { readonly filter: ReviewFilter; readonly limit: number; readonly after?: string },
): Promise<CodePage> {
  const { filter, limit, after } = page
  const found = await walkReview(
    db,
    {
      filter,
      limit,
      states: ['invalid'],
      ...(after !== undefined && { after: { productId: after, marketplaceId: null } }),
    },
    // A product has one code, whatever its marketplaces.
    (keys) =>
      db.query<InvalidCode & { marketplaceId: string } & Record<string, unknown>>(
        `select p.id as "productId", p.sku, p.upc, p.title, p.brand, p.supplier, p.category,
                ${isoTimestamp('p.updated_at')} as "updatedAt", s.reason, s.countries, s.last as "marketplaceId"
           from unnest($1::uuid[]) k (id)
           cross join lateral (select * from products x where x.id = k.id offset 0) p
           cross join lateral (
             select array_agg(m.country_code order by m.country_code) as countries, max(x.marketplace_id) as last,
                    (array_agg(x.last_reason order by m.country_code))[1] as reason
               from product_syncs x join marketplaces m using (marketplace_id)
              where x.product_id = k.id and x.state || '' = 'invalid') s
          where s.last is not null
          order by p.id`,
        [[...new Set(keys.map(({ productId }) => productId))]],
      ),
  )
  return {
    items: found.items.map(({ marketplaceId: _last, ...item }) => item),
    next: found.next?.productId ?? null,
  }
}

/** A code to be put in the place of another. */
export interface CodeRepair {
  readonly productId: string
  /** What the product has: whoever has changed it meanwhile keeps what they wrote. */
  readonly from: string | null
  readonly to: string
}

/** Mends codes inside the caller's transaction. Resolves to the ids of the products that were; they are pending then. */
export async function repairCodes(tx: Queryable, repairs: readonly CodeRepair[]): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }>(
    `with held as materialized (
       select p.id, r.to_code from products p
         join unnest($1::uuid[], $2::text[], $3::text[]) r (id, from_code, to_code) on r.id = p.id
        where p.upc is not distinct from r.from_code
        order by p.id for no key update of p)
     update products p set upc = held.to_code, updated_at = now() from held where p.id = held.id returning p.id`,
    [repairs.map(({ productId }) => productId), repairs.map(({ from }) => from), repairs.map(({ to }) => to)],
  )
  return rows.map(({ id }) => id)
}
