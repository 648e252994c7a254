import type { Database } from '../database.ts'
import { dataColumns } from '../market-data.ts'
import type { FreshSchema } from './fresh-schema.ts'

/** What is compared of a fresh schema with the live tables. */
export const comparisons = ['states', 'matches', 'candidates', 'prices', 'history'] as const
export type ComparisonName = (typeof comparisons)[number]

/** A row that differs: what it is of, and what each side says. */
export interface DifferingRow {
  readonly of: string
  readonly marketplaceId: string
  readonly live: string | null
  readonly fresh: string | null
}

export interface Comparison {
  readonly name: ComparisonName
  /** Rows of the fresh schema that have a counterpart which is not being asked for just now. */
  readonly compared: number
  readonly different: number
  /** The first ones that differ. */
  readonly sample: readonly DifferingRow[]
}

/**
 * Compares what a fresh schema has with the live tables, row for row. What only the live tables have is left out: a replay
 * covers a part. So are live rows that are pending or queued.
 *
 * @param db one that waits long for an answer: each statement reads whole tables
 * @param sampled rows of each kind that are told
 */
export async function compareFresh(
  db: Database,
  schema: FreshSchema,
  sampled: number,
): Promise<readonly Comparison[]> {
  return db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only')
    const found: Comparison[] = []
    for (const name of comparisons) {
      const [row] = await tx.query<{ compared: number; different: number; sample: DifferingRow[] | null }>(
        `with both_sides as materialized (${sidesSql[name](`${schema.name}.`, `"${schema.live}".`)}),
              different as (select * from both_sides where differs)
         select (select count(*) from both_sides)::float8 as compared, (select count(*) from different)::float8 as different,
                (select jsonb_agg(jsonb_build_object('of', d.of, 'marketplaceId', d.marketplace_id, 'live', d.live, 'fresh', d.fresh))
                   from (select * from different order by of, marketplace_id limit $1) d) as sample`,
        [sampled],
      )
      found.push({
        name,
        compared: row!.compared,
        different: row!.different,
        sample: row!.sample ?? [],
      })
    }
    return found
  })
}

type Sides = (fresh: string, live: string) => string

const chosen = (schema: string): string =>
  `(select d.asin from ${schema}amazon_market_data d
     where d.product_id = f.product_id and d.marketplace_id = f.marketplace_id and d.chosen)`

/** In the order of the ASINs; long, so that only a fingerprint of it is compared. */
const candidates = (schema: string): string =>
  `(select md5(string_agg((d.asin, ${dataColumns})::text, ',' order by d.asin)) from ${schema}amazon_market_data d
     where d.product_id = f.product_id and d.marketplace_id = f.marketplace_id)`

const asins = (schema: string): string =>
  `(select string_agg(d.asin || ' ' || d.score || case when d.chosen then ' chosen' else '' end, ', ' order by d.asin)
      from ${schema}amazon_market_data d
     where d.product_id = f.product_id and d.marketplace_id = f.marketplace_id)`

/** Products that both sides have, and neither waits for. */
const products = (fresh: string, live: string): string =>
  `${fresh}product_syncs f
   join ${live}product_syncs l on l.product_id = f.product_id and l.marketplace_id = f.marketplace_id
   join ${live}products p on p.id = f.product_id
  where l.state not in ('pending', 'queued') and f.state not in ('pending', 'queued')`

const prices = `observation #>> '{featured,price}'`

const sidesSql: Readonly<Record<ComparisonName, Sides>> = {
  states: (fresh, live) => `
    select p.sku as of, f.marketplace_id, l.state as live, f.state as fresh, l.state <> f.state as differs
      from ${products(fresh, live)}`,
  matches: (fresh, live) => `
    select *, live is distinct from fresh as differs from (
      select p.sku as of, f.marketplace_id, ${chosen(live)} as live, ${chosen(fresh)} as fresh
        from ${products(fresh, live)}) m`,
  candidates: (fresh, live) => `
    select p.sku as of, f.marketplace_id, ${asins(live)} as live, ${asins(fresh)} as fresh,
           ${candidates(live)} is distinct from ${candidates(fresh)} as differs
      from ${products(fresh, live)}`,
  prices: (fresh, live) => `
    select f.asin || ' ' || f.level as of, f.marketplace_id, l.${prices} as live, f.${prices} as fresh,
           l.observation is distinct from f.observation as differs
      from ${fresh}offer_syncs f
      join ${live}offer_syncs l on l.asin = f.asin and l.marketplace_id = f.marketplace_id and l.level = f.level
     where f.observation is not null and l.state not in ('pending', 'queued')`,
  history: (fresh, live) => `
    select f.asin || ' ' || f.level || ' ' || f.observed_at as of, f.marketplace_id, l.price::text as live,
           f.price::text as fresh, (l.asin is null or l.price is distinct from f.price) as differs
      from ${fresh}pricing_history f
      left join ${live}pricing_history l on l.asin = f.asin and l.marketplace_id = f.marketplace_id
       and l.level = f.level and l.observed_at = f.observed_at`,
}
