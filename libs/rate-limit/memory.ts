import { announce, type Learned, rateAt, reject, unlearned } from './learning.ts'
import {
  checkPaceOptions,
  checkPlan,
  DEFAULT_JITTER_MS,
  DEFAULT_URGENT_SHARE,
  type Pace,
  type PaceOptions,
  pace,
} from './plan.ts'
import type {
  BucketKey,
  BucketPlans,
  BucketState,
  Refusal,
  Reservation,
  ReserveRequest,
  TokenBucket,
  UsagePlan,
} from './port.ts'
import { checkRate, checkRequest, pushMs } from './requests.ts'
import { emptySlots, giveBack, pushBack, type Slots, settle, take } from './slots.ts'

export interface MemoryTokenBucketOptions extends Partial<PaceOptions> {
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
  /** Not before this time of the clock does a bucket that is new give its first slot; default: at once. */
  readonly firstSlotAt?: (key: BucketKey) => number
}

/** One level's bucket. Replaced, never changed in place, so that a refusal leaves no trace. */
interface Account {
  readonly plan: UsagePlan
  readonly learned: Learned
  readonly slots: Slots
}

interface Current extends Account {
  readonly id: string
  readonly rate: number
  readonly pace: Pace
}

/** The token bucket of one process: what embedded mode uses, and what is left when Redis is gone. */
export function createMemoryTokenBucket(options: MemoryTokenBucketOptions = {}): TokenBucket {
  const paceOptions: PaceOptions = {
    jitterMs: options.jitterMs ?? DEFAULT_JITTER_MS,
    urgentShare: options.urgentShare ?? DEFAULT_URGENT_SHARE,
  }
  checkPaceOptions(paceOptions)
  const clock = options.now ?? (() => performance.now())
  const accounts = new Map<string, Account>()

  function current(id: string, plan: UsagePlan, key: BucketKey, now: number): Current {
    checkPlan(plan)
    const known = accounts.get(id)
    const samePlan = known?.plan.ratePerSecond === plan.ratePerSecond && known.plan.burst === plan.burst
    const learned = known && samePlan ? known.learned : unlearned(plan.ratePerSecond)
    const rate = rateAt(learned, now)
    const paced = pace({ ratePerSecond: rate, burst: plan.burst }, paceOptions)
    const slots = known?.slots ?? emptySlots(Math.max(now, options.firstSlotAt?.(key) ?? now), paced)
    return { id, plan, learned, rate, pace: paced, slots: settle(slots, now, paced.periodMs) }
  }

  /** The seller's level first, then the application's when it has a plan. */
  function levelsOf(key: BucketKey, plans: BucketPlans, now: number): Current[] {
    const application = JSON.stringify([key.application, key.operation])
    const seller = JSON.stringify([key.application, key.operation, key.seller])
    const levels = [current(seller, plans.seller, key, now)]
    if (plans.application) levels.push(current(application, plans.application, key, now))
    return levels
  }

  function keep({ id, plan, learned }: Current, slots: Slots, changed: Learned = learned): void {
    accounts.set(id, { plan, learned: changed, slots })
  }

  async function reserve(request: ReserveRequest): Promise<Reservation | Refusal> {
    checkRequest(request)
    const now = clock()
    const levels = levelsOf(request.key, request.plans, now)
    const taken = take(
      levels.map((level) => ({
        slots: level.slots,
        toleranceMs:
          request.priority === 'urgent' ? level.pace.toleranceMs : level.pace.backgroundToleranceMs,
      })),
      request.slots,
      now,
    )
    const waitsMs = taken.times.map((time) => time - now)
    const waitMs = waitsMs[0]!
    for (const [index, level] of levels.entries())
      keep(level, waitMs > request.maxWaitMs ? level.slots : taken.slots[index]!)
    if (waitMs > request.maxWaitMs) return { granted: false, waitMs }
    let held = request.slots
    return {
      granted: true,
      waitsMs,
      giveBack: async (count) => {
        const from = Math.max(0, held - count)
        const then = clock()
        for (const [index, level] of levelsOf(request.key, request.plans, then).entries())
          keep(level, giveBack(level.slots, taken.theoretical[index]!.slice(from, held), then))
        held = from
      },
    }
  }

  return {
    reserve,
    async learnRate(key, plans, ratePerSecond) {
      checkRate(ratePerSecond)
      const now = clock()
      const level = levelsOf(key, { seller: plans.seller }, now)[0]!
      if (level.learned.target === ratePerSecond) return
      keep(level, level.slots, announce(level.learned, ratePerSecond, now))
    },
    async throttled(key, plans, retryAfterMs) {
      const now = clock()
      for (const [index, level] of levelsOf(key, plans, now).entries()) {
        // Only the seller's plan is what Amazon asked to wait for; the application's loses a slot.
        const waitMs = pushMs(level.rate, index === 0 ? retryAfterMs : undefined)
        keep(level, pushBack(level.slots, level.pace, now, waitMs), reject(level.learned, now))
      }
    },
    async state(key, plans): Promise<BucketState> {
      const now = clock()
      const levels = levelsOf(key, plans, now)
      const next = take(
        levels.map((level) => ({ slots: level.slots, toleranceMs: level.pace.toleranceMs })),
        1,
        now,
      )
      const seller = levels[0]!
      return {
        ratePerSecond: seller.rate,
        burst: plans.seller.burst,
        nextSlotMs: next.times[0]! - now,
        learned: seller.rate !== plans.seller.ratePerSecond,
      }
    },
    async ping() {},
    async close() {},
  }
}
