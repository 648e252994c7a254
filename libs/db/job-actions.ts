import type { Database, Queryable } from './database.ts'
import type { JobState } from './entities.ts'
import { createJob, type NewJob } from './jobs.ts'
import { productFilterSchema, productFilterSql } from './product-filter.ts'
import { DUE_CHANNEL } from './wake.ts'

/** What became of a wish: done, or why not. */
export type ActionResult =
  | { readonly kind: 'done' }
  /** It is so already. */
  | { readonly kind: 'already'; readonly state: JobState }
  | { readonly kind: 'impossible'; readonly state: JobState }
  | { readonly kind: 'unknown' }

interface Action {
  readonly from: readonly JobState[]
  /** States in which there is nothing to do. */
  readonly already: readonly JobState[]
  readonly set: string
}

const actions = {
  /** Nothing more of it is asked; what is in flight finishes. */
  pause: {
    from: ['queued', 'running'],
    already: ['paused'],
    set: `state = 'paused', stage = 'paused', waking = false, rate_per_second = null, seconds_left = null,
          message = 'paused: nothing more is asked until it is resumed'`,
  },
  resume: {
    from: ['paused'],
    already: ['queued', 'running'],
    set: `state = case when started_at is null then 'queued' else 'running' end, waking = true,
          stage = case when started_at is null then 'waiting' when expanded then 'syncing' else 'selecting' end,
          message = 'resumed'`,
  },
  /** Ends when product-change has given its products back (`giveBackJobs`). */
  cancel: {
    from: ['queued', 'running', 'paused'],
    already: ['cancelling', 'cancelled'],
    set: `state = 'cancelling', stage = 'giving back', waking = false, rate_per_second = null, seconds_left = null,
          message = 'cancelling: products get their state back'`,
  },
} as const satisfies Record<string, Action>

export type JobAction = keyof typeof actions

/** Pauses, resumes or cancels a job, and wakes product-change for the rest. */
export async function steerJob(db: Database, id: string, name: JobAction): Promise<ActionResult> {
  const action: Action = actions[name]
  const [row] = await db.query<{ before: JobState; done: boolean }>(
    `with job as (select id, state from sync_jobs where id = $1 for update),
     changed as (
       update sync_jobs j set ${action.set} from job where j.id = job.id and job.state = any ($2::text[]) returning 1)
     select state as before, exists (select 1 from changed) as done,
            case when exists (select 1 from changed) then pg_notify($3, '') end as told from job`,
    [id, action.from, DUE_CHANNEL],
  )
  if (!row) return { kind: 'unknown' }
  if (row.done) return { kind: 'done' }
  return { kind: action.already.includes(row.before) ? 'already' : 'impossible', state: row.before }
}

export type StartResult =
  | { readonly kind: 'started'; readonly id: string }
  /** The key was used for the same request before: this is its job. */
  | { readonly kind: 'repeated'; readonly id: string }
  /** The key was used for another request. */
  | { readonly kind: 'key-reused'; readonly id: string }
  /** An open job has products that this one would take. */
  | { readonly kind: 'overlaps'; readonly id: string }

/** Advisory lock of whoever starts a job: two that overlap can not both find that nothing is in the way. */
const START_LOCK = 7_243_904

/**
 * Makes a job unless an open one has products that it would take, or its key has been used.
 *
 * @param alsoWrite runs in the same transaction when the job is made
 */
export async function startJob(
  db: Database,
  job: NewJob,
  alsoWrite?: (tx: Queryable, id: string) => Promise<void>,
): Promise<StartResult> {
  return db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(${START_LOCK})`)
    if (job.idempotency) {
      const [earlier] = await tx.query<{ id: string; hash: string | null }>(
        'select id, request_hash as hash from sync_jobs where idempotency_key = $1',
        [job.idempotency.key],
      )
      if (earlier)
        return {
          kind: earlier.hash === job.idempotency.requestHash ? 'repeated' : 'key-reused',
          id: earlier.id,
        }
    }
    const rivals = await tx.query<Rival>(
      `select id, filter, marketplaces, expanded, retry_of as "retryOf",
              retry_outcomes is not null as retries from sync_jobs
        where state in ('queued', 'running', 'paused', 'cancelling') and marketplaces && $1::text[] order by created_at`,
      [job.marketplaces],
    )
    for (const rival of rivals) {
      const overlap = overlapQuery(job, rival)
      if (overlap === null) continue
      const [found] = await tx.query<{ overlaps: boolean }>(
        `select exists (${overlap.sql}) as overlaps`,
        overlap.parameters,
      )
      if (found?.overlaps) return { kind: 'overlaps', id: rival.id }
    }
    const id = await createJob(tx, job)
    await alsoWrite?.(tx, id)
    return { kind: 'started', id }
  })
}

interface Rival extends Record<string, unknown> {
  readonly id: string
  readonly filter: unknown
  readonly marketplaces: readonly string[]
  readonly expanded: boolean
  readonly retryOf: string | null
  /** It takes only what stands in some state, and not what is due. */
  readonly retries: boolean
}

/**
 * Finds a product that an open job has to do still, or will take in, and that the new one would take. Null where there
 * can be none.
 */
function overlapQuery(
  job: NewJob,
  rival: Rival,
): { readonly sql: string; readonly parameters: readonly unknown[] } | null {
  // What has failed is no longer the rival's, but for another one that retries the same.
  if (job.retry) {
    const same = rival.retries && rival.retryOf === job.retry.of
    return same && !rival.expanded ? { sql: 'select 1', parameters: [] } : null
  }
  const parameters: unknown[] = [rival.id, job.marketplaces]
  const wanted = productFilterSql(job.filter, parameters)
  const waiting = `select 1 from product_syncs s join products p on p.id = s.product_id
    where s.state in ('pending', 'queued') and s.job_id = $1 and s.marketplace_id = any ($2::text[]) and ${wanted}`
  const theirs = productFilterSchema.safeParse(rival.filter)
  if (rival.expanded || rival.retries || !theirs.success) return { sql: waiting, parameters }
  const toCome = `select 1 from products p where ${wanted} and ${productFilterSql(theirs.data, parameters)}`
  return { sql: `${waiting} union all ${toCome}`, parameters }
}
