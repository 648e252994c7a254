import { applyOfferOutcomes } from '#libs/db/offers/outcomes.ts'
import type { OffersResult } from '#schemas/generated/offers-result.ts'
import { OFFERS_RESULTS } from '#schemas/topics.ts'
import { absurdity, namesItsRow, type OffersResultOutcome, toOutcome, unusable } from './offers-outcome.ts'
import { decideOfferTransition } from './offers-retry-policy.ts'
import type { Persister } from './persister.ts'
import { createResultsProcessor, type ResultsProcessor } from './results-processor.ts'
import { retryPolicyOf } from './retry-policy.ts'

/** A group of its own: a backlog of look-ups holds no price up, and the other way round. */
export const OFFERS_PERSISTER_GROUP = 'persister-offers'

/** Writes what was told of prices and offers. */
export function createOffersPersister(context: Persister): ResultsProcessor<OffersResult> {
  const { config, metrics } = context
  const retries = retryPolicyOf(config)
  const policy = config.OFFERS_POLICY
  return createResultsProcessor<OffersResult, OffersResultOutcome>(context, {
    group: OFFERS_PERSISTER_GROUP,
    topic: OFFERS_RESULTS,
    batch: config.PERSIST_BATCH,
    absurdity,
    namesItsRow,
    toOutcome,
    unusable,
    async apply(tx, outcomes) {
      const applied = await applyOfferOutcomes(tx, outcomes, policy.levels, (outcome, { failures }) =>
        decideOfferTransition(outcome, failures, policy.of(outcome.level), retries),
      )
      return applied.map(({ outcome }) => outcome)
    },
    written(applied, ignored) {
      for (const { level, result } of applied) metrics.offerOutcomes.inc({ level, result })
      if (ignored > 0) metrics.offerOutcomesIgnored.inc(ignored)
    },
  })
}
