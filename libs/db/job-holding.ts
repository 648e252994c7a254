import type { Database } from './database.ts'

/**
 * When a product is due whose job is paused: at no time that comes. Not `infinity`, which is for marketplaces that are
 * disabled and wakes with them (see `enableMarketplaces`).
 */
export const HELD = `timestamptz '9999-01-01 00:00:00+00'`

/** Longest that one call works on, in milliseconds: claims for other jobs wait meanwhile. */
const BUDGET_MS = 1_000

/**
 * Gives the products of jobs that are being cancelled back: those that had an outcome before have it again, and what is
 * under way for them counts for nothing; those that were due by themselves stay due, or in flight. Products that somebody
 * has locked are left to the next call. Resolves to how many were given back.
 */
export async function giveBackJobs(db: Database, batchSize: number): Promise<number> {
  const jobs = await db.query<{ id: string }>(
    `select id from sync_jobs where state = 'cancelling' order by created_at`,
  )
  const deadline = performance.now() + BUDGET_MS
  let given = 0
  for (const { id } of jobs) {
    for (const state of ['queued', 'pending']) {
      let after: GivenPage | undefined
      do {
        ;[after] = await db.query<GivenPage>(giveBackSql, [
          id,
          state,
          after?.product ?? null,
          after?.marketplace ?? null,
          batchSize,
        ])
        given += after?.given ?? 0
      } while (after !== undefined && after.found === batchSize && performance.now() < deadline)
    }
  }
  return given
}

interface GivenPage extends Record<string, unknown> {
  readonly found: number
  readonly given: number
  /** Key of the last row that was found. */
  readonly product: string | null
  readonly marketplace: string | null
}

// Products before their sync rows and by id, as in every other writer. An exception keeps its place among the newest ones
// (see `newestExceptions`) where the time of its answer is known, and goes to the end where it is not.
const giveBackSql = `
  with page as materialized (
    select s.product_id, s.marketplace_id from product_syncs s
     where s.state = $2 and s.job_id = $1
       and ($3::uuid is null or s.product_id >= $3 and (s.product_id, s.marketplace_id) > ($3, $4::text))
     order by s.product_id, s.marketplace_id limit $5),
  mine as materialized (
    select s.product_id, s.marketplace_id, m.enabled
      from page join products p on p.id = page.product_id
      join product_syncs s on s.product_id = page.product_id and s.marketplace_id = page.marketplace_id
      join marketplaces m on m.marketplace_id = page.marketplace_id
     where s.job_id = $1 and s.state in ('pending', 'queued')
     order by p.id, s.marketplace_id
       for no key update of p, s skip locked),
  given as (
    update product_syncs s
       set state = coalesce(s.prior_state, s.state), job_id = null, prior_state = null,
           queued_at = case when s.prior_state is null then s.queued_at end,
           next_attempt_at = case when s.prior_state is not null then coalesce(s.synced_at, 'epoch')
                                  when s.next_attempt_at <> ${HELD} then s.next_attempt_at
                                  when mine.enabled then now() else 'infinity' end
      from mine where s.product_id = mine.product_id and s.marketplace_id = mine.marketplace_id
    returning 1),
  last as (select product_id, marketplace_id from page order by 1 desc, 2 desc limit 1)
  select (select count(*) from page)::int as found, (select count(*) from given)::int as given,
         (select product_id from last) as product, (select marketplace_id from last) as marketplace`

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
  mine as materialized (
    select s.product_id, s.marketplace_id
      from page join products p on p.id = page.product_id
      join product_syncs s on s.product_id = page.product_id and s.marketplace_id = page.marketplace_id
     where s.job_id = $1 and s.next_attempt_at = ${HELD}
     order by p.id, s.marketplace_id
       for no key update of p, s skip locked)
  update product_syncs s set next_attempt_at = now() from mine
   where s.product_id = mine.product_id and s.marketplace_id = mine.marketplace_id
  returning 1`
