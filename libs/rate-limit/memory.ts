import { createRoundTrips, type RoundTrips } from './arrivals.ts'
import { announce, brakeAt, type Learned, rateAt, reject, unlearned } from './learning.ts'
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
  LevelState,
  Priority,
  Refusal,
  Reservation,
  ReserveRequest,
  TokenBucket,
  UsagePlan,
} from './port.ts'
import { ask, type Place, present } from './queue.ts'
import { checkRate, checkRequest, compareKeys, pushMs } from './requests.ts'
import {
  arrived,
  emptySlots,
  giveBack,
  type Level,
  pushBack,
  type Slots,
  settle,
  type Taken,
  take,
} from './slots.ts'
import { type TimeShare, type Turns, turnPace, turnsOf } from './time-division.ts'

export interface MemoryTokenBucketOptions extends Partial<PaceOptions> {
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
  /** Not before this time of the clock does a bucket that is new give its first slot; default: at once. */
  readonly firstSlotAt?: (key: BucketKey, plan: UsagePlan) => number
  /** Plans are spent in turns with other processes. Such a bucket has one level: no plan of an application. */
  readonly timeShare?: (key: BucketKey) => TimeShare
}

/** One level's bucket. Replaced, never changed in place, so that a refusal leaves no trace. */
interface Account {
  readonly plan: UsagePlan
  readonly learned: Learned
  readonly slots: Slots
  readonly granted: number
  readonly throttled: number
  readonly throttledAt: number | null
}

interface Current extends Account {
  readonly id: string
  /** Of the whole plan; one in `processes` of it is this process's. */
  readonly rate: number
  readonly processes: number
  readonly pace: Pace
  readonly turns: Turns | undefined
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
  /** By the seller's level. */
  const queues = new Map<string, readonly Place[]>()
  const known = new Map<string, { readonly key: BucketKey; readonly plans: BucketPlans }>()
  const trips = new Map<string, RoundTrips>()

  function current(id: string, plan: UsagePlan, key: BucketKey, now: number): Current {
    checkPlan(plan)
    const kept = accounts.get(id)
    const samePlan = kept?.plan.ratePerSecond === plan.ratePerSecond && kept.plan.burst === plan.burst
    const learned = kept && samePlan ? kept.learned : unlearned(plan.ratePerSecond)
    const rate = rateAt(learned, now)
    const inForce = { ratePerSecond: rate, burst: plan.burst }
    const share = options.timeShare?.(key)
    const turns = share && turnsOf(inForce, share, paceOptions)
    const paced = turns ? turnPace(turns) : pace(inForce, paceOptions)
    const slots = kept?.slots ?? emptySlots(Math.max(now, options.firstSlotAt?.(key, inForce) ?? now), paced)
    const settled = settle(slots, now, paced.periodMs)
    // Slots that came back are no turns any more when the rate has changed.
    const free = turns && slots.periodMs !== paced.periodMs ? [] : settled.free
    const processes = share?.count ?? 1
    const { granted = 0, throttled = 0, throttledAt = null } = kept ?? {}
    const counts = { granted, throttled, throttledAt }
    return { id, plan, learned, ...counts, rate, processes, pace: paced, turns, slots: { ...settled, free } }
  }

  /** The seller's level first, then the application's when it has a plan. */
  function levelsOf(key: BucketKey, plans: BucketPlans, now: number): Current[] {
    const application = JSON.stringify([key.application, key.operation])
    const seller = JSON.stringify([key.application, key.operation, key.seller])
    known.set(seller, { key, plans })
    const levels = [current(seller, plans.seller, key, now)]
    if (plans.application) levels.push(current(application, plans.application, key, now))
    return levels
  }

  function keep({ id, ...level }: Current, changed: Partial<Account>): void {
    const { plan, learned, slots, granted, throttled, throttledAt } = { ...level, ...changed }
    accounts.set(id, { plan, learned, slots, granted, throttled, throttledAt })
  }

  const levelFor = ({ slots, pace, turns }: Current, priority: Priority): Level => ({
    slots,
    turns,
    toleranceMs: priority === 'urgent' ? pace.toleranceMs : pace.backgroundToleranceMs,
    doubtMs: pace.doubtMs,
  })

  /** The slots when it is their time, else for how long it is not. */
  function takeFor(request: ReserveRequest, levels: readonly Current[], now: number): Taken | Refusal {
    const { priority, slots, maxWaitMs, ticket } = request
    const ready = levels.map((level) => levelFor(level, priority))
    if (ticket !== undefined) {
      const { id, pace } = levels[0]!
      const turn = ask(queues.get(id) ?? [], ready, pace, { ticket, priority, maxWaitMs }, now)
      queues.set(id, turn.queue)
      return turn.taken ?? { granted: false, waitMs: turn.waitMs, askAgainMs: turn.askAgainMs }
    }
    const taken = take(ready, slots, now)
    const waitMs = taken.times[0]! - now
    return waitMs > maxWaitMs ? { granted: false, waitMs, askAgainMs: null } : taken
  }

