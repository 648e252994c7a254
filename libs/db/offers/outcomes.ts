import type { OfferLevel } from '#libs/offers/levels.ts'
import type { LevelPolicy } from '#libs/offers/policy.ts'
import type { Queryable } from '../database.ts'
import { enrolMatches } from './enrol.ts'
import type { OfferState } from './entities.ts'
import { isNews, lowestNew, newOffers, type Observation, type Told, told } from './observation.ts'
import { neverPricedSql } from './priority.ts'
import { type ItemKey, showPrices } from './show-prices.ts'

/** What one attempt to price an ASIN came to. */
export interface OfferOutcome extends ItemKey {
  readonly level: OfferLevel
  readonly attempt: number
  /** `offer_syncs.last_result`: priced, no_price, not_found, timeout, throttled, … */
  readonly result: string
  readonly reason: string | null
  /** When Amazon answered, in milliseconds since the epoch. */
  readonly observedAt: number
  readonly operation: string
  readonly salesRank: number | null
  /** What Amazon told; null when it did not answer. */
  readonly observation: Observation | null
}

/** What becomes of the row, and in how many milliseconds it is due again. */
export interface OfferTransition {
  readonly state: OfferState
  readonly failures: number
  readonly nextInMs: number
}

export interface OfferRow {
  readonly failures: number
}

interface OpenRow extends OfferRow, Record<string, unknown> {
  /** Position of its outcome, from 1. */
  readonly ord: string
  readonly queued_ms: number
  readonly now_ms: number
  readonly sales_rank: number | null
  readonly observed_ms: number | null
  readonly observation: Observation | null
  /** The same of the item's other level. */
  readonly other_level: OfferLevel | null
  readonly other_ms: number | null
  readonly other_observation: Observation | null
}

/** An outcome that counts, with its row as it was. */
interface Applied<O> {
  readonly row: OpenRow
  readonly outcome: O
  readonly transition: OfferTransition
}

/**
 * Applies outcomes inside the caller's transaction and returns those that counted: a row has to be queued with the same
 * attempt. What an answer tells stands in the row, in `amazon_market_data` of every product that matched the ASIN, and,
 * when it is news, in `pricing_history`. An answer that is older than the one before it completes its attempt and tells
 * nothing. `levels`: the policy; an ASIN whose rank is good enough for another level gets its row there.
 */
