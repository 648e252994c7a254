import type { BucketKey, BucketPlans, Priority, TokenBucket } from '#libs/rate-limit/port.ts'
import type { Clock } from './clock.ts'
import { SpApiError } from './errors.ts'

/** A slot of the token bucket whose time has come. */
export interface Slot {
  /** How long it was waited for, in milliseconds. */
  readonly waitedMs: number
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
  try {
    await clock.sleep(waitedMs, signal)
  } catch (error) {
    await giveBack()
    throw error
  }
  return { waitedMs, giveBack }
}
