import { randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { type Clock, type SpApiLog, silentLog, systemClock } from '../clock.ts'
import { OperationQueueError, SpApiError } from '../errors.ts'
import type { Answer } from '../http-client.ts'
import type { Operation } from '../operations/operation.ts'
import type { OperationQueue } from './operation-queue.ts'
import { type QueuedCall, type QueueSeller, ranks } from './port.ts'
import type { FinalState, OperationOutcome, OperationStore, StoredOperation } from './store.ts'

export interface DurableOptions {
  readonly queue: OperationQueue
  readonly store: OperationStore
  /** Whose operations this process sends. */
  readonly sellers: readonly QueueSeller[]
  /** Those that it sends. */
  readonly operations: readonly Operation<unknown, unknown>[]
  /** Called with each one that this process brought to its end, at least once; at most once unless it dies meanwhile. */
  readonly onFinished?: (operation: StoredOperation) => void
  /** Not over, of all processes, at most; default 100,000. */
  readonly maxOpen?: number
  /** Of one seller and operation, leased by this process at a time; default 8: the most urgent ones, as of late. */
  readonly maxHeld?: number
  /** How long a process may be silent until others take its work; default 30 s. */
  readonly leaseMs?: number
  /** How often to look for work; default 1 s. */
  readonly pollMs?: number
  /** How long outcomes are kept; default a week. */
  readonly keepMs?: number
  readonly clock?: Clock
  readonly log?: SpApiLog
}

export interface DurableRequest<P> {
  readonly seller: string
  readonly operation: Operation<P, unknown>
  readonly parameters: P
  /** One operation is made for each, however often it is asked for. */
  readonly idempotencyKey: string
  readonly priority?: 'urgent' | 'background'
  readonly marketplaceId?: string
  readonly deadlineMs?: number
}

const WEEK_MS = 7 * 24 * 3_600_000
const PRUNE_EVERY_MS = 3_600_000

/** The store has no room for another one. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError'
  readonly code = 'QUEUE_FULL'
}

interface Held {
  readonly operation: StoredOperation
  readonly call: QueuedCall<unknown>
}

/**
 * Operations that outlive their process: kept in a store, leased, sent through the queue, and their answers kept. Each is
 * sent at least once when a second time does no harm. What must not be done twice is marked in the store before it
 * leaves: when nobody can say whether it was done, it ends as `uncertain`, and is for somebody to look at.
 */
export class DurableOperations {
  readonly #options: DurableOptions
  readonly #clock: Clock
  readonly #log: SpApiLog
  readonly #owner = randomBytes(12).toString('base64url')
  readonly #held = new Map<string, Held>()
  readonly #finishing = new Set<Promise<void>>()
  readonly #stopped = new AbortController()
  #running: Promise<void> | null = null
  #wake = Promise.withResolvers<void>()

  constructor(options: DurableOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLog
  }

  /** Keeps an operation to be sent; one with the same key that is there already is answered as it is. */
  async add<P extends object>(request: DurableRequest<P>): Promise<StoredOperation> {
    const { operation, parameters, priority = 'background' } = request
    const { encodeRequest } = await import('../operations/request.ts')
    // What Amazon's model refuses is told now, not when its turn comes.
    encodeRequest(operation, parameters)
    const { store, maxOpen = 100_000 } = this.#options
    if ((await store.open()) >= maxOpen && (await store.find(request.idempotencyKey)) === null)
      throw new StoreFullError(
        `${operation.key}: ${maxOpen} operations wait already; ask again when some are through`,
      )
    const stored = await store.add({
      id: uuidv7(),
      idempotencyKey: request.idempotencyKey,
      seller: request.seller,
      operation: operation.key,
      marketplaceId: request.marketplaceId ?? null,
      parameters,
      priority: ranks[priority],
      repeatable: operation.repeatable,
      deadlineMs: request.deadlineMs ?? null,
    })
    this.#wake.resolve()
    return stored
  }

  /** It goes before everything else that waits. False: it does not wait, or another process is about to send it. */
  async expedite(idempotencyKey: string): Promise<boolean> {
    if (await this.#options.store.expedite(idempotencyKey)) return true
    const held = this.#heldBy(idempotencyKey)
    held?.call.expedite()
    return held !== undefined
  }

  /** Calls it off. False: it is under way or over, or another process is about to send it. */
  async cancel(idempotencyKey: string): Promise<boolean> {
    if (await this.#options.store.cancel(idempotencyKey)) return true
    return this.#heldBy(idempotencyKey)?.call.callOff(new CancelledError()) ?? false
  }

  /** Sends what waits until `stop`. Rejects when the store does not answer for longer than a lease. */
  run(): Promise<void> {
    this.#running ??= this.#run()
    return this.#running
  }

  /** Gives back what has not left, and resolves when what has left is over. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#wake.resolve()
    for (const { call } of this.#held.values()) call.callOff()
    await Promise.all(this.#finishing)
    await this.#running?.catch(() => {})
  }

  #heldBy(idempotencyKey: string): Held | undefined {
    return [...this.#held.values()].find(({ operation }) => operation.idempotencyKey === idempotencyKey)
  }

  async #run(): Promise<void> {
    const { store, leaseMs = 30_000, pollMs = 1_000, keepMs = WEEK_MS } = this.#options
    let renewedAt = this.#clock.monotonicMs()
    let prunedAt = Number.NEGATIVE_INFINITY
    while (!this.#stopped.signal.aborted) {
      this.#wake = Promise.withResolvers()
      try {
        await this.#renew(leaseMs)
        await this.#claim(leaseMs)
        renewedAt = this.#clock.monotonicMs()
        if (renewedAt - prunedAt >= PRUNE_EVERY_MS) {
          await store.prune(keepMs)
          prunedAt = renewedAt
        }
      } catch (error) {
        if (this.#clock.monotonicMs() - renewedAt > leaseMs) throw error
        const reason = error instanceof Error ? error.message : String(error)
        this.#log.warn({}, `the store of operations does not answer: ${reason}`)
      }
      await this.#pause(Math.min(pollMs, leaseMs / 3))
    }
  }

  async #pause(ms: number): Promise<void> {
    const over = new AbortController()
    const signal = AbortSignal.any([over.signal, this.#stopped.signal])
    await Promise.race([this.#clock.sleep(ms, signal).catch(() => {}), this.#wake.promise])
    over.abort()
  }

  async #renew(leaseMs: number): Promise<void> {
    const ids = [...this.#held.keys()]
    if (ids.length === 0) return
    const kept = new Set(await this.#options.store.renew(this.#owner, ids, leaseMs))
    // Taken over while this process was silent: what has not left is theirs.
    for (const [id, { call }] of this.#held) if (ids.includes(id) && !kept.has(id)) call.callOff()
  }

  async #claim(leaseMs: number): Promise<void> {
    const { store, sellers, operations, maxHeld = 8 } = this.#options
    const held = [...this.#held.values()].map(({ operation }) => operation)
    const lanes = sellers.flatMap(({ name: seller }) =>
      operations.map(({ key: operation }) => {
        const own = held.filter((one) => one.seller === seller && one.operation === operation)
        return { seller, operation, limit: maxHeld - own.length }
      }),
    )
    const free = lanes.filter(({ limit }) => limit > 0)
    const claimed = await store.claim({ owner: this.#owner, leaseMs, lanes: free })
    for (const operation of claimed) await this.#send(operation)
  }

  async #send(stored: StoredOperation): Promise<void> {
    const { queue, store, sellers, operations } = this.#options
    const { id, repeatable, marketplaceId, parameters, priority, deadlineMs } = stored
    const operation = operations.find(({ key }) => key === stored.operation)!
    const seller = sellers.find(({ name }) => name === stored.seller)!
    try {
      const call = queue.add(seller, operation as Operation<object, unknown>, parameters, {
        priority: priority >= ranks.urgent ? 'urgent' : 'background',
        ...(marketplaceId !== null && { marketplaceId }),
        ...(deadlineMs !== null && { deadlineMs }),
        beforeSend: async () => {
          if (!(await store.sending(id, this.#owner))) throw new LeaseLostError()
        },
        onLater: () => {
          if (!repeatable) void this.#settled(store.unsent(id, this.#owner))
        },
      })
      if (priority === ranks.expedited) call.expedite()
      this.#held.set(id, { operation: stored, call })
      void this.#settled(this.#finish(stored, call.answer))
    } catch (error) {
      // The queue is full with other work.
      this.#log.debug({ operation: stored.operation }, `given back: ${(error as Error).message}`)
      await store.release(id, this.#owner)
    }
  }

  async #settled(doing: Promise<void>): Promise<void> {
    const done = doing.catch((error: unknown) => {
      // Its lease ends by itself, and the next process finds out.
      const reason = error instanceof Error ? error.message : String(error)
      this.#log.warn({}, `what became of an operation could not be kept: ${reason}`)
    })
    this.#finishing.add(done)
    await done
    this.#finishing.delete(done)
  }

  async #finish({ id, idempotencyKey }: StoredOperation, answer: Promise<Answer<unknown>>): Promise<void> {
    const { store, onFinished = () => {} } = this.#options
    try {
      const end = await answer.then(done, failed)
      if (end === null) await store.release(id, this.#owner)
      else if (await store.finish(id, this.#owner, end.state, end.outcome)) {
        const finished = await store.find(idempotencyKey)
        if (finished) onFinished(finished)
      }
    } finally {
      this.#held.delete(id)
      this.#wake.resolve()
    }
  }
}

/** Somebody does not want it any more. */
class CancelledError extends Error {
  override readonly name = 'CancelledError'
}

/** Another process has the operation now. */
class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
}

interface End {
  readonly state: FinalState
  readonly outcome: OperationOutcome
}

const done = ({ body, httpStatus, requestId }: Answer<unknown>): End => ({
  state: 'done',
  outcome: { body, httpStatus, requestId },
})

/** Null: it was not sent, and waits again. */
function failed(error: unknown): End | null {
  if (error instanceof OperationQueueError || error instanceof LeaseLostError) return null
  if (error instanceof CancelledError)
    return { state: 'cancelled', outcome: { httpStatus: null, requestId: null } }
  if (error instanceof SpApiError) {
    const { message, httpStatus, requestId, uncertain } = error
    return { state: uncertain ? 'uncertain' : 'failed', outcome: { message, httpStatus, requestId } }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { state: 'failed', outcome: { message, httpStatus: null, requestId: null } }
}
