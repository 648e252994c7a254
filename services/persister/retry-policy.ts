import type { SyncState } from '#libs/db/entities.ts'
import type { Transition } from '#libs/db/outcomes.ts'
import type { Config } from '#libs/service/config.ts'
import type { Outcome as Result } from '#schemas/generated/sync-result.ts'

export interface RetryPolicy {
  /** Failures in a row after which a product is in `error`. */
  readonly maxAttempts: number
  readonly baseDelayMs: number
  readonly maxDelayMs: number
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number
}

export function retryPolicyOf(config: Config): RetryPolicy {
  return {
    maxAttempts: config.MAX_ATTEMPTS,
    baseDelayMs: config.RETRY_DELAY_BASE,
    maxDelayMs: config.RETRY_DELAY_MAX,
    random: Math.random,
  }
}

const finalStates: Partial<Record<Result, SyncState>> = {
  success: 'success',
  not_found: 'not_found',
  ambiguous: 'ambiguous',
  invalid_upc: 'invalid',
  restricted: 'restricted',
}

/** The state that a result ends its row in; undefined for those that are tried again. */
export const finalStateOf = (result: Result): SyncState | undefined => finalStates[result]

/** Wrong credentials are mended by people: asking again every half minute only fills the log. */
const UNAUTHORIZED_FACTOR = 10

/**
 * What an attempt's result means for its row. Failures of the call back off exponentially and end in `error`; what is no
 * fault of the product's (throttled, an outage, wrong credentials) waits without using up an attempt.
 */
export function decideTransition(
  result: Result,
  failuresBefore: number,
  notBeforeMs: number | null,
  policy: RetryPolicy,
): Transition {
  const final = finalStates[result]
  if (final) return { state: final, failures: 0, retryInMs: null }

  if (result === 'throttled' || result === 'unavailable' || result === 'unauthorized') {
    const base = result === 'unauthorized' ? policy.baseDelayMs * UNAUTHORIZED_FACTOR : policy.baseDelayMs
    const delay = jitter(Math.min(base, policy.maxDelayMs), policy.random)
    return { state: 'pending', failures: failuresBefore, retryInMs: Math.max(delay, notBeforeMs ?? 0) }
  }

  const failures = failuresBefore + 1
  if (failures >= policy.maxAttempts) return { state: 'error', failures, retryInMs: null }
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (failures - 1))
  return { state: 'pending', failures, retryInMs: Math.max(jitter(ceiling, policy.random), notBeforeMs ?? 0) }
}

/** Half to all of the ceiling: spread out, and never at once. */
function jitter(ceilingMs: number, random: () => number): number {
  return Math.round(ceilingMs * (0.5 + random() / 2))
}
