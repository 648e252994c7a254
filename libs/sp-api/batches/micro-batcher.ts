import type { Priority } from '#libs/rate-limit/port.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { BatchCaller, BatchOperation } from './batch-operation.ts'
import { type Answered, type Settled, settleBatch } from './settle.ts'

export interface MicroBatcherOptions {
  /** Id or country code. */
  readonly marketplaceId: string
  /** How long the first ask waits for company when nothing is under way, in milliseconds; default 20. */
  readonly lingerMs?: number
  readonly priority?: Priority
  readonly clock?: Clock
}

const DEFAULT_LINGER_MS = 20

interface Waiting<Q, A> {
  readonly ask: Q
  readonly callers: Set<(settled: Settled<Q, A> | Error) => void>
}

/**
 * Single asks, sent together: what is asked while a request waits for its slot or its answer goes into the next one, so
 * that a request takes as many asks as there are, however slow the usage plan. A full request is sent at once. The same
 * ask by two callers is one.
 */
export class MicroBatcher<Q, A> {
  readonly #api: BatchCaller
  readonly #batch: BatchOperation<Q, A>
  readonly #options: MicroBatcherOptions
  readonly #clock: Clock
  #waiting = new Map<string, Waiting<Q, A>>()
  #underWay = 0
  #lingers = false

  constructor(api: BatchCaller, batch: BatchOperation<Q, A>, options: MicroBatcherOptions) {
    this.#api = api
    this.#batch = batch
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /**
   * The answer to one ask. Rejects with its `SpApiError`, or with the signal's reason when that aborts; an ask that
   * nobody waits for any more is not sent.
   */
  ask(ask: Q, signal?: AbortSignal): Promise<Answered<Q, A>> {
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const sameness = this.#batch.sameness(ask)
      const waiting: Waiting<Q, A> = this.#waiting.get(sameness) ?? { ask, callers: new Set() }
      const caller = (settled: Settled<Q, A> | Error) => {
        signal?.removeEventListener('abort', leave)
        if (settled instanceof Error) reject(settled)
        else if (settled.kind === 'failed') reject(settled.error)
        else resolve(settled)
      }
      const leave = () => {
        waiting.callers.delete(caller)
        if (waiting.callers.size === 0 && this.#waiting.get(sameness) === waiting)
          this.#waiting.delete(sameness)
        reject(signal?.reason)
      }
      waiting.callers.add(caller)
      this.#waiting.set(sameness, waiting)
      signal?.addEventListener('abort', leave, { once: true })
      if (this.#waiting.size >= this.#batch.most) void this.#send()
      else if (this.#underWay === 0 && !this.#lingers) void this.#linger()
    })
  }

  async #linger(): Promise<void> {
    this.#lingers = true
    await this.#clock.sleep(this.#options.lingerMs ?? DEFAULT_LINGER_MS)
    this.#lingers = false
    if (this.#underWay === 0) await this.#send()
  }

  /** Never rejects: what becomes of the asks goes to their callers. */
  async #send(): Promise<void> {
    while (this.#waiting.size > 0) {
      const sent = this.#waiting
      this.#waiting = new Map()
      this.#underWay++
      const { marketplaceId, priority } = this.#options
      const asks = [...sent.values()].map(({ ask }) => ask)
      try {
        await settleBatch(this.#api, this.#batch, marketplaceId, asks, {
          ...(priority === undefined ? {} : { priority }),
          clock: this.#clock,
          onSettled: (settled) => tell(sent.get(this.#batch.sameness(settled.ask)), settled),
        })
      } catch (error) {
        const reason = error instanceof Error ? error : new Error(String(error))
        for (const waiting of sent.values()) tell(waiting, reason)
      } finally {
        this.#underWay--
      }
      // Another request that is under way takes what has come meanwhile.
      if (this.#underWay > 0) return
    }
  }
}

function tell<Q, A>(waiting: Waiting<Q, A> | undefined, settled: Settled<Q, A> | Error): void {
  for (const caller of waiting?.callers ?? []) caller(settled)
  waiting?.callers.clear()
}
