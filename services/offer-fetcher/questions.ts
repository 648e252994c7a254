import type { OfferOperation } from '#libs/offers/levels.ts'
import type { BatchOptions, Settled } from '#libs/sp-api/batches/index.ts'
import { competitivePrices, competitiveSummary, itemOffers, settleBatch } from '#libs/sp-api/batches/index.ts'
import type { SpApi } from '#libs/sp-api/index.ts'
import { competitiveTold } from './competitive-pricing.ts'
import { summaryTold } from './competitive-summary.ts'
import { itemOffersTold } from './item-offers.ts'
import type { Told, TooSoon } from './told.ts'

/** What became of one ASIN of a call. */
export type Answer = Settled<{ readonly asin: string }, Told | TooSoon>

/** How an operation is asked, and how its answers are read. */
export interface Question {
  /** As the results name their source. */
  readonly source: string
  /** One answer per ASIN, in their order. */
  ask(
    api: Pick<SpApi, 'call'>,
    marketplaceId: string,
    asins: readonly string[],
    options: Pick<BatchOptions<never, never>, 'attempts' | 'signal'>,
  ): Promise<Answer[]>
}

export const questions: Readonly<Record<OfferOperation, Question>> = {
  getCompetitivePricing: {
    source: 'productPricingV0.getCompetitivePricing',
    async ask(api, marketplaceId, asins, options) {
      const asks = asins.map((asin) => ({ asin }))
      return (await settleBatch(api, competitivePrices(), marketplaceId, asks, options)).map((settled) =>
        read(settled, competitiveTold),
      )
    },
  },
  getItemOffersBatch: {
    source: 'productPricingV0.getItemOffersBatch',
    async ask(api, marketplaceId, asins, options) {
      const asks = asins.map((asin) => ({ asin, condition: 'New' as const }))
      return (await settleBatch(api, itemOffers, marketplaceId, asks, options)).map((settled) =>
        read(settled, itemOffersTold),
      )
    },
  },
  getCompetitiveSummary: {
    source: 'productPricing_2022-05-01.getCompetitiveSummary',
    async ask(api, marketplaceId, asins, options) {
      const asks = asins.map((asin) => ({
        asin,
        includedData: ['featuredBuyingOptions', 'lowestPricedOffers'] as const,
        lowestPricedOffersInputs: [{ itemCondition: 'New', offerType: 'Consumer' }] as const,
      }))
      return (await settleBatch(api, competitiveSummary, marketplaceId, asks, options)).map((settled) =>
        read(settled, summaryTold),
      )
    },
  },
}

function read<A>(settled: Settled<{ readonly asin: string }, A>, tell: (body: A) => Told | TooSoon): Answer {
  if (settled.kind === 'failed') return settled
  return { ...settled, body: tell(settled.body) }
}
