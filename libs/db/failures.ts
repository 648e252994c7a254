import type { Database, Queryable } from './database.ts'
import type { SyncState } from './entities.ts'
import { inIndexOrder } from './index-order.ts'
import type { RetryOutcome } from './jobs.ts'
import { productFilterSql } from './product-filter.ts'
import type { MatchKey } from './review-rulings.ts'
import {
  keyedRowsSql,
  type ReviewCursor,
  type ReviewFilter,
  type ReviewPage,
  walkReview,
} from './review-walk.ts'
import { isoTimestamp } from './timestamps.ts'

/** Products × marketplaces that stand in the same way for the same cause. */
export interface FailureGroup {
  /** The result and its reason without what differs from product to product: `failure_cause` of the database. */
  readonly cause: string
  /** What the last attempt came to. */
  readonly result: string
  /** Amazon's operation, where the reason names it. */
  readonly operation: string | null
  /** The reason, as `cause` has it. */
  readonly message: string
  readonly states: Readonly<Partial<Record<SyncState, number>>>
  readonly count: number
  readonly countries: readonly string[]
  /** When the first and the last of them were asked for; null when none ever was. */
  readonly firstAt: string | null
  readonly lastAt: string | null
  readonly sample: MatchKey & { readonly sku: string; readonly reason: string | null }
}

export interface FailureGroups {
  /** The largest first. */
  readonly groups: readonly FailureGroup[]
  /** Rows that were looked at, of all that are in these states and marketplaces. */
  readonly read: number
  readonly total: number
}

export type FailureFilter = Omit<ReviewFilter, 'text'> & { readonly states: readonly RetryOutcome[] }

/** Rows of each state that are looked at, in the order of their ids. */
const READ = 50_000
const MOST_GROUPS = 100

/** What failed, by cause. Its cost is bounded by what it looks at, and it says how much that was. */
export async function groupFailures(db: Database, filter: FailureFilter): Promise<FailureGroups> {
  const { states, marketplaces, asin, ...columns } = filter
  const parameters: unknown[] = [states, marketplaces ?? null, READ, MOST_GROUPS]
  const where = [productFilterSql(columns, parameters)]
  if (asin)
    where.push(
      `exists (select 1 from amazon_market_data d where d.product_id = p.id and d.asin = any ($${parameters.push(asin)}::text[]))`,
    )
  const groups = await inIndexOrder(db, async (tx) => {
    // What was read may be summed up as the planner likes.
    await tx.query(
      'set local enable_sort = on; set local enable_hashagg = on; set local enable_hashjoin = on',
    )
    return tx.query<GroupRow>(groupsSql(where.join(' and ')), parameters)
  })
  return {
    groups: groups.filter(({ cause }) => cause !== null).map(toGroup),
    read: groups[0]?.read ?? 0,
    total: await countIn(db, states, marketplaces),
  }
}

interface GroupRow extends Record<string, unknown> {
  readonly cause: string | null
  readonly result: string | null
  readonly operation: string | null
  readonly states: Readonly<Partial<Record<SyncState, number>>>
  readonly count: number
  readonly countries: readonly string[]
  readonly firstAt: string | null
  readonly lastAt: string | null
  readonly sample: FailureGroup['sample']
  readonly read: number
}

function toGroup({ cause, result, read: _read, ...row }: GroupRow): FailureGroup {
  const [, name = '', message = ''] = /^([^:]*): (.*)$/s.exec(cause ?? '') ?? []
  return { cause: cause ?? '', ...row, result: result ?? name, message }
}

/**
 * Reads a page of each state in the order of its index, whatever the statistics say, and sums that up: first by the reason
 * as it is, since making a cause of it costs more than reading the row.
 */
