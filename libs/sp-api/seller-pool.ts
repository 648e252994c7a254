import { Changes } from './changes.ts'
import { type Clock, type SpApiLog, systemClock } from './clock.ts'
import type { CodeLookups, SpApi } from './index.ts'
import type { AsinLookupRequest, Lookup, LookupOptions, LookupRequest } from './lookup.ts'
import { SellerLookups } from './seller-lookups.ts'
import { type Seller, SellerMembers } from './seller-members.ts'
import { SellerStops, type StoppedSeller, type Turn } from './seller-stops.ts'
import type { OperationKey } from './usage-plans.ts'

export type { Seller } from './seller-members.ts'
export type { StoppedSeller } from './seller-stops.ts'

export interface SellerPoolOptions {
  /** None at first is no mistake where some may come later (`setSellers`). */
  readonly sellers: readonly Seller[]
  readonly log: SpApiLog
  readonly clock?: Clock
  /** How long codes wait while no seller at all can be asked, in milliseconds; default two minutes. */
  readonly maxHoldMs?: number
  /** A seller's credentials are refused in a marketplace; once per stop. */
  readonly onStopped?: (stopped: StoppedSeller) => void
  /** They are taken again. */
  readonly onResumed?: (resumed: StoppedSeller) => void
}

const DEFAULT_MAX_HOLD_MS = 120_000
/** Codes that can not be held come back after as long as the seller has been away, and no later than this. */
const LONGEST_RETRY_AFTER_MS = 300_000

/** What is to be asked of a seller. */
export interface SellerTask {
  readonly marketplaceId: string
  readonly operation: OperationKey
  /** Until when to wait for a seller that can be asked, by the pool's clock (`holdUntil`). */
  readonly heldUntil: number
  readonly signal?: AbortSignal | undefined
}

/** Why no seller can be asked, and how long to leave it. */
export interface Away {
  readonly failure: 'unauthorized' | 'unavailable'
  readonly reason: string
  readonly retryAfterMs?: number
}

const LOOKUP: OperationKey = 'searchCatalogItems'

/**
 * Work spread over sellers, each with its own quota: it goes to the seller of its marketplace whose next slot comes
 * first. A seller that is refused (a revoked grant, a missing role) stops in that marketplace, and one that Amazon does
 * not answer waits for its circuit; the others take over its codes.
 *
 * When no seller is left, work waits here rather than go round through the log, but only while there is no other
 * marketplace whose work it would be in the way of.
 */
export class SellerPool implements CodeLookups {
  readonly #members: SellerMembers
  readonly #clock: Clock
  readonly #maxHoldMs: number
  readonly #stops: SellerStops
  readonly #lookups: SellerLookups
  readonly #changes = new Changes()

