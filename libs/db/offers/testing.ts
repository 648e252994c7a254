import type { OfferLevel } from '#libs/offers/levels.ts'
import { OffersPolicy, parseOffersPolicy } from '#libs/offers/policy.ts'
import { type ClaimedProduct, claimDue } from '../claims.ts'
import type { Database } from '../database.ts'
import { applyOutcomes } from '../outcomes.ts'
import { candidate, outcome, US } from '../testing.ts'
import { type ClaimedOffer, claimOffers } from './claims.ts'
import type { Observation } from './observation.ts'
import type { OfferOutcome } from './outcomes.ts'

/** Helpers of tests of prices and offers. */

export function policy(text = '{"price":{"staleAfter":"24h"},"offers":{"staleAfter":"7d"}}'): OffersPolicy {
  const parsed = parseOffersPolicy(text)
  if (!(parsed instanceof OffersPolicy)) throw new Error(parsed.problem)
  return parsed
}

export const NONE_TOLD: Observation = {
  featured: null,
  lowestPrices: null,
  offerCounts: null,
  fulfillmentOptions: null,
}

export const featured = (price: string, more: Partial<NonNullable<Observation['featured']>> = {}) => ({
  price,
  shipping: '0.00',
  currency: 'USD',
  sellerId: 'SELLER',
  fulfillmentChannel: null,
  prime: null,
  ...more,
})

/** Matches products that are due, in the order of their codes, with these ASINs and sales ranks, in every marketplace. */
export async function matchDue(
  db: Database,
  matches: readonly { readonly asin: string; readonly salesRank?: number | null }[],
  levels = policy().levels,
): Promise<void> {
  const claimed: ClaimedProduct[] = []
  await claimDue(db, { limit: 5_000, queuedTimeoutMs: 60_000 }, async (rows) => void claimed.push(...rows))
  const codes = [...new Set(claimed.map(({ upc }) => Number(upc)))].sort((a, b) => a - b)
  await db.transaction((tx) =>
    applyOutcomes(
      tx,
      claimed.map((claim) => {
        const { asin, salesRank = null } = matches[codes.indexOf(Number(claim.upc)) % matches.length]!
        return outcome(claim, { candidates: [candidate(asin, { chosen: true, salesRank })] })
      }),
      () => ({ state: 'success', failures: 0, retryInMs: null }),
      levels,
    ),
  )
}

export async function claimAll(
  db: Database,
  level: OfferLevel,
  limit = 1_000,
  of = policy(),
): Promise<readonly ClaimedOffer[]> {
  const claimed: ClaimedOffer[] = []
  const levelPolicy = of.of(level)
  if (!levelPolicy) throw new Error(`no level ${level}`)
  await claimOffers(db, levelPolicy, { marketplaceId: US, limit, leaseMs: 60_000 }, async (rows) => {
    claimed.push(...rows)
  })
  return claimed
}

export const offerOutcome = (claim: ClaimedOffer, more: Partial<OfferOutcome> = {}): OfferOutcome => ({
  ...claim,
  result: 'priced',
  reason: null,
  observedAt: Date.now(),
  operation: claim.level === 'price' ? 'getCompetitivePricing' : 'getItemOffersBatch',
  salesRank: null,
  observation: { ...NONE_TOLD, featured: featured('19.90') },
  ...more,
})
