import type { Database } from './database.ts'
import { queryInIndexOrder } from './index-order.ts'
import { HELD } from './job-holding.ts'

/** A product whose turn has come in one marketplace, as it stands at the claim. */
export interface ClaimedProduct {
  readonly productId: string
  readonly marketplaceId: string
  /** The number of this attempt; a result counts only while the row still has it. */
  readonly attempt: number
  readonly upc: string | null
  readonly title: string | null
  readonly brand: string | null
  readonly packQuantity: number | null
  /** It had been queued before and its lease ran out: the earlier request is taken for lost. */
  readonly requeued: boolean
}

/** As it was found and locked, before it is marked. */
interface DueProduct extends Omit<ClaimedProduct, 'attempt'> {
  readonly enabled: boolean
  readonly held: boolean
}

export interface ClaimOptions {
  readonly limit: number
  /** How long a queued row may stay without an outcome before it is due again, in milliseconds. */
  readonly queuedTimeoutMs: number
}

/**
 * Claims up to `limit` due rows, oldest first, and with them what is due in the same marketplace with the same code, at
 * most as many again: asked for one after the other, products of one code share a lookup. Hands them, by code, to
 * `append` inside the transaction that marks them queued: when `append` rejects nothing is marked; when the process dies
 * between the two, the rows are due still and are appended a second time, which the attempt number makes harmless. Rows
 * that somebody else has locked are skipped.
 * A due row of a marketplace that is no longer enabled is parked instead, until `enableMarketplaces` wakes it; a job that
 * waited for it waits no longer. One whose job is paused or being cancelled is held, for `wakeJobs` or `giveBackJobs`.
 * Resolves to how many rows were claimed, parked or held: 0 when none is due and free.
 */
export async function claimDue(
  db: Database,
  options: ClaimOptions,
  append: (claimed: readonly ClaimedProduct[]) => Promise<void>,
): Promise<number> {
  return db.transaction(async (tx) => {
    const due = await queryInIndexOrder<DueProduct>(tx, dueSql, [options.limit])
    if (due.length === 0) return 0
    const attempts = await tx.query<{ readonly ord: string; readonly attempt: number }>(claimSql, [
      due.map((row) => row.productId),
      due.map((row) => row.marketplaceId),
      due.map((row) => row.enabled),
      due.map((row) => row.held),
      options.queuedTimeoutMs,
    ])
    const claimed = attempts
      .map(({ ord, attempt }): DueProduct & ClaimedProduct => ({ ...due[Number(ord) - 1]!, attempt }))
      .filter(({ enabled, held }) => enabled && !held)
      .sort(byCode)
    if (claimed.length > 0) await append(claimed)
    return due.length
  })
}

function byCode(a: ClaimedProduct, b: ClaimedProduct): number {
  const [one, other] = [a.upc ?? '', b.upc ?? '']
  return one < other ? -1 : one > other ? 1 : 0
}

/** Longest title that matching is given, in characters: a record has to fit into the log whatever a title holds. */
const MAX_TITLE = 1_000
/**
 * Products of a code that are looked at, due or not: one that thousands carry ("N/A") is no code of theirs, and to look
 * at all of them with each claim would take longer than a statement may.
 */
const MOST_OF_A_CODE = 200

const claimedColumns = `s.product_id, s.marketplace_id, s.state = 'queued' as requeued, p.upc,
  left(p.title, ${MAX_TITLE}) as title, p.brand, p.pack_quantity`

const dueColumns = 'product_id, marketplace_id, requeued, upc, title, brand, pack_quantity, enabled, held'

// The product is locked before its sync row, as in every other writer, so that an edit of a product and a claim can
// not wait for each other.
// Others of a code are searched for code by code, and their rows one by one: as a join, a planner that knows nothing of a
// table which was just filled would read all of it. One that thinks that nothing is due would look for each in the index of
// due rows (hence `|| ''`), and compare each with all of `oldest`, were it not for `not in`, which is hashed.
// Jobs that hold their products are few or none; `for share` makes one that is resumed meanwhile wait for this claim, so that
// it finds what was held here.
const dueSql = `
  with holding as materialized (
    select id from sync_jobs where state in ('paused', 'cancelling') for share),
  oldest as materialized (
    select ${claimedColumns}, m.enabled, s.job_id = any (array(select id from holding)) is true as held
      from product_syncs s join products p on p.id = s.product_id join marketplaces m using (marketplace_id)
     where s.state in ('pending', 'queued') and s.next_attempt_at <= now()
     order by s.next_attempt_at
     limit $1
       for no key update of p, s skip locked),
  same_code as materialized (
    select q.id, o.marketplace_id, o.enabled
      from (select distinct upc, marketplace_id, enabled from oldest where upc <> '') o cross join lateral (
        select id from products where upc = o.upc limit ${MOST_OF_A_CODE}) q
     where (q.id, o.marketplace_id) not in (select product_id, marketplace_id from oldest)),
  along as materialized (
    select other.*, c.enabled, other.job_id = any (array(select id from holding)) is true as held
      from same_code c cross join lateral (
        select ${claimedColumns}, s.job_id
          from products p join product_syncs s on s.product_id = p.id
         where p.id = c.id and s.product_id = c.id and s.marketplace_id = c.marketplace_id
           and s.state || '' in ('pending', 'queued') and s.next_attempt_at <= now()
         limit 1
           for no key update of p, s skip locked) other
     limit $1)
  select product_id as "productId", marketplace_id as "marketplaceId", requeued, upc, title, brand,
         pack_quantity as "packQuantity", enabled, held
    from (select ${dueColumns} from oldest union all select ${dueColumns} from along) due`

const claimSql = `
  with due as materialized (
    select *, enabled and not held as wanted
      from unnest($1::uuid[], $2::text[], $3::bool[], $4::bool[])
           with ordinality r (product_id, marketplace_id, enabled, held, ord))
  update product_syncs s
     set state = case when due.wanted then 'queued' else 'pending' end,
         attempt = s.attempt + due.wanted::int,
         queued_at = case when due.wanted then now() else s.queued_at end,
         next_attempt_at = case when due.wanted then now() + $5::float8 * interval '1 millisecond'
                                when due.enabled then ${HELD} else 'infinity' end,
         job_id = case when due.enabled then s.job_id end
    from due
   where s.product_id = due.product_id and s.marketplace_id = due.marketplace_id
  returning due.ord, s.attempt`

/** How many rows are queued: appended to the log and without an outcome yet. */
export async function countQueued(db: Database): Promise<number> {
  const [row] = await db.query<{ n: string }>(
    `select coalesce(sum(n), 0) as n from sync_state_counts where state = 'queued'`,
  )
  return Number(row?.n ?? 0)
}

/** Milliseconds until the next row is due; 0 when one is, null when none is waiting. */
export async function nextDueInMs(db: Database): Promise<number | null> {
  const [row] = await db.query<{ ms: string | null }>(
    `select (extract(epoch from min(next_attempt_at) - now()) * 1000)::bigint as ms
       from product_syncs where state in ('pending', 'queued') and next_attempt_at < 'infinity'`,
  )
  return row?.ms == null ? null : Math.max(0, Number(row.ms))
}
