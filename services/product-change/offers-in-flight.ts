import { MAX_ASINS } from '#libs/offers/levels.ts'

/** Calls that are kept ready however slow a level is: one that is asked, and the next. */
const FEWEST_CALLS = 2
/** Work that is kept ready at the rate at which it goes, in seconds: so old are the priorities of the last of it. */
const READY_SECONDS = 30
/** Over how long that rate is taken, in seconds: a call of the slowest level may come every half minute. */
const SMOOTH_SECONDS = 30

/**
 * How many calls of one level may be in flight: enough for the quota never to wait for us, and so few that what becomes
 * more urgent goes before what was less so a moment ago. The rate is learned from what comes back, so that 0.033 requests
 * a second and 50 are treated alike; it doubles within moments where there is more quota.
 */
export class OffersInFlight {
  readonly #most: number
  #perSecond = 0
  #last: { readonly at: number; readonly queued: number } | undefined

  /** `mostRows`: a bound whatever the rate. */
  constructor(mostRows: number) {
    this.#most = Math.max(FEWEST_CALLS, Math.floor(mostRows / MAX_ASINS))
  }

  /** Calls that may be in flight. `queued`: ASINs in flight at `now`, monotonic milliseconds. */
  observe(queued: number, now: number): number {
    if (this.#last !== undefined && now > this.#last.at) {
      const seconds = (now - this.#last.at) / 1_000
      const drained = Math.max(0, this.#last.queued - queued) / seconds
      this.#perSecond += (drained - this.#perSecond) * (1 - Math.exp(-seconds / SMOOTH_SECONDS))
    }
    this.#last = { at: now, queued }
    return Math.min(
      this.#most,
      Math.max(FEWEST_CALLS, Math.ceil((this.#perSecond * READY_SECONDS) / MAX_ASINS)),
    )
  }

  /** More of them are in flight now. */
  claimed(asins: number): void {
    if (this.#last) this.#last = { ...this.#last, queued: this.#last.queued + asins }
  }
}
