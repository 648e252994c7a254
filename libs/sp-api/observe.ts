import type { SpApiFailure } from './errors.ts'

/** One finished HTTP request, for metrics. */
export interface FinishedRequest {
  readonly operation: string
  /** Null for token requests. */
  readonly marketplaceId: string | null
  /** Null when no answer came. */
  readonly httpStatus: number | null
  readonly requestId: string | null
  readonly outcome: 'ok' | SpApiFailure
  /** 1 for the first request of a call, 2 and up for its repeats. */
  readonly attempt: number
  /** From sending to the end of the answer. */
  readonly durationMs: number
  /** How long the token bucket made it wait before that. */
  readonly slotWaitMs: number
}

/** What a call and its repeats and pages cost, added up as they finish. */
export interface Tally {
  requests: number
  /** Time in Amazon's hands, without waits for slots. */
  responseTimeMs: number
}

export const newTally = (): Tally => ({ requests: 0, responseTimeMs: 0 })
