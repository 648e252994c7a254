/**
 * What Amazon says about its operations outside of its API models. Sources: the Selling Partner API's documentation,
 * page by page as named below.
 */
import type { BucketPlans } from '#libs/rate-limit/port.ts'

/** Operations that share their ids with those of a newer version. */
const VERSIONED: ReadonlySet<string> = new Set(['orders-v0.getOrder'])

/** What an operation is called in usage plans, buckets, metrics and messages. */
export function keyOf(api: string, operationId: string): string {
  const qualified = `${api}.${operationId}`
  return VERSIONED.has(qualified) ? qualified : operationId
}

/** Sections of the API, for queues and metrics. */
export const categories = [
  'application',
  'catalog',
  'data-kiosk',
  'definitions',
  'feeds',
  'finances',
  'inbound',
  'inventory',
  'listings',
  'notifications',
  'orders',
  'pricing',
  'reports',
  'sales',
  'sellers',
  'tokens',
] as const
export type Category = (typeof categories)[number]

/** Names of APIs begin with these; the longer ones first. */
const CATEGORY_BY_API: ReadonlyArray<readonly [prefix: string, category: Category]> = [
  ['application', 'application'],
  ['catalog-items', 'catalog'],
  ['data-kiosk', 'data-kiosk'],
  ['product-type-definitions', 'definitions'],
  ['fba-inbound', 'inbound'],
  ['fulfillment-inbound', 'inbound'],
  ['fba-inventory', 'inventory'],
  ['feeds', 'feeds'],
  ['finances', 'finances'],
  ['transfers', 'finances'],
  ['listings', 'listings'],
  ['notifications', 'notifications'],
  ['orders', 'orders'],
  ['product-fees', 'pricing'],
  ['product-pricing', 'pricing'],
  ['reports', 'reports'],
  ['sales', 'sales'],
  ['sellers', 'sellers'],
  ['tokens', 'tokens'],
]

export function categoryOf(api: string): Category {
  const found = CATEGORY_BY_API.find(([prefix]) => api.startsWith(prefix))
  if (found === undefined) throw new Error(`${api} is in no category: add it to CATEGORY_BY_API`)
  return found[1]
}

/** Scopes of tokens that an application gets without a seller. Source: "Grantless operations". */
export type GrantlessScope =
  | 'sellingpartnerapi::notifications'
  | 'sellingpartnerapi::client_credential:rotation'

const SCOPES: ReadonlyMap<string, GrantlessScope> = new Map([
  ...(
    [
      'createDestination',
      'deleteDestination',
      'getDestination',
      'getDestinations',
      'deleteSubscriptionById',
      'getSubscriptionById',
    ] as const
  ).map((id) => [id, 'sellingpartnerapi::notifications'] as const),
  ['rotateApplicationClientSecret', 'sellingpartnerapi::client_credential:rotation'],
])

export function scopeOf(operationId: string): GrantlessScope | null {
  return SCOPES.get(operationId) ?? null
}

/** They ask, or make something that nobody has to use: a second one does no harm. */
const REPEATABLE_POSTS: ReadonlySet<string> = new Set([
  'createFeedDocument',
  'createRestrictedDataToken',
  'getCompetitiveSummary',
  'getFeaturedOfferExpectedPriceBatch',
  'getItemOffersBatch',
  'getListingOffersBatch',
  'getMyFeesEstimateForASIN',
  'getMyFeesEstimateForSKU',
  'getMyFeesEstimates',
])

/** GET, PUT and DELETE are idempotent (RFC 9110, 9.2.2); of the others those that merely ask. */
export function isRepeatable(method: string, operationId: string): boolean {
  return ['GET', 'PUT', 'DELETE'].includes(method) || REPEATABLE_POSTS.has(operationId)
}

/** Requests a second over all sellers of an application. Source: "Catalog Items API rate limits" and its siblings. */
const APPLICATION_RATES: ReadonlyMap<string, number> = new Map([
  ['searchCatalogItems', 500],
  ['getCatalogItem', 250],
  ['getDefinitionsProductType', 100],
  ['searchDefinitionsProductTypes', 100],
  ['getListingsRestrictions', 100],
])

/** Bursts of which Amazon publishes two figures: the smaller one. Sources: its documentation against its models. */
const SMALLER_BURSTS: ReadonlyMap<string, number> = new Map([
  ['getDefinitionsProductType', 5],
  ['searchDefinitionsProductTypes', 5],
  ['getListingsItem', 5],
  ['putListingsItem', 5],
])

/** For operations without a published plan; what Amazon's answers say is learned from the first one on. */
const CAUTIOUS_PLAN = { ratePerSecond: 0.5, burst: 1 }

export function plansOf(
  operationId: string,
  published: { readonly ratePerSecond: number; readonly burst: number } | null,
): BucketPlans {
  const { ratePerSecond, burst } = published ?? CAUTIOUS_PLAN
  const seller = { ratePerSecond, burst: Math.min(burst, SMALLER_BURSTS.get(operationId) ?? burst) }
  const rate = APPLICATION_RATES.get(operationId)
  // Amazon publishes the application's rate alone; one second of it is the burst.
  return rate === undefined ? { seller } : { seller, application: { ratePerSecond: rate, burst: rate } }
}
