import type { BucketKey } from '#libs/rate-limit/port.ts'
import { marketplaceIn, type Page, type PageOptions, pagesOf } from '../call.ts'
import { type Clock, type SpApiLog, silentLog, systemClock } from '../clock.ts'
import { OperationQueueError } from '../errors.ts'
import type { Answer } from '../http-client.ts'
import type { Operation } from '../operations/operation.ts'
import type { Category } from '../operations/traits.ts'
import type { SlotRequest } from '../rate-tracker.ts'
import { Lane, type Waiting } from './lane.ts'
import { laterOf } from './patience.ts'
import {
  type OperationQueueOptions,
  type QueuedCall,
  type QueueOptions,
  type QueueSeller,
  type QueueState,
  type Rank,
  ranks,
} from './port.ts'
import { Entry } from './queued-call.ts'

const DEFAULT_MAX_CALLS = 10_000

/**
 * Operations of several sellers, waiting for their quotas in one process, without Redis, Kafka or PostgreSQL.
 *
 * Urgent calls come before background ones, pages whose token soon expires before new work, and what is expedited before
 * everything; sellers take turns. Each bucket has a lane, and only the lane's head waits in the bucket: a call gets the slot
 * that is there when its turn comes. While Amazon does not answer, calls are parked, and go on by themselves. The queue is
 * bounded; a call that finds it full is refused at once.
 */
export class OperationQueue {
  readonly #clock: Clock
  readonly #log: SpApiLog
  readonly #limits: { readonly all: number; readonly seller: number }
  readonly #categoryLimits: Partial<Record<Category, number>>
  readonly #lanes = new Map<string, { readonly key: BucketKey; readonly lane: Lane }>()
  readonly #laneOf = new WeakMap<Waiting, Lane>()
  readonly #calls = new Set<Entry>()
  readonly #ofSeller = new Map<string, number>()
  readonly #ofCategory = new Map<Category, number>()
  #parked = 0
  #sequence = 0
  #closed: boolean = false

  constructor(options: OperationQueueOptions = {}) {
    const { maxCalls = DEFAULT_MAX_CALLS, maxCallsOfSeller = Math.ceil(maxCalls / 2) } = options
    this.#limits = { all: maxCalls, seller: maxCallsOfSeller }
    this.#categoryLimits = options.maxCallsOf ?? {}
    this.#clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLog
  }

  /**
   * Queues an operation up. Throws an `OperationQueueError` `QUEUE_FULL` or `QUEUE_CLOSED`. The answer rejects as
   * `SpApi.call` does, and with an `OperationQueueError` when it was not sent.
   */
  add<P extends object, A>(
    seller: QueueSeller,
    operation: Operation<P, A>,
    parameters: P,
    options: QueueOptions = {},
  ): QueuedCall<A> {
    return this.#add(seller, operation, parameters, options, options.priority ?? 'background')
  }

  /** `add`, for who only wants the answer; what `add` throws, this rejects with. */
  async call<P extends object, A>(
    seller: QueueSeller,
    operation: Operation<P, A>,
    parameters: P,
    options: QueueOptions = {},
  ): Promise<Answer<A>> {
    return this.add(seller, operation, parameters, options).answer
  }

  /** All pages of an operation, as `SpApi.pages`. */
  pages<P extends object, A>(
    seller: QueueSeller,
    operation: Operation<P, A>,
    parameters: P,
    options: QueueOptions & Pick<PageOptions, 'from'> = {},
  ): AsyncGenerator<Page<A>> {
    const { from = null, priority = 'background', ...callOptions } = options
    // Later pages may be asked for by their token alone.
    const marketplaceId = options.marketplaceId ?? marketplaceIn(parameters)
    return pagesOf(operation, parameters, from, (asked, expires) => {
      const rank = expires ? 'page' : priority
      return this.#add(seller, operation, asked, { ...callOptions, marketplaceId }, rank).answer
    })
  }

