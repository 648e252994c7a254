import { resolveMarketplaces } from '#libs/sp-api/marketplaces.ts'
import { defaultUsagePlans, type OperationKey, parseUsagePlans } from '#libs/sp-api/usage-plans.ts'
import type { Config } from './config.ts'
import { sellersOf } from './sellers.ts'

/** Codes of one call, at most: `searchCatalogItems` takes twenty identifiers. */
export const CODES_PER_CALL = 20

/**
 * Calls a second of `searchCatalogItems` that the usage plans of the configured sellers allow in these marketplaces
 * together. A process that knows no seller counts with one, on the plan that is configured or Amazon's default.
 */
export function permittedCalls(config: Config): (marketplaceIds: readonly string[]) => number {
  const fallback = rateOf(config.SP_API_USAGE_PLANS)
  const sellers = sellersOf(config).map(({ marketplaces, usagePlans }) => ({
    serves: new Set(resolveMarketplaces(marketplaces ?? config.MARKETPLACES).map((one) => one.marketplaceId)),
    rate: rateOf(usagePlans),
  }))
  return (marketplaceIds) =>
    sellers.length === 0
      ? fallback
      : sellers
          .filter(({ serves }) => marketplaceIds.some((id) => serves.has(id)))
          .reduce((sum, { rate }) => sum + rate, 0)
}

/** Products a second by the same, with every call full: what has no code, or shares one, needs less. */
export function permittedRate(config: Config): (marketplaceIds: readonly string[]) => number {
  const calls = permittedCalls(config)
  return (marketplaceIds) => calls(marketplaceIds) * CODES_PER_CALL
}

/** Calls a second of any operation that the usage plans of all configured sellers allow together; see `permittedCalls`. */
export function permittedOfferCalls(config: Config): (operation: OperationKey) => number {
  const sellers = sellersOf(config)
  return (operation) =>
    sellers.length === 0
      ? rateOf(config.SP_API_USAGE_PLANS, operation)
      : sellers.reduce((sum, { usagePlans }) => sum + rateOf(usagePlans, operation), 0)
}

function rateOf(usagePlans: string | undefined, operation: OperationKey = 'searchCatalogItems'): number {
  const plan = usagePlans ? parseUsagePlans(usagePlans)[operation] : undefined
  return (plan ?? defaultUsagePlans[operation].seller).ratePerSecond
}
