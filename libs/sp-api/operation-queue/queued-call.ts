import type { Slot } from '#libs/rate-limit/acquire.ts'
import type { Clock } from '../clock.ts'
import { OperationQueueError } from '../errors.ts'
import type { SlotRequest, SlotSource } from '../rate-tracker.ts'
import type { Waiting } from './lane.ts'
import { type Rank, ranks } from './port.ts'

export interface EntryOptions {
  readonly seller: string
  readonly rank: Rank
  readonly sequence: number
  /** Names the operation in messages. */
  readonly operation: string
  readonly deadlineMs: number | undefined
  readonly signal: AbortSignal | undefined
  readonly beforeSend: (() => Promise<void>) | undefined
  readonly clock: Clock
  /** Puts the call among those that wait for its bucket. */
  readonly enqueue: (request: SlotRequest, call: Waiting) => void
}

/**
 * One call on its way through the queue, and where its client gets slots from. It can be called off as long as it waits:
 * what is under way is let come to its end, since nobody would know what became of it.
 */
export class Entry implements SlotSource {
  readonly #options: EntryOptions
  readonly #off = new AbortController()
  readonly #settled = new AbortController()
  #rank: number
  #waiting: Waiting | null = null
  #underWay: boolean = false
  readonly addedAt: number
  /** Aborts when the caller gives up, when the deadline passes, and when it is called off. */
  readonly waitSignal: AbortSignal
  /** Passed while it was under way. */
  #passed: Error | null = null

  constructor(options: EntryOptions) {
    this.#options = options
    this.#rank = ranks[options.rank]
    this.addedAt = options.clock.monotonicMs()
    const { deadlineMs, operation, clock, signal } = options
    this.waitSignal = signal ? AbortSignal.any([signal, this.#off.signal]) : this.#off.signal
    if (deadlineMs !== undefined)
      clock.sleep(deadlineMs, this.#settled.signal).then(
        () => this.#pass(`${operation}: its turn did not come within ${deadlineMs} ms`),
        () => {},
      )
  }

  get seller(): string {
    return this.#options.seller
  }

  get rank(): number {
    return this.#rank
  }

  set rank(rank: number) {
    this.#rank = rank
  }

  /** A request of it has left, and its answer is not there. */
  get isUnderWay(): boolean {
    return this.#underWay
  }

  /** The call that stands in a lane at this moment. */
  get waiting(): Waiting | null {
    return this.#waiting
  }

  /** False: it is under way, or over. */
  callOff(reason: Error): boolean {
    if (this.#underWay || this.#settled.signal.aborted || this.#off.signal.aborted) return false
    this.#off.abort(reason)
    return true
  }

  #pass(message: string): void {
    const passed = new OperationQueueError('DEADLINE_PASSED', message)
    if (!this.callOff(passed)) this.#passed = passed
  }

  /** Nothing of it is under way for now. */
  returned(): void {
    this.#underWay = false
    if (this.#passed) this.#off.abort(this.#passed)
  }

  settle(): void {
    this.#underWay = false
    this.#settled.abort()
  }

  async slot(request: SlotRequest): Promise<Slot> {
    const { seller, sequence, beforeSend, clock, enqueue } = this.#options
    const since = clock.monotonicMs()
    // Its next request has a slot to wait for: a page, a repeat.
    this.returned()
    const signal = this.waitSignal
    signal.throwIfAborted()
    try {
      return await new Promise<Slot>((granted, failed) => {
        this.#waiting = {
          seller,
          sequence,
          rank: this.#rank,
          signal,
          ready: async () => {
            await request.ready()
            await beforeSend?.()
          },
          granted: (slot) => {
            this.#underWay = true
            granted({ ...slot, waitedMs: clock.monotonicMs() - since })
          },
          failed,
        }
        enqueue(request, this.#waiting)
      })
    } finally {
      this.#waiting = null
    }
  }
}
