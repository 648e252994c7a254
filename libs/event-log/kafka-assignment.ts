/**
 * What a member has been given in one generation of its group, and which fetched batches belong to it.
 *
 * kafkajs may join a new generation from inside the fetcher of one broker (after stale metadata) while the fetchers of
 * other brokers still wait for answers to fetches of the old one. Those answers start at positions that the new
 * generation knows nothing of; taking one would skip whatever lies between the committed offset and its first record.
 * So after a join each broker's batches are refused until that broker's next fetch has begun. A refused batch is not
 * resolved, hence kafkajs fetches it again from the committed offset.
 */
export class Assignment {
  #current: AbortController | undefined
  /** Brokers whose fetchers run. */
  readonly #fetching = new Set<string>()
  /** Brokers whose latest fetch began before the current generation did. */
  readonly #stale = new Set<string>()

  /** The generation whose batches may be taken now, if there is one. */
  get open(): AbortSignal | undefined {
    return this.#stale.size === 0 ? this.#current?.signal : undefined
  }

  /** Whether the member has joined and waits for old fetches to end. */
  get waitsForOldFetches(): boolean {
    return this.#current !== undefined && this.#stale.size > 0
  }

  joined(): void {
    this.revoke()
    this.#current = new AbortController()
    for (const node of this.#fetching) this.#stale.add(node)
  }

  /** Ends the current generation; false when there is none. */
  revoke(): boolean {
    this.#stale.clear()
    if (this.#current === undefined) return false
    this.#current.abort(new Error('the member lost its partitions'))
    this.#current = undefined
    return true
  }

  fetchStarted(nodeId: string): void {
    this.#fetching.add(nodeId)
    this.#stale.delete(nodeId)
  }

  fetchersStopped(): void {
    this.#fetching.clear()
  }
}

/**
 * Counts its own ticks since the last sign of life. Ticks, not milliseconds: a process that was suspended, or whose
 * event loop was busy, has seen no ticks either and gets the time to hear from the broker before it is given up.
 */
export class Watchdog {
  readonly #limit: number
  readonly #onSilence: () => void
  #silentTicks = 0

  constructor(limit: number, onSilence: () => void) {
    this.#limit = limit
    this.#onSilence = onSilence
  }

  /** A sign of life; `grace` ticks more may pass before the next. */
  alive(grace = 0): void {
    this.#silentTicks = -grace
  }

  tick(): void {
    this.#silentTicks++
    if (this.#silentTicks === this.#limit) this.#onSilence()
  }
}
