import type { Database } from '#libs/db/database.ts'
import { listJobs } from '#libs/db/jobs.ts'
import { type RecentRates, readRecentRates } from '#libs/db/sync-rates.ts'
import { readSyncStatus, type SyncStatusReport } from '#libs/db/sync-status.ts'
import { type JobDocument, jobDocument } from '../jobs/job-document.ts'
import { type PriceSource, type PriceStatus, readPriceStatus } from '../prices/price-status.ts'
import { type Backlog, withBacklog } from '../quota/backlog.ts'
import { type QuotaReport, type QuotaSource, readQuota } from '../quota/quota-report.ts'
import type { LagReport, LagWatch } from './lag.ts'

const JOBS = 6

/** Everything that the first page shows from second to second. */
export interface Overview {
  readonly status: SyncStatusReport & { readonly backlog: Backlog; readonly prices: PriceStatus }
  readonly rates: RecentRates
  readonly quota: QuotaReport
  readonly lag: LagReport
  /** The newest. */
  readonly jobs: readonly JobDocument[]
}

export interface OverviewSource {
  readonly db: Database
  readonly quota: QuotaSource
  readonly prices: PriceSource
  readonly lag: Pick<LagWatch, 'read'>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** Counters and the newest rows by index: what it costs does not grow with the catalogue. */
export async function readOverview(source: OverviewSource): Promise<Overview> {
  const { db, prices, lag, clock } = source
  // Three parts ask for the buckets: they see them at one moment, for one trip.
  const surveyed = source.quota.survey()
  const quota = { ...source.quota, survey: () => surveyed }
  const [status, priceStatus, rates, quotas, lags, jobs] = await Promise.all([
    readSyncStatus(db).then((read) => withBacklog(read, quota)),
    readPriceStatus(db, prices, quota),
    readRecentRates(db),
    readQuota(quota),
    lag.read(),
    listJobs(db, { limit: JOBS }),
  ])
  const now = clock()
  return {
    status: { ...status, prices: priceStatus },
    rates,
    quota: quotas,
    lag: lags,
    jobs: jobs.map((job) => jobDocument(job, now)),
  }
}
