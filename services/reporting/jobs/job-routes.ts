import type Router from '@koa/router'
import type { Context } from 'koa'
import type { Database } from '#libs/db/database.ts'
import { type JobState, jobStates } from '#libs/db/entities.ts'
import { type JobAction, steerJob } from '#libs/db/job-actions.ts'
import { getJob, isFinal, type JobPage, listJobs, type NewJob, type SyncJobView } from '#libs/db/jobs.ts'
import { enabledMarketplaces } from '#libs/db/marketplaces.ts'
import { type FieldError, invalidFields, Problem } from '#libs/service/problem.ts'
import { findMarketplace } from '#libs/sp-api/marketplaces.ts'
import { isKnown } from '../conditional.ts'
import { decodeCursor, timestampPattern, toPage, uuidPattern } from '../cursor.ts'
import { readId, readQuery } from '../query.ts'
import { readSyncRequest } from '../sync-request.ts'
import { jobDocument, statusUrl } from './job-document.ts'
import {
  callerOf,
  isSweep,
  readIdempotency,
  readObject,
  readRetryRequest,
  splitOptions,
} from './job-request.ts'
import { type DryRun, type Started, type StartJobs, start } from './start-job.ts'

export interface JobRoutes extends StartJobs {
  readonly db: Database
  readonly maxBodyBytes: number
  /** Age at which what Amazon told is fresh no longer, in milliseconds. */
  readonly staleAfterMs: number
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** Syncs as jobs: start, watch, steer, look back. */
export function addJobRoutes(router: Router, context: JobRoutes): void {
  const { db, clock, maxBodyBytes, staleAfterMs } = context

  const startRoute = (force: boolean) => async (ctx: Context) => {
    readQuery(ctx, [])
    const body = await readObject(ctx, maxBodyBytes)
    const { options, scope } = splitOptions(body)
    const asked = readSyncRequest(scope, await enabledMarketplaces(db), clock())
    const leavesFresh = !force && isSweep(asked.filter)
    const idempotency = readIdempotency(ctx, body)
    const job: NewJob = {
      ...asked,
      requestedBy: callerOf(ctx),
      ...(leavesFresh && { freshSince: new Date(clock() - staleAfterMs).toISOString() }),
      ...(idempotency && { idempotency }),
    }
    answer(ctx, await start(context, job, options))
  }
  router.post('/api/sync/start', startRoute(false))
  router.post('/api/sync/force', startRoute(true))

  router.post('/api/sync/retry/:syncId', async (ctx) => {
    readQuery(ctx, [])
    const earlier = await jobOf(ctx)
    const body = await readObject(ctx, maxBodyBytes)
    const { outcomes, ...options } = readRetryRequest(body)
    if (!isFinal(earlier.state)) throw wrongState(earlier, 'it can be retried when it has ended')
    const idempotency = readIdempotency(ctx, body)
    const job: NewJob = {
      filter: earlier.filter,
      marketplaces: earlier.marketplaces,
      requestedBy: callerOf(ctx),
      retry: { of: earlier.id, outcomes },
      ...(idempotency && { idempotency }),
    }
    answer(ctx, await start(context, job, options))
  })

  for (const action of ['cancel', 'pause', 'resume'] as const) {
    router.post(`/api/sync/${action}/:syncId`, async (ctx) => {
      readQuery(ctx, [])
      await steer(ctx, action)
    })
  }

  router.get('/api/sync/status/:syncId', async (ctx) => {
    const job = await jobOf(ctx)
    // What has ended stays as it is; of what is open, these tell one answer from the next.
    const etag = `"${job.lastEvent}-${job.total}-${job.done}-${job.progress}"`
    ctx.set('etag', etag)
    if (isKnown(ctx, etag)) {
      ctx.status = 304
      return
    }
    if (!isFinal(job.state)) ctx.set('retry-after', '1')
    ctx.body = jobDocument(job, clock())
  })

  router.get('/api/sync/history', async (ctx) => {
    const query = readQuery(ctx, ['status', 'marketplace', 'requestedBy', 'since', 'until'])
    const errors: FieldError[] = []
    const page: JobPage = {
      limit: query.limit + 1,
      ...(query.cursor !== undefined && { before: jobKey(query.cursor) }),
      ...given(
        'states',
        query.all('status')?.map((name) => stateOf(name, errors)),
      ),
      ...given(
        'marketplaces',
        query.all('marketplace')?.map((name) => marketplaceOf(name, errors)),
      ),
      ...given('requestedBy', query.all('requestedBy')),
      ...given('since', timeOf('since', query.all('since'), errors)),
      ...given('until', timeOf('until', query.all('until'), errors)),
    }
    if (errors.length > 0) throw invalidFields(errors)
    const now = clock()
    const jobs = (await listJobs(db, page)).map((job) => jobDocument(job, now))
    ctx.body = toPage(jobs, query.limit, 'sync-jobs', (job) => [job.createdAt, job.syncId])
  })

  async function jobOf(ctx: Context & { params: Record<string, string> }): Promise<SyncJobView> {
    const id = readId(ctx, 'syncId')
    const job = await getJob(db, id)
    if (!job) throw unknownJob(id)
    return job
  }

  async function steer(ctx: Context & { params: Record<string, string> }, action: JobAction): Promise<void> {
    const id = readId(ctx, 'syncId')
    const result = await steerJob(db, id, action)
    if (result.kind === 'unknown') throw unknownJob(id)
    const job = await jobOf(ctx)
    if (result.kind === 'impossible') throw wrongState(job, `it can not be ${DONE[action]}`)
    // What was asked for is under way: a cancelled job gives its products back first.
    ctx.status = isFinal(job.state) ? 200 : 202
    ctx.set({ location: statusUrl(id), 'retry-after': '1' })
    ctx.body = jobDocument(job, clock())
  }

  function answer(ctx: Context, result: Started | DryRun): void {
    if ('dryRun' in result) {
      ctx.body = result
      return
    }
    const { job, repeated } = result
    ctx.status = 202
    ctx.set({ location: statusUrl(job.id), 'retry-after': '1' })
    if (repeated) ctx.set('idempotency-replayed', 'true')
    ctx.body = jobDocument(job, clock())
  }
}

const DONE: Readonly<Record<JobAction, string>> = { cancel: 'cancelled', pause: 'paused', resume: 'resumed' }

function unknownJob(id: string): Problem {
  return new Problem('not-found', `there is no sync ${id}; GET /api/sync/history lists those that there are`)
}

function wrongState(job: SyncJobView, what: string): Problem {
  return new Problem('wrong-state', `sync ${job.id} is ${job.state}: ${what}`, {
    members: { syncId: job.id, state: job.state },
  })
}

function given<K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in K]: V })
}

