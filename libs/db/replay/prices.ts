import type { OfferLevel } from '#libs/offers/levels.ts'
import type { Queryable } from '../database.ts'
import type { OfferState } from '../offers/entities.ts'
import { type OfferOutcome, stored } from '../offers/outcomes.ts'
import { neverPricedSql } from '../offers/priority.ts'

/** A recorded price with the time at which it was observed. */
export interface RecordedPrice {
  readonly outcome: OfferOutcome
  /** When the log took it, in milliseconds since the epoch. */
  readonly loggedAt: number
}

/** A row of `pricing_history`; amounts have two decimals. */
export interface HistoryRow {
  readonly level: OfferLevel
  /** Milliseconds since the epoch. */
  readonly observedAt: number
  readonly price: string | null
  readonly shipping: string | null
  readonly currency: string | null
  readonly sellerId: string | null
  readonly fulfillmentChannel: string | null
  readonly prime: string | null
  readonly lowestPrice: string | null
  readonly lowestShipping: string | null
  readonly offerCount: number | null
}

/** The row of `offer_syncs` that a recorded price is about. */
export interface StandingPrice {
  readonly state: OfferState
  readonly attempt: number
  /** Milliseconds since the epoch, with the fraction that PostgreSQL keeps; null: nothing was told yet, or it is lost. */
  readonly observedAt: number | null
  readonly lastResult: string | null
  /** Whether it keeps the very observation and operation that the record tells. */
  readonly same: boolean
}

export interface PriceStanding {
  readonly row: StandingPrice | null
  /** Whether a product has matched the ASIN there. */
  readonly matched: boolean
  /** The last row of each level before the price, the older one first. */
  readonly before: readonly HistoryRow[]
  /** The row of the price, or the first one of its level after it. */
  readonly from: HistoryRow | null
}

/** What the database has of each, in their order. */
export async function readPriceStandings(
  db: Queryable,
  prices: readonly RecordedPrice[],
): Promise<readonly PriceStanding[]> {
  if (prices.length === 0) return []
  const rows = await db.query<StandingRow>(standingSql, [
    prices.map(({ outcome }) => outcome.asin),
    prices.map(({ outcome }) => outcome.marketplaceId),
    prices.map(({ outcome }) => outcome.level),
    prices.map(({ outcome }) => outcome.observedAt),
    prices.map(({ outcome }) => stored(outcome.observation)),
    prices.map(({ outcome }) => outcome.operation),
  ])
  return rows.map(({ state, attempt, observed_ms, last_result, same, matched, earlier, next }) => ({
    row:
      state === null || attempt === null
        ? null
        : { state, attempt, observedAt: observed_ms, lastResult: last_result, same: same === true },
    matched,
    before: earlier ?? [],
    from: next,
  }))
}

/** What a recorded price is to make of its row. */
export interface PriceRestoration {
  readonly outcome: OfferOutcome
  /** Age at which it is asked for again, in milliseconds. */
  readonly staleAfterMs: number
}

/** Writes rows of `offer_syncs` that are gone; the caller has the products locked. */
export async function insertPrices(tx: Queryable, missing: readonly PriceRestoration[]): Promise<void> {
  if (missing.length > 0) await tx.query(insertSql, parametersOf(missing))
}

/**
 * Writes what recorded prices tell into rows that are neither pending nor queued, or that were never asked for; the caller
 * has them locked.
 */
export async function restorePrices(tx: Queryable, restorations: readonly PriceRestoration[]): Promise<void> {
  if (restorations.length > 0) await tx.query(restoreSql, parametersOf(restorations))
}

/** Locks rows of prices in the order of every other writer, until the transaction ends; after the products. */
export async function lockPrices(
  tx: Queryable,
  keys: readonly Pick<OfferOutcome, 'asin' | 'marketplaceId' | 'level'>[],
): Promise<void> {
  await tx.query(
    `select 1 from unnest($1::text[], $2::text[], $3::text[]) r (asin, marketplace_id, level)
       join offer_syncs o on o.asin = r.asin and o.marketplace_id = r.marketplace_id and o.level = r.level
      order by o.asin, o.marketplace_id, o.level
        for no key update of o`,
    [
      keys.map(({ asin }) => asin),
      keys.map(({ marketplaceId }) => marketplaceId),
      keys.map(({ level }) => level),
    ],
  )
}

/** ASINs that a product has matched, by marketplace: what filters by product choose of the prices. */
export async function matchedItems(
  db: Queryable,
  productIds: readonly string[],
): Promise<readonly { readonly asin: string; readonly marketplaceId: string }[]> {
  return db.query<{ asin: string; marketplaceId: string }>(
    `select distinct d.asin, d.marketplace_id as "marketplaceId" from amazon_market_data d
      where d.product_id = any ($1::uuid[]) and d.chosen`,
    [productIds],
  )
}

