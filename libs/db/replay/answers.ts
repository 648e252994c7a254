import type { LevelPolicy } from '#libs/offers/policy.ts'
import type { Queryable } from '../database.ts'
import type { SyncState } from '../entities.ts'
import {
  type Answer,
  dataColumns,
  marketDataParameters,
  marketDataRowsSql,
  writeMarketData,
} from '../market-data.ts'
import { enrolMatches } from '../offers/enrol.ts'
import { showPrices } from '../offers/show-prices.ts'
import { type Outcome, writeCodes } from '../outcomes.ts'

/** Rows of `amazon_market_data` in which an answer and the table differ. */
export interface MarketDataDifference {
  /** Candidates of the answer that have no row. */
  readonly missing: number
  /** Rows that say something else, and were not observed later. */
  readonly changed: number
  /** Rows that the answer does not have, and that were not observed later. */
  readonly surplus: number
}

/** How each answer differs from what is stored, in their order; one answer per product and marketplace. */
export async function compareAnswers(
  db: Queryable,
  answers: readonly Answer[],
): Promise<readonly MarketDataDifference[]> {
  if (answers.length === 0) return []
  const numbers = answers.flatMap(({ candidates }, at) => candidates.map(() => at + 1))
  const told = await db.query<{ ord: number; missing: number; changed: number }>(comparedSql, [
    ...marketDataParameters(answers),
    numbers,
  ])
  const left = await db.query<{ ord: number; surplus: number }>(surplusSql, [
    answers.map(({ productId }) => productId),
    answers.map(({ marketplaceId }) => marketplaceId),
    answers.map(({ observedAt }) => observedAt),
    answers.map(({ candidates }) => JSON.stringify(candidates.map(({ asin }) => asin))),
  ])
  const toldOf = new Map(told.map((row) => [row.ord, row]))
  const leftOf = new Map(left.map((row) => [row.ord, row.surplus]))
  return answers.map((_, at) => ({
    missing: toldOf.get(at + 1)?.missing ?? 0,
    changed: toldOf.get(at + 1)?.changed ?? 0,
    surplus: leftOf.get(at + 1) ?? 0,
  }))
}

/** What a recorded result is to make of its row again. */
export interface Restoration {
  readonly outcome: Outcome
  /** Null: a later attempt has decided about the state. */
  readonly state: SyncState | null
  /** Whether no later attempt is known: then the row's last result and reason are those of this one. */
  readonly latest: boolean
}

/**
 * Writes what recorded results say, inside the caller's transaction, which has their products and rows locked and none of
 * them pending or queued. Nothing is counted: no attempt, no row in the log of attempts, no outcome of a job. A row whose
 * state changes leaves its job, which keeps the outcome that it counted.
 */
export async function restoreAnswers(
  tx: Queryable,
  restorations: readonly Restoration[],
  levels: readonly LevelPolicy[],
): Promise<void> {
  if (restorations.length === 0) return
  await tx.query(restoreSql, [
    restorations.map(({ outcome }) => outcome.productId),
    restorations.map(({ outcome }) => outcome.marketplaceId),
    restorations.map(({ outcome }) => outcome.attempt),
    restorations.map(({ state }) => state),
    restorations.map(({ outcome }) => (outcome.answered ? outcome.observedAt : null)),
    restorations.map(({ latest }) => latest),
    restorations.map(({ outcome }) => outcome.result),
    restorations.map(({ outcome }) => outcome.reason),
  ])
  await writeCodes(
    tx,
    restorations.map(({ outcome }) => outcome),
  )
  const changed = await writeMarketData(
    tx,
    restorations.map(({ outcome }) => outcome).filter(({ answered }) => answered),
  )
  const matches = changed.filter(({ chosen }) => chosen)
  if (levels.length > 0) await enrolMatches(tx, matches, levels)
  await showPrices(tx, matches)
}

const columns = dataColumns.split(',').map((column) => column.trim())
const of = (alias: string): string => columns.map((column) => `${alias}.${column}`).join(', ')

// Row by row, as in standing.ts.
const comparedSql = `
  select r.ord, count(*) filter (where d.asin is null)::int as missing,
         count(*) filter (where d.observed_at <= to_timestamp(r.observed_at / 1000.0)
                            and (${of('d')}) is distinct from (${of('r')}))::int as changed
    from rows from (${marketDataRowsSql}, unnest($18::int[]))
         r (product_id, marketplace_id, asin, ${dataColumns}, observed_at, operation, ord)
    left join lateral (select * from amazon_market_data d where d.product_id = r.product_id
                          and d.marketplace_id = r.marketplace_id and d.asin = r.asin limit 1) d on true
   group by r.ord`

const surplusSql = `
  select a.ord::int as ord, count(*)::int as surplus
    from unnest($1::uuid[], $2::text[], $3::float8[], $4::jsonb[]) with ordinality
         a (product_id, marketplace_id, observed_at, asins, ord)
   cross join lateral (select * from amazon_market_data d
                        where d.product_id = a.product_id and d.marketplace_id = a.marketplace_id offset 0) d
   where d.observed_at <= to_timestamp(a.observed_at / 1000.0) and not (a.asins ? d.asin)
   group by a.ord`

const restoreSql = `
  update product_syncs s
     set state = coalesce(r.state, s.state),
         failures = case when r.state is null then s.failures else 0 end,
         job_id = case when coalesce(r.state, s.state) = s.state then s.job_id end,
         attempt = greatest(s.attempt, r.attempt),
         last_result = case when r.latest then r.result else s.last_result end,
         last_reason = case when r.latest then r.reason else s.last_reason end,
         synced_at = greatest(s.synced_at, to_timestamp(r.answered_at / 1000.0))
    from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::float8[], $6::bool[], $7::text[], $8::text[])
      r (product_id, marketplace_id, attempt, state, answered_at, latest, result, reason)
   where s.product_id = r.product_id and s.marketplace_id = r.marketplace_id and s.state not in ('pending', 'queued')`
