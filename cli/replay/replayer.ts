import type { FreshSchema } from '#libs/db/replay/fresh-schema.ts'
import { OFFERS_RESULTS } from '#schemas/topics.ts'
import { createFreshPrices, createFreshResults } from '#services/persister/replay/fresh.ts'
import { createLivePrices } from '#services/persister/replay/live-prices.ts'
import { createLiveResults } from '#services/persister/replay/live-results.ts'
import type { Replayer } from '#services/persister/replay/recorded.ts'
import { retryPolicyOf } from '#services/persister/retry-policy.ts'
import type { Opened } from '../database.ts'

export interface ReplayTarget {
  /** Null: the live tables. */
  readonly schema: FreshSchema | null
  readonly dryRun: boolean
  readonly rematch: boolean
}

/** What replays records of a topic, into the live tables or a schema. */
export function createReplayer(
  { db, config }: Opened,
  topic: string,
  { schema, dryRun, rematch }: ReplayTarget,
): Replayer<unknown> {
  const policy = config.OFFERS_POLICY
  const prices = topic === OFFERS_RESULTS
  if (schema === null) {
    const replayer = prices
      ? createLivePrices({ db, dryRun, policy })
      : createLiveResults({ db, dryRun, rematch, levels: policy.levels })
    return replayer as Replayer<unknown>
  }
  const fresh = { db, schema, policy, retries: retryPolicyOf(config), rematch }
  return (prices ? createFreshPrices(fresh) : createFreshResults(fresh)) as Replayer<unknown>
}
