import type { LevelPolicy } from '#libs/offers/policy.ts'
import type { Queryable } from './database.ts'
import type { SyncState } from './entities.ts'
import { type MarketDataRow, writeMarketData } from './market-data.ts'
import { enrolMatches } from './offers/enrol.ts'
import { applyDecisions } from './review-rulings.ts'

/** What one attempt came to, and what follows from it. */
export interface Outcome {
  readonly productId: string
  readonly marketplaceId: string
  readonly attempt: number
  /** `sync_logs.result`: success, not_found, ambiguous, invalid_upc, restricted, timeout, throttled, … */
  readonly result: string
  readonly reason: string | null
  readonly gtin14: string | null
  readonly repair: string | null
  /** When Amazon answered, in milliseconds since the epoch. */
  readonly observedAt: number
  readonly operation: string
  readonly responseTimeMs: number | null
  readonly amazonRequestId: string | null
  readonly httpStatus: number | null
  /** Amazon answered the question, so `candidates` is what it holds for the code now; otherwise they are left alone. */
  readonly answered: boolean
  readonly candidates: readonly MarketDataRow[]
}

/** What becomes of the row; `retryInMs` only with `pending`. */
export interface Transition {
  readonly state: SyncState
  readonly failures: number
  readonly retryInMs: number | null
}

/** What the row says before the outcome. */
export interface AttemptRow {
  readonly failures: number
}

interface OpenRow extends AttemptRow, Record<string, unknown> {
  /** Position of its outcome, from 1. */
  readonly ord: string
  readonly failures: number
  readonly job_id: string | null
  /** What the product says of its code so far. */
  readonly gtin14: string | null
  readonly upc_repair: string | null
  /** When the attempt was claimed, as PostgreSQL writes it: to the microsecond. */
  readonly queued_at: string
  /** Since the claim, and now since the epoch, in milliseconds of PostgreSQL's clock. */
  readonly queued_ms: number
  readonly now_ms: number
}

/**
 * Shorter than PostgreSQL's `deadlock_timeout` (1 s): whoever edits products in an order of their own and meets us half-way
 * is not the one that PostgreSQL picks to end the deadlock; we have given way by then, and try again.
 */
const GIVE_WAY_MS = 400

/** For the rest of the transaction, a lock that somebody else holds for long ends it with 55P03, which is transient. */
export async function giveWay(tx: Queryable): Promise<void> {
  await tx.query(`select set_config('lock_timeout', $1, true)`, [`${GIVE_WAY_MS}ms`])
}

/**
 * Applies outcomes inside the caller's transaction and returns those that counted. An outcome counts while its row is
 * queued with the same attempt: a duplicate, a late answer, an answer for a code that has changed or a product that is
 * gone finds no row. Everything else hangs on that. What people have decided about matches holds, whatever matching says. A
 * new match gets its rows in the queues of `levels`.
 */
