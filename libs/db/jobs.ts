import type { Database, Queryable } from './database.ts'
import type { JobState } from './entities.ts'
import type { ProductFilter } from './product-filter.ts'
import { DUE_CHANNEL } from './wake.ts'

export { expandNextJob } from './job-expansion.ts'

/** A sync that somebody asked for. `outcomes` sums to `total` when it is complete. */
export interface SyncJobView {
  readonly id: string
  readonly state: JobState
  readonly filter: ProductFilter
  readonly marketplaces: readonly string[]
  readonly requestedBy: string
  /** Products × marketplaces that the job took in; final once `expanded`. */
  readonly total: number
  readonly expanded: boolean
  /** Products × marketplaces by final state, plus `superseded` (a newer job took over) and `deleted`. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly error: string | null
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

export interface NewJob {
  readonly filter: ProductFilter
  readonly marketplaces: readonly string[]
  readonly requestedBy: string
}

/** Records the job and wakes product-change, which takes its products in. Resolves to its id at once. */
export async function createJob(db: Database, job: NewJob): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    `with job as (insert into sync_jobs (filter, marketplaces, requested_by) values ($1, $2, $3) returning id)
     select id, pg_notify($4, '') from job`,
    [JSON.stringify(job.filter), job.marketplaces, job.requestedBy, DUE_CHANNEL],
  )
  if (!row) throw new Error('the job was not inserted')
  return row.id
}

/** Completes the jobs whose products all have an outcome. Resolves to their ids. */
export async function completeJobs(db: Database): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(
    `update sync_jobs j set state = 'complete', finished_at = now()
      where j.state = 'running' and j.expanded
        and (select coalesce(sum(case when c.outcome = 'total' then c.n else -c.n end), 0)
               from sync_job_counts c where c.job_id = j.id) = 0
      returning j.id`,
  )
  const ids = rows.map((row) => row.id)
  if (ids.length > 0) await foldJobCounts(db, ids)
  return ids
}

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
      where j.state = 'running' group by c.job_id having count(*) > ${FOLD_ABOVE}`,
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

export async function getJob(db: Queryable, id: string): Promise<SyncJobView | null> {
  const [row] = await db.query<JobRow>(`${jobSql} where j.id = $1`, [id])
  return row ? toView(row) : null
}

/** Newest first. */
export async function listJobs(
  db: Queryable,
  page: { readonly limit: number; readonly before?: { readonly createdAt: string; readonly id: string } },
): Promise<readonly SyncJobView[]> {
  const rows = await db.query<JobRow>(
    `${jobSql} where $2::timestamptz is null or (j.created_at, j.id) < ($2, $3::uuid)
      order by j.created_at desc, j.id desc limit $1`,
    [page.limit, page.before?.createdAt ?? null, page.before?.id ?? null],
  )
  return rows.map(toView)
}

interface JobRow extends Record<string, unknown> {
  id: string
  state: JobState
  filter: ProductFilter
  marketplaces: string[]
  requested_by: string
  expanded: boolean
  counts: Record<string, number> | null
  error: string | null
  created_at: string
  started_at: string | null
  finished_at: string | null
}

const iso = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const jobSql = `
  select j.id, j.state, j.filter, j.marketplaces, j.requested_by, j.expanded, j.error,
         ${iso('j.created_at')} as created_at, ${iso('j.started_at')} as started_at, ${iso('j.finished_at')} as finished_at,
         (select jsonb_object_agg(outcome, n)
            from (select outcome, sum(n) as n from sync_job_counts c where c.job_id = j.id group by outcome) o) as counts
    from sync_jobs j`

function toView(row: JobRow): SyncJobView {
  const { total = 0, ...outcomes } = row.counts ?? {}
  return {
    id: row.id,
    state: row.state,
    filter: row.filter,
    marketplaces: row.marketplaces,
    requestedBy: row.requested_by,
    total,
    expanded: row.expanded,
    outcomes,
    error: row.error,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  }
}
