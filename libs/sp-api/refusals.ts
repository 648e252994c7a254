import type { Clock } from './clock.ts'

/** How long a marketplace that refused everything is taken to go on doing so. */
const SYSTEMIC_MS = 600_000

/**
 * Which marketplaces refuse every search, whatever its identifiers (a role that is missing, a parameter that changed).
 * There the search for the one bad identifier finds none and costs up to 39 requests a batch, so it is made once and
 * remembered; until a search succeeds or the memory ends, a refused search is one request.
 */
export class RefusalMemory {
  readonly #clock: Clock
  readonly #until = new Map<string, number>()
  /** The bisection under way, per marketplace. */
  readonly #queues = new Map<string, Promise<unknown>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isSystemic(marketplaceId: string): boolean {
    return this.#clock.monotonicMs() < (this.#until.get(marketplaceId) ?? 0)
  }

  /** Every identifier of a batch was refused. */
  refusedAll(marketplaceId: string): void {
    this.#until.set(marketplaceId, this.#clock.monotonicMs() + SYSTEMIC_MS)
  }

  /** A search was answered. */
  answered(marketplaceId: string): void {
    this.#until.delete(marketplaceId)
  }

  /** One bisection at a time and marketplace: what the first finds out spares those behind it. */
  async inTurn<T>(marketplaceId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(marketplaceId) ?? Promise.resolve()
    const turn = before.then(work, work)
    this.#queues.set(marketplaceId, turn)
    try {
      return await turn
    } finally {
      if (this.#queues.get(marketplaceId) === turn) this.#queues.delete(marketplaceId)
    }
  }
}
