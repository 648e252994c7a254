import { isDeepStrictEqual } from 'node:util'
import type { Database, Queryable } from './database.ts'
import type { JobStage, JobState } from './entities.ts'
import { percentOf, sumOf } from './jobs.ts'
import { isoTimestamp } from './timestamps.ts'

/** What the column holds; nobody waits for sixty years. */
const MAX_SECONDS = 2_000_000_000

/** Products a second that Amazon permits in these marketplaces together; null when it can not be told. */
export type PermittedRate = (marketplaceIds: readonly string[]) => number | null

interface OpenJob extends Record<string, unknown> {
  readonly id: string
  readonly state: JobState
  readonly expanded: boolean
  readonly stage: JobStage
  readonly marketplaces: readonly string[]
  readonly message: string
  readonly error: string | null
  /** As the row has it. */
  readonly written: {
    readonly total: number
    readonly done: number
    readonly outcomes: Readonly<Record<string, number>>
    readonly rate: number | null
    readonly left: number | null
    readonly message: string
  }
  readonly counts: Readonly<Record<string, number>> | null
  /** Outcomes, and seconds ago, at the oldest event of the last minute. */
  readonly before: { readonly done: number; readonly ago: number } | null
}

const openSql = `
  select j.id, j.state, j.expanded, j.stage, j.marketplaces, j.message, j.error,
         jsonb_build_object('total', j.total, 'done', j.done, 'outcomes', j.outcomes, 'rate', j.rate_per_second,
                            'left', j.seconds_left, 'message', j.message) as written,
         (select jsonb_object_agg(outcome, n)
            from (select outcome, sum(n) as n from sync_job_counts c where c.job_id = j.id group by outcome) o) as counts,
         (select jsonb_build_object('done', p.done, 'ago', extract(epoch from clock_timestamp() - p.at))
            from sync_progress p
           where p.job_id = j.id and p.id > j.last_event - 120 and p.at > now() - interval '60 seconds'
           order by p.id limit 1) as before
    from sync_jobs j`

/**
 * Ends the jobs whose products all have an outcome, and the cancelled ones whose products have been given back, with the
 * counts as they are. Resolves to their ids.
 */
export async function endJobs(db: Database): Promise<readonly string[]> {
  return db.transaction(async (tx) => {
    const locked = await tx.query<{ id: string }>(
      `select j.id from sync_jobs j
        where (j.state in ('running', 'paused') and j.expanded or j.state = 'cancelling')
          and (select coalesce(sum(case when c.outcome = 'total' then c.n else -c.n end), 0)
                 from sync_job_counts c where c.job_id = j.id) = 0
          for no key update`,
    )
    if (locked.length === 0) return []
    const ids = locked.map((row) => row.id)
    // Counted with the rows locked: they do not change any more once this is committed.
    for (const job of await tx.query<OpenJob>(`${openSql} where j.id = any ($1::uuid[])`, [ids])) {
      const state =
        job.state !== 'cancelling' ? 'complete' : job.error === null ? 'cancelled' : ('failed' as const)
      const { total, outcomes, done } = countsOf(job)
      const { cancelled = 0 } = outcomes
      await tx.query(
        `update sync_jobs set state = $2, total = $3, done = $4, outcomes = $5, progress = $6, message = $7,
                rate_per_second = null, seconds_left = $8, waking = false, finished_at = now() where id = $1`,
        [
          job.id,
          state,
          total,
          done,
          JSON.stringify(outcomes),
          state === 'complete' ? 100 : percentOf({ total, done: done - cancelled, expanded: false }),
          endMessage(state, total, outcomes, job.error),
          state === 'complete' ? 0 : null,
        ],
      )
    }
    await tx.query('delete from sync_job_counts where job_id = any ($1::uuid[])', [ids])
    return ids
  })
}

/**
 * Writes how far every open job is into its row, from where it becomes an event. Call it once a second. Resolves to how
 * many changed.
 */
export async function recordProgress(db: Database, permitted: PermittedRate): Promise<number> {
  const jobs = await db.query<OpenJob>(
    `${openSql} where j.state in ('queued', 'running', 'paused', 'cancelling') order by j.created_at`,
  )
  if (jobs.length === 0) return 0
  const waiting = await waitingByMarketplace(db)
  let changed = 0
  for (const [index, job] of jobs.entries()) {
    const { total, outcomes, done } = countsOf(job)
    const rate = job.state === 'running' ? rateOf(job, done) : null
    const left = job.state === 'running' && job.expanded ? secondsLeft(index, jobs, waiting, permitted) : null
    const message = openMessage(job, total, done)
    if (isDeepStrictEqual(job.written, { total, done, outcomes, rate, left, message })) continue
    const rows = await db.query(
      `update sync_jobs set total = $3, done = $4, outcomes = $5, progress = $6, rate_per_second = $7, seconds_left = $8,
              message = $9
        where id = $1 and state = $2 returning 1`,
      [
        job.id,
        job.state,
        total,
        done,
        JSON.stringify(outcomes),
        percentOf({ total, done, expanded: job.expanded }),
        rate,
        left,
        message,
      ],
    )
    changed += rows.length
  }
  return changed
}