export async function applyOutcomes<O extends Outcome>(
  tx: Queryable,
  outcomes: readonly O[],
  decide: (outcome: O, row: AttemptRow) => Transition,
  levels: readonly LevelPolicy[] = [],
): Promise<readonly { readonly outcome: O; readonly transition: Transition }[]> {
  if (outcomes.length === 0) return []
  const open = await tx.query<OpenRow>(lockSql, [
    outcomes.map((o) => o.productId),
    outcomes.map((o) => o.marketplaceId),
    outcomes.map((o) => o.attempt),
  ])
  // Two records of one attempt in one chunk: the first one counts.
  const seen = new Set<string>()
  const counting = open
    .map((row) => ({ row, outcome: byOurClock(outcomes[Number(row.ord) - 1] as O, row) }))
    .sort((a, b) => Number(a.row.ord) - Number(b.row.ord))
    .filter(({ outcome }) => {
      const key = `${outcome.productId} ${outcome.marketplaceId}`
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
  const decided = await applyDecisions(
    tx,
    counting.map(({ outcome }) => outcome),
  )
  const applied = counting
    .map(({ row }, i) => ({ row, outcome: decided[i] as O }))
    .map(({ row, outcome }) => ({ row, outcome, transition: decide(outcome, row) }))
    // By key, so that writers of overlapping chunks lock in one order.
    .sort((a, b) => compareKeys(a.outcome, b.outcome))
  if (applied.length === 0) return []

  await tx.query(transitionSql, [
    applied.map((a) => a.outcome.productId),
    applied.map((a) => a.outcome.marketplaceId),
    applied.map((a) => a.transition.state),
    applied.map((a) => a.transition.failures),
    applied.map((a) => a.transition.retryInMs),
    applied.map((a) => (a.outcome.answered ? a.outcome.observedAt : null)),
    applied.map((a) => a.outcome.result),
    applied.map((a) => a.outcome.reason),
  ])
  await tx.query(logSql, [
    applied.map((a) => a.outcome.productId),
    applied.map((a) => a.outcome.marketplaceId),
    applied.map((a) => a.outcome.attempt),
    applied.map((a) => a.outcome.observedAt),
    applied.map((a) => a.outcome.result),
    applied.map((a) => a.outcome.reason),
    applied.map((a) => a.outcome.responseTimeMs),
    applied.map((a) => Math.max(0, Math.round(a.row.queued_ms))),
    applied.map((a) => a.outcome.amazonRequestId),
    applied.map((a) => a.outcome.httpStatus),
    applied.map((a) => a.row.job_id),
    applied.map((a) => a.row.queued_at),
  ])
  await writeCodes(
    tx,
    applied
      .filter(({ row, outcome }) => row.gtin14 !== outcome.gtin14 || row.upc_repair !== outcome.repair)
      .map(({ outcome }) => outcome),
  )
  const changed = await writeMarketData(
    tx,
    applied.map((a) => a.outcome).filter((o) => o.answered),
  )
  if (levels.length > 0)
    await enrolMatches(
      tx,
      changed.filter(({ chosen }) => chosen),
      levels,
    )
  return applied.map(({ outcome, transition }) => ({ outcome, transition }))
}

/** Notes how the codes of products were read; the caller has the products locked. */
export async function writeCodes(
  tx: Queryable,
  read: readonly Pick<Outcome, 'productId' | 'gtin14' | 'repair'>[],
): Promise<void> {
  if (read.length === 0) return
  await tx.query(codeSql, [
    read.map(({ productId }) => productId),
    read.map(({ gtin14 }) => gtin14),
    read.map(({ repair }) => repair),
  ])
}

/**
 * An attempt was observed after its claim and before now, by the one clock that all share: PostgreSQL's. A process whose
 * clock is minutes off must not keep later answers from taking the place of its own.
 */
function byOurClock<O extends Outcome>(outcome: O, { now_ms: now, queued_ms: queued }: OpenRow): O {
  return { ...outcome, observedAt: Math.min(now, Math.max(now - Math.max(0, queued), outcome.observedAt)) }
}

function compareKeys(a: Outcome, b: Outcome): number {
  if (a.productId !== b.productId) return a.productId < b.productId ? -1 : 1
  return a.marketplaceId < b.marketplaceId ? -1 : a.marketplaceId > b.marketplaceId ? 1 : 0
}

// Products are locked before their sync rows, as in every other writer.
// An answer may come before the commit of the claim that asked for it. What the row says is looked at after the lock has
// been waited for: a condition beside the lock would see the row as it was before the claim, and pass it by.
const lockSql = `
  with locked as materialized (
    select r.ord, r.attempt as answered, s.state, s.attempt, s.failures, s.job_id, s.queued_at, p.gtin14, p.upc_repair
      from products p
      join unnest($1::uuid[], $2::text[], $3::int[]) with ordinality r (product_id, marketplace_id, attempt, ord)
        on p.id = r.product_id
      join product_syncs s on s.product_id = r.product_id and s.marketplace_id = r.marketplace_id
     order by p.id, s.marketplace_id
       for no key update of p, s)
  select ord, failures, job_id, gtin14, upc_repair, coalesce(queued_at, now())::text as queued_at, extract(epoch from now() - queued_at)::float8 * 1000 as queued_ms,
         extract(epoch from now())::float8 * 1000 as now_ms
    from locked where state = 'queued' and attempt = answered`

const transitionSql = `
  update product_syncs s
     set state = r.state, failures = r.failures, last_result = r.result, last_reason = r.reason,
         next_attempt_at = case when r.retry_ms is null then s.next_attempt_at
                                else now() + r.retry_ms * interval '1 millisecond' end,
         synced_at = greatest(s.synced_at, to_timestamp(r.answered_at / 1000.0))
    from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::float8[], $6::float8[], $7::text[], $8::text[])
      r (product_id, marketplace_id, state, failures, retry_ms, answered_at, result, reason)
   where s.product_id = r.product_id and s.marketplace_id = r.marketplace_id`

const logSql = `
  insert into sync_logs (product_id, marketplace_id, attempt, occurred_at, result, reason, response_time_ms, duration_ms,
                         amazon_request_id, http_status, job_id, queued_at)
  select product_id, marketplace_id, attempt, to_timestamp(at / 1000.0), result, reason, response_time_ms, duration_ms,
         amazon_request_id, http_status, job_id, queued_at
    from unnest($1::uuid[], $2::text[], $3::int[], $4::float8[], $5::text[], $6::text[], $7::int[], $8::int[],
                $9::text[], $10::smallint[], $11::uuid[], $12::timestamptz[])
      r (product_id, marketplace_id, attempt, at, result, reason, response_time_ms, duration_ms, amazon_request_id,
         http_status, job_id, queued_at)`

const codeSql = `
  update products p set gtin14 = r.gtin14, upc_repair = r.repair
    from (select distinct on (product_id) * from unnest($1::uuid[], $2::text[], $3::text[]) r (product_id, gtin14, repair)) r
   where p.id = r.product_id and (p.gtin14, p.upc_repair) is distinct from (r.gtin14, r.repair)`
