import { MAX_ASINS, type OfferLevel } from '#libs/offers/levels.ts'
import type { LevelPolicy, OffersPolicy } from '#libs/offers/policy.ts'
import type { Database } from '../database.ts'
import { stalePrioritySql } from './priority.ts'
import type { ItemKey } from './show-prices.ts'

/** An ASIN whose turn has come in one level. */
export interface ClaimedOffer extends ItemKey {
  readonly level: OfferLevel
  /** The number of this attempt; a result counts only while the row still has it. */
  readonly attempt: number
}

/** How one level stands in one enabled marketplace. */
export interface OfferQueue {
  readonly marketplaceId: string
  /** Appended to the log and without an outcome yet. */
  readonly queued: number
  /** Due now; counted up to a call's worth. */
  readonly due: number
  /** Of the first one that is due; the smaller, the sooner. */
  readonly priority: number | null
}

export async function offerQueues(db: Database, level: OfferLevel): Promise<readonly OfferQueue[]> {
  return db.query<OfferQueue & Record<string, unknown>>(queuesSql, [level])
}

export interface OfferClaim {
  readonly marketplaceId: string
  readonly limit: number
  /** How long a queued row may stay without an outcome before it is due again, in milliseconds. */
  readonly leaseMs: number
}

/**
 * Claims up to `limit` due ASINs of one level and marketplace, by priority, and hands them to `append` inside the
 * transaction that marks them queued, as `claimDue` does with products. A row whose ASIN no product has matched any more,
 * or whose rank is out of the policy, goes. Resolves to how many rows were claimed or gone.
 */
export async function claimOffers(
  db: Database,
  policy: LevelPolicy,
  { marketplaceId, limit, leaseMs }: OfferClaim,
  append: (claimed: readonly ClaimedOffer[]) => Promise<void>,
): Promise<number> {
  return db.transaction(async (tx) => {
    const { level, maxRank, unranked } = policy
    const due = await tx.query<{ asin: string; wanted: boolean; attempt: number }>(claimSql, [
      level,
      marketplaceId,
      limit,
      leaseMs,
      maxRank,
      unranked,
    ])
    const claimed = due
      .filter(({ wanted }) => wanted)
      .map(({ asin, attempt }) => ({ asin, marketplaceId, level, attempt }))
    if (claimed.length > 0) await append(claimed)
    return due.length
  })
}

/** What `makeDue` did. */
export interface MadeDue {
  /** Rows looked at; as many as asked for when there may be more. */
  readonly rows: number
  /** Of those, the ones that were queued for too long. */
  readonly requeued: number
}

/**
 * Makes rows pending whose time has come: what is stale, and what was queued and had no outcome in time. Rows of a level
 * that the policy leaves out are parked until `wakeOffers`.
 */
export async function makeDue(db: Database, policy: OffersPolicy, limit: number): Promise<MadeDue> {
  const rows = await db.query<{ requeued: boolean }>(dueSql, [
    limit,
    policy.levels.map(({ level }) => level),
    policy.levels.map(({ staleAfterMs }) => staleAfterMs),
  ])
  return { rows: rows.length, requeued: rows.filter(({ requeued }) => requeued).length }
}

/** Wakes the parked rows of these levels, some at a time; resolves to how many. */
export async function wakeOffers(db: Database, policy: OffersPolicy, limit: number): Promise<number> {
  const rows = await db.query(wakeSql, [policy.levels.map(({ level }) => level), limit])
  return rows.length
}

/** Milliseconds until a row is stale or its lease runs out; null when none waits. */
export async function nextOfferDueInMs(db: Database): Promise<number | null> {
  const [row] = await db.query<{ ms: number | null }>(
    `select extract(epoch from min(next_attempt_at) - now())::float8 * 1000 as ms
       from offer_syncs where state <> 'pending' and next_attempt_at < 'infinity'`,
  )
  return row?.ms == null ? null : Math.max(0, row.ms)
}

const queuesSql = `
  select m.marketplace_id as "marketplaceId", d.due, d.priority,
         coalesce((select sum(n) from offer_state_counts c
                    where c.marketplace_id = m.marketplace_id and c.level = $1 and c.state = 'queued'), 0)::int as queued
    from marketplaces m cross join lateral (
      select count(*)::int as due, min(priority)::float8 as priority from (
        select priority from offer_syncs
         where level = $1 and marketplace_id = m.marketplace_id and state = 'pending' and next_attempt_at <= now()
         order by priority limit ${MAX_ASINS}) first) d
   where m.enabled`

// Whether a product matched it is looked up ASIN by ASIN: as a join, a planner without statistics would read all matches.
const claimSql = `
  with due as materialized (
    select asin, sales_rank from offer_syncs
     where level = $1 and marketplace_id = $2 and state = 'pending' and next_attempt_at <= now()
     order by priority
     limit $3
       for no key update skip locked),
  sorted as materialized (
    select asin, (sales_rank <= $5::bigint or $5::bigint is null or (sales_rank is null and $6::bool))
                 and m.found as wanted
      from due cross join lateral (
        select exists (select 1 from amazon_market_data d
                        where d.asin = due.asin and d.marketplace_id = $2 and d.chosen) as found) m),
  gone as (
    delete from offer_syncs o using sorted
     where o.asin = sorted.asin and o.marketplace_id = $2 and o.level = $1 and not coalesce(sorted.wanted, false)
    returning o.asin, o.attempt),
  claimed as (
    update offer_syncs o
       set state = 'queued', attempt = o.attempt + 1, queued_at = now(),
           next_attempt_at = now() + $4 * interval '1 millisecond'
      from sorted
     where o.asin = sorted.asin and o.marketplace_id = $2 and o.level = $1 and sorted.wanted
    returning o.asin, o.attempt, o.priority)
  select asin, attempt, true as wanted from (select * from claimed order by priority) c
  union all
  select asin, attempt, false from gone`

const dueSql = `
  with waiting as materialized (
    select asin, marketplace_id, level, state from offer_syncs
     where state <> 'pending' and next_attempt_at <= now()
     order by next_attempt_at
     limit $1
       for no key update skip locked)
  update offer_syncs o
     set state = case when w.state = 'queued' or l.level is not null then 'pending' else o.state end,
         next_attempt_at = case when l.level is null then 'infinity' else now() end,
         priority = case when o.observed_at is null or l.level is null then o.priority
                         else ${stalePrioritySql('o.sales_rank', 'o.observed_at', 'l.stale_ms')} + l.stale_ms end
    from waiting w left join unnest($2::text[], $3::bigint[]) l (level, stale_ms) on l.level = w.level
   where o.asin = w.asin and o.marketplace_id = w.marketplace_id and o.level = w.level
  returning w.state = 'queued' as requeued`

const wakeSql = `
  with parked as materialized (
    select asin, marketplace_id, level from offer_syncs
     where level = any ($1::text[]) and next_attempt_at = 'infinity'
     limit $2
       for no key update skip locked)
  update offer_syncs o set next_attempt_at = now() from parked p
   where o.asin = p.asin and o.marketplace_id = p.marketplace_id and o.level = p.level
  returning 1`
