import type { Database, Queryable } from './database.ts'
import { sqlState } from './errors.ts'
import { type ProductFilter, productFilterSchema, productFilterSql } from './product-filter.ts'

/** How long a batch waits for a product that somebody else has locked, before everything else goes on. */
const LOCK_TIMEOUT_MS = 100

/**
 * Takes the next products of the oldest unexpanded job in, in one transaction with the job's cursor, so that a crash
 * between batches neither loses nor repeats any. Products in flight stay in flight and now count for this job; those
 * that have been asked for since the job was made count as they are. A job whose filter or marketplaces PostgreSQL does not take is marked failed, with the reason.
 * Resolves to false when there is nothing to expand, or nothing now: somebody holds a product of the batch.
 */
export async function expandNextJob(db: Database, batchSize: number): Promise<boolean> {
  let jobId: string | undefined
  try {
    return await db.transaction(async (tx) => {
      const [job] = await tx.query<UnexpandedJob>(
        `select id, filter, marketplaces, expansion_cursor as cursor, created_at::text, set_config('lock_timeout', $1, true) from sync_jobs
          where state in ('queued', 'running') and not expanded order by created_at limit 1 for update skip locked`,
        [`${LOCK_TIMEOUT_MS}ms`],
      )
      if (!job) return false
      jobId = job.id
      await expand(tx, job, batchSize)
      return true
    })
  } catch (error) {
    if (sqlState(error) === '55P03') return false
    const reason = faultOfJob(error)
    if (jobId === undefined || reason === null) throw error
    await db.query(
      `update sync_jobs set state = 'failed', error = $2, finished_at = now()
        where id = $1 and state in ('queued', 'running')`,
      [jobId, reason],
    )
    return true
  }
}

interface UnexpandedJob extends Record<string, unknown> {
  readonly id: string
  readonly filter: unknown
  readonly marketplaces: readonly string[]
  readonly cursor: string | null
  /** As PostgreSQL writes it: to the microsecond. */
  readonly created_at: string
}

/** The job can not be expanded, now or ever. */
class JobFault extends Error {}

async function expand(tx: Queryable, job: UnexpandedJob, batchSize: number): Promise<void> {
  const parameters: unknown[] = [job.id, job.marketplaces, job.cursor, batchSize, job.created_at]
  const where = productFilterSql(parseFilter(job.filter), parameters)
  const [page] = await tx.query<{ n: string; last: string | null }>(expandSql(where), parameters)
  const expanded = Number(page?.n ?? 0) < batchSize
  await tx.query(
    `update sync_jobs set state = 'running', started_at = coalesce(started_at, now()), expanded = $2,
            expansion_cursor = coalesce($3, expansion_cursor) where id = $1`,
    [job.id, expanded, page?.last ?? null],
  )
}

/** Whoever writes jobs by SQL writes any filter. */
function parseFilter(filter: unknown): ProductFilter {
  const parsed = productFilterSchema.safeParse(filter)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(
    (issue) => `${['filter', ...issue.path].join('.')}: ${issue.message}`,
  )
  throw new JobFault(`the filter can not be used: ${problems.join('; ')}`)
}

/**
 * Its turn in the job comes after an answer that is newer than the job: it counts as it stands. By PostgreSQL's clock:
 * `synced_at` is never later than the commit of its outcome.
 */
const ASKED_SINCE = `(product_syncs.state in ('success', 'not_found', 'ambiguous', 'invalid', 'restricted')
        and greatest(product_syncs.synced_at, product_syncs.queued_at) >= $5)`

const expandSql = (where: string): string => `
  with page as materialized (
    select p.id from products p where ($3::uuid is null or p.id > $3) and ${where} order by p.id limit $4
      for no key update of p),
  taken as (
    insert into product_syncs (product_id, marketplace_id, job_id)
      select page.id, m.marketplace_id, $1 from page cross join unnest($2::text[]) m (marketplace_id)
      order by 1, 2
    on conflict (product_id, marketplace_id) do update set
      job_id = excluded.job_id,
      failures = case when ${ASKED_SINCE} then product_syncs.failures else 0 end,
      state = case when product_syncs.state = 'queued' or ${ASKED_SINCE} then product_syncs.state else 'pending' end,
      next_attempt_at = case when product_syncs.state = 'queued' or ${ASKED_SINCE}
                             then product_syncs.next_attempt_at else now() end
    returning 1)
  select (select count(*) from page) as n, (select id from page order by id desc limit 1) as last,
         (select count(*) from taken) as taken`

/** What is wrong with the job itself: a value (class 22), a marketplace that is not there (23), a statement without end. */
function faultOfJob(error: unknown): string | null {
  if (error instanceof JobFault) return error.message
  if (!(error instanceof Error)) return null
  const state = sqlState(error)
  if (state === '57014') return 'taking the products in took longer than a statement may: narrow the filter'
  if (state === undefined || !['22', '23'].includes(state.slice(0, 2))) return null
  return 'detail' in error && typeof error.detail === 'string'
    ? `${error.message} (${error.detail})`
    : error.message
}
