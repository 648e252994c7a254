import type { Database } from './database.ts'
import { inIndexOrder } from './index-order.ts'

/**
 * When a product is due whose job is paused: at no time that comes. Not `infinity`, which is for marketplaces that are
 * disabled and wakes with them (see `enableMarketplaces`).
 */
export const HELD = `timestamptz '9999-01-01 00:00:00+00'`

/** Of the rows of `page`, in its order, those that are so and that nobody has locked. */
function lockedRows(condition: string): string {
  return `
    select one.product_id, one.marketplace_id from page cross join lateral (
      select s.product_id, s.marketplace_id from products p join product_syncs s on s.product_id = p.id
       where p.id = page.product_id and s.product_id = page.product_id and s.marketplace_id = page.marketplace_id
         and ${condition}
       limit 1 for no key update of p, s skip locked) one`
}

/** Longest that one call works on, in milliseconds: claims for other jobs wait meanwhile. */
const BUDGET_MS = 1_000

/**
 * Gives the products of jobs that are being cancelled back: those that had an outcome before have it again, and what is
 * under way for them counts for nothing; those that were due by themselves stay due, or in flight. Products that somebody
 * has locked are left to the next call. Resolves to how many were given back.
 */
export async function giveBackJobs(db: Database, batchSize: number, budgetMs = BUDGET_MS): Promise<number> {
  const jobs = await db.query<{ id: string }>(
    `select id from sync_jobs where state = 'cancelling' order by created_at`,
  )
  const deadline = performance.now() + budgetMs
  let given = 0
  for (const { id } of jobs) {
    for (const state of ['queued', 'pending']) {
      let after: string | null = null
      for (let more = true; more; ) {
        const page = await openRows(db, { id, state, after, limit: batchSize })
        const last = page.at(-1)?.product ?? null
        if (page.length > 0) given += await giveBack(db, id, page)
        // The last product of a page is looked at again: it may have more marketplaces.
        more = page.length === batchSize && last !== after && performance.now() < deadline
        after = last
      }
    }
  }
  return given
}

interface OpenRow extends Record<string, unknown> {
  readonly product: string
  readonly marketplace: string
}

/** Rows that a job has in a state, by product, from one on. */
function openRows(
  db: Database,
  page: {
    readonly id: string
    readonly state: string
    readonly after: string | null
    readonly limit: number
  },
): Promise<readonly OpenRow[]> {
  return inIndexOrder(db, (tx) =>
    tx.query<OpenRow>(
      `select product_id as product, marketplace_id as marketplace from product_syncs
        where state = $2 and job_id = $1 and ($3::uuid is null or product_id >= $3) order by product_id limit $4`,
      [page.id, page.state, page.after, page.limit],
    ),
  )
}

async function giveBack(db: Database, id: string, page: readonly OpenRow[]): Promise<number> {
  const rows = await db.query(giveBackSql, [
    id,
    page.map(({ product }) => product),
    page.map(({ marketplace }) => marketplace),
  ])
  return rows.length
}

// Products before their sync rows and by id, as in every other writer. Rows are looked for one by one: by statistics from
// before the job, a planner that thinks that nothing is pending would compare each that is with the whole page.
// An exception keeps its place among the newest ones (see `newestExceptions`) where the time of its answer is known, and
// goes to the end where it is not.
const giveBackSql = `
  with page as materialized (
    select product_id, marketplace_id from unnest($2::uuid[], $3::text[]) r (product_id, marketplace_id)),
  mine as materialized (${lockedRows(`s.job_id = $1 and s.state || '' in ('pending', 'queued')`)})
  update product_syncs s
     set state = coalesce(s.prior_state, s.state), job_id = null, prior_state = null,
         queued_at = case when s.prior_state is null then s.queued_at end,
         next_attempt_at = case when s.prior_state is not null then coalesce(s.synced_at, 'epoch')
                                when s.next_attempt_at <> ${HELD} then s.next_attempt_at
                                when m.enabled then now() else 'infinity' end
    from mine join marketplaces m using (marketplace_id)
   where s.product_id = mine.product_id and s.marketplace_id = mine.marketplace_id
  returning 1`

/**
 * Makes the products due again that were held for a job which has been resumed, a batch of each such job. Resolves to how
 * many.
 */
export async function wakeJobs(db: Database, batchSize: number): Promise<number> {
  const jobs = await db.query<{ id: string }>(
    `select id from sync_jobs where state in ('queued', 'running') and waking order by created_at`,
  )
  let woken = 0
  for (const { id } of jobs) {
    woken += (await db.query(wakeSql, [id, batchSize])).length
    await db.query(
      `update sync_jobs set waking = false where id = $1 and waking and not exists (
         select 1 from product_syncs s
          where s.state in ('pending', 'queued') and s.next_attempt_at = ${HELD} and s.job_id = $1)`,
      [id],
    )
  }
  return woken
}

const wakeSql = `
  with page as materialized (
    select s.product_id, s.marketplace_id from product_syncs s
     where s.state in ('pending', 'queued') and s.next_attempt_at = ${HELD} and s.job_id = $1 limit $2),
  mine as materialized (${lockedRows(`s.job_id = $1 and s.next_attempt_at + interval '0' = ${HELD}`)})
  update product_syncs s set next_attempt_at = now() from mine
   where s.product_id = mine.product_id and s.marketplace_id = mine.marketplace_id
  returning 1`
