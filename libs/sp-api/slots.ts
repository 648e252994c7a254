import type { BucketKey, BucketPlans, Priority, TokenBucket } from '#libs/rate-limit/port.ts'
import type { Clock } from './clock.ts'
import { SpApiError } from './errors.ts'

/** A slot of the token bucket whose time has come. */
export interface Slot {
  /** How long it was waited for, in milliseconds. */
  readonly waitedMs: number
  /** When it was due, in the clock's monotonic milliseconds. */
  readonly dueAt: number
  /** Puts it back; for a request that was not sent after all. */
  giveBack(): Promise<void>
}

export interface SlotRequest {
  readonly bucket: TokenBucket
  readonly key: BucketKey
  readonly plans: BucketPlans
  readonly priority: Priority
  /** When the next slot is further away, the failure is `throttled`, with the wait as `retryAfterMs`. */
  readonly maxWaitMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

/** Reserves the next slot and waits until its time. Aborted while it waits, it puts the slot back and rejects. */
export async function takeSlot(request: SlotRequest): Promise<Slot> {
  const { bucket, key, plans, priority, maxWaitMs, clock, signal } = request
  signal?.throwIfAborted()
  const askedAt = clock.monotonicMs()
  const answer = await bucket
    .reserve({ key, plans, slots: 1, priority, maxWaitMs })
    .catch((error: unknown) => {
      throw new SpApiError(
        { kind: 'unavailable', operation: key.operation, transient: false },
        `${key.operation}: the token bucket does not answer (${error instanceof Error ? error.message : String(error)})`,
      )
    })
  if (!answer.granted)
    throw new SpApiError(
      { kind: 'throttled', operation: key.operation, retryAfterMs: Math.ceil(answer.waitMs) },
      `${key.operation}: the next slot of the usage plan is ${Math.ceil(answer.waitMs)} ms away, more than ${maxWaitMs} ms`,
    )
  const waitedMs = answer.waitsMs[0] ?? 0
  const giveBack = () => answer.giveBack(1)
  const wakeAt = clock.monotonicMs() + waitedMs
  try {
    // Timers may fire a little early, and a slot used early is a 429.
    for (let left = waitedMs; left > 0; left = wakeAt - clock.monotonicMs()) await clock.sleep(left, signal)
    signal?.throwIfAborted()
  } catch (error) {
    await giveBack()
    throw error
  }
  // A slow answer of the bucket counts: the slot's time runs from when the bucket gave it.
  return { waitedMs, dueAt: askedAt + waitedMs, giveBack }
}
