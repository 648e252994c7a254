import type { Database, Queryable } from '#libs/db/database.ts'
import { startJob } from '#libs/db/job-actions.ts'
import { forecastJob } from '#libs/db/job-forecast.ts'
import { getJob, type NewJob, type SyncJobView } from '#libs/db/jobs.ts'
import { CODES_PER_CALL } from '#libs/service/permitted-rate.ts'
import { Problem } from '#libs/service/problem.ts'
import type { AmazonConnection } from './amazon-connection.ts'
import { statusUrl } from './job-document.ts'
import type { StartOptions } from './job-request.ts'

export interface StartJobs {
  readonly db: Database
  readonly connection: AmazonConnection
  /** Requests a second that Amazon permits in these marketplaces. */
  readonly permittedCalls: (marketplaceIds: readonly string[]) => number
}

/** What a sync would come to; nothing is started. */
export interface DryRun {
  readonly dryRun: true
  /** Products × marketplaces. */
  readonly total: number
  /** Of them, those that Amazon has answered for lately, and that count as they are. */
  readonly fresh: number
  readonly withoutCode: number
  /** Different codes in each marketplace, together. */
  readonly codes: number
  /** Requests to Amazon, with every one full. */
  readonly requests: number
  readonly requestsPerSecond: number
  /** With nothing before it, and with all that waits now before it. */
  readonly seconds: number
  readonly secondsWithBacklog: number
  readonly marketplaces: readonly string[]
}

/** A job that was started, or the one that an earlier request with the same key has started. */
export interface Started {
  readonly job: SyncJobView
  readonly repeated: boolean
}

/**
 * Throws problems: Amazon can not be asked, a sync of these products is under way, the key was used for something else.
 * `alsoWrite` runs in the transaction that makes the job.
 */
export async function start(
  context: StartJobs,
  job: NewJob,
  options: StartOptions,
  alsoWrite?: (tx: Queryable, id: string) => Promise<void>,
): Promise<Started | DryRun> {
  const { db, connection } = context
  if (options.dryRun) return dryRun(context, job)
  if (options.checkConnection) await connection.check(job.marketplaces)
  const result = await startJob(db, job, alsoWrite)
  if (result.kind === 'overlaps') {
    throw new Problem(
      'sync-under-way',
      `sync ${result.id} has some of these products to do still: follow it, cancel it, or wait for its end`,
      {
        members: { syncId: result.id, location: statusUrl(result.id) },
        headers: { location: statusUrl(result.id), 'retry-after': '30' },
      },
    )
  }
  if (result.kind === 'key-reused') {
    throw new Problem(
      'idempotency-key-reused',
      `this Idempotency-Key has started sync ${result.id}, which was asked for otherwise: use a new key for a new request`,
      { members: { syncId: result.id, location: statusUrl(result.id) } },
    )
  }
  const started = await getJob(db, result.id)
  if (!started) throw new Error(`job ${result.id} vanished`)
  return { job: started, repeated: result.kind === 'repeated' }
}

async function dryRun({ db, permittedCalls }: StartJobs, job: NewJob): Promise<DryRun> {
  const forecasts = await forecastJob(db, job)
  const sum = (pick: (one: (typeof forecasts)[number]) => number) =>
    forecasts.reduce((total, one) => total + pick(one), 0)
  const requests = sum(({ codes }) => Math.ceil(codes / CODES_PER_CALL))
  const requestsPerSecond = permittedCalls(job.marketplaces)
  const [waiting] = await db.query<{ n: number }>(
    `select coalesce(sum(n), 0)::int as n from sync_state_counts
      where state in ('pending', 'queued') and marketplace_id = any ($1::text[])`,
    [job.marketplaces],
  )
  const before = Math.ceil((waiting?.n ?? 0) / CODES_PER_CALL)
  return {
    dryRun: true,
    total: sum(({ products }) => products),
    fresh: sum(({ fresh }) => fresh),
    withoutCode: sum(({ withoutCode }) => withoutCode),
    codes: sum(({ codes }) => codes),
    requests,
    requestsPerSecond,
    seconds: Math.ceil(requests / requestsPerSecond),
    secondsWithBacklog: Math.ceil((requests + before) / requestsPerSecond),
    marketplaces: job.marketplaces,
  }
}