function countsOf(job: OpenJob): {
  readonly total: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly done: number
} {
  const { total = 0, ...rest } = job.counts ?? {}
  const outcomes = Object.fromEntries(Object.entries(rest).filter(([, n]) => n !== 0))
  return { total, outcomes, done: sumOf(outcomes) }
}

function rateOf(job: OpenJob, done: number): number | null {
  if (job.before === null || job.before.ago < 1) return null
  return Math.round((Math.max(0, done - job.before.done) / job.before.ago) * 100) / 100
}

async function waitingByMarketplace(db: Queryable): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ id: string; n: string }>(
    `select marketplace_id as id, sum(n) as n from sync_state_counts where state in ('pending', 'queued') group by 1`,
  )
  return new Map(rows.map(({ id, n }) => [id, Number(n)]))
}

/**
 * Time until the job's last product has had its turn: what waits in its marketplaces, but for what younger jobs and
 * paused ones wait for, at the permitted rate.
 */
function secondsLeft(
  index: number,
  jobs: readonly OpenJob[],
  waiting: ReadonlyMap<string, number>,
  permitted: PermittedRate,
): number | null {
  const job = jobs[index] as OpenJob
  const own = leftOf(job)
  if (own === 0) return 0
  const rate = permitted(job.marketplaces)
  if (rate === null || rate <= 0) return null
  const all = job.marketplaces.reduce((sum, id) => sum + (waiting.get(id) ?? 0), 0)
  const behind = jobs
    .filter((other, at) => at > index || other.state === 'paused')
    .filter((other) => other.marketplaces.some((id) => job.marketplaces.includes(id)))
    .reduce((sum, other) => sum + leftOf(other), 0)
  return Math.min(MAX_SECONDS, Math.ceil(Math.max(own, all - behind) / rate))
}

function leftOf(job: OpenJob): number {
  const { total, done } = countsOf(job)
  return Math.max(0, total - done)
}

const number = new Intl.NumberFormat('en-US')

function openMessage(job: OpenJob, total: number, done: number): string {
  const left = number.format(Math.max(0, total - done))
  if (job.state === 'cancelling')
    return `${job.error === null ? 'cancelling' : `failed: ${job.error}`}: ${left} products get their state back`
  if (job.state === 'paused') return `paused: ${left} of ${number.format(total)} wait until it is resumed`
  if (job.state === 'queued') return 'waiting for its turn'
  if (!job.expanded) return `choosing products: ${number.format(total)} so far`
  return `${number.format(done)} of ${number.format(total)} have their outcome`
}

function endMessage(
  state: 'complete' | 'cancelled' | 'failed',
  total: number,
  outcomes: Readonly<Record<string, number>>,
  error: string | null,
): string {
  if (state === 'failed') return error ?? 'failed'
  if (total === 0) return state === 'complete' ? 'complete: no product matched' : 'cancelled before it began'
  const named = Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, n]) => `${number.format(n)} ${outcome}`)
    .join(', ')
  return `${state}: ${named}`
}

/** What happened to a job, as it was then. Ids begin with 1 and have no gap but for thinned progress. */
export interface JobEvent {
  readonly jobId: string
  readonly id: number
  /** `progress`, or the state that the job came to. */
  readonly event: string
  readonly at: string
  readonly state: JobState
  readonly stage: JobStage
  readonly progress: number
  readonly total: number
  readonly done: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly ratePerSecond: number | null
  readonly secondsLeft: number | null
  readonly message: string
  readonly error: string | null
}

/** Events of jobs after the ones that are known, in order, at most `limit` of each job. */
export async function readEvents(
  db: Queryable,
  known: ReadonlyMap<string, number>,
  limit: number,
): Promise<readonly JobEvent[]> {
  return db.query<JobEvent & Record<string, unknown>>(
    `select e.job_id as "jobId", e.id::float8 as id, e.event, ${isoTimestamp('e.at')} as at, e.state, e.stage, e.progress,
            e.total::float8 as total, e.done::float8 as done, e.outcomes, e.rate_per_second as "ratePerSecond",
            e.seconds_left as "secondsLeft", e.message, e.error
       from unnest($1::uuid[], $2::bigint[]) k (job_id, id) cross join lateral (
         select * from sync_progress p where p.job_id = k.job_id and p.id > k.id order by p.id limit $3) e
      order by e.job_id, e.id`,
    [[...known.keys()], [...known.values()], limit],
  )
}

/** Progress of every second is kept so long, then of every minute, and after a day of every hour. */
const SECONDS_KEPT = '10 minutes'
const MINUTES_KEPT = '1 day'

/** Thins the progress of jobs that are open or have ended lately; states are all kept. Resolves to how many events went. */
export async function thinProgress(db: Database): Promise<number> {
  const rows = await db.query(
    `delete from sync_progress p using sync_jobs j
      where j.id = p.job_id and (j.finished_at is null or j.finished_at > now() - interval '2 days')
        and p.event = 'progress' and p.at < now() - interval '${SECONDS_KEPT}'
        and exists (
          select 1 from sync_progress next
           where next.job_id = p.job_id and next.id > p.id and next.event = 'progress'
             and date_trunc(case when p.at < now() - interval '${MINUTES_KEPT}' then 'hour' else 'minute' end, next.at)
               = date_trunc(case when p.at < now() - interval '${MINUTES_KEPT}' then 'hour' else 'minute' end, p.at))
     returning 1`,
  )
  return rows.length
}
