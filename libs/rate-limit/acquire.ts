import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Reservation, ReserveRequest, TokenBucket } from './port.ts'

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

/** A slot whose time has come. */
export interface Slot {
  /** How long it was waited for, in milliseconds. */
  readonly waitedMs: number
  /** When it may be used, by the clock. */
  readonly dueAt: number
  /** It will not be used. */
  giveBack(): Promise<void>
  /** The call left at `sentAt`, and its answer began to come at `answeredAt`, both by the clock. */
  answered(sentAt: number, answeredAt: number): Promise<void>
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

/** A slot that comes to be used later than this is a slot of the past. */
export const MAX_LATE_MS = 250
/** A process that always comes late is to ask Amazon somewhere all the same. */
const MAX_TAKES = 3
/** Longer ones overflow Node's timers. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1

/** Apart from those of every other process. */
const OWN_TICKETS = randomBytes(9).toString('base64url')
let tickets = 0

/**
 * Queues up for one slot and resolves when it may be used, at once.
 * @throws SlotRefusedError when it is further away than `maxWaitMs`
 * @throws the signal's reason when it aborts; slot and place in the queue are given back
 */
export async function acquire(
  bucket: TokenBucket,
  request: Omit<ReserveRequest, 'slots' | 'ticket'>,
  options: AcquireOptions = {},
): Promise<Slot> {
  const { signal, now = () => performance.now(), maxLateMs = MAX_LATE_MS } = options
  const pause = options.sleep ?? ((ms, abort) => sleep(ms, undefined, abort && { signal: abort }))
  const { key, plans } = request
  const ticket = `${OWN_TICKETS}-${tickets++}`
  const started = now()
  const deadline = started + request.maxWaitMs

  async function wait(ms: number): Promise<void> {
    const until = now() + ms
    // Timers may fire a little early.
    for (let left = ms; left > 0; left = until - now())
      await pause(Math.min(Math.ceil(left), LONGEST_SLEEP_MS), signal)
    signal?.throwIfAborted()
  }

  /** What is held is given back when the wait for it ends early. */
  async function waitOr(
    giveBack: () => Promise<void>,
    ms: number,
    ready?: () => Promise<void>,
  ): Promise<void> {
    try {
      await wait(ms)
      await ready?.()
    } catch (error) {
      await giveBack()
      throw signal?.aborted ? signal.reason : error
    }
  }

  for (let takes = 1; ; ) {
    signal?.throwIfAborted()
    const asked = now()
    const maxWaitMs = Math.max(0, deadline - asked)
    const answer = await bucket.reserve({ ...request, slots: 1, maxWaitMs, ticket })
    if (!answer.granted) {
      if (answer.askAgainMs === null) throw new SlotRefusedError(answer.waitMs)
      await waitOr(() => bucket.leave(key, plans, ticket), answer.askAgainMs)
      continue
    }
    const waitMs = answer.waitsMs[0]!
    await waitOr(() => answer.giveBack(1), waitMs, options.ready)
    // A slow answer counts: its slot's time runs from when the bucket gave it.
    const dueAt = asked + waitMs
    if (now() - dueAt <= maxLateMs || takes++ === MAX_TAKES) return slotOf(answer, now, started, dueAt)
    await answer.giveBack(1)
  }
}

function slotOf(reservation: Reservation, now: () => number, started: number, dueAt: number): Slot {
  return {
    waitedMs: now() - started,
    dueAt,
    giveBack: () => reservation.giveBack(1),
    answered: (sentAt, answeredAt) =>
      reservation.answered({ sentAgoMs: now() - sentAt, answeredAgoMs: now() - answeredAt }),
  }
}
