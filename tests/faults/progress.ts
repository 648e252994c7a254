import { setTimeout as sleep } from 'node:timers/promises'

/** How often it asks. A gap is known to within this. */
const EVERY_MS = 200

/** Watches products become final, so that a standstill shows however short. */
export class Progress {
  /** When a product more was final than ever before, and how many there were. */
  readonly #steps: { readonly at: number; readonly finals: number }[] = []
  readonly #stopped = new AbortController()
  readonly #watching: Promise<void>

  /** @param finals products in a final state; may throw while the database is away */
  constructor(finals: () => Promise<number>) {
    this.#watching = this.#watch(finals)
  }

  /** The longest time between two moments at which another product was final, `from` and `to` counting as such. */
  longestGapMs(from: number, to: number): number {
    const moments = [from, ...this.#steps.map(({ at }) => at).filter((at) => at > from && at < to), to]
    return Math.round(Math.max(...moments.slice(1).map((at, i) => at - moments[i]!)))
  }

  /** When the last product became final so far; undefined before the first. */
  get lastAt(): number | undefined {
    return this.#steps.at(-1)?.at
  }

  /** Products a second between two moments. */
  rate(from: number, to: number): number {
    const at = (moment: number): number => this.#steps.findLast((step) => step.at <= moment)?.finals ?? 0
    return ((at(to) - at(from)) * 1_000) / (to - from)
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#watching
  }

  async #watch(finals: () => Promise<number>): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      const now = await finals().catch(() => 0)
      if (now > (this.#steps.at(-1)?.finals ?? 0)) this.#steps.push({ at: performance.now(), finals: now })
      await sleep(EVERY_MS, undefined, { signal }).catch(() => {})
    }
  }
}
