import type { Database, Queryable } from './database.ts'
import { sqlState } from './errors.ts'
import { type ProductFilter, productFilterSchema, productFilterSql, standingSql } from './product-filter.ts'

/** How long a batch waits for a product that somebody else has locked, before everything else goes on. */
const LOCK_TIMEOUT_MS = 100

/**
 * Takes the next products of the oldest unexpanded job in, in one transaction with the job's cursor, so that a crash
 * between batches neither loses nor repeats any. Products in flight stay in flight and now count for this job; those
 * that are fresh count as they are. A job whose filter or marketplaces PostgreSQL does not take fails, with the reason.
 * Resolves to false when there is nothing to expand, or nothing now: somebody holds a product of the batch.
 */
export async function expandNextJob(db: Database, batchSize: number): Promise<boolean> {
  let jobId: string | undefined
  try {
    return await db.transaction(async (tx) => {
      const [job] = await tx.query<UnexpandedJob>(
        `select id, filter, marketplaces, expansion_cursor as cursor, coalesce(fresh_since, created_at)::text as fresh_since,
                retry_of, retry_outcomes, set_config('lock_timeout', $1, true) from sync_jobs
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
    await failJob(db, jobId, reason)
    return true
  }
}

/** At once when it has taken nothing in; otherwise its products are given back first, and it fails then. */
async function failJob(db: Database, id: string, reason: string): Promise<void> {
  await db.query(
    `update sync_jobs j set error = $2, message = $2, waking = false,
            state = case when t.taken then 'cancelling' else 'failed' end,
            stage = case when t.taken then 'giving back' else 'ended' end
       from (select exists (select 1 from sync_job_counts where job_id = $1) as taken) t
      where j.id = $1 and j.state in ('queued', 'running')`,
    [id, reason],
  )
}

interface UnexpandedJob extends Record<string, unknown> {
  readonly id: string
  readonly filter: unknown
  readonly marketplaces: readonly string[]
  readonly cursor: string | null
  /** As PostgreSQL writes it: to the microsecond. */
  readonly fresh_since: string
  readonly retry_of: string | null
  readonly retry_outcomes: readonly string[] | null
}

/** The job can not be expanded, now or ever. */
class JobFault extends Error {}

async function expand(tx: Queryable, job: UnexpandedJob, batchSize: number): Promise<void> {
  const page =
    job.retry_outcomes === null
      ? await takeFilter(tx, job, batchSize)
      : await takeRetry(tx, job, job.retry_outcomes, batchSize)
  const expanded = Number(page?.n ?? 0) < batchSize
  await tx.query(
    `update sync_jobs set state = 'running', started_at = coalesce(started_at, now()), expanded = $2,
            expansion_cursor = coalesce($3, expansion_cursor), stage = case when $2 then 'syncing' else 'selecting' end,
            message = case when stage = 'waiting' then 'choosing products' else message end
      where id = $1`,
    [job.id, expanded, page?.last ?? null],
  )
}

interface TakenPage extends Record<string, unknown> {
  /** Products looked at. */
  readonly n: string
  readonly last: string | null
}

async function takeFilter(
  tx: Queryable,
  job: UnexpandedJob,
  batchSize: number,
): Promise<TakenPage | undefined> {
  const parameters: unknown[] = [job.id, job.marketplaces, job.cursor, batchSize, job.fresh_since]
  const where = productFilterSql(parseFilter(job.filter), parameters)
  return (await tx.query<TakenPage>(expandSql(where), parameters))[0]
}

async function takeRetry(
  tx: Queryable,
  job: UnexpandedJob,
  outcomes: readonly string[],
  batchSize: number,
): Promise<TakenPage | undefined> {
  // A planner that knows nothing yet would read all rows for a page of them.
  await tx.query('set local enable_seqscan = off; set local enable_bitmapscan = off')
  const parameters: unknown[] = [job.id, job.marketplaces, job.cursor, batchSize, outcomes]
  const wanted =
    job.retry_of === null
      ? standingSql(parseFilter(job.filter), parameters)
      : `s.job_id = $${parameters.push(job.retry_of)}`
  return (await tx.query<TakenPage>(retrySql(wanted), parameters))[0]
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
 * Amazon has answered for it since the job was made, or since the time that the job takes for fresh: it counts as it
 * stands. By PostgreSQL's clock: `synced_at` is never later than the commit of its outcome.
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
      prior_state = case when product_syncs.state in ('pending', 'queued') then product_syncs.prior_state
                         else product_syncs.state end,
      failures = case when ${ASKED_SINCE} then product_syncs.failures else 0 end,
      state = case when product_syncs.state = 'queued' or ${ASKED_SINCE} then product_syncs.state else 'pending' end,
      next_attempt_at = case when product_syncs.state = 'queued' or ${ASKED_SINCE}
                             then product_syncs.next_attempt_at else now() end
    returning 1)
  select (select count(*) from page) as n, (select id from page order by id desc limit 1) as last,
         (select count(*) from taken) as taken`

/**
 * What stands in a state, of another job (whatever a third one has taken over since is that one's to retry) or of a filter. A
 * page of each state in the order of its index, with room for a product's marketplaces; then row by row, since a planner
 * that knows nothing of the failures would compare all of them with the page.
 */
const retrySql = (wanted: string): string => `
  with found as materialized (
    select distinct one.id from unnest($5::text[]) wanted (state) cross join lateral (
      select s.product_id as id from product_syncs s
       where s.state = wanted.state and ${wanted} and s.marketplace_id = any ($2::text[])
         and ($3::uuid is null or s.product_id > $3)
       order by s.product_id limit $4 * cardinality($2::text[])) one
     order by 1 limit $4),
  page as materialized (
    select p.id from products p join found using (id) order by p.id for no key update of p),
  failed as materialized (
    select one.product_id, one.marketplace_id from page cross join lateral (
      select s.product_id, s.marketplace_id from product_syncs s
       where s.product_id = page.id and ${wanted} and s.state || '' = any ($5::text[])
         and s.marketplace_id = any ($2::text[]) offset 0) one),
  taken as (
    update product_syncs s set job_id = $1, prior_state = s.state, failures = 0, state = 'pending', next_attempt_at = now()
      from failed where s.product_id = failed.product_id and s.marketplace_id = failed.marketplace_id
    returning 1)
  select (select count(*) from found) as n, (select id from found order by id desc limit 1) as last,
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
