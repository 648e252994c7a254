import { setTimeout as sleep } from 'node:timers/promises'
import type { ReserveRequest, TokenBucket } from './port.ts'

export interface AcquireOptions {
  readonly signal?: AbortSignal | undefined
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
  /**
   * A slot is given back, and another one taken, when it comes to be used later than this: a process that stood still
   * would otherwise use all slots that it waited for at once. Not above the bucket's jitter; default 250.
   */
  readonly maxLateMs?: number
  /** Called when the slot's time has come, for what has to be right at that moment; a failure gives the slot back. */
  readonly ready?: () => Promise<void>
}

/** No slot within `maxWaitMs`. */
export class SlotRefusedError extends Error {
  override readonly name = 'SlotRefusedError'
  readonly code = 'SLOT_REFUSED'
  /** Milliseconds until a slot would have been free. */
  readonly waitMs: number
  constructor(waitMs: number) {
    super(`no slot within the time allowed: the next one is ${Math.ceil(waitMs)} ms away`)
    this.waitMs = waitMs
  }
}

/** A process that always comes late is to ask Amazon somewhere all the same. */
const MAX_TAKES = 3
/** Longer ones overflow Node's timers. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1

/**
 * Reserves one slot and resolves when it may be used, at once, with the milliseconds that were waited for it.
 * @throws SlotRefusedError when it is further away than `maxWaitMs`
 * @throws the signal's reason when it aborts; the slot is given back
 */
export async function acquire(
  bucket: TokenBucket,
  request: Omit<ReserveRequest, 'slots'>,
  options: AcquireOptions = {},
): Promise<number> {
  const { signal, now = () => performance.now(), maxLateMs = 250 } = options
  const wait = options.sleep ?? ((ms, abort) => sleep(ms, undefined, abort && { signal: abort }))
  const started = now()
  const deadline = started + request.maxWaitMs
  for (let takes = 1; ; takes++) {
    signal?.throwIfAborted()
    const asked = now()
    const answer = await bucket.reserve({ ...request, slots: 1, maxWaitMs: Math.max(0, deadline - asked) })
    if (!answer.granted) throw new SlotRefusedError(answer.waitMs)
    const waitMs = answer.waitsMs[0]!
    try {
      const until = now() + waitMs
      // Timers may fire a little early.
      for (let left = waitMs; left > 0; left = until - now())
        await wait(Math.min(Math.ceil(left), LONGEST_SLEEP_MS), signal)
      signal?.throwIfAborted()
      await options.ready?.()
    } catch (error) {
      await answer.giveBack(1)
      throw signal?.aborted ? signal.reason : error
    }
    // A slow answer counts: its slot's time runs from when the bucket gave it.
    if (now() - asked - waitMs <= maxLateMs || takes === MAX_TAKES) return now() - started
    await answer.giveBack(1)
  }
}