const groupsSql = (where: string): string => `
  with page as materialized (
    select one.* from unnest($1::text[]) wanted (state) cross join lateral (
      select s.product_id, s.marketplace_id, s.state, s.last_result, s.last_reason, s.queued_at
        from product_syncs s where s.state = wanted.state order by s.product_id limit $3) one),
  reasons as materialized (
    select last_result, last_reason, state, marketplace_id, count(*) as n, min(queued_at) as first, max(queued_at) as last,
           min(product_id::text) as product_id
      from page cross join lateral (
        select 1 from products p where p.id = page.product_id and ${where} offset 0) p
     where $2::text[] is null or page.marketplace_id = any ($2)
     group by 1, 2, 3, 4),
  causes as materialized (
    select failure_cause(last_result, last_reason) as cause, * from reasons),
  sums as (
    select cause, min(last_result) as result, sum(n)::int as count, min(first) as first, max(last) as last,
           min(product_id || ' ' || marketplace_id) as sample, array_agg(distinct marketplace_id) as marketplaces
      from causes group by cause order by sum(n) desc, cause limit $4),
  by_state as (select cause, jsonb_object_agg(state, n) as states from (
    select cause, state, sum(n)::int as n from causes group by cause, state) c group by cause)
  select g.cause, g.result, g.count, b.states, ${isoTimestamp('g.first')} as "firstAt", ${isoTimestamp('g.last')} as "lastAt",
         substring(f.last_reason from '^[A-Za-z]+_[0-9v-]+[.][A-Za-z]+') as operation,
         array(select m.country_code from marketplaces m where m.marketplace_id = any (g.marketplaces) order by 1) as countries,
         jsonb_build_object('productId', f.product_id, 'sku', f.sku, 'marketplaceId', f.marketplace_id,
                            'reason', f.last_reason) as sample,
         (select count(*)::int from page) as read
    from sums g
    join by_state b using (cause)
    cross join lateral (
      select s.product_id, s.marketplace_id, s.last_reason, p.sku
        from product_syncs s join products p on p.id = s.product_id
       where s.product_id = split_part(g.sample, ' ', 1)::uuid and s.marketplace_id = split_part(g.sample, ' ', 2)
      offset 0) f
   order by g.count desc, g.cause`

/** How many rows are in these states, by the counters. */
async function countIn(
  db: Queryable,
  states: readonly SyncState[],
  marketplaces: readonly string[] | undefined,
): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select coalesce(sum(n), 0)::int as n from sync_state_counts
      where state = any ($1::text[]) and ($2::text[] is null or marketplace_id = any ($2))`,
    [states, marketplaces ?? null],
  )
  return row?.n ?? 0
}

/** A product that failed, in one marketplace. */
export interface FailedProduct extends MatchKey {
  readonly sku: string
  readonly upc: string | null
  readonly title: string | null
  readonly countryCode: string
  readonly state: SyncState
  readonly cause: string
  readonly result: string | null
  readonly reason: string | null
  /** Failed attempts in a row. */
  readonly failures: number
  /** When it was last asked for. */
  readonly askedAt: string | null
}

/** What failed, by id, for these causes or for any. */
export async function listFailures(
  db: Database,
  {
    states,
    causes,
    ...page
  }: {
    readonly filter: ReviewFilter
    readonly states: readonly RetryOutcome[]
    readonly causes?: readonly string[]
    readonly limit: number
    readonly after?: ReviewCursor
  },
): Promise<ReviewPage<FailedProduct>> {
  return walkReview(db, { ...page, states, sparse: causes !== undefined }, (keys) =>
    db.query<FailedProduct & Record<string, unknown>>(
      `select * from (
         select s.product_id as "productId", s.marketplace_id as "marketplaceId", p.sku, p.upc, p.title,
                m.country_code as "countryCode", s.state, failure_cause(s.last_result, s.last_reason) as cause,
                s.last_result as result, s.last_reason as reason, s.failures, ${isoTimestamp('s.queued_at')} as "askedAt"
           from ${keyedRowsSql}) f
        where $3::text[] is null or cause = any ($3)
        order by 1, 2`,
      [
        keys.map(({ productId }) => productId),
        keys.map(({ marketplaceId }) => marketplaceId),
        causes ?? null,
      ],
    ),
  )
}

/** How many products × marketplaces wait for a person, by marketplace: by the counters. */
export interface ReviewCounts {
  readonly marketplaceId: string
  readonly countryCode: string
  readonly ambiguous: number
  readonly invalid: number
  readonly restricted: number
  readonly notFound: number
  readonly error: number
}

export async function countReview(db: Queryable): Promise<readonly ReviewCounts[]> {
  const of = (state: string) => `coalesce(sum(c.n) filter (where c.state = '${state}'), 0)::int`
  return db.query<ReviewCounts & Record<string, unknown>>(
    `select m.marketplace_id as "marketplaceId", m.country_code as "countryCode", ${of('ambiguous')} as ambiguous,
            ${of('invalid')} as invalid, ${of('restricted')} as restricted, ${of('not_found')} as "notFound",
            ${of('error')} as error
       from marketplaces m left join sync_state_counts c using (marketplace_id)
      where m.enabled group by 1, 2 order by 1`,
  )
}
