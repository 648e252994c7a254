import { createMemoryTokenBucket } from './memory.ts'
import type { PaceOptions } from './plan.ts'
import type { BucketKey, BucketPlans, TokenBucket, UsagePlan } from './port.ts'
import { LEAD_MS } from './queue.ts'
import { singleLevel } from './single-level.ts'
import { burstHolds, sharedPeriodMs, type TimeShare } from './time-division.ts'

export interface AloneOptions {
  readonly pace: PaceOptions
  readonly clock: () => number
  /** How many processes share each plan; above 1, or a bucket in memory does as well. */
  readonly processes: number
  /** On this process's clock. */
  readonly lostAt: number
  /** For how long after that the others may still spend together. */
  readonly holdMs: number
  /** Until when slots of this bucket are promised, as far as this process knows. */
  readonly promisedUntil: (key: BucketKey) => number
  /** This process's part of the time; null when it has none. */
  readonly timeShare: (key: BucketKey) => TimeShare | null
  /** Who has no part where that matters is told to ask again after so long. */
  readonly askAgainMs: number
  /** 0 to below 1: spreads processes that have no part of the time. */
  readonly random: () => number
}

/**
 * The bucket of one of several processes while none of them can ask the others. Each takes its turns on the clock that
 * they last shared (`time-division.ts`), the first one after every call that they can have placed together.
 *
 * A process that has no part of the time, because it never met the others, spends its share at times of its own, after
 * a whole round of everybody, when the burst has room for all processes at once. Otherwise it refuses to: any call may be
 * the one too many.
 */
export function createAloneBucket(options: AloneOptions): TokenBucket {
  const { pace, clock, processes, lostAt, holdMs, random } = options
  const shares = new Map<string, { readonly share: TimeShare; readonly agreed: boolean }>()
  const phase = random()

  function shareOf(key: BucketKey): { readonly share: TimeShare; readonly agreed: boolean } {
    const id = JSON.stringify([key.application, key.operation])
    let known = shares.get(id)
    if (!known) {
      const agreed = options.timeShare(key)
      // Rounds of any length start at a time of their own.
      const share = agreed ?? { index: phase * processes, count: processes, originMs: lostAt }
      known = { share, agreed: agreed !== null }
      shares.set(id, known)
    }
    return known
  }

  function firstSlotAt(key: BucketKey, plan: UsagePlan): number {
    const periodMs = sharedPeriodMs(plan, pace)
    const untilTheirs = shareOf(key).agreed ? LEAD_MS + periodMs : processes * periodMs
    return Math.max(options.promisedUntil(key), lostAt + holdMs + untilTheirs)
  }

  const bucket = createMemoryTokenBucket({
    ...pace,
    now: clock,
    firstSlotAt,
    timeShare: (key) => shareOf(key).share,
  })

  const mayCall = (key: BucketKey, plans: BucketPlans): boolean =>
    shareOf(key).agreed || burstHolds(plans.seller, processes, pace)

  return {
    async reserve(request) {
      const { key, plans } = singleLevel(request.key, request.plans)
      if (mayCall(key, plans)) return bucket.reserve({ ...request, key, plans })
      const waitMs = options.askAgainMs
      const mayWait = request.ticket !== undefined && waitMs <= request.maxWaitMs
      return { granted: false, waitMs, askAgainMs: mayWait ? waitMs : null }
    },
    async leave(wanted, planned, ticket) {
      const { key, plans } = singleLevel(wanted, planned)
      await bucket.leave(key, plans, ticket)
    },
    async learnRate(wanted, planned, ratePerSecond) {
      const { key, plans } = singleLevel(wanted, planned)
      await bucket.learnRate(key, plans, ratePerSecond)
    },
    async throttled(wanted, planned, retryAfterMs) {
      const { key, plans } = singleLevel(wanted, planned)
      await bucket.throttled(key, plans, retryAfterMs)
    },
    async state(wanted, planned) {
      const { key, plans } = singleLevel(wanted, planned)
      const state = await bucket.state(key, plans)
      return mayCall(key, plans) ? state : { ...state, nextSlotMs: options.askAgainMs }
    },
    survey: () => bucket.survey(),
    ping: () => bucket.ping(),
    close: () => bucket.close(),
  }
}