  get state(): QueueState {
    const lanes = [...this.#lanes.values()].map(({ key, lane }) => ({
      key,
      waiting: countRanks(lane.waiting),
    }))
    return {
      calls: this.#calls.size,
      categories: Object.fromEntries(this.#ofCategory),
      sellers: Object.fromEntries(this.#ofSeller),
      parked: this.#parked,
      lanes,
    }
  }

  /** Calls off what waits; resolves when nothing is under way any more. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    const closed = new OperationQueueError('QUEUE_CLOSED', 'the operation queue is closed')
    for (const entry of this.#calls) entry.callOff(closed)
    while (this.#calls.size > 0) await this.#changed.promise
  }

  #changed = Promise.withResolvers<void>()

  #add<P extends object, A>(
    seller: QueueSeller,
    operation: Operation<P, A>,
    parameters: P,
    options: QueueOptions,
    rank: Rank,
  ): QueuedCall<A> {
    this.#checkRoom(seller.name, operation)
    const { deadlineMs, beforeSend, onLater = () => {}, signal, ...callOptions } = options
    const entry = new Entry({
      seller: seller.name,
      rank,
      sequence: this.#sequence++,
      operation: operation.key,
      deadlineMs,
      signal,
      beforeSend,
      clock: this.#clock,
      enqueue: (request, call) => this.#enqueue(request, call),
    })
    this.#calls.add(entry)
    this.#count(seller.name, operation.category, 1)
    const ask = () =>
      seller.api.call(operation, parameters, {
        ...callOptions,
        signal,
        slots: entry,
        priority: priorityOf(entry),
      })
    const answer = this.#untilAnswered(entry, operation.key, ask, onLater).finally(() => {
      entry.settle()
      this.#calls.delete(entry)
      this.#count(seller.name, operation.category, -1)
      this.#changed.resolve()
      this.#changed = Promise.withResolvers()
    })
    // Told to whoever awaits the answer; nobody has to.
    answer.catch(() => {})
    const calledOff = () => new OperationQueueError('CALLED_OFF', `${operation.key} was called off`)
    return {
      answer,
      expedite: () => this.#expedite(entry),
      callOff: (reason) => entry.callOff(reason ?? calledOff()),
    }
  }

  async #untilAnswered<A>(
    entry: Entry,
    operation: string,
    ask: () => Promise<Answer<A>>,
    onLater: (error: Error) => void,
  ): Promise<Answer<A>> {
    for (let failures = 0; ; ) {
      entry.waitSignal.throwIfAborted()
      try {
        return await ask()
      } catch (error) {
        entry.returned()
        const later = laterOf(error, operation, failures, this.#clock)
        if (later === null) throw error
        if (later.counts) failures++
        const { message } = error as Error
        this.#log.debug({ operation, seller: entry.seller, pauseMs: later.pauseMs }, `parked: ${message}`)
        onLater(error as Error)
        await this.#park(entry, later.pauseMs, later.change)
      }
    }
  }

  async #park(entry: Entry, pauseMs: number, change: Promise<void> | undefined): Promise<void> {
    const over = new AbortController()
    const signal = entry.waitSignal
    const slept = this.#clock
      .sleep(pauseMs, AbortSignal.any([signal, over.signal]))
      .catch((error: unknown) => {
        if (!over.signal.aborted) throw error
      })
    this.#parked++
    try {
      await Promise.race([slept, ...(change ? [change] : [])])
    } finally {
      this.#parked--
      over.abort()
    }
  }

  #enqueue(request: SlotRequest, call: Waiting): void {
    const { application, operation, seller } = request.key
    const id = JSON.stringify([application, operation, seller])
    let known = this.#lanes.get(id)
    if (known === undefined) {
      const lane = new Lane({
        take: request.take,
        takes: takesOf(request.plans.seller.ratePerSecond),
        now: () => this.#clock.monotonicMs(),
      })
      known = { key: request.key, lane }
      this.#lanes.set(id, known)
    }
    this.#laneOf.set(call, known.lane)
    known.lane.add(call)
  }

  #expedite(entry: Entry): void {
    entry.rank = ranks.expedited
    const { waiting } = entry
    if (waiting) this.#laneOf.get(waiting)?.rank(waiting, ranks.expedited)
  }

  #count(seller: string, category: Category, by: number): void {
    for (const [counts, key] of [
      [this.#ofSeller, seller],
      [this.#ofCategory, category],
    ] as [Map<string, number>, string][]) {
      const count = (counts.get(key) ?? 0) + by
      if (count === 0) counts.delete(key)
      else counts.set(key, count)
    }
  }

  #checkRoom(seller: string, { category, key }: Pick<Operation<never, unknown>, 'category' | 'key'>): void {
    if (this.#closed) throw new OperationQueueError('QUEUE_CLOSED', 'the operation queue is closed')
    const { all, seller: ofSeller } = this.#limits
    const ofCategory = this.#categoryLimits[category] ?? all
    const full = (what: string, limit: number) =>
      new OperationQueueError(
        'QUEUE_FULL',
        `${key}: there is no room in the queue: ${limit} calls ${what} wait already; ask again when some are through`,
      )
    if (this.#calls.size >= all) throw full('of all sellers', all)
    if ((this.#ofSeller.get(seller) ?? 0) >= ofSeller) throw full(`of the seller ${seller}`, ofSeller)
    if ((this.#ofCategory.get(category) ?? 0) >= ofCategory)
      throw full(`of the section ${category}`, ofCategory)
  }
}

const priorityOf = (entry: Entry) => (entry.rank >= ranks.urgent ? 'urgent' : 'background')

/** Asking takes a few milliseconds, with Redis a few trips: at high rates one after the other would be too slow. */
const takesOf = (ratePerSecond: number): number => Math.min(16, Math.max(1, Math.ceil(ratePerSecond / 50)))

function countRanks(waiting: Iterable<Waiting>): Record<Rank, number> {
  const counts = { background: 0, urgent: 0, page: 0, expedited: 0 }
  const names = Object.keys(ranks) as Rank[]
  for (const { rank } of waiting) counts[names.find((name) => ranks[name] === rank)!]++
  return counts
}
