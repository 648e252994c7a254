import { type AcquireOptions, acquire, type Slot, SlotRefusedError } from '#libs/rate-limit/acquire.ts'
import type { BucketKey, BucketPlans, Priority, ReserveRequest, TokenBucket } from '#libs/rate-limit/port.ts'
import { rateLimitOf, retryAfterOf } from './classify.ts'
import type { Clock, SpApiLog } from './clock.ts'
import { OperationQueueError, SpApiError } from './errors.ts'
import type { HttpAnswer } from './transport.ts'
import type { OperationKey, UsagePlans } from './usage-plans.ts'

export interface RateTrackerOptions {
  readonly bucket: TokenBucket
  /** Application and seller of every bucket key. */
  readonly account: Pick<BucketKey, 'application' | 'seller'>
  readonly plans: UsagePlans
  readonly maxSlotWaitMs: number
  /** Requests a second that nothing that Amazon announces leads beyond. */
  readonly highestRate?: ((operation: OperationKey) => number) | undefined
  readonly clock: Clock
  readonly log: SpApiLog
}

/** Whose plan of an operation is spent: the seller's, or the application's alone where no seller is needed. */
export interface RateSubject {
  readonly operation: OperationKey
  readonly ofSeller: boolean
}

export interface SlotOptions {
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
  /** Longest wait, in milliseconds, instead of the tracker's. */
  readonly maxWaitMs?: number | undefined
  /** Called when the slot's time has come; a failure gives the slot back. */
  readonly ready?: () => Promise<void>
  /** Asked instead of the bucket. */
  readonly slots?: SlotSource | undefined
}

/** A bucket's slot for somebody. */
export interface SlotRequest {
  readonly key: BucketKey
  readonly plans: BucketPlans
  readonly signal: AbortSignal | undefined
  readonly ready: () => Promise<void>
  /** A slot of the bucket itself, as soon as there is one, however long that takes. */
  readonly take: (priority: Priority, signal: AbortSignal) => Promise<Slot>
}

/** Who hands slots out, as `OperationQueue` does. Rejects as `RateTracker.slot`. */
export interface SlotSource {
  slot(request: SlotRequest): Promise<Slot>
}

/** A slot is waited for as long as that many of the plan take, at least. */
const PERIODS_TO_WAIT = 2
/** As long as a bucket takes for an answer: 30 years. */
const UNBOUNDED_MS = 1e12
/** The same rate is told to the bucket again only after this long: telling costs a trip. */
const RATE_REMINDER_MS = 5_000

/**
 * One seller's part in the usage plans: a slot of the token bucket before every request, and what the answer says about
 * the rate back into the bucket.
 */
export class RateTracker {
  readonly #options: RateTrackerOptions
  /** The clock as `acquire` wants it. */
  readonly #time: Pick<AcquireOptions, 'now' | 'sleep'>
  readonly #told = new Map<OperationKey, { readonly rate: number; readonly at: number }>()

  constructor(options: RateTrackerOptions) {
    this.#options = options
    const { clock } = options
    this.#time = { now: () => clock.monotonicMs(), sleep: (ms, abort) => clock.sleep(ms, abort) }
  }

  /**
   * Waits for a slot. Rejects with a `SlotError` when there is none soon enough, with the signal's reason when that
   * aborts, and with what `ready` rejects with.
   */
  async slot(subject: RateSubject, options: SlotOptions): Promise<Slot> {
    const { priority, signal, slots, ready = async () => {} } = options
    const { operation } = subject
    const maxWaitMs = options.maxWaitMs ?? this.#maxWaitMs(operation)
    const key = this.#key(subject)
    const plans = this.#options.plans[operation]
    const acquired = (wanted: Pick<ReserveRequest, 'priority' | 'maxWaitMs'>, more: AcquireOptions) =>
      acquire(this.#options.bucket, { key, plans, ...wanted }, { ...this.#time, ...more })
    try {
      if (slots)
        return await slots.slot({
          key,
          plans,
          signal,
          ready,
          take: (urgency, abort) =>
            acquired({ priority: urgency, maxWaitMs: UNBOUNDED_MS }, { signal: abort }),
        })
      return await acquired({ priority, maxWaitMs }, { signal, ready })
    } catch (error) {
      if (signal?.aborted || error instanceof SpApiError || error instanceof OperationQueueError) throw error
      throw slotError(operation, error, maxWaitMs)
    }
  }

  /**
   * Tells the bucket what an answer to a request that left at `sentAt` says. The rate is announced on 20x, 400 and 404
   * only; elsewhere the header means nothing. Never rejects: the answer is there and counts.
   */
  async answered(subject: RateSubject, answer: HttpAnswer, slot: Slot, sentAt: number): Promise<void> {
    const { bucket, plans, clock, log, highestRate } = this.#options
    const { operation } = subject
    const key = this.#key(subject)
    const plan = plans[operation]
    try {
      await slot.answered(sentAt, answer.answeredAt)
      if (answer.status === 429) {
        await bucket.throttled(key, plan, retryAfterOf(answer) ?? undefined)
        return
      }
      const learns = (answer.status >= 200 && answer.status < 300) || [400, 404].includes(answer.status)
      const announced = learns ? rateLimitOf(answer) : null
      if (announced === null) return
      const rate = Math.min(announced, highestRate?.(operation) ?? announced)
      const told = this.#told.get(operation)
      const now = clock.monotonicMs()
      if (told?.rate === rate && now - told.at < RATE_REMINDER_MS) return
      this.#told.set(operation, { rate, at: now })
      await bucket.learnRate(key, plan, rate)
    } catch (error) {
      // The bucket's own degradation takes care of the rest.
      const reason = error instanceof Error ? error.message : String(error)
      log.warn({ operation }, `the token bucket could not be told about the rate: ${reason}`)
    }
  }

  /** When the next slot of a seller's operation is due for a caller who asks now, in milliseconds from now. */
  async nextSlotMs(operation: OperationKey): Promise<number> {
    const { bucket, plans } = this.#options
    return (await bucket.state(this.#key({ operation, ofSeller: true }), plans[operation])).nextSlotMs
  }

  /** A slow operation's next slot is often further away than what would be long for the others. */
  #maxWaitMs(operation: OperationKey): number {
    const { plans, maxSlotWaitMs } = this.#options
    return Math.max(maxSlotWaitMs, (PERIODS_TO_WAIT * 1_000) / plans[operation].seller.ratePerSecond)
  }

  #key({ operation, ofSeller }: RateSubject): BucketKey {
    const { account } = this.#options
    return { ...account, seller: ofSeller ? account.seller : '', operation }
  }
}

/** The token bucket gave no slot: nothing was sent. */
export class SlotError extends SpApiError {}

function slotError(operation: OperationKey, error: unknown, maxWaitMs: number): SlotError {
  if (error instanceof SlotRefusedError) {
    const retryAfterMs = Math.ceil(error.waitMs)
    return new SlotError(
      { kind: 'throttled', operation, retryAfterMs },
      `${operation}: the next slot of the usage plan is ${retryAfterMs} ms away, more than ${maxWaitMs} ms`,
    )
  }
  return new SlotError(
    { kind: 'unavailable', operation, transient: false },
    `${operation}: the token bucket does not answer (${error instanceof Error ? error.message : String(error)})`,
  )
}
