import type { Queryable } from './database.ts'
import type { JobStage, JobState, SyncState } from './entities.ts'
import type { ProductFilter } from './product-filter.ts'
import { isoTimestamp } from './timestamps.ts'
import { DUE_CHANNEL } from './wake.ts'

export { expandNextJob } from './job-expansion.ts'

/** States that a job does not leave. */
export const finalJobStates = ['complete', 'failed', 'cancelled'] as const satisfies readonly JobState[]

export function isFinal(state: JobState): boolean {
  return (finalJobStates as readonly JobState[]).includes(state)
}

/** States of a product that a job can be retried for. */
export type RetryOutcome = Exclude<SyncState, 'pending' | 'queued' | 'success'>

/** A sync that somebody asked for. `outcomes` sums to `total` when it has ended. */
export interface SyncJobView {
  readonly id: string
  readonly state: JobState
  readonly stage: JobStage
  readonly filter: ProductFilter
  readonly marketplaces: readonly string[]
  readonly requestedBy: string
  /** The job whose failures this one repeats. */
  readonly retryOf: string | null
  /** Products that Amazon has answered for since then count as they are; null: since the job was made. */
  readonly freshSince: string | null
  /** Products × marketplaces that the job took in; final once `expanded`. */
  readonly total: number
  readonly expanded: boolean
  /** Those with an outcome, of `total`. */
  readonly done: number
  /** 0–100; 100 is for when nothing is left. */
  readonly progress: number
  /**
   * Products × marketplaces by final state, plus `superseded` (a newer job took over), `deleted`, and `cancelled` (given
   * back as it was).
   */
  readonly outcomes: Readonly<Record<string, number>>
  /** What it is at, for people. */
  readonly message: string
  /** Outcomes a second over the last minute; null when nothing was measured. */
  readonly ratePerSecond: number | null
  /** At the rate that Amazon permits; null when it can not be told. */
  readonly secondsLeft: number | null
  readonly error: string | null
  /** Id of its newest event, see `readEvents`. */
  readonly lastEvent: number
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

export interface NewJob {
  readonly filter: ProductFilter
  readonly marketplaces: readonly string[]
  readonly requestedBy: string
  /** ISO 8601; see `SyncJobView`. */
  readonly freshSince?: string
  /**
   * Only what stands in these states: what this job came to them with, and still stands so; without a job, what the filter
   * means, in the marketplaces in which it stands so.
   */
  readonly retry?: { readonly of: string | null; readonly outcomes: readonly RetryOutcome[] }
  /** A second job with this key is the first one, if it asks for the same. */
  readonly idempotency?: { readonly key: string; readonly requestHash: string }
}

/** Records the job and wakes product-change, which takes its products in. Resolves to its id at once. */
export async function createJob(db: Queryable, job: NewJob): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    `with job as (
       insert into sync_jobs (filter, marketplaces, requested_by, fresh_since, retry_of, retry_outcomes, idempotency_key,
                              request_hash, message)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting for its turn') returning id)
     select id, pg_notify($9, '') from job`,
    [
      JSON.stringify(job.filter),
      job.marketplaces,
      job.requestedBy,
      job.freshSince ?? null,
      job.retry?.of ?? null,
      job.retry?.outcomes ?? null,
      job.idempotency?.key ?? null,
      job.idempotency?.requestHash ?? null,
      DUE_CHANNEL,
    ],
  )
  if (!row) throw new Error('the job was not inserted')
  return row.id
}

export async function getJob(db: Queryable, id: string): Promise<SyncJobView | null> {
  const [row] = await db.query<JobRow>(`${jobSql} where j.id = $1`, [id])
  return row ? toView(row) : null
}

export interface JobPage {
  readonly limit: number
  readonly before?: { readonly createdAt: string; readonly id: string }
  readonly states?: readonly JobState[]
  /** Jobs that are in any of these. */
  readonly marketplaces?: readonly string[]
  readonly requestedBy?: readonly string[]
  /** Made at this time or later, and before that one; ISO 8601. */
  readonly since?: string
  readonly until?: string
}

/** Newest first. */
export async function listJobs(db: Queryable, page: JobPage): Promise<readonly SyncJobView[]> {
  const rows = await db.query<JobRow>(
    `${jobSql} where ($2::timestamptz is null or (j.created_at, j.id) < ($2, $3::uuid))
        and ($4::text[] is null or j.state = any ($4))
        and ($5::text[] is null or j.marketplaces && $5)
        and ($6::text[] is null or j.requested_by = any ($6))
        and ($7::timestamptz is null or j.created_at >= $7)
        and ($8::timestamptz is null or j.created_at < $8)
      order by j.created_at desc, j.id desc limit $1`,
    [
      page.limit,
      page.before?.createdAt ?? null,
      page.before?.id ?? null,
      page.states ?? null,
      page.marketplaces ?? null,
      page.requestedBy ?? null,
      page.since ?? null,
      page.until ?? null,
    ],
  )
  return rows.map(toView)
}

interface JobRow extends Record<string, unknown> {
  readonly counts: Record<string, number> | null
  readonly frozen: Record<string, number>
  readonly state: JobState
  readonly expanded: boolean
  readonly progress: number
}

// What has ended is in the row as it ended; of what is open the counts tell more than the row, which is up to a second old.
const jobSql = `
  select j.id, j.state, j.stage, j.filter, j.marketplaces, j.requested_by as "requestedBy", j.retry_of as "retryOf",
         j.expanded, j.progress, j.message, j.rate_per_second as "ratePerSecond", j.seconds_left as "secondsLeft", j.error,
         j.last_event::float8 as "lastEvent", ${isoTimestamp('j.fresh_since')} as "freshSince",
         ${isoTimestamp('j.created_at')} as "createdAt", ${isoTimestamp('j.started_at')} as "startedAt",
         ${isoTimestamp('j.finished_at')} as "finishedAt", j.outcomes || jsonb_build_object('total', j.total) as frozen,
         case when j.finished_at is null then (
           select jsonb_object_agg(outcome, n)
             from (select outcome, sum(n) as n from sync_job_counts c where c.job_id = j.id group by outcome) o)
         end as counts
    from sync_jobs j`

function toView({ counts, frozen, ...row }: JobRow): SyncJobView {
  const { total = 0, ...outcomes } = isFinal(row.state) ? frozen : (counts ?? {})
  const done = sumOf(outcomes)
  const progress = isFinal(row.state) ? row.progress : percentOf({ total, done, expanded: row.expanded })
  return { ...row, total, outcomes, done, progress } as unknown as SyncJobView
}

/** Whole percent of an open job; more products may still come in, so that all of those known is not all. */
export function percentOf(job: {
  readonly total: number
  readonly done: number
  readonly expanded: boolean
}): number {
  const percent = job.total === 0 ? 0 : Math.floor((job.done / job.total) * 100)
  return job.expanded ? percent : Math.min(99, percent)
}

export function sumOf(outcomes: Readonly<Record<string, number>>): number {
  return Object.values(outcomes).reduce((sum, n) => sum + n, 0)
}
