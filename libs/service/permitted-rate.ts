import type { UsagePlan } from '#libs/rate-limit/port.ts'
import { resolveMarketplaces } from '#libs/sp-api/marketplaces.ts'
import {
  defaultUsagePlans,
  type OperationKey,
  parseUsagePlans,
  planOfLimit,
  type RateLimit,
} from '#libs/sp-api/usage-plans.ts'
import { rateLimitOf } from './call-limits.ts'
import type { Config } from './config.ts'
import { sellersOf } from './sellers.ts'

/** Codes of one call, at most: `searchCatalogItems` takes twenty identifiers. */
export const CODES_PER_CALL = 20

/**
 * Calls a second of `searchCatalogItems` that the usage plans of the configured sellers allow in these marketplaces
 * together, and RATE_LIMIT_CALLS with them. A process that knows no seller counts with one, on the plan that is configured
 * or Amazon's default.
 */
export function permittedCalls(config: Config): (marketplaceIds: readonly string[]) => number {
  const limit = rateLimitOf(config)
  const fallback = together([{ application: '', plan: planOf(config.SP_API_USAGE_PLANS) }], limit)
  const sellers = sellersOf(config).map(({ marketplaces, usagePlans, clientId }) => ({
    application: clientId,
    serves: new Set(resolveMarketplaces(marketplaces ?? config.MARKETPLACES).map((one) => one.marketplaceId)),
    plan: planOf(usagePlans),
  }))
  return (marketplaceIds) => {
    if (sellers.length === 0) return fallback
    const serving = sellers.filter(({ serves }) => marketplaceIds.some((id) => serves.has(id)))
    return together(serving, limit)
  }
}

/** Products a second by the same, with every call full: what has no code, or shares one, needs less. */
export function permittedRate(config: Config): (marketplaceIds: readonly string[]) => number {
  const calls = permittedCalls(config)
  return (marketplaceIds) => calls(marketplaceIds) * CODES_PER_CALL
}

/** Calls a second of any operation that all configured sellers may make together; see `permittedCalls`. */
export function permittedOfferCalls(config: Config): (operation: OperationKey) => number {
  const limit = rateLimitOf(config)
  const sellers = sellersOf(config).map(({ clientId, usagePlans }) => ({ application: clientId, usagePlans }))
  const known = sellers.length > 0 ? sellers : [{ application: '', usagePlans: config.SP_API_USAGE_PLANS }]
  return (operation) =>
    together(
      known.map(({ application, usagePlans }) => ({ application, plan: planOf(usagePlans, operation) })),
      limit,
    )
}

interface Share {
  readonly application: string
  readonly plan: UsagePlan
}

/** The plans of all, those of one application together within the limit. */
function together(shares: readonly Share[], limit: RateLimit | undefined): number {
  return [...Map.groupBy(shares, ({ application }) => application).values()].reduce((sum, own) => {
    const rate = own.reduce((rates, { plan }) => rates + plan.ratePerSecond, 0)
    const burst = Math.max(...own.map(({ plan }) => plan.burst))
    return sum + (limit ? Math.min(rate, planOfLimit(limit, burst).ratePerSecond) : rate)
  }, 0)
}

function planOf(usagePlans: string | undefined, operation: OperationKey = 'searchCatalogItems'): UsagePlan {
  const plan = usagePlans ? parseUsagePlans(usagePlans)[operation] : undefined
  return plan ?? defaultUsagePlans[operation].seller
}
