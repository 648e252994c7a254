import type { Queryable } from './database.ts'
import type { NewJob } from './jobs.ts'
import { productFilterSql, standingSql } from './product-filter.ts'

/** What a job would take in, of one marketplace. */
export interface Forecast {
  readonly marketplaceId: string
  readonly products: number
  /** Of them, those that count as they are. */
  readonly fresh: number
  /** Of the others, those without a code: they need no request. */
  readonly withoutCode: number
  /** Different codes to ask for. */
  readonly codes: number
}

/** What a job would take in if it were made now; reads all products that it means. */
export async function forecastJob(db: Queryable, job: NewJob): Promise<readonly Forecast[]> {
  const parameters: unknown[] = [job.marketplaces, job.freshSince ?? null]
  const products = job.retry ? retriedSql(job, job.retry, parameters) : filteredSql(job, parameters)
  return db.query<Forecast & Record<string, unknown>>(
    `select m.id as "marketplaceId", count(w.id)::int as products, count(w.id) filter (where w.fresh)::int as fresh,
            count(w.id) filter (where not w.fresh and coalesce(w.upc, '') = '')::int as "withoutCode",
            count(distinct w.upc) filter (where not w.fresh and w.upc <> '')::int as codes
       from unnest($1::text[]) m (id) left join (${products}) w on w.marketplace_id = m.id
      group by m.id order by m.id`,
    parameters,
  )
}

function filteredSql(job: NewJob, parameters: unknown[]): string {
  return `select p.id, p.upc, x.marketplace_id,
                 coalesce(s.state in ('success', 'not_found', 'ambiguous', 'invalid', 'restricted')
                   and greatest(s.synced_at, s.queued_at) >= $2::timestamptz, false) as fresh
            from products p cross join unnest($1::text[]) x (marketplace_id)
            left join product_syncs s on s.product_id = p.id and s.marketplace_id = x.marketplace_id
           where ${productFilterSql(job.filter, parameters)}`
}

function retriedSql(job: NewJob, retry: NonNullable<NewJob['retry']>, parameters: unknown[]): string {
  const outcomes = parameters.push(retry.outcomes)
  const wanted =
    retry.of === null ? standingSql(job.filter, parameters) : `s.job_id = $${parameters.push(retry.of)}`
  return `select p.id, p.upc, s.marketplace_id, false and $2::timestamptz is null as fresh
            from product_syncs s join products p on p.id = s.product_id
           where s.state = any ($${outcomes}::text[]) and ${wanted}`
}
