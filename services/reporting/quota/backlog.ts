import type { SyncStatusReport } from '#libs/db/sync-status.ts'
import type { BucketSurvey } from '#libs/rate-limit/port.ts'
import { CODES_PER_CALL } from '#libs/service/permitted-rate.ts'
import type { QuotaSource } from './quota-report.ts'

/** How long the products that wait take at the rate that Amazon permits, however fast the last minute was. */
export interface Backlog {
  /** `searchCatalogItems` over all sellers: of the buckets in use, else of the usage plans. */
  readonly requestsPerSecond: number
  readonly rateFrom: 'buckets' | 'plans'
  /** Measured over the last minute; twenty, a full request of different codes, when there was none. */
  readonly productsPerRequest: number
  readonly secondsLeft: number
}

const OPERATION = 'searchCatalogItems'

/** The status with how long its backlog takes. */
export async function withBacklog(
  status: SyncStatusReport,
  { survey, plannedRate }: QuotaSource,
): Promise<SyncStatusReport & { readonly backlog: Backlog }> {
  return { ...status, backlog: backlogOf(status, await survey(), plannedRate) }
}

/**
 * @param plannedRate requests a second by the usage plans of the configured sellers
 */
export function backlogOf(
  status: Pick<SyncStatusReport, 'pending' | 'queued' | 'outcomesPerRequest'>,
  survey: BucketSurvey,
  plannedRate: number,
): Backlog {
  const inUse = requestsPermitted(survey, OPERATION)
  const requestsPerSecond = inUse ?? plannedRate
  const productsPerRequest = status.outcomesPerRequest ?? CODES_PER_CALL
  const waiting = status.pending + status.queued
  return {
    requestsPerSecond: Number(requestsPerSecond.toFixed(5)),
    rateFrom: inUse === null ? 'plans' : 'buckets',
    productsPerRequest,
    secondsLeft: Math.ceil(waiting / (requestsPerSecond * productsPerRequest)),
  }
}

/** Requests a second of an operation that the buckets in use permit over all sellers; null when none is in use. */
export function requestsPermitted(survey: BucketSurvey, operation: string): number | null {
  const inUse = survey.buckets.filter(({ key }) => key.operation === operation)
  return inUse.length === 0 ? null : permitted(inUse)
}

/** The sellers' rates together, and no more than their application's. */
function permitted(buckets: BucketSurvey['buckets']): number {
  const applications = Map.groupBy(buckets, ({ key }) => key.application)
  return [...applications.values()].reduce((sum, sellers) => {
    const own = sellers.reduce((rates, { state }) => rates + state.ratePerSecond, 0)
    return sum + Math.min(own, sellers[0]!.state.application?.ratePerSecond ?? Number.POSITIVE_INFINITY)
  }, 0)
}
