import type { Clock } from './clock.ts'
import { SpApiError } from './errors.ts'
import { SlotError } from './rate-tracker.ts'
import { defaultRetryBudget, type RetryBudgetOptions } from './retry-budget.ts'

export interface RetryPolicy {
  /** Requests of one call, the first included. */
  readonly attempts: number
  /** No repeat begins later than this after the first request. */
  readonly budgetMs: number
  /** The first pause is up to this long; each further one up to twice its predecessor. Full jitter. */
  readonly firstPauseMs: number
  /** A longer Retry-After is left to the caller. */
  readonly longestPauseMs: number
  /** How many repeats all calls of an operation may make together. */
  readonly budget: RetryBudgetOptions
}

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 4,
  budgetMs: 60_000,
  firstPauseMs: 250,
  longestPauseMs: 8_000,
  budget: defaultRetryBudget,
}

/** Full jitter, and no sooner than Amazon asked. `pauses`: those that there were before. */
export function pauseMsOf(error: SpApiError, pauses: number, policy: RetryPolicy, clock: Clock): number {
  const ceiling = Math.min(policy.firstPauseMs * 2 ** pauses, policy.longestPauseMs)
  return Math.max(clock.random() * ceiling, error.retryAfterMs ?? 0)
}

/** The failure of a request that must not be sent twice: it says so when Amazon may have done it all the same. */
export function asUncertain(error: SpApiError, operation: string): SpApiError {
  const { kind, httpStatus, undelivered } = error
  const unasked = undelivered || error instanceof SlotError || error.operation !== operation
  // Nothing came back, nothing that can be read, or Amazon broke down over it.
  const open = httpStatus === null || httpStatus < 300 || httpStatus >= 500
  if (unasked || !open || kind === 'unauthorized') return error
  return new SpApiError({ ...error, uncertain: true }, error.message)
}
