import type { Logger } from '#libs/service/logger.ts'
import { type Lookup, MAX_IDENTIFIERS, type SellerPool } from '#libs/sp-api/index.ts'

export const lookupKinds = ['code', 'asin'] as const
/** Codes are GTIN-14s. */
export type LookupKind = (typeof lookupKinds)[number]

/** What one call brought, by code or ASIN. */
export interface Brought {
  readonly kind: LookupKind
  readonly marketplaceId: string
  readonly found: ReadonlyMap<string, Lookup>
}

export interface AmazonLookupsOptions {
  readonly pool: Pick<SellerPool, 'lookupCodes' | 'lookupAsins' | 'batchSize'>
  /** Calls under way at most. */
  readonly workers: number
  /** A slot that is further away than this is not waited for, in milliseconds. */
  readonly maxSlotWaitMs: number
  /** Told what each call brought before those who wait for it are. */
  readonly keep: (brought: Brought) => Promise<void>
  readonly logger: Logger
}

/** Longer than anybody takes from the database to Amazon. */
const RECENT_MS = 10_000
/** At Amazon's default plan these take over four minutes: nobody who comes after them would be answered in time. */
const MAX_QUEUED = 10_000

/** One identifier that is asked for, by however many. */
interface Ask {
  readonly key: string
  readonly kind: LookupKind
  readonly marketplaceId: string
  readonly identifier: string
  readonly settled: PromiseWithResolvers<Lookup>
  waiting: number
  call: Call | null
}

interface Call {
  readonly asks: readonly Ask[]
  readonly abort: AbortController
}

/**
 * Lookups at Amazon for people who wait: urgent, up to twenty identifiers in a call. What is asked for at the same moment,
 * or while all workers are busy, goes together; the same identifier is asked for once, whoever waits for it; and a call
 * that nobody waits for any more is given up.
 */
export class AmazonLookups {
  readonly #options: AmazonLookupsOptions
  /** What is not settled yet, sent or not. */
  readonly #asks = new Map<string, Ask>()
  /** What was answered just now. */
  readonly #recent = new Map<string, Lookup>()
  /** By kind and marketplace, of which a call has one; each in the order in which they came. */
  readonly #lanes = new Map<string, Set<Ask>>()
  #queued = 0
  #underWay = 0
  #pumping: NodeJS.Immediate | null = null

  constructor(options: AmazonLookupsOptions) {
    this.#options = options
  }

  /**
   * What became of one identifier. What was answered at `since` or later (milliseconds since the epoch) for somebody else
   * will do; with too many others in the queue it is `throttled` at once. Rejects with the signal's reason when that aborts.
   */
  async lookUp(
    kind: LookupKind,
    marketplaceId: string,
    identifier: string,
    { since, signal }: { readonly since: number; readonly signal: AbortSignal },
  ): Promise<Lookup> {
    signal.throwIfAborted()
    const key = `${kind} ${marketplaceId} ${identifier}`
    const recent = this.#recent.get(key)
    if (recent && recent.observedAt >= since) return recent
    const known = this.#asks.get(key)
    if (!known && this.#queued >= MAX_QUEUED) return turnedAway()
    const ask = known ?? this.#enqueue({ key, kind, marketplaceId, identifier })
    ask.waiting++
    const left = Promise.withResolvers<never>()
    const leave = () => left.reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await Promise.race([ask.settled.promise, left.promise])
    } finally {
      signal.removeEventListener('abort', leave)
      ask.waiting--
      this.#abandon(ask)
    }
  }

