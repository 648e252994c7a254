import type { Database } from '#libs/db/database.ts'
import { type OfferLevelStatus, readOfferStatus } from '#libs/db/offers/status.ts'
import type { OfferOperation } from '#libs/offers/levels.ts'
import type { OffersPolicy } from '#libs/offers/policy.ts'
import { requestsPermitted } from '../quota/backlog.ts'
import type { QuotaSource } from '../quota/quota-report.ts'

/** What is known of prices besides the database. */
export interface PriceSource {
  readonly policy: OffersPolicy
  /** Requests a second by the usage plans of all configured sellers. */
  readonly plannedRate: (operation: OfferOperation) => number
}

/** How far matches are priced: the policy as it is configured, and each of its levels. */
export interface PriceStatus {
  readonly policy: string
  readonly levels: readonly OfferLevelStatus[]
}

/** The permitted rate is that of the buckets in use, else of the usage plans. */
export async function readPriceStatus(
  db: Database,
  { policy, plannedRate }: PriceSource,
  { survey }: QuotaSource,
): Promise<PriceStatus> {
  const surveyed = await survey()
  const permitted = (operation: OfferOperation) =>
    requestsPermitted(surveyed, operation) ?? plannedRate(operation)
  return { policy: String(policy), levels: await readOfferStatus(db, policy, permitted) }
}
