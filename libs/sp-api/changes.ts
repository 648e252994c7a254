/**
 * Waits for the first of several things that change now and then, as promises that live until their next change. Each
 * promise gets one reaction, however often it is waited for: those of `Promise.race` would pile up at a promise that
 * stays.
 */
export class Changes {
  readonly #seen = new WeakSet<Promise<void>>()
  readonly #waiting = new Set<() => void>()

  /** Resolves at the next change; `stop` ends a wait that came to nothing. */
  next(changes: readonly Promise<void>[]): { readonly changed: Promise<void>; stop(): void } {
    const { promise: changed, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    for (const change of changes) {
      if (this.#seen.has(change)) continue
      this.#seen.add(change)
      void change.then(() => {
        for (const wake of this.#waiting) wake()
      })
    }
    return { changed, stop: () => void this.#waiting.delete(resolve) }
  }
}
