import type { OfferState } from '#libs/db/offers/entities.ts'
import type { OfferTransition } from '#libs/db/offers/outcomes.ts'
import type { LevelPolicy } from '#libs/offers/policy.ts'
import type { OffersOutcome } from '#schemas/generated/offers-result.ts'
import { decideTransition, type RetryPolicy } from './retry-policy.ts'

/** Outcomes of a level that the policy does not name any more are kept for as long as a day is. */
const DEFAULT_STALE_AFTER_MS = 86_400_000

/** Age at which what was told is asked for again, in milliseconds. */
export const staleAfterMs = (level: LevelPolicy | undefined): number =>
  level?.staleAfterMs ?? DEFAULT_STALE_AFTER_MS

const answers: Partial<Record<OffersOutcome, OfferState>> = {
  priced: 'priced',
  no_price: 'no_price',
  not_found: 'not_found',
}

/**
 * What an attempt to price an ASIN means for its row. An answer is due again when it is stale, and so is what has failed
 * too often; other failures wait as those of look-ups do.
 */
export function decideOfferTransition(
  outcome: { readonly result: OffersOutcome; readonly retryAfterMs: number | null },
  failuresBefore: number,
  level: LevelPolicy | undefined,
  policy: RetryPolicy,
): OfferTransition {
  const staleMs = staleAfterMs(level)
  const { result, retryAfterMs } = outcome
  const state = answers[result]
  if (state !== undefined) return { state, failures: 0, nextInMs: staleMs }
  const failure = result as Exclude<OffersOutcome, 'priced' | 'no_price' | 'not_found'>
  const { failures, retryInMs } = decideTransition(failure, failuresBefore, retryAfterMs, policy)
  if (retryInMs === null) return { state: 'error', failures, nextInMs: staleMs }
  return { state: 'pending', failures, nextInMs: retryInMs }
}
