const LONGEST_TIMER_MS = 2_147_483_647

/** One timer for many due times: it fires at the earliest that it was told. */
export class WakeUp {
  readonly #wake: () => void
  readonly #now: () => number
  #pending: { readonly due: number; readonly handle: NodeJS.Timeout } | undefined

  constructor(wake: () => void, now: () => number) {
    this.#wake = wake
    this.#now = now
  }

  /** `due`: milliseconds since the epoch; nothing is set without one, or when an earlier one is set already. */
  at(due: number | undefined): void {
    if (due === undefined || (this.#pending !== undefined && this.#pending.due <= due)) return
    this.clear()
    const wait = Math.min(Math.max(0, due - this.#now()), LONGEST_TIMER_MS)
    const handle = setTimeout(() => {
      this.#pending = undefined
      this.#wake()
    }, wait)
    this.#pending = { due, handle }
  }

  clear(): void {
    clearTimeout(this.#pending?.handle)
    this.#pending = undefined
  }
}