export async function applyOfferOutcomes<O extends OfferOutcome>(
  tx: Queryable,
  outcomes: readonly O[],
  levels: readonly LevelPolicy[],
  decide: (outcome: O, row: OfferRow) => OfferTransition,
): Promise<readonly { readonly outcome: O; readonly transition: OfferTransition }[]> {
  if (outcomes.length === 0) return []
  const asins = outcomes.map((o) => o.asin)
  const marketplaceIds = outcomes.map((o) => o.marketplaceId)
  await lockMatched(tx, outcomes)
  const open = await tx.query<OpenRow>(lockSql, [
    asins,
    marketplaceIds,
    outcomes.map((o) => o.level),
    outcomes.map((o) => o.attempt),
  ])
  const seen = new Set<string>()
  const applied: Applied<O>[] = open
    .map((row) => ({ row, outcome: byOurClock(outcomes[Number(row.ord) - 1] as O, row) }))
    .sort((a, b) => Number(a.row.ord) - Number(b.row.ord))
    .filter(({ outcome }) => {
      // Two records of one attempt in one chunk: the first one counts.
      const key = `${outcome.asin} ${outcome.marketplaceId} ${outcome.level}`
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
    .map(({ row, outcome }) => ({ row, outcome, transition: decide(outcome, row) }))
  if (applied.length === 0) return []

  await tx.query(transitionSql, [
    applied.map((a) => a.outcome.asin),
    applied.map((a) => a.outcome.marketplaceId),
    applied.map((a) => a.outcome.level),
    applied.map((a) => a.transition.state),
    applied.map((a) => a.transition.failures),
    applied.map((a) => a.transition.nextInMs),
    applied.map((a) => a.outcome.result),
    applied.map((a) => a.outcome.reason),
    applied.map((a) => a.outcome.salesRank),
    applied.map((a) => (tells(a) ? a.outcome.observedAt : null)),
    applied.map((a) => a.outcome.operation),
    applied.map((a) => (tells(a) ? stored(a.outcome.observation) : null)),
  ])
  await tx.query(ratesSql, [applied.map((a) => a.outcome.marketplaceId), applied.map((a) => a.outcome.level)])
  const telling = applied.filter(tells)
  await recordHistory(tx, telling)
  await followRank(tx, telling, levels)
  await showPrices(
    tx,
    telling.map((a) => a.outcome),
  )
  return applied.map(({ outcome, transition }) => ({ outcome, transition }))
}

/** Locks the products that matched these items until the transaction ends: before all else, as every other writer does. */
export async function lockMatched(tx: Queryable, items: readonly ItemKey[]): Promise<void> {
  await tx.query(lockProductsSql, [
    items.map(({ asin }) => asin),
    items.map(({ marketplaceId }) => marketplaceId),
  ])
}

function tells({ row, outcome }: Applied<OfferOutcome>): boolean {
  return outcome.observation !== null && outcome.observedAt >= (row.observed_ms ?? 0)
}

/** As `outcomes.ts` does: by the one clock that all share, it was observed after its claim and before now. */
function byOurClock<O extends OfferOutcome>(outcome: O, { now_ms: now, queued_ms: queued }: OpenRow): O {
  return { ...outcome, observedAt: Math.min(now, Math.max(now - Math.max(0, queued), outcome.observedAt)) }
}

/** As `offer_syncs.observation` has it: with what SQL would find hard to work out. */
export function stored(observation: Observation | null): string | null {
  if (observation === null) return null
  const lowest = lowestNew(observation.lowestPrices)
  return JSON.stringify({ ...observation, lowest, newOffers: newOffers(observation.offerCounts) })
}

/** Appends what is news: an answer that says what both levels have said so far leaves no row. */
async function recordHistory(tx: Queryable, telling: readonly Applied<OfferOutcome>[]): Promise<void> {
  const before = new Map<string, Told>()
  const news: News[] = []
  for (const { row, outcome } of telling) {
    const key = `${outcome.asin} ${outcome.marketplaceId}`
    const known = before.get(key) ?? knownSoFar(outcome.level, row)
    const now = told(outcome.level, outcome.observation!)
    before.set(key, { ...known, ...now })
    if (isNews(now, known)) news.push({ outcome, now })
  }
  await appendHistory(tx, news)
}

/** What an answer told that was news. */
export interface News {
  readonly outcome: OfferOutcome
  readonly now: Told
}

/** Appends to the history of prices what it does not have yet. */
export async function appendHistory(tx: Queryable, news: readonly News[]): Promise<void> {
  if (news.length === 0) return
  await tx.query(historySql, [
    news.map(({ outcome }) => outcome.marketplaceId),
    news.map(({ outcome }) => outcome.asin),
    news.map(({ outcome }) => outcome.level),
    news.map(({ outcome }) => outcome.observedAt),
    news.map(({ outcome }) => outcome.operation),
    news.map(({ now }) => now.price ?? null),
    news.map(({ now }) => now.shipping ?? null),
    news.map(({ now }) => now.currency ?? null),
    news.map(({ now }) => now.sellerId ?? null),
    news.map(({ now }) => now.fulfillmentChannel ?? null),
    news.map(({ now }) => now.prime ?? null),
    news.map(({ now }) => now.lowestPrice ?? null),
    news.map(({ now }) => now.lowestShipping ?? null),
    news.map(({ now }) => now.offerCount ?? null),
  ])
}

/** What the two levels have told, the later one last. Nothing at all differs from whatever is told first. */
function knownSoFar(level: OfferLevel, row: OpenRow): Told {
  const own = row.observation ? told(level, row.observation) : {}
  const other = row.other_level && row.other_observation ? told(row.other_level, row.other_observation) : {}
  return (row.other_ms ?? 0) > (row.observed_ms ?? 0) ? { ...own, ...other } : { ...other, ...own }
}

/** The rank that came with a price decides about the item's other level as well. */
async function followRank(
  tx: Queryable,
  telling: readonly Applied<OfferOutcome>[],
  levels: readonly LevelPolicy[],
): Promise<void> {
  const ranked = telling.filter(
    ({ row, outcome }) => outcome.salesRank !== null && outcome.salesRank !== row.sales_rank,
  )
  if (ranked.length === 0) return
  await tx.query(rankSql, [
    ranked.map(({ outcome }) => outcome.asin),
    ranked.map(({ outcome }) => outcome.marketplaceId),
    ranked.map(({ outcome }) => outcome.level),
    ranked.map(({ outcome }) => outcome.salesRank),
  ])
  await enrolMatches(
    tx,
    ranked.map(({ outcome }) => ({ ...outcome, priced: true })),
    levels.filter(({ maxRank }) => maxRank !== null),
  )
}

const lockProductsSql = `
  select 1 from products p
   where p.id in (select d.product_id from unnest($1::text[], $2::text[]) k (asin, marketplace_id)
                    cross join lateral (select product_id from amazon_market_data d
                                         where d.asin = k.asin and d.marketplace_id = k.marketplace_id and d.chosen) d)
   order by p.id
     for no key update of p`

// What the row says is looked at after the lock has been waited for, see outcomes.ts.
const lockSql = `
  with locked as materialized (
    select r.ord, r.attempt as answered, o.*
      from unnest($1::text[], $2::text[], $3::text[], $4::int[]) with ordinality r (asin, marketplace_id, level, attempt, ord)
      join offer_syncs o on o.asin = r.asin and o.marketplace_id = r.marketplace_id and o.level = r.level
     order by o.asin, o.marketplace_id, o.level
       for no key update of o)
  select l.ord, l.failures, l.observation, l.sales_rank::float8 as sales_rank,
         extract(epoch from l.observed_at)::float8 * 1000 as observed_ms,
         extract(epoch from now() - l.queued_at)::float8 * 1000 as queued_ms,
         extract(epoch from now())::float8 * 1000 as now_ms,
         x.level as other_level, extract(epoch from x.observed_at)::float8 * 1000 as other_ms,
         x.observation as other_observation
    from locked l
    left join lateral (
      select o.level, o.observed_at, o.observation from offer_syncs o
       where o.asin = l.asin and o.marketplace_id = l.marketplace_id and o.level <> l.level limit 1) x on true
   where l.state = 'queued' and l.attempt = l.answered`

const transitionSql = `
  update offer_syncs o
     set state = r.state, failures = r.failures, last_result = r.result, last_reason = r.reason,
         next_attempt_at = now() + r.next_ms * interval '1 millisecond',
         sales_rank = coalesce(r.sales_rank, o.sales_rank),
         observed_at = coalesce(to_timestamp(r.observed_at / 1000.0), o.observed_at),
         operation = case when r.observation is null then o.operation else r.operation end,
         observation = coalesce(r.observation, o.observation)
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::float8[], $7::text[], $8::text[],
                $9::bigint[], $10::float8[], $11::text[], $12::jsonb[])
      r (asin, marketplace_id, level, state, failures, next_ms, result, reason, sales_rank, observed_at, operation, observation)
   where o.asin = r.asin and o.marketplace_id = r.marketplace_id and o.level = r.level`

const ratesSql = `
  insert into offer_rates (marketplace_id, level, outcomes)
  select marketplace_id, level, count(*) from unnest($1::text[], $2::text[]) r (marketplace_id, level) group by 1, 2`

const historySql = `
  insert into pricing_history (marketplace_id, asin, level, observed_at, operation, price, shipping, currency, seller_id,
                               fulfillment_channel, prime, lowest_price, lowest_shipping, offer_count)
  select marketplace_id, asin, level, to_timestamp(observed_at / 1000.0), operation, price, shipping, currency, seller_id,
         fulfillment_channel, prime, lowest_price, lowest_shipping, offer_count
    from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::numeric[], $7::numeric[], $8::text[],
                $9::text[], $10::text[], $11::text[], $12::numeric[], $13::numeric[], $14::int[])
      r (marketplace_id, asin, level, observed_at, operation, price, shipping, currency, seller_id, fulfillment_channel, prime,
         lowest_price, lowest_shipping, offer_count)
  on conflict do nothing`

const rankSql = `
  update offer_syncs o
     set sales_rank = r.sales_rank,
         priority = case when o.state = 'pending' and o.observed_at is null then ${neverPricedSql('r.sales_rank')} else o.priority end
    from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) r (asin, marketplace_id, level, sales_rank)
   where o.asin = r.asin and o.marketplace_id = r.marketplace_id and o.level <> r.level
     and o.sales_rank is distinct from r.sales_rank`