function stateOf(name: string, errors: FieldError[]): JobState {
  if (!jobStates.includes(name as JobState)) {
    errors.push({
      field: 'status',
      message: `${JSON.stringify(name.slice(0, 40))} is not a state of a sync: use ${jobStates.join(', ')}`,
    })
  }
  return name as JobState
}

function marketplaceOf(name: string, errors: FieldError[]): string {
  try {
    return findMarketplace(name).marketplaceId
  } catch {
    errors.push({
      field: 'marketplace',
      message: `${JSON.stringify(name.slice(0, 40))} is not a marketplace: use a country code such as US, or an id`,
    })
    return name
  }
}

function timeOf(
  field: string,
  values: readonly string[] | undefined,
  errors: FieldError[],
): string | undefined {
  const value = values?.[0]
  if (value === undefined) return undefined
  const time = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(value)
    ? Date.parse(value)
    : Number.NaN
  if (values?.length === 1 && !Number.isNaN(time)) return new Date(time).toISOString()
  errors.push({ field, message: 'must be one time such as 2026-01-31 or 2026-01-31T12:00:00Z' })
  return undefined
}

function jobKey(cursor: string): { readonly createdAt: string; readonly id: string } {
  const [createdAt, id] = decodeCursor(cursor, 'sync-jobs', [timestampPattern, uuidPattern])
  return { createdAt: createdAt as string, id: id as string }
}
