import type { BucketPlans, UsagePlan } from '#libs/rate-limit/port.ts'
import { SpApiInputError } from './errors.ts'

/**
 * Amazon's default usage plans, by operation: requests a second and burst per application and seller, from the tables
 * in Amazon's API models; and, where Amazon publishes one, the rate per application over all its sellers.
 */
export const defaultUsagePlans = {
  searchCatalogItems: {
    seller: { ratePerSecond: 2, burst: 2 },
    // Amazon publishes the rate alone; one second of it is the burst.
    application: { ratePerSecond: 500, burst: 500 },
  },
  getMarketplaceParticipations: { seller: { ratePerSecond: 0.016, burst: 15 } },
} as const satisfies Record<string, BucketPlans>

export type Operation = keyof typeof defaultUsagePlans
export type UsagePlans = Readonly<Record<Operation, BucketPlans>>

/** The defaults with a seller's own plans in their place. */
export function usagePlansWith(overrides: Partial<Record<Operation, UsagePlan>>): UsagePlans {
  const plans: Record<Operation, BucketPlans> = { ...defaultUsagePlans }
  for (const operation of operations) {
    const seller = overrides[operation]
    if (seller) plans[operation] = { ...defaultUsagePlans[operation], seller }
  }
  return plans
}

const operations = Object.keys(defaultUsagePlans) as Operation[]

/**
 * Reads `searchCatalogItems=5/10,getMarketplaceParticipations=0.5/1`: operation, requests a second, burst.
 * Throws an `INVALID_USAGE_PLANS` error that names the entry and what would be right.
 */
export function parseUsagePlans(text: string): Partial<Record<Operation, UsagePlan>> {
  const plans: Partial<Record<Operation, UsagePlan>> = {}
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue
    const match = /^([^=\s]+)\s*=\s*([^/\s]+)\s*\/\s*(\S+)$/.exec(entry)
    if (!match)
      throw invalid(entry, 'write operation=rate/burst, such as searchCatalogItems=5/10, separated by commas')
    const [, name = '', rateText = '', burstText = ''] = match
    const operation = operations.find((known) => known === name)
    if (!operation) throw invalid(entry, `known operations are ${operations.join(', ')}`)
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
