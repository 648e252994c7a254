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
