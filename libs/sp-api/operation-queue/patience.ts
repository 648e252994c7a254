import type { Clock } from '../clock.ts'
import { CircuitOpenError, SpApiError } from '../errors.ts'
import { SlotError } from '../rate-tracker.ts'

/** Failures that may be the request's own fault, after which it is given up. */
export const MOST_FAILURES = 5
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/** How to go on after a failure: later, in so many milliseconds, or sooner when `change` resolves. */
export interface Later {
  readonly pauseMs: number
  readonly change?: Promise<void>
  /** The request may be to blame: not too often. */
  readonly counts: boolean
}

/**
 * What to do with a call that failed; null: it has failed for good. An outage is nobody's fault and lasts as long as it
 * lasts; what Amazon refuses stays refused; what may have been done and must not be done twice is never asked again.
 */
export function laterOf(error: unknown, operation: string, failures: number, clock: Clock): Later | null {
  if (!(error instanceof SpApiError) || error.uncertain) return null
  const pauseMs = Math.max(jitter(failures, clock), error.retryAfterMs ?? 0)
  if (error instanceof CircuitOpenError) return { pauseMs, change: error.change, counts: false }
  if (error instanceof SlotError || error.kind === 'throttled' || error.undelivered)
    return { pauseMs, counts: false }
  // There was no token: nobody asked for the operation itself yet.
  const unasked = error.operation !== operation
  if (unasked && (error.kind === 'unavailable' || error.kind === 'timeout')) return { pauseMs, counts: false }
  if (!error.transient) return null
  const isOutage = error.kind === 'unavailable' && error.httpStatus !== 500
  if (isOutage) return { pauseMs, counts: false }
  return failures + 1 < MOST_FAILURES ? { pauseMs, counts: true } : null
}

/** Full jitter. */
const jitter = (failures: number, clock: Clock): number =>
  clock.random() * Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS)
