import type { BucketPlans, UsagePlan } from '#libs/rate-limit/port.ts'
import { SpApiInputError } from './errors.ts'
import { publishedPlans } from './operations/generated/plans.ts'
import { plansOf } from './operations/traits.ts'

/** An operation of Amazon's API by its key. */
export type OperationKey = keyof typeof publishedPlans

/** Requests a second and burst by operation. */
export type UsagePlans = Readonly<Record<OperationKey, BucketPlans>>

const operations = Object.keys(publishedPlans) as OperationKey[]

/**
 * Amazon's default usage plans: per application and seller, from the tables in Amazon's API models; and, where Amazon
 * publishes one, the rate per application over all its sellers.
 */
export const defaultUsagePlans = Object.fromEntries(
  operations.map((key) => [key, plansOf(key, publishedPlans[key])]),
) as UsagePlans

/** The defaults with a seller's own plans in their place. */
export function usagePlansWith(overrides: Partial<Record<OperationKey, UsagePlan>>): UsagePlans {
  const plans: Record<OperationKey, BucketPlans> = { ...defaultUsagePlans }
  for (const operation of operations) {
    const seller = overrides[operation]
    if (seller) plans[operation] = { ...defaultUsagePlans[operation], seller }
  }
  return plans
}

/** So many calls of each operation in any stretch of so many milliseconds, over all sellers of an application. */
export interface RateLimit {
  readonly calls: number
  readonly windowMs: number
}

/** Requests a second and burst that keep a limit, whatever the plan: at most a tenth of the calls, and one, at once. */
export function planOfLimit({ calls, windowMs }: RateLimit, highestBurst: number): UsagePlan {
  const burst = Math.max(1, Math.min(highestBurst, Math.floor(calls / 10)))
  // A bucket gives at most burst + rate × T in a stretch T, and a stretch shorter than the window has to get fewer
  // than one more than the calls.
  return { ratePerSecond: ((calls + 1 - burst) * 1_000) / windowMs, burst }
}

/** The plans with a limit on top: each operation's own, or the limit where that is less. */
export function plansWithin(plans: UsagePlans, limit: RateLimit): UsagePlans {
  const within: Record<OperationKey, BucketPlans> = { ...plans }
  for (const operation of operations) {
    const { seller, application } = plans[operation]
    const own = planOfLimit(limit, seller.burst)
    within[operation] = {
      seller: lesser(seller, own),
      application: application ? lesser(application, own) : own,
    }
  }
  return within
}

const lesser = (one: UsagePlan, other: UsagePlan): UsagePlan => ({
  ratePerSecond: Math.min(one.ratePerSecond, other.ratePerSecond),
  burst: Math.min(one.burst, other.burst),
})

/**
 * Reads `searchCatalogItems=5/10,getMarketplaceParticipations=0.5/1`: operation, requests a second, burst.
 * Throws an `INVALID_USAGE_PLANS` error that names the entry and what would be right.
 */
export function parseUsagePlans(text: string): Partial<Record<OperationKey, UsagePlan>> {
  const plans: Partial<Record<OperationKey, UsagePlan>> = {}
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue
    const match = /^([^=\s]+)\s*=\s*([^/\s]+)\s*\/\s*(\S+)$/.exec(entry)
    if (!match)
      throw invalid(entry, 'write operation=rate/burst, such as searchCatalogItems=5/10, separated by commas')
    const [, name = '', rateText = '', burstText = ''] = match
    const operation = operations.find((known) => known === name)
    if (!operation) throw invalid(entry, 'write the operation as Amazon does, such as searchCatalogItems')
    if (operation in plans) throw invalid(entry, 'each operation stands once')
    const ratePerSecond = /^\d*\.?\d+$/.test(rateText) ? Number(rateText) : Number.NaN
    if (!(ratePerSecond > 0 && ratePerSecond <= 10_000))
      throw invalid(entry, 'the rate is requests a second, above 0 and at most 10000, such as 0.5')
    const burst = /^\d+$/.test(burstText) ? Number(burstText) : Number.NaN
    if (!(burst >= 1 && burst <= 10_000)) throw invalid(entry, 'the burst is a whole number from 1 to 10000')
    plans[operation] = { ratePerSecond, burst }
  }
  return plans
}

function invalid(entry: string, advice: string): SpApiInputError {
  return new SpApiInputError('INVALID_USAGE_PLANS', `usage plan "${entry}": ${advice}`)
}
