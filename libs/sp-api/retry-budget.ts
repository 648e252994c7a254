import type { Clock } from './clock.ts'

export interface RetryBudgetOptions {
  /** Repeats per request that was asked for. */
  readonly share: number
  /** Repeats that may come at once, and again in each minute whatever is asked for: an operation may be a rare one. */
  readonly reserve: number
}

export const defaultRetryBudget: RetryBudgetOptions = { share: 0.5, reserve: 20 }

/**
 * How many repeats all calls of an operation may make together. Without it a service that fails half of its requests is
 * asked up to four times as often, when it can least bear it. A bucket of repeats: requests fill it by their share, and
 * time by the reserve. Source: B. Beyer et al., "Site Reliability Engineering", chapter 21 ("per-client retry budget").
 */
export class RetryBudget {
  readonly #clock: Clock
  readonly #options: RetryBudgetOptions
  #left: number
  #filledAt: number

  constructor(clock: Clock, options: RetryBudgetOptions = defaultRetryBudget) {
    this.#clock = clock
    this.#options = options
    this.#left = options.reserve
    this.#filledAt = clock.monotonicMs()
  }

  /** A request that is no repeat. */
  request(): void {
    this.#fill(this.#options.share)
  }

  /** Whether a repeat may be made; it counts as made then. */
  repeat(): boolean {
    this.#fill(0)
    if (this.#left < 1) return false
    this.#left--
    return true
  }

  #fill(more: number): void {
    const { reserve } = this.#options
    const now = this.#clock.monotonicMs()
    const ofTime = ((now - this.#filledAt) / 60_000) * reserve
    this.#left = Math.min(reserve, this.#left + ofTime + more)
    this.#filledAt = now
  }
}
