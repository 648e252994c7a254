import type { OffersPolicy } from '#libs/offers/policy.ts'
import type { OperationOptions } from '#libs/sp-api/call.ts'
import { type SpApi, SpApiError } from '#libs/sp-api/index.ts'
import { searchCatalogItems } from '#libs/sp-api/operations/generated/catalog-items-2022-04-01.ts'
import { getInventorySummaries } from '#libs/sp-api/operations/generated/fba-inventory-v1.ts'
import { listTransactions } from '#libs/sp-api/operations/generated/finances-2024-06-19.ts'
import { searchOrders } from '#libs/sp-api/operations/generated/orders-2026-01-01.ts'
import { getCompetitivePricing } from '#libs/sp-api/operations/generated/product-pricing-v0.ts'
import { searchDefinitionsProductTypes } from '#libs/sp-api/operations/generated/product-type-definitions-2020-09-01.ts'
import { getReports } from '#libs/sp-api/operations/generated/reports-2021-06-30.ts'
import type { Finding } from '../commands/doctor.ts'

/** One API of Amazon's, and a question of it that costs little and changes nothing. */
interface Section {
  readonly api: string
  readonly operation: string
  /** A role that permits it. Source: Amazon's page "Role Mappings for SP-API Operations"; others may do as well. */
  readonly role: string
  /** What of asinstream asks it; null: nothing does. */
  readonly usedFor: (policy: OffersPolicy) => string | null
  readonly ask: (api: SpApi, marketplaceId: string, options: OperationOptions) => Promise<unknown>
}

const HOUR_MS = 3_600_000
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString()
const nothing = () => null

const sections: readonly Section[] = [
  {
    api: 'Catalog Items',
    operation: 'searchCatalogItems',
    role: 'Product Listing',
    usedFor: () => 'looking codes up',
    ask: (api, marketplaceId, options) =>
      api.call(
        searchCatalogItems,
        { identifiers: ['036000291452'], identifiersType: 'UPC', marketplaceIds: [marketplaceId] },
        options,
      ),
  },
  {
    api: 'Product Pricing',
    operation: 'getCompetitivePricing',
    role: 'Pricing',
    usedFor: ({ levels }) => (levels.length > 0 ? 'prices (OFFERS_POLICY)' : null),
    ask: (api, marketplaceId, options) =>
      api.call(
        getCompetitivePricing,
        { MarketplaceId: marketplaceId, ItemType: 'Asin', Asins: ['B000000000'] },
        options,
      ),
  },
  {
    api: 'Product Type Definitions',
    operation: 'searchDefinitionsProductTypes',
    role: 'Product Listing',
    usedFor: nothing,
    ask: (api, marketplaceId, options) =>
      api.call(
        searchDefinitionsProductTypes,
        { keywords: ['LUGGAGE'], marketplaceIds: [marketplaceId] },
        options,
      ),
  },
  {
    api: 'FBA Inventory',
    operation: 'getInventorySummaries',
    role: 'Amazon Fulfillment',
    usedFor: nothing,
    ask: (api, marketplaceId, options) =>
      api.call(
        getInventorySummaries,
        { granularityType: 'Marketplace', granularityId: marketplaceId, marketplaceIds: [marketplaceId] },
        options,
      ),
  },
  {
    api: 'Orders',
    operation: 'searchOrders',
    role: 'Inventory and Order Tracking',
    usedFor: nothing,
    // Without includedData an order has no personal data.
    ask: (api, marketplaceId, options) =>
      api.call(
        searchOrders,
        { createdAfter: ago(HOUR_MS), marketplaceIds: [marketplaceId], maxResultsPerPage: 1 },
        options,
      ),
  },
  {
    api: 'Finances',
    operation: 'listTransactions',
    role: 'Finance and Accounting',
    usedFor: nothing,
    ask: (api, marketplaceId, options) =>
      api.call(listTransactions, { postedAfter: ago(HOUR_MS), marketplaceId }, options),
  },
  {
    api: 'Reports',
    operation: 'getReports',
    role: 'the one of the report type',
    usedFor: nothing,
    ask: (api, marketplaceId, options) =>
      api.call(
        getReports,
        { reportTypes: ['GET_MERCHANT_LISTINGS_ALL_DATA'], marketplaceIds: [marketplaceId], pageSize: 1 },
        options,
      ),
  },
]

type Verdict =
  | { readonly section: Section; readonly kind: 'allowed' | 'refused' }
  | { readonly section: Section; readonly kind: 'unknown'; readonly reason: string }

/**
 * Which of Amazon's APIs the grant of a seller permits: each is asked once, where its quota has a slot to spare. What a role
 * forbids is answered by 403, whatever else is wrong with a question.
 */
export async function* checkRoles(
  api: SpApi,
  marketplaceId: string,
  policy: OffersPolicy,
  options: OperationOptions,
): AsyncGenerator<Finding> {
  const verdicts = await Promise.all(sections.map((section) => ask(section, api, marketplaceId, options)))
  for (const verdict of verdicts) {
    const use = verdict.section.usedFor(policy)
    if (use !== null) yield neededFinding(verdict, use)
  }
  const rest = verdicts.filter(({ section }) => section.usedFor(policy) === null)
  yield { check: CHECK, status: 'info', message: `${summary(rest)}; no service of asinstream asks these` }
}

const CHECK = 'Amazon roles'

async function ask(
  section: Section,
  api: SpApi,
  marketplaceId: string,
  options: OperationOptions,
): Promise<Verdict> {
  try {
    await section.ask(api, marketplaceId, options)
    return { section, kind: 'allowed' }
  } catch (error) {
    if (!(error instanceof SpApiError)) {
      const reason =
        error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : String(error)
      return { section, kind: 'unknown', reason }
    }
    if (error.kind === 'unauthorized') return { section, kind: 'refused' }
    // It was let through, and there is nothing by that name, or something else is wrong with the question.
    if (error.kind === 'not_found' || error.kind === 'rejected') return { section, kind: 'allowed' }
    const spent = error.kind === 'throttled'
    return { section, kind: 'unknown', reason: spent ? 'its quota is spent at the moment' : error.message }
  }
}

function neededFinding(verdict: Verdict, use: string): Finding {
  const { api, operation, role } = verdict.section
  switch (verdict.kind) {
    case 'allowed':
      return { check: CHECK, status: 'ok', message: `may call ${api} (${operation}), for ${use}` }
    case 'refused':
      return {
        check: CHECK,
        status: 'failed',
        message: `may not call ${api} (${operation}), which ${use} needs: Amazon answers 403`,
        advice: `Ask for the role ${role} in the developer profile, add it to the application, and authorise the application anew: the refresh token of before goes on without it.`,
      }
    case 'unknown':
      return {
        check: CHECK,
        status: 'warning',
        message: `whether it may call ${api} (${operation}), for ${use}, is not known: ${verdict.reason}`,
        advice: 'Run it again in a minute.',
      }
  }
}

function summary(verdicts: readonly Verdict[]): string {
  const named = (kind: Verdict['kind']) => verdicts.filter((one) => one.kind === kind)
  const parts = [
    ['may also call', named('allowed').map(({ section }) => section.api)],
    ['not', named('refused').map(({ section }) => `${section.api} (role: ${section.role})`)],
    ['not known', named('unknown').map((one) => `${one.section.api} (${'reason' in one ? one.reason : ''})`)],
  ] as const
  return parts
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what}: ${names.join(', ')}`)
    .join('; ')
}
