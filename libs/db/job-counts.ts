import type { Database } from './database.ts'

/** Delta rows are folded when there are more than this many: an idle database is left alone. */
const FOLD_ABOVE = 200

/** Folds the delta rows of the count tables when they have become many, and forgets the rates of earlier minutes. */
export async function foldCounts(db: Database): Promise<void> {
  await db.query(`delete from sync_rates where at < now() - interval '2 minutes'`)
  await db.query(
    `with gone as (delete from sync_state_counts where (select count(*) from sync_state_counts) > ${FOLD_ABOVE}
                   returning marketplace_id, state, n)
     insert into sync_state_counts (marketplace_id, state, n)
       select marketplace_id, state, sum(n) from gone group by marketplace_id, state having sum(n) <> 0`,
  )
  await db.query(
    `with gone as (delete from product_counts where (select count(*) from product_counts) > ${FOLD_ABOVE} returning n)
     insert into product_counts select sum(n) from gone having count(*) > 0`,
  )
  const long = await db.query<{ job_id: string }>(
    `select c.job_id from sync_job_counts c join sync_jobs j on j.id = c.job_id
      where j.state in ('running', 'paused', 'cancelling') group by c.job_id having count(*) > ${FOLD_ABOVE}`,
  )
  if (long.length > 0)
    await foldJobCounts(
      db,
      long.map((row) => row.job_id),
    )
}

async function foldJobCounts(db: Database, ids: readonly string[]): Promise<void> {
  await db.query(
    `with gone as (delete from sync_job_counts where job_id = any ($1::uuid[]) returning job_id, outcome, n)
     insert into sync_job_counts (job_id, outcome, n)
       select job_id, outcome, sum(n) from gone group by job_id, outcome`,
    [ids],
  )
}

/**
 * Forgets the counts of jobs that have ended or are gone: a product that somebody makes pending by hand still names its
 * last job. Resolves to how many rows went.
 */
export async function dropStrayCounts(db: Database): Promise<number> {
  const rows = await db.query(
    `delete from sync_job_counts c where not exists (
       select 1 from sync_jobs j where j.id = c.job_id and j.finished_at is null) returning 1`,
  )
  return rows.length
}
