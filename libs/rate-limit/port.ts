/**
 * One token bucket, two homes (`memory.ts`, `redis.ts`), one contract (`contract.ts`).
 *
 * A caller *reserves* the next slots and is told how long to wait; nobody polls. With a ticket it queues up instead and
 * is told when to ask again (`queue.ts`; `acquire` does that). Two levels are taken in one step: application × operation,
 * and application × seller × operation. The arithmetic is reservation GCRA (`slots.ts`) at a pace that jitter can not turn
 * into a 429 (`plan.ts`), and that follows Amazon's answers: their rate (`learning.ts`) and their time (`arrivals.ts`).
 */

/** A usage plan as Amazon publishes it: requests a second, and how many may come at once. */
export interface UsagePlan {
  readonly ratePerSecond: number
  readonly burst: number
}

/** What a call spends from. `seller` plans are published per operation; `application` plans only for a few. */
export interface BucketKey {
  readonly application: string
  readonly seller: string
  readonly operation: string
}

export interface BucketPlans {
  readonly seller: UsagePlan
  readonly application?: UsagePlan
}

/**
 * Urgent callers (a person waits) may use the whole bucket, background callers leave the urgent share free; and of those
 * with a ticket the urgent ones come first.
 */
export type Priority = 'urgent' | 'background'

export interface ReserveRequest {
  readonly key: BucketKey
  readonly plans: BucketPlans
  /** How many slots to take in this one trip; at least 1. */
  readonly slots: number
  readonly priority: Priority
  /** When the first slot is further away than this, nothing is reserved. */
  readonly maxWaitMs: number
  /**
   * A name that no other caller has: letters, digits and dashes. With it a single slot is handed out shortly before its
   * time only, in the order of a queue, and `askAgainMs` says when to ask again with the same ticket until then.
   */
  readonly ticket?: string
}

/** Slots with their times. Times are relative to the answer, so that no clock but the bucket's own matters. */
export interface Reservation {
  readonly granted: true
  /** Milliseconds from now until each slot may be used, ascending, one per slot. */
  readonly waitsMs: readonly number[]
  /** Gives back the last `count` slots when they will not be used; idempotent for what is already given back. */
  giveBack(count: number): Promise<void>
  /** The call that used the first slot was answered: where the burst is 1, the next one may go the sooner for it. */
  answered(call: AnsweredCall): Promise<void>
}

export interface AnsweredCall {
  /** Milliseconds ago that the call left, by the sender's monotonic clock. */
  readonly sentAgoMs: number
  /** Milliseconds ago that its answer began to come. */
  readonly answeredAgoMs: number
}

export interface Refusal {
  readonly granted: false
  /** Milliseconds until the first slot would have been free. */
  readonly waitMs: number
  /** The ticket has a place in the queue; ask again after so many milliseconds. Null: nothing is kept. */
  readonly askAgainMs: number | null
}

/** One level of a bucket. Counts are of all slots and 429s since the bucket is known, at most a week without use. */
export interface LevelState {
  /** The rate in force: the plan's, or what was learned. */
  readonly ratePerSecond: number
  /** As published, or as configured. */
  readonly planRatePerSecond: number
  /** What Amazon's answers announced last; the plan's rate until they do. */
  readonly announcedRatePerSecond: number
  /** What repeated 429s have cut the announced rate to, 1/16 to 1; 1 is no cut. */
  readonly brake: number
  readonly burst: number
  /** Slots that an urgent caller could use at once; with a fraction, as they fill up. */
  readonly tokens: number
  /** Slots handed out and not given back. */
  readonly granted: number
  /** 429s that came back. */
  readonly throttled: number
  /** Milliseconds since the latest one; null when there was none. */
  readonly throttledAgoMs: number | null
}

/** The seller's level, and what waits for the bucket. */
export interface BucketState extends LevelState {
  /** The rate in force is not the plan's. */
  readonly learned: boolean
  /** The level of the application's own plan. */
  readonly application: LevelState | null
  /** Milliseconds until the next free slot of an urgent caller; 0 when there is one now. */
  readonly nextSlotMs: number
  /** Callers with a ticket that wait. */
  readonly queued: number
  /** Milliseconds until a background caller who joins them now has a slot. */
  readonly queueWaitMs: number
}

/** What is known of all buckets. */
export interface BucketSurvey {
  /** `shared`: of every process that spends from them. `process`: of this one alone. */
  readonly scope: 'shared' | 'process'
  readonly buckets: readonly { readonly key: BucketKey; readonly state: BucketState }[]
}

/**
 * A bucket that nobody has used yet starts with its burst spent, one slot at once and then one a period: whoever came
 * before a restart may have left Amazon's bucket empty. Plans out of range reject with a RangeError.
 */
export interface TokenBucket {
  reserve(request: ReserveRequest): Promise<Reservation | Refusal>
  /** The ticket's place in the queue is free; nothing happens when it has none. */
  leave(key: BucketKey, plans: BucketPlans, ticket: string): Promise<void>
  /** A successful answer carried `x-amzn-RateLimit-Limit`: cut at once, raise slowly. */
  learnRate(key: BucketKey, plans: BucketPlans, ratePerSecond: number): Promise<void>
  /** A 429 came back: push the bucket on, and cut the rate when they repeat. `retryAfterMs` when the answer had one. */
  throttled(key: BucketKey, plans: BucketPlans, retryAfterMs?: number): Promise<void>
  state(key: BucketKey, plans: BucketPlans): Promise<BucketState>
  /** Every bucket in use, in the order of their keys. */
  survey(): Promise<BucketSurvey>
  /** Resolves when the bucket's home answers; rejects with the reason otherwise. For readiness. */
  ping(): Promise<void>
  close(): Promise<void>
}