  async function reserve(request: ReserveRequest): Promise<Reservation | Refusal> {
    checkRequest(request)
    const now = clock()
    const { key, plans } = request
    const levels = levelsOf(key, plans, now)
    const taken = takeFor(request, levels, now)
    if ('granted' in taken) {
      for (const level of levels) keep(level, {})
      return taken
    }
    for (const [index, level] of levels.entries())
      keep(level, { slots: taken.slots[index]!, granted: level.granted + request.slots })
    let held = request.slots
    return {
      granted: true,
      waitsMs: taken.times.map((time) => time - now),
      giveBack: async (count) => {
        const from = Math.max(0, held - count)
        const then = clock()
        for (const [index, level] of levelsOf(key, plans, then).entries())
          keep(level, {
            slots: giveBack(level.slots, taken.theoretical[index]!.slice(from, held), then),
            granted: level.granted - (held - from),
          })
        held = from
      },
      answered: async ({ sentAgoMs, answeredAgoMs }) => {
        const then = clock()
        const latest = then - answeredAgoMs - tripsOf(levels[0]!.id).observe(sentAgoMs - answeredAgoMs)
        for (const [index, level] of levelsOf(key, plans, then).entries())
          keep(level, { slots: arrived(level.slots, taken.theoretical[index]![0]!, latest) })
      },
    }
  }

  function stateOf(key: BucketKey, plans: BucketPlans): BucketState {
    const now = clock()
    const levels = levelsOf(key, plans, now)
    const [seller, application] = levels as [Current, Current | undefined]
    const queue = present(queues.get(seller.id) ?? [], now)
    const slotAt = (priority: Priority, count: number): number =>
      take(
        levels.map((level) => levelFor(level, priority)),
        count,
        now,
      ).times[count - 1]! - now
    const state = levelState(seller, now)
    return {
      ...state,
      learned: seller.rate !== plans.seller.ratePerSecond,
      application: application ? levelState(application, now) : null,
      nextSlotMs: slotAt('urgent', 1),
      queued: queue.length,
      queueWaitMs: slotAt('background', queue.length + 1),
    }
  }

  function tripsOf(id: string): RoundTrips {
    const known = trips.get(id) ?? createRoundTrips()
    trips.set(id, known)
    return known
  }

  return {
    reserve,
    async leave(key, plans, ticket) {
      const { id } = levelsOf(key, plans, clock())[0]!
      const queue = queues.get(id)
      if (queue)
        queues.set(
          id,
          queue.filter((place) => place.ticket !== ticket),
        )
    },
    async learnRate(key, plans, ratePerSecond) {
      checkRate(ratePerSecond)
      const now = clock()
      const level = levelsOf(key, { seller: plans.seller }, now)[0]!
      if (level.learned.target === ratePerSecond) return
      keep(level, { learned: announce(level.learned, ratePerSecond, now) })
    },
    async throttled(key, plans, retryAfterMs) {
      const now = clock()
      for (const [index, level] of levelsOf(key, plans, now).entries()) {
        // Only the seller's plan is what Amazon asked to wait for; the application's loses a slot.
        const waitMs = pushMs(level.rate / level.processes, index === 0 ? retryAfterMs : undefined)
        keep(level, {
          slots: pushBack(level.slots, level.pace, now, waitMs),
          learned: reject(level.learned, now),
          throttled: level.throttled + 1,
          throttledAt: now,
        })
      }
    },
    state: async (key, plans) => stateOf(key, plans),
    survey: async () => ({
      scope: 'process',
      buckets: [...known.values()]
        .map(({ key, plans }) => ({ key, state: stateOf(key, plans) }))
        .sort((a, b) => compareKeys(a.key, b.key)),
    }),
    async ping() {},
    async close() {},
  }
}

function levelState(
  { plan, learned, rate, processes, pace, slots, ...level }: Current,
  now: number,
): LevelState {
  const unused = 1 + (pace.toleranceMs - (slots.next - now)) / pace.periodMs
  return {
    ratePerSecond: rate / processes,
    planRatePerSecond: plan.ratePerSecond,
    announcedRatePerSecond: learned.target,
    brake: brakeAt(learned, now),
    burst: plan.burst,
    tokens: Math.max(0, unused) + slots.free.length,
    granted: level.granted,
    throttled: level.throttled,
    throttledAgoMs: level.throttledAt === null ? null : now - level.throttledAt,
  }
}