function parametersOf(restorations: readonly PriceRestoration[]): unknown[] {
  const outcomes = restorations.map(({ outcome }) => outcome)
  return [
    outcomes.map(({ asin }) => asin),
    outcomes.map(({ marketplaceId }) => marketplaceId),
    outcomes.map(({ level }) => level),
    outcomes.map(({ result }) => result),
    outcomes.map(({ attempt }) => attempt),
    outcomes.map(({ reason }) => reason),
    outcomes.map(({ salesRank }) => salesRank),
    outcomes.map(({ observedAt }) => observedAt),
    outcomes.map(({ operation }) => operation),
    outcomes.map(({ observation }) => stored(observation)),
    restorations.map(({ staleAfterMs }) => staleAfterMs),
  ]
}

interface StandingRow extends Record<string, unknown> {
  readonly state: OfferState | null
  readonly attempt: number | null
  readonly observed_ms: number | null
  readonly last_result: string | null
  readonly same: boolean | null
  readonly matched: boolean
  readonly earlier: readonly HistoryRow[] | null
  readonly next: HistoryRow | null
}

const historyRow = (alias: string): string => `
  jsonb_build_object('level', ${alias}.level, 'observedAt', extract(epoch from ${alias}.observed_at)::float8 * 1000,
    'price', ${alias}.price::text, 'shipping', ${alias}.shipping::text, 'currency', ${alias}.currency,
    'sellerId', ${alias}.seller_id, 'fulfillmentChannel', ${alias}.fulfillment_channel, 'prime', ${alias}.prime,
    'lowestPrice', ${alias}.lowest_price::text, 'lowestShipping', ${alias}.lowest_shipping::text,
    'offerCount', ${alias}.offer_count)`

// A time that came by way of a double may be half a millisecond off.
const at = `to_timestamp(r.observed_at / 1000.0)`
const SLACK = `interval '0.5 milliseconds'`

// Row by row, as in standing.ts.
const standingSql = `
  select o.state, o.attempt, extract(epoch from o.observed_at)::float8 * 1000 as observed_ms, o.last_result,
         (o.observation, o.operation) is not distinct from (r.observation, r.operation::varchar) as same,
         exists (select 1 from amazon_market_data d
                  where d.asin = r.asin and d.marketplace_id = r.marketplace_id and d.chosen) as matched,
         b.earlier, n.next
    from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::jsonb[], $6::text[]) with ordinality
         r (asin, marketplace_id, level, observed_at, observation, operation, ord)
    left join lateral (select * from offer_syncs o where o.asin = r.asin and o.marketplace_id = r.marketplace_id
                          and o.level = r.level limit 1) o on true
   cross join lateral (
      select jsonb_agg(${historyRow('h')} order by h.observed_at) as earlier
        from unnest(array['price', 'offers']) l (level)
       cross join lateral (
          select * from pricing_history h
           where h.asin = r.asin and h.marketplace_id = r.marketplace_id and h.level = l.level
             and h.observed_at < ${at} - ${SLACK}
           order by h.observed_at desc limit 1) h) b
    left join lateral (
      select ${historyRow('h')} as next from pricing_history h
       where h.asin = r.asin and h.marketplace_id = r.marketplace_id and h.level = r.level
         and h.observed_at >= ${at} - ${SLACK}
       order by h.observed_at limit 1) n on true
   order by r.ord`

const toldSql = `unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::bigint[], $8::float8[],
    $9::text[], $10::jsonb[], $11::float8[])
  r (asin, marketplace_id, level, result, attempt, reason, sales_rank, observed_at, operation, observation, stale_after)`
const STALE_AT = 'to_timestamp((r.observed_at + r.stale_after) / 1000.0)'

// Sorted, so that two writers that meet wait for each other in one direction only.
const insertSql = `
  insert into offer_syncs (asin, marketplace_id, level, state, attempt, priority, next_attempt_at, sales_rank, observed_at,
                           operation, observation, last_result, last_reason)
  select asin, marketplace_id, level, result, attempt, ${neverPricedSql('sales_rank')}, ${STALE_AT}, sales_rank,
         to_timestamp(observed_at / 1000.0), operation, observation, result, reason
    from ${toldSql}
   order by asin, marketplace_id, level
  on conflict do nothing`

const restoreSql = `
  update offer_syncs o
     set state = case when r.attempt >= o.attempt then r.result else o.state end,
         failures = case when r.attempt >= o.attempt then 0 else o.failures end,
         last_result = case when r.attempt >= o.attempt then r.result else o.last_result end,
         last_reason = case when r.attempt >= o.attempt then r.reason else o.last_reason end,
         attempt = greatest(o.attempt, r.attempt),
         next_attempt_at = case when o.state = 'pending' then ${STALE_AT} else o.next_attempt_at end,
         sales_rank = coalesce(r.sales_rank, o.sales_rank),
         observed_at = to_timestamp(r.observed_at / 1000.0),
         operation = r.operation,
         observation = r.observation
    from ${toldSql}
   where o.asin = r.asin and o.marketplace_id = r.marketplace_id and o.level = r.level
     and (o.state not in ('pending', 'queued') or (o.state = 'pending' and o.attempt = 0))`
