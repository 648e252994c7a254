import { isWanted, type LevelPolicy, type OffersPolicy } from '#libs/offers/policy.ts'
import type { Database, Queryable } from '../database.ts'
import { neverPricedSql } from './priority.ts'
import { type ItemKey, showPrices } from './show-prices.ts'

/** A product's chosen ASIN. */
export interface Match extends ItemKey {
  readonly salesRank: number | null
  /** Whether its row of `amazon_market_data` shows what is known of the ASIN's price. */
  readonly priced: boolean
}

/**
 * Gives matches their rows in the queues of the policy's levels, inside the caller's transaction. An ASIN that another
 * product matched before has its rows, and this product is shown what is known. Resolves to how many rows are new.
 */
export async function enrolMatches(
  tx: Queryable,
  matches: readonly Match[],
  levels: readonly LevelPolicy[],
): Promise<number> {
  const items = new Map<string, Match>()
  for (const match of matches) {
    const key = `${match.asin} ${match.marketplaceId}`
    const known = items.get(key)
    items.set(key, { ...match, priced: match.priced && (known?.priced ?? true) })
  }
  const rows = [...items.values()].flatMap((item) =>
    levels.filter((level) => isWanted(level, item.salesRank)).map(({ level }) => ({ ...item, level })),
  )
  if (rows.length === 0) return 0
  const [added] = await tx.query<{ n: number }>(enrolSql, [
    rows.map((row) => row.marketplaceId),
    rows.map((row) => row.asin),
    rows.map((row) => row.level),
    rows.map((row) => row.salesRank),
  ])
  const count = added?.n ?? 0
  if (count < rows.length)
    await showPrices(
      tx,
      [...items.values()].filter(({ priced }) => !priced),
    )
  return count
}

// Sorted, so that two writers that meet wait for each other in one direction only.
const enrolSql = `
  with added as (
    insert into offer_syncs (marketplace_id, asin, level, sales_rank, priority)
    select marketplace_id, asin, level, sales_rank, ${neverPricedSql('sales_rank')}
      from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) r (marketplace_id, asin, level, sales_rank)
     order by asin, marketplace_id, level
    on conflict do nothing
    returning 1)
  select count(*)::int as n from added`

/** Where a walk over all matches has come to. */
export interface MatchCursor {
  readonly productId: string
  readonly marketplaceId: string
  readonly asin: string
}

/**
 * One page of a walk over all matches that gives those without rows theirs: matches that were recorded before the policy
 * wanted them. Resolves to where to go on, null at the end, and how many rows are new.
 */
export async function enrolPage(
  db: Database,
  policy: OffersPolicy,
  after: MatchCursor | null,
  limit: number,
): Promise<{ readonly next: MatchCursor | null; readonly added: number }> {
  return db.transaction(async (tx) => {
    const page = await tx.query<MatchCursor & Match & { readonly chosen: boolean } & Record<string, unknown>>(
      pageSql(after !== null),
      [limit, ...(after ? [after.productId, after.marketplaceId, after.asin] : [])],
    )
    const added = await enrolMatches(
      tx,
      page.filter(({ chosen }) => chosen),
      policy.levels,
    )
    return { next: page.length < limit ? null : (page.at(-1) ?? null), added }
  })
}

const pageSql = (goesOn: boolean): string => `
  select product_id as "productId", marketplace_id as "marketplaceId", asin, chosen, sales_rank::float8 as "salesRank",
         price_observed_at is not null as priced
    from amazon_market_data
   ${goesOn ? 'where (product_id, marketplace_id, asin) > ($2::uuid, $3::text, $4::text)' : ''}
   order by product_id, marketplace_id, asin limit $1`
