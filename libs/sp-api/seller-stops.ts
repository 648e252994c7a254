import type { Clock, SpApiLog } from './clock.ts'

const FIRST_PAUSE_MS = 5_000
/** Credentials are mended by people, and then work is to go on within a minute. */
const LONGEST_PAUSE_MS = 60_000

/** A seller whose credentials Amazon refuses in a marketplace. */
export interface StoppedSeller {
  readonly seller: string
  readonly marketplaceId: string
  readonly reason: string
}

interface Stop extends StoppedSeller {
  /** Monotonic milliseconds. */
  readonly since: number
  probeAt: number
  pauses: number
  probes: number
}

/** Leave to ask a seller; what came of it is told before `leave`. */
export interface Turn {
  answered(): void
  refused(reason: string, retryAfterMs: number): void
  leave(): void
}

/**
 * Which sellers are stopped, by marketplace: asked again after a pause that doubles up to a minute, by one lookup at a
 * time. A grant may be refused as a whole or in one marketplace alone, which only asking tells.
 */
export class SellerStops {
  readonly #clock: Clock
  readonly #log: SpApiLog
  readonly #onStopped: (stopped: StoppedSeller) => void
  readonly #onResumed: (resumed: StoppedSeller) => void
  readonly #stops = new Map<string, Stop>()
  #changed = Promise.withResolvers<void>()

  constructor(options: {
    readonly clock: Clock
    readonly log: SpApiLog
    readonly onStopped: (stopped: StoppedSeller) => void
    readonly onResumed: (resumed: StoppedSeller) => void
  }) {
    this.#clock = options.clock
    this.#log = options.log
    this.#onStopped = options.onStopped
    this.#onResumed = options.onResumed
  }

  /** Resolves when a seller stops, resumes, or was asked in vain. */
  get change(): Promise<void> {
    return this.#changed.promise
  }

  list(): readonly StoppedSeller[] {
    return [...this.#stops.values()].map(({ seller, marketplaceId, reason }) => ({
      seller,
      marketplaceId,
      reason,
    }))
  }

  reasons(marketplaceId: string): readonly string[] {
    return this.list()
      .filter((stop) => stop.marketplaceId === marketplaceId)
      .map(({ seller, reason }) => `${seller}: ${reason}`)
  }

  isStopped(seller: string, marketplaceId: string): boolean {
    return this.#stops.has(keyOf(seller, marketplaceId))
  }

  stoppedForMs(seller: string, marketplaceId: string): number {
    const stop = this.#stops.get(keyOf(seller, marketplaceId))
    return stop === undefined ? 0 : this.#clock.monotonicMs() - stop.since
  }

  /** Milliseconds until the seller may be asked; while it is being asked, a whole pause. */
  waitMs(seller: string, marketplaceId: string): number {
    const stop = this.#stops.get(keyOf(seller, marketplaceId))
    if (stop === undefined) return 0
    if (stop.probes > 0) return LONGEST_PAUSE_MS
    return Math.max(0, stop.probeAt - this.#clock.monotonicMs())
  }

  enter(seller: string, marketplaceId: string): Turn {
    const key = keyOf(seller, marketplaceId)
    const probed = this.#stops.get(key)
    if (probed) probed.probes++
    return {
      answered: () => this.#resume(key),
      refused: (reason, retryAfterMs) =>
        this.#stop(key, { seller, marketplaceId, reason }, retryAfterMs, probed),
      leave: () => {
        if (!probed) return
        probed.probes--
        this.#notify()
      },
    }
  }

  /** The seller has other credentials, or is no longer asked: nothing is held against it. */
  forget(seller: string): void {
    const stops = [...this.#stops].filter(([, stop]) => stop.seller === seller)
    for (const [key, { marketplaceId, reason }] of stops) {
      this.#stops.delete(key)
      this.#onResumed({ seller, marketplaceId, reason })
    }
    if (stops.length > 0) this.#notify()
  }

  #resume(key: string): void {
    const stop = this.#stops.get(key)
    if (stop === undefined) return
    this.#stops.delete(key)
    const { seller, marketplaceId, reason } = stop
    this.#log.info({ seller, marketplaceId }, 'Amazon takes the credentials of the seller again')
    this.#onResumed({ seller, marketplaceId, reason })
    this.#notify()
  }

  #stop(key: string, stopped: StoppedSeller, retryAfterMs: number, probed: Stop | undefined): void {
    const now = this.#clock.monotonicMs()
    const known = this.#stops.get(key)
    // Lookups that were under way when the seller stopped tell nothing new.
    if (known !== undefined && known !== probed) return
    const pauses = known?.pauses ?? 0
    const ceiling = Math.min(FIRST_PAUSE_MS * 2 ** pauses, LONGEST_PAUSE_MS)
    const probeAt = now + Math.max(ceiling * (0.5 + this.#clock.random() / 2), retryAfterMs)
    if (known) {
      known.probeAt = probeAt
      known.pauses++
      return
    }
    this.#stops.set(key, { ...stopped, since: now, probeAt, pauses: 1, probes: 0 })
    const { seller, marketplaceId, reason } = stopped
    this.#log.warn(
      { seller, marketplaceId },
      `the seller is stopped until its credentials are mended: ${reason}`,
    )
    this.#onStopped(stopped)
    this.#notify()
  }

  #notify(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

const keyOf = (seller: string, marketplaceId: string): string => JSON.stringify([seller, marketplaceId])