  constructor(options: SellerPoolOptions) {
    this.#members = new SellerMembers(options.sellers)
    this.#clock = options.clock ?? systemClock
    this.#maxHoldMs = options.maxHoldMs ?? DEFAULT_MAX_HOLD_MS
    this.#stops = new SellerStops({
      clock: this.#clock,
      log: options.log,
      onStopped: options.onStopped ?? (() => {}),
      onResumed: options.onResumed ?? (() => {}),
    })
    this.#lookups = new SellerLookups({ pool: this, clock: this.#clock, log: options.log })
  }

  /** The sellers that are stopped at this moment. */
  get stopped(): readonly StoppedSeller[] {
    return this.#stops.list()
  }

  /** The sellers that are asked now. */
  get sellers(): readonly Seller[] {
    return this.#members.all
  }

  /**
   * Changes who is asked, from the next lookup on. A seller that is the same object as before goes on as it was; another
   * one of its name starts anew, with nothing held against it. Resolves when those that left have ended their lookups
   * and are closed.
   */
  async setSellers(sellers: readonly Seller[]): Promise<void> {
    const left = this.#members.replace(sellers)
    for (const { name } of left) this.#stops.forget(name)
    await Promise.all(left.map((seller) => this.#members.retire(seller)))
  }

  batchSize(): number {
    return this.#lookups.batchSize()
  }

  /** See `SellerLookups`. */
  lookupCodes(request: LookupRequest, options: LookupOptions = {}): Promise<Map<string, Lookup>> {
    return this.#lookups.lookupCodes(request, options)
  }

  /** See `SellerLookups`. */
  lookupAsins(request: AsinLookupRequest, options: LookupOptions = {}): Promise<Map<string, Lookup>> {
    return this.#lookups.lookupAsins(request, options)
  }

  /** When something that begins to wait now has waited long enough, for `withSeller`. */
  holdUntil(): number {
    return this.#clock.monotonicMs() + this.#maxHoldMs
  }

  /**
   * Hands the seller whose next slot of an operation comes first to `work`, which tells the turn what it learned of the
   * seller's credentials. Resolves to null when no seller could be asked in time: `whyAway` says why. Rejects as `work`
   * does, or with the signal's reason.
   */
  async withSeller<T>(
    { marketplaceId, operation, heldUntil, signal }: SellerTask,
    work: (api: SpApi, turn: Pick<Turn, 'answered' | 'refused'>, name: string) => Promise<T>,
  ): Promise<T | null> {
    const chosen = await this.#choose(marketplaceId, heldUntil, signal, operation)
    if (chosen === null) return null
    const { seller, turn } = chosen
    // What Amazon says about credentials that have been replaced meanwhile is no news.
    const told = (tell: () => void): void => void (this.#members.has(seller) && tell())
    try {
      return await work(
        seller.api,
        {
          answered: () => told(() => turn.answered()),
          refused: (reason, retryAfterMs) => told(() => turn.refused(reason, retryAfterMs)),
        },
        seller.name,
      )
    } finally {
      turn.leave()
      this.#members.end(seller)
    }
  }

  /** The seller whose next slot comes first; waits for one when that is in nobody's way. Null: there is none. */
  async #choose(
    marketplaceId: string,
    heldUntil: number,
    signal: AbortSignal | undefined,
    operation: OperationKey,
  ): Promise<Chosen | null> {
    for (;;) {
      signal?.throwIfAborted()
      const serving = this.#members.serving(marketplaceId)
      const free = serving.filter((seller) => this.#waitMs(seller, marketplaceId, operation) === 0)
      if (free.length > 0) {
        const slots = await this.#nextSlots(free, operation)
        // Without another wait up to `begin`, so that lookups of one moment see each other.
        const seller = this.#soonest(slots)
        // Another lookup may have gone ahead as the probe meanwhile, or the seller may have left.
        if (this.#stops.waitMs(seller.name, marketplaceId) > 0 || !this.#members.has(seller)) continue
        this.#members.begin(seller)
        return { seller, turn: this.#stops.enter(seller.name, marketplaceId) }
      }
      const leftMs = heldUntil - this.#clock.monotonicMs()
      if (serving.length === 0 || leftMs <= 0 || this.#othersCanWork(operation)) return null
      const waits = serving.map((seller) => this.#waitMs(seller, marketplaceId, operation))
      await this.#changeWithin(Math.min(leftMs, ...waits), signal, operation)
    }
  }

  async #nextSlots(sellers: readonly Seller[], operation: OperationKey): Promise<NextSlot[]> {
    if (sellers.length === 1) return sellers.map((seller) => ({ seller, nextSlotMs: 0 }))
    return Promise.all(
      sellers.map(async (seller) => ({
        seller,
        // A bucket that does not answer will say so to the lookup itself.
        nextSlotMs: await seller.api.nextSlotMs(operation).catch(() => 0),
      })),
    )
  }

  /** Of those whose slots come at the same time, the one with the fewest lookups under way. */
  #soonest(slots: readonly NextSlot[]): Seller {
    const queues = slots.map((slot) => ({ ...slot, underWay: this.#members.underWay(slot.seller) }))
    const [best] = queues.sort((a, b) => a.nextSlotMs - b.nextSlotMs || a.underWay - b.underWay)
    return best!.seller
  }

  /** Milliseconds until the seller may be asked. */
  #waitMs({ name, api }: Seller, marketplaceId: string, operation: OperationKey): number {
    return Math.max(api.circuit(marketplaceId, operation).waitMs, this.#stops.waitMs(name, marketplaceId))
  }

  #othersCanWork(operation: OperationKey): boolean {
    return this.sellers.some(({ name, api, marketplaceIds }) =>
      marketplaceIds.some((id) => !api.circuit(id, operation).isOpen && !this.#stops.isStopped(name, id)),
    )
  }

  async #changeWithin(ms: number, signal: AbortSignal | undefined, operation: OperationKey): Promise<void> {
    const over = new AbortController()
    const either = signal ? AbortSignal.any([signal, over.signal]) : over.signal
    const next = this.#changes.next([
      ...new Set(
        this.sellers.flatMap(({ api, marketplaceIds }) =>
          marketplaceIds.map((id) => api.circuit(id, operation).change),
        ),
      ),
      this.#stops.change,
      this.#members.change,
    ])
    const slept = this.#clock.sleep(ms, either).catch((error: unknown) => {
      if (!over.signal.aborted) throw error
    })
    try {
      await Promise.race([slept, next.changed])
    } finally {
      next.stop()
      over.abort()
    }
  }

  /** Why no seller of a marketplace can be asked for an operation now. */
  whyAway(marketplaceId: string, operation = LOOKUP): Away {
    const serving = this.#members.serving(marketplaceId)
    const waits = serving.map((seller) => this.#waitMs(seller, marketplaceId, operation))
    const away = serving.map(({ name, api }) =>
      Math.max(
        api.circuit(marketplaceId, operation).openForMs,
        this.#stops.stoppedForMs(name, marketplaceId),
      ),
    )
    const retryAfterMs = Math.ceil(
      Math.min(LONGEST_RETRY_AFTER_MS, Math.max(Math.min(...waits), Math.min(...away))),
    )
    const refused = serving.every(({ name }) => this.#stops.isStopped(name, marketplaceId))
    const reason =
      serving.length === 0
        ? `no seller is configured for marketplace ${marketplaceId}: add it to one in SP_API_SELLERS, or take it out of MARKETPLACES`
        : refused
          ? `Amazon refuses the credentials of every seller for marketplace ${marketplaceId}: ${this.#stops.reasons(marketplaceId).join('; ')}`
          : `Amazon does not answer any seller for marketplace ${marketplaceId}`
    return {
      failure: refused ? 'unauthorized' : 'unavailable',
      reason,
      ...(serving.length === 0 ? {} : { retryAfterMs }),
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.sellers.map(({ api }) => api.close()))
  }
}

interface NextSlot {
  readonly seller: Seller
  /** Milliseconds from now. */
  readonly nextSlotMs: number
}

interface Chosen {
  readonly seller: Seller
  readonly turn: Turn
}
