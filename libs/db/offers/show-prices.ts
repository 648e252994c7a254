import type { Queryable } from '../database.ts'

/** An item in one marketplace. */
export interface ItemKey {
  readonly asin: string
  readonly marketplaceId: string
}

/**
 * Shows in `amazon_market_data` what `offer_syncs` knows of these items, for every product that matched them. Waits for
 * whoever is just recording one of them, so that a match and a price that come together find each other.
 */
export async function showPrices(tx: Queryable, items: readonly ItemKey[]): Promise<void> {
  if (items.length === 0) return
  const known = await tx.query<{ asin: string; marketplaceId: string }>(shareSql, [
    items.map(({ asin }) => asin),
    items.map(({ marketplaceId }) => marketplaceId),
  ])
  if (known.length === 0) return
  await tx.query(showSql, [known.map(({ asin }) => asin), known.map(({ marketplaceId }) => marketplaceId)])
}

/**
 * How many rows of `amazon_market_data` of each item show something else than `offer_syncs` knows. Items of which nothing
 * is known, or everything is shown, are absent.
 */
export async function countMisshown(
  db: Queryable,
  items: readonly ItemKey[],
): Promise<readonly (ItemKey & { readonly rows: number })[]> {
  if (items.length === 0) return []
  return db.query<ItemKey & { rows: number } & Record<string, unknown>>(misshownSql, [
    items.map(({ asin }) => asin),
    items.map(({ marketplaceId }) => marketplaceId),
  ])
}

// All rows of the items, told or not: what is claimed and told in the meantime would not see this product.
const shareSql = `
  with shared as materialized (
    select o.asin, o.marketplace_id, o.level, o.observation is not null as told
      from unnest($1::text[], $2::text[]) k (asin, marketplace_id)
      join offer_syncs o on o.asin = k.asin and o.marketplace_id = k.marketplace_id
     order by o.asin, o.marketplace_id, o.level
       for share of o)
  select distinct asin, marketplace_id as "marketplaceId" from shared where told`

/**
 * Three groups of columns, each with the time and the source of the answer that it comes from: the price from whichever
 * level answered last, the counts from the last answer that tells them, the rest from the dear level.
 */
const columns = Object.entries({
  price: `(x.price ->> 'price')::numeric(12, 2)`,
  shipping: `(x.price ->> 'shipping')::numeric(12, 2)`,
  currency: `x.price ->> 'currency'`,
  seller_id: `x.price ->> 'sellerId'`,
  price_observed_at: 'x.price_at',
  price_operation: 'x.price_operation',

  offer_count: `(x.counts -> 'newOffers')::int`,
  offer_counts: `x.counts -> 'offerCounts'`,
  offer_counts_observed_at: 'x.counts_at',
  offer_counts_operation: 'x.counts_operation',

  featured_offer_price: `(x.offers #>> '{featured,price}')::numeric(12, 2)`,
  featured_offer_shipping: `(x.offers #>> '{featured,shipping}')::numeric(12, 2)`,
  featured_offer_seller_id: `x.offers #>> '{featured,sellerId}'`,
  fulfillment_channel: `x.offers #>> '{featured,fulfillmentChannel}'`,
  prime: `x.offers #>> '{featured,prime}'`,
  lowest_price: `(x.offers #>> '{lowest,price}')::numeric(12, 2)`,
  lowest_price_shipping: `(x.offers #>> '{lowest,shipping}')::numeric(12, 2)`,
  lowest_prices: `nullif(x.offers -> 'lowestPrices', 'null')`,
  fulfillment_options: `nullif(x.offers -> 'fulfillmentOptions', 'null')`,
  offers_observed_at: 'x.offers_at',
  offers_operation: 'x.offers_operation',
})

/** Answers that count the offers. */
const COUNTING = `filter (where jsonb_typeof(observation -> 'offerCounts') = 'array')`
const NEWEST = 'order by observed_at desc, level'

/** What the levels have told of items, as columns of `amazon_market_data` take it. */
const knownSql = `(select distinct asin, marketplace_id from unnest($1::text[], $2::text[]) u (asin, marketplace_id)) k
   cross join lateral (
      select (array_agg(observation -> 'featured' ${NEWEST}))[1] as price, max(observed_at) as price_at,
             (array_agg(operation ${NEWEST}))[1] as price_operation,
             (array_agg(observation ${NEWEST}) ${COUNTING})[1] as counts, max(observed_at) ${COUNTING} as counts_at,
             (array_agg(operation ${NEWEST}) ${COUNTING})[1] as counts_operation,
             (array_agg(observation) filter (where level = 'offers'))[1] as offers,
             max(observed_at) filter (where level = 'offers') as offers_at,
             max(operation) filter (where level = 'offers') as offers_operation
        from offer_syncs o
       where o.asin = k.asin and o.marketplace_id = k.marketplace_id and o.observation is not null
      having count(*) > 0) x`

// Items are looked up one by one (lateral): as joins, a planner without statistics would read whole tables.
const showSql = `
  update amazon_market_data d
     set (${columns.map(([name]) => name).join(', ')}) = (select ${columns.map(([, value]) => value).join(', ')})
    from ${knownSql}
   where d.asin = k.asin and d.marketplace_id = k.marketplace_id and d.chosen`

const misshownSql = `
  select k.asin, k.marketplace_id as "marketplaceId", count(*)::int as rows
    from ${knownSql}
   cross join lateral (select * from amazon_market_data d
                        where d.asin = k.asin and d.marketplace_id = k.marketplace_id and d.chosen) d
   where (${columns.map(([name]) => `d.${name}`).join(', ')})
         is distinct from (${columns.map(([, value]) => value).join(', ')})
   group by k.asin, k.marketplace_id`
