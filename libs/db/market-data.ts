import type { Queryable } from './database.ts'
import type { Match } from './offers/enrol.ts'

/** A candidate as Amazon told it, with what matching says of it. */
export interface MarketDataRow {
  readonly asin: string
  readonly chosen: boolean
  readonly score: number
  readonly reasons: readonly string[]
  readonly title: string | null
  readonly brand: string | null
  readonly productType: string | null
  readonly itemClassification: string | null
  readonly packageQuantity: number | null
  readonly salesRank: number | null
  readonly salesRankCategory: string | null
  readonly imageUrl: string | null
  /** JSON text as Amazon sent it. */
  readonly dimensions: string | null
}

/** A row that was written: a match when it is chosen. */
export interface ChangedRow extends Match, Record<string, unknown> {
  readonly chosen: boolean
}

/** Amazon's answer for a product: `candidates` is all that it holds for its code now. */
export interface Answer {
  readonly productId: string
  readonly marketplaceId: string
  /** When Amazon answered, in milliseconds since the epoch. */
  readonly observedAt: number
  readonly operation: string
  readonly candidates: readonly MarketDataRow[]
}

/**
 * Makes the stored candidates those of the answers, inside the caller's transaction, which has the products locked. A row
 * that was observed later stays as it is. Resolves to the rows that are new or have changed.
 */
export async function writeMarketData(
  tx: Queryable,
  answered: readonly Answer[],
): Promise<readonly ChangedRow[]> {
  if (answered.length === 0) return []
  let changed: readonly ChangedRow[] = []
  const rows = answered.flatMap((outcome) => outcome.candidates.map((candidate) => ({ outcome, candidate })))
  if (rows.length > 0) changed = await tx.query<ChangedRow>(marketDataSql, marketDataParameters(answered))
  // The stored candidates are those of the latest answer: what it no longer holds goes.
  await tx.query(vanishedSql, [
    answered.map((o) => o.productId),
    answered.map((o) => o.marketplaceId),
    answered.map((o) => o.observedAt),
    rows.map((r) => r.outcome.productId),
    rows.map((r) => r.outcome.marketplaceId),
    rows.map((r) => r.candidate.asin),
  ])
  return changed
}

/** The rows of answers as `unnest` takes them: key, `dataColumns`, time of the answer in milliseconds, operation. */
export function marketDataParameters(answered: readonly Answer[]): unknown[] {
  const rows = answered.flatMap((outcome) => outcome.candidates.map((candidate) => ({ outcome, candidate })))
  return [
    rows.map((r) => r.outcome.productId),
    rows.map((r) => r.outcome.marketplaceId),
    rows.map((r) => r.candidate.asin),
    rows.map((r) => r.candidate.chosen),
    rows.map((r) => r.candidate.score),
    rows.map((r) => JSON.stringify(r.candidate.reasons)),
    rows.map((r) => r.candidate.title),
    rows.map((r) => r.candidate.brand),
    rows.map((r) => r.candidate.productType),
    rows.map((r) => r.candidate.itemClassification),
    rows.map((r) => r.candidate.packageQuantity),
    rows.map((r) => r.candidate.salesRank),
    rows.map((r) => r.candidate.salesRankCategory),
    rows.map((r) => r.candidate.imageUrl),
    rows.map((r) => r.candidate.dimensions),
    rows.map((r) => r.outcome.observedAt),
    rows.map((r) => r.outcome.operation),
  ]
}

/** What an answer tells of a candidate: all of a row but its key, its prices, and when and by what it was told. */
export const dataColumns = `chosen, score, reasons, title, brand, product_type, item_classification, package_quantity,
  sales_rank, sales_rank_category, image_url, dimensions`

/** `unnest` of `marketDataParameters`, from parameter $1 to $17. */
export const marketDataRowsSql = `unnest($1::uuid[], $2::text[], $3::text[], $4::bool[], $5::float8[], $6::jsonb[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::int[], $12::bigint[], $13::text[], $14::text[], $15::jsonb[],
                $16::float8[], $17::text[])`

/** The no-op guard leaves an unchanged row alone: `observed_at` says since when these values have been seen. */
const marketDataSql = `
  insert into amazon_market_data as t (product_id, marketplace_id, asin, ${dataColumns}, observed_at, operation)
  select product_id, marketplace_id, asin, ${dataColumns}, to_timestamp(observed_at / 1000.0), operation
    from ${marketDataRowsSql} r (product_id, marketplace_id, asin, ${dataColumns}, observed_at, operation)
  on conflict (product_id, marketplace_id, asin) do update
    set (${dataColumns}, observed_at, operation) =
        (${dataColumns
          .split(',')
          .map((column) => `excluded.${column.trim()}`)
          .join(', ')}, excluded.observed_at, excluded.operation)
   where excluded.observed_at >= t.observed_at
     and (${dataColumns
       .split(',')
       .map((column) => `t.${column.trim()}`)
       .join(', ')}) is distinct from
         (${dataColumns
           .split(',')
           .map((column) => `excluded.${column.trim()}`)
           .join(', ')})
  returning marketplace_id as "marketplaceId", asin, chosen, sales_rank::float8 as "salesRank",
            price_observed_at is not null as priced`

const vanishedSql = `
  delete from amazon_market_data t
   using unnest($1::uuid[], $2::text[], $3::float8[]) a (product_id, marketplace_id, observed_at)
   where t.product_id = a.product_id and t.marketplace_id = a.marketplace_id
     and t.observed_at <= to_timestamp(a.observed_at / 1000.0)
     and not exists (
       select 1 from unnest($4::uuid[], $5::text[], $6::text[]) k (product_id, marketplace_id, asin)
        where k.product_id = t.product_id and k.marketplace_id = t.marketplace_id and k.asin = t.asin)`
