import type { Database } from '#libs/db/database.ts'
import { applyOutcomes } from '#libs/db/outcomes.ts'
import type { Config } from '#libs/service/config.ts'
import type { Logger } from '#libs/service/logger.ts'
import type { Metrics } from '#libs/service/metrics.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { SYNC_RESULTS } from '#schemas/topics.ts'
import { absurdity, namesItsRow, type ResultOutcome, toOutcome, unusable } from './outcome.ts'
import { createResultsProcessor, type ResultsProcessor } from './results-processor.ts'
import { decideTransition, retryPolicyOf } from './retry-policy.ts'

export const PERSISTER_GROUP = 'persister'

export interface Persister {
  readonly db: Database
  readonly config: Config
  readonly logger: Logger
  readonly metrics: Metrics
}

/** Writes what look-ups of products came to; a new match is queued to be priced, in the same transaction. */
export function createPersister(context: Persister): ResultsProcessor<SyncResult> {
  const { config, metrics } = context
  const policy = retryPolicyOf(config)
  return createResultsProcessor<SyncResult, ResultOutcome>(context, {
    group: PERSISTER_GROUP,
    topic: SYNC_RESULTS,
    batch: config.PERSIST_BATCH,
    absurdity,
    namesItsRow,
    toOutcome,
    unusable,
    async apply(tx, outcomes) {
      const applied = await applyOutcomes(
        tx,
        outcomes,
        (outcome, row) => decideTransition(outcome.result, row.failures, outcome.retryAfterMs, policy),
        config.OFFERS_POLICY.levels,
      )
      return applied.map(({ outcome }) => outcome)
    },
    written(applied, ignored) {
      for (const { result } of applied) metrics.outcomes.inc({ result })
      if (ignored > 0) metrics.outcomesIgnored.inc(ignored)
    },
  })
}