  #enqueue(identity: Pick<Ask, 'key' | 'kind' | 'marketplaceId' | 'identifier'>): Ask {
    const settled = Promise.withResolvers<Lookup>()
    // Whoever waited may be gone.
    settled.promise.catch(() => {})
    const ask: Ask = { ...identity, settled, waiting: 0, call: null }
    this.#asks.set(ask.key, ask)
    const lane = laneOf(ask)
    const others = this.#lanes.get(lane)
    if (others) others.add(ask)
    else this.#lanes.set(lane, new Set([ask]))
    this.#queued++
    this.#pumpSoon()
    return ask
  }

  #dequeue(ask: Ask): void {
    const lane = this.#lanes.get(laneOf(ask))
    if (!lane?.delete(ask)) return
    this.#queued--
    if (lane.size === 0) this.#lanes.delete(laneOf(ask))
  }

  /** Nobody waits for it: it is not sent, and a call of which that is all is given up. */
  #abandon(ask: Ask): void {
    if (ask.waiting > 0 || this.#asks.get(ask.key) !== ask) return
    const { call } = ask
    if (call === null) {
      this.#asks.delete(ask.key)
      this.#dequeue(ask)
    } else if (call.asks.every(({ waiting }) => waiting === 0)) {
      // From now on it is asked for anew.
      for (const { key } of call.asks) this.#asks.delete(key)
      call.abort.abort(new Error('nobody waits for it any more'))
    }
  }

  /** What else is asked for in this turn of the event loop comes along. */
  #pumpSoon(): void {
    this.#pumping ??= setImmediate(() => {
      this.#pumping = null
      while (this.#underWay < this.#options.workers && this.#queued > 0) void this.#send(this.#take())
    })
  }

  /** The next call's worth. A lane that has been served goes behind the others: a flood in one holds up none of them. */
  #take(): readonly Ask[] {
    const lane = this.#lanes.values().next().value!
    const { kind } = lane.values().next().value!
    const most = kind === 'code' ? this.#options.pool.batchSize() : MAX_IDENTIFIERS
    const asks = [...lane].slice(0, most)
    for (const ask of asks) this.#dequeue(ask)
    if (lane.size > 0) {
      this.#lanes.delete(laneOf(asks[0]!))
      this.#lanes.set(laneOf(asks[0]!), lane)
    }
    return asks
  }

  /** Never rejects: what becomes of it goes to who waits. */
  async #send(asks: readonly Ask[]): Promise<void> {
    const { kind, marketplaceId } = asks[0]!
    const { keep, logger } = this.#options
    const call: Call = { asks, abort: new AbortController() }
    for (const ask of asks) ask.call = call
    this.#underWay++
    try {
      const found = await this.#request(kind, marketplaceId, call)
      await keep({ kind, marketplaceId, found }).catch((error: unknown) =>
        logger.warn({ err: error, marketplaceId }, 'what a lookup brought could not be kept'),
      )
      for (const ask of asks) {
        const lookup = found.get(ask.identifier)!
        this.#remember(ask.key, lookup)
        ask.settled.resolve(lookup)
      }
    } catch (error) {
      for (const ask of asks) ask.settled.reject(error)
    } finally {
      this.#underWay--
      for (const ask of asks) if (this.#asks.get(ask.key) === ask) this.#asks.delete(ask.key)
      this.#pumpSoon()
    }
  }

  /** For those who looked into the database before it was kept there, and ask after it was answered. */
  #remember(key: string, lookup: Lookup): void {
    if (lookup.kind === 'failed') return
    this.#recent.delete(key)
    this.#recent.set(key, lookup)
    // In the order in which they came.
    for (const [old, { observedAt }] of this.#recent) {
      if (observedAt >= lookup.observedAt - RECENT_MS) return
      this.#recent.delete(old)
    }
  }

  #request(kind: LookupKind, marketplaceId: string, { asks, abort }: Call): Promise<Map<string, Lookup>> {
    const { pool, maxSlotWaitMs } = this.#options
    const identifiers = asks.map(({ identifier }) => identifier)
    const options = { priority: 'urgent', impatient: true, maxSlotWaitMs, signal: abort.signal } as const
    return kind === 'code'
      ? pool.lookupCodes({ marketplaceId, gtin14s: identifiers }, options)
      : pool.lookupAsins({ marketplaceId, asins: identifiers }, options)
  }
}

const laneOf = ({ kind, marketplaceId }: Ask): string => `${kind} ${marketplaceId}`

const turnedAway = (): Lookup => ({
  kind: 'failed',
  failure: 'throttled',
  reason: `${MAX_QUEUED.toLocaleString('en')} other lookups wait already; try again later`,
  observedAt: Date.now(),
  responseTimeMs: 0,
  amazonRequestId: null,
  httpStatus: null,
  calls: 0,
})
