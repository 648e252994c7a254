import type { Clock } from './clock.ts'

export interface CircuitOptions {
  /** Failures in a row, whoever's, after which nothing is sent for a while. */
  readonly failuresToOpen: number
  /** The first pause; each further one is twice as long, less up to half of it at random. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

export const defaultCircuit: CircuitOptions = {
  failuresToOpen: 5,
  firstPauseMs: 1_000,
  longestPauseMs: 30_000,
}

/** Leave to send one request. What became of it has to be told, once; telling again does nothing. */
export interface Permit {
  /** The one request that finds out whether Amazon answers again. */
  readonly isProbe: boolean
  succeeded(): void
  /** `retryAfterMs`: the pause that somebody asked for, when it is longer than ours. */
  failed(retryAfterMs?: number): void
  /** It was not sent after all. */
  unused(): void
}

/**
 * A circuit breaker: while Amazon does not answer, it is asked once a pause instead of by everybody who has work for it.
 * Closed, everything passes. Open, nothing does until the pause is over; then one request passes as a probe, and what
 * becomes of it closes the circuit or doubles the pause.
 */
export class Circuit {
  readonly #clock: Clock
  readonly #options: CircuitOptions
  #failures = 0
  /** Pauses since the circuit was closed last; 0 while it is closed. */
  #pauses = 0
  /** Monotonic milliseconds. */
  #pauseEnds = 0
  readonly #onChange: (open: boolean) => void
  #openedAt = 0
  #probes = 0
  #changed = Promise.withResolvers<void>()

  constructor(clock: Clock, options: CircuitOptions, onChange: (open: boolean) => void = () => {}) {
    this.#clock = clock
    this.#options = options
    this.#onChange = onChange
  }

  get isOpen(): boolean {
    return this.#pauses > 0
  }

  /** For how long it has been open, in milliseconds; 0 while it is closed. */
  get openForMs(): number {
    return this.isOpen ? this.#clock.monotonicMs() - this.#openedAt : 0
  }

  /** Milliseconds until a request may pass; while a probe is under way, one pause, unless `change` comes before. */
  get waitMs(): number {
    if (!this.isOpen) return 0
    if (this.#probes > 0) return this.#options.longestPauseMs
    return Math.max(0, this.#pauseEnds - this.#clock.monotonicMs())
  }

  /** Resolves when the circuit opens, closes, or a probe has ended. */
  get change(): Promise<void> {
    return this.#changed.promise
  }

  /** Null: nothing may be sent now. */
  enter(): Permit | null {
    if (this.waitMs > 0) return null
    const isProbe = this.isOpen
    if (isProbe) this.#probes++
    let told = false
    const once = (what: () => void) => () => {
      if (told) return
      told = true
      if (isProbe) this.#probes--
      what()
      if (isProbe) this.#notify()
    }
    let retryAfter = 0
    const failed = once(() => this.#failed(isProbe, retryAfter))
    return {
      isProbe,
      succeeded: once(() => this.#succeeded()),
      failed: (retryAfterMs = 0) => {
        retryAfter = retryAfterMs
        failed()
      },
      unused: once(() => {}),
    }
  }

  #succeeded(): void {
    this.#failures = 0
    if (!this.isOpen) return
    this.#pauses = 0
    this.#onChange(false)
    this.#notify()
  }

  #failed(isProbe: boolean, retryAfterMs: number): void {
    this.#failures++
    // Requests that were under way when the circuit opened tell nothing new.
    if (this.isOpen ? !isProbe : this.#failures < this.#options.failuresToOpen) return
    const { firstPauseMs, longestPauseMs } = this.#options
    const ceiling = Math.min(firstPauseMs * 2 ** this.#pauses, longestPauseMs)
    const pauseMs = Math.max(ceiling * (0.5 + this.#clock.random() / 2), retryAfterMs)
    const opens = !this.isOpen
    if (opens) this.#openedAt = this.#clock.monotonicMs()
    this.#pauses++
    this.#pauseEnds = this.#clock.monotonicMs() + pauseMs
    if (opens) this.#onChange(true)
    this.#notify()
  }

  #notify(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
