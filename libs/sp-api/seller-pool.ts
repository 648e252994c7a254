import { type Clock, type SpApiLog, systemClock } from './clock.ts'
import type { CodeLookups, SpApi } from './index.ts'
import type { Lookup, LookupMeta, LookupOptions, LookupRequest } from './lookup.ts'
import { findMarketplace } from './marketplaces.ts'
import { SellerStops, type StoppedSeller, type Turn } from './seller-stops.ts'
import { isToBlame, mayBeItsOwn } from './whose-fault.ts'

export type { StoppedSeller } from './seller-stops.ts'

/** An account at Amazon, with an application that it has authorised. */
export interface Seller {
  /** Shown in logs and metrics. */
  readonly name: string
  readonly api: SpApi
  /** Where it may look codes up. */
  readonly marketplaceIds: readonly string[]
}

export interface SellerPoolOptions {
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

/**
 * Lookups spread over sellers, each with its own quota: a lookup goes to the seller of its marketplace whose next slot
 * comes first. A seller that is refused (a revoked grant, a missing role) stops in that marketplace, and one that
 * Amazon does not answer waits for its circuit; the others take over its codes.
 *
 * When no seller is left, codes wait here rather than go round through the log, but only while there is no other
 * marketplace whose codes they would be in the way of. What a single request may have to answer for (a 500, a timeout,
 * an answer that can not be read) is told as `failed` or `timeout` only when Amazon answers others; otherwise it is an
 * outage, `unavailable`.
 */
export class SellerPool implements CodeLookups {
  readonly #sellers: readonly Seller[]
  readonly #clock: Clock
  readonly #log: SpApiLog
  readonly #maxHoldMs: number
  readonly #stops: SellerStops
  readonly #underWay = new Map<Seller, number>()
  /** By marketplace, the code that was answered last. */
  readonly #answered = new Map<string, string>()

