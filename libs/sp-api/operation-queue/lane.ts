import { MAX_LATE_MS, type Slot } from '#libs/rate-limit/acquire.ts'
import type { Priority } from '#libs/rate-limit/port.ts'
import { FairQueue, type Queued } from './fair-queue.ts'

/** A call that waits for a slot. */
export interface Waiting extends Queued {
  rank: number
  readonly signal: AbortSignal
  /** Called when a slot is there for it; a failure leaves the slot to the next one. */
  readonly ready: () => Promise<void>
  readonly granted: (slot: Slot) => void
  readonly failed: (error: unknown) => void
}

export interface LaneOptions {
  /** A slot of the bucket; rejects when the signal aborts. */
  readonly take: (priority: Priority, signal: AbortSignal) => Promise<Slot>
  /** Slots asked for at a time: one, unless the rate is so high that asking takes longer than a slot lasts. */
  readonly takes: number
  /** A monotonic clock in milliseconds. */
  readonly now: () => number
}

/** From this rank on a call may use the share of the bucket that is kept for urgent ones. */
export const URGENT_RANK = 1
/** As in `acquire`: who always comes late is to ask somewhere all the same. */
const MAX_LATE = 3

/**
 * The calls that spend from one bucket. Only its head stands in the bucket's own queue, and without a name: who gets the
 * slot is decided when it is there. So a call waits once, and one that comes later and is more urgent goes first.
 */
export class Lane {
  readonly #options: LaneOptions
  readonly #waiting = new FairQueue<Waiting>()
  readonly #taking: Readonly<Record<Priority, Set<AbortController>>> = {
    urgent: new Set(),
    background: new Set(),
  }
  #late = 0

  constructor(options: LaneOptions) {
    this.#options = options
  }

  get waiting(): Iterable<Waiting> & { readonly size: number } {
    return this.#waiting
  }

  add(call: Waiting): void {
    const leave = () => {
      if (this.#waiting.remove(call)) call.failed(call.signal.reason)
      this.#pump()
    }
    call.signal.addEventListener('abort', leave, { once: true })
    this.#waiting.add(call)
    this.#pump()
  }

  /** Puts a waiting call among those of another rank. False: it does not wait. */
  rank(call: Waiting, rank: number): boolean {
    if (!this.#waiting.remove(call)) return false
    call.rank = rank
    this.#waiting.add(call)
    this.#pump()
    return true
  }

  /** As many takes under way as there are callers for them, and no more. */
  #pump(): void {
    const urgent = this.#waiting.countFrom(URGENT_RANK)
    this.#aim('urgent', urgent)
    this.#aim('background', this.#waiting.size - urgent)
  }

  #aim(priority: Priority, callers: number): void {
    const taking = this.#taking[priority]
    const wanted = Math.min(callers, this.#options.takes)
    while (taking.size < wanted) void this.#take(priority)
    for (const take of [...taking].slice(wanted)) {
      taking.delete(take)
      take.abort()
    }
  }

  async #take(priority: Priority): Promise<void> {
    const taking = this.#taking[priority]
    const take = new AbortController()
    taking.add(take)
    try {
      await this.#handOut(await this.#options.take(priority, take.signal))
    } catch (error) {
      // Nobody waits for it any more.
      if (take.signal.aborted) return
      this.#waiting.next()?.failed(error)
    } finally {
      taking.delete(take)
      this.#pump()
    }
  }

  async #handOut(slot: Slot): Promise<void> {
    for (let call = this.#waiting.next(); call; call = this.#waiting.next()) {
      try {
        await call.ready()
        call.signal.throwIfAborted()
      } catch (error) {
        call.failed(error)
        continue
      }
      const isLate = this.#options.now() - slot.dueAt > MAX_LATE_MS
      if (!isLate || this.#late++ === MAX_LATE) {
        this.#late = 0
        call.granted(slot)
        return
      }
      this.#waiting.add(call)
      break
    }
    await slot.giveBack()
  }
}