  constructor(options: SellerPoolOptions) {
    if (options.sellers.length === 0) throw new RangeError('a pool needs at least one seller')
    this.#sellers = options.sellers
    this.#clock = options.clock ?? systemClock
    this.#log = options.log
    this.#maxHoldMs = options.maxHoldMs ?? DEFAULT_MAX_HOLD_MS
    this.#stops = new SellerStops({
      clock: this.#clock,
      log: options.log,
      onStopped: options.onStopped ?? (() => {}),
      onResumed: options.onResumed ?? (() => {}),
    })
  }

  /** The sellers that are stopped at this moment. */
  get stopped(): readonly StoppedSeller[] {
    return this.#stops.list()
  }

  batchSize(): number {
    return Math.min(...this.#sellers.map(({ api }) => api.batchSize()))
  }

  async lookupCodes(request: LookupRequest, options: LookupOptions = {}): Promise<Map<string, Lookup>> {
    const { marketplaceId } = findMarketplace(request.marketplaceId)
    const outcomes = new Map<string, Lookup>()
    let open: readonly string[] = [...new Set(request.gtin14s)]
    const heldUntil = this.#clock.monotonicMs() + this.#maxHoldMs
    while (open.length > 0) {
      const chosen = await this.#choose(marketplaceId, heldUntil, options.signal)
      if (chosen === null) break
      const { seller } = chosen
      const found = await this.#ask(chosen, { marketplaceId, gtin14s: open }, options)
      for (const [code, lookup] of found)
        outcomes.set(code, { ...lookup, calls: lookup.calls + (outcomes.get(code)?.calls ?? 0) })
      open = open.filter((code) => this.#isHeld(seller, found.get(code)))
    }
    for (const code of open) outcomes.set(code, this.#away(marketplaceId, outcomes.get(code)))
    return new Map(request.gtin14s.map((code) => [code, outcomes.get(code)!]))
  }

  async #ask(
    { seller, turn }: Chosen,
    request: LookupRequest,
    options: LookupOptions,
  ): Promise<ReadonlyMap<string, Lookup>> {
    const { marketplaceId } = request
    this.#underWay.set(seller, (this.#underWay.get(seller) ?? 0) + 1)
    try {
      const found = await seller.api.lookupCodes(request, options)
      const refused = [...found.values()].find(isUnauthorized)
      if (refused) turn.refused(refused.reason, refused.retryAfterMs ?? 0)
      else if ([...found.values()].some(({ httpStatus }) => httpStatus === 200)) turn.answered()
      return await this.#judge(seller, marketplaceId, found, options)
    } finally {
      turn.leave()
      this.#underWay.set(seller, (this.#underWay.get(seller) ?? 1) - 1)
    }
  }

  /** Tells failures of single requests from those of Amazon. */
  async #judge(
    seller: Seller,
    marketplaceId: string,
    found: ReadonlyMap<string, Lookup>,
    options: LookupOptions,
  ): Promise<ReadonlyMap<string, Lookup>> {
    const answered = [...found].find(([, lookup]) => lookup.kind === 'items')?.[0]
    const suspects = [...found].filter(([, lookup]) => mayBeItsOwn(lookup, answered !== undefined))
    let blamed = false
    if (suspects.length > 0 && !seller.api.circuit.isOpen) {
      const control = this.#answered.get(marketplaceId)
      blamed = await isToBlame(seller.api, {
        marketplaceId,
        control: control !== undefined && !found.has(control) ? control : (answered ?? null),
        after: suspects.some(([, lookup]) => lookup.kind === 'failed') ? 'failed' : 'rejected',
        options,
      })
    }
    if (answered !== undefined) this.#answered.set(marketplaceId, answered)
    const judged = new Map(found)
    for (const [code, lookup] of suspects) judged.set(code, blamed ? itsOwn(lookup) : anOutage(lookup))
    if (this.#sellers.length > 1)
      for (const [code, lookup] of judged)
        if (lookup.kind === 'failed')
          judged.set(code, { ...lookup, reason: `seller ${seller.name}: ${lookup.reason}` })
    if (suspects.length > 0)
      this.#log.debug({ seller: seller.name, marketplaceId, codes: suspects.length, blamed }, 'whose fault')
    return judged
  }

  /** The seller whose next slot comes first; waits for one when that is in nobody's way. Null: there is none. */
  async #choose(
    marketplaceId: string,
    heldUntil: number,
    signal: AbortSignal | undefined,
  ): Promise<Chosen | null> {
    for (;;) {
      signal?.throwIfAborted()
      const serving = this.#serving(marketplaceId)
      const free = serving.filter((seller) => this.#waitMs(seller, marketplaceId) === 0)
      if (free.length > 0) {
        const seller = await this.#soonest(free)
        // Another lookup may have gone ahead as the probe meanwhile.
        if (this.#stops.waitMs(seller.name, marketplaceId) > 0) continue
        return { seller, turn: this.#stops.enter(seller.name, marketplaceId) }
      }
      const leftMs = heldUntil - this.#clock.monotonicMs()
      if (serving.length === 0 || leftMs <= 0 || this.#othersCanWork()) return null
      const waits = serving.map((seller) => this.#waitMs(seller, marketplaceId))
      await this.#changeWithin(Math.min(leftMs, ...waits), signal)
    }
  }

  async #soonest(sellers: readonly Seller[]): Promise<Seller> {
    const [only, ...more] = sellers
    if (only !== undefined && more.length === 0) return only
    const queues = await Promise.all(
      sellers.map(async (seller) => ({
        seller,
        // A bucket that does not answer will say so to the lookup itself.
        nextSlotMs: await seller.api.nextSlotMs().catch(() => 0),
        underWay: this.#underWay.get(seller) ?? 0,
      })),
    )
    const [best] = queues.sort((a, b) => a.nextSlotMs - b.nextSlotMs || a.underWay - b.underWay)
    return best!.seller
  }

  #serving(marketplaceId: string): readonly Seller[] {
    return this.#sellers.filter((seller) => seller.marketplaceIds.includes(marketplaceId))
  }

  /** Milliseconds until the seller may be asked. */
  #waitMs({ name, api }: Seller, marketplaceId: string): number {
    return Math.max(api.circuit.waitMs, this.#stops.waitMs(name, marketplaceId))
  }

  #othersCanWork(): boolean {
    return this.#sellers.some(
      ({ name, api, marketplaceIds }) =>
        !api.circuit.isOpen && marketplaceIds.some((id) => !this.#stops.isStopped(name, id)),
    )
  }

  async #changeWithin(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const over = new AbortController()
    const either = signal ? AbortSignal.any([signal, over.signal]) : over.signal
    const changes = [...this.#sellers.map(({ api }) => api.circuit.change), this.#stops.change]
    const slept = this.#clock.sleep(ms, either).catch((error: unknown) => {
      if (!over.signal.aborted) throw error
    })
    await Promise.race([slept, ...changes])
    over.abort()
  }

  /** Whether this lookup failed because its seller can not be asked now, so that another one, or a later time, may help. */
  #isHeld(seller: Seller, lookup: Lookup | undefined): boolean {
    if (lookup?.kind !== 'failed') return false
    return (
      lookup.failure === 'unauthorized' || (lookup.failure === 'unavailable' && seller.api.circuit.isOpen)
    )
  }

  /** No seller could be asked. */
  #away(marketplaceId: string, last: Lookup | undefined): Lookup {
    const serving = this.#serving(marketplaceId)
    const waits = serving.map((seller) => this.#waitMs(seller, marketplaceId))
    const away = serving.map(({ name, api }) =>
      Math.max(api.circuit.openForMs, this.#stops.stoppedForMs(name, marketplaceId)),
    )
    const retryAfterMs = Math.ceil(
      Math.min(LONGEST_RETRY_AFTER_MS, Math.max(Math.min(...waits), Math.min(...away))),
    )
    if (last?.kind === 'failed') return { ...last, retryAfterMs }
    const refused = serving.every(({ name }) => this.#stops.isStopped(name, marketplaceId))
    const why =
      serving.length === 0
        ? `no seller is configured for marketplace ${marketplaceId}: add it to one in SP_API_SELLERS, or take it out of MARKETPLACES`
        : refused
          ? `Amazon refuses the credentials of every seller for marketplace ${marketplaceId}: ${this.#stops.reasons(marketplaceId).join('; ')}`
          : `Amazon does not answer any seller for marketplace ${marketplaceId}`
    return {
      ...nothingAsked(this.#clock.now()),
      kind: 'failed',
      failure: refused ? 'unauthorized' : 'unavailable',
      reason: why,
      ...(serving.length === 0 ? {} : { retryAfterMs }),
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#sellers.map(({ api }) => api.close()))
  }
}

interface Chosen {
  readonly seller: Seller
  readonly turn: Turn
}

type Failed = Lookup & { readonly kind: 'failed' }

const isUnauthorized = (lookup: Lookup): lookup is Failed =>
  lookup.kind === 'failed' && lookup.failure === 'unauthorized'

const nothingAsked = (observedAt: number): LookupMeta => ({
  observedAt,
  responseTimeMs: 0,
  amazonRequestId: null,
  httpStatus: null,
  calls: 0,
})

/** Amazon answers others, so this request is to blame. */
function itsOwn(lookup: Lookup): Lookup {
  if (lookup.kind !== 'failed') return lookup
  return { ...lookup, failure: lookup.failure === 'timeout' ? 'timeout' : 'failed' }
}

function anOutage(lookup: Lookup): Lookup {
  const { observedAt, responseTimeMs, amazonRequestId, httpStatus, calls } = lookup
  const reason = lookup.kind === 'items' ? '' : lookup.reason
  return {
    observedAt,
    responseTimeMs,
    amazonRequestId,
    httpStatus,
    calls,
    kind: 'failed',
    failure: 'unavailable',
    reason,
    ...(lookup.kind === 'failed' && lookup.retryAfterMs !== undefined
      ? { retryAfterMs: lookup.retryAfterMs }
      : {}),
  }
}
