import type { Batch } from './port.ts'

/** Fetched batches between the client, which pushes, and the caller, who pulls. It never makes the client wait. */
export class BatchBuffer {
  /** Records in the buffer: fetched, not yet pulled. */
  records = 0
  readonly #batches: Batch[] = []
  readonly #waiting: {
    resolve: (result: IteratorResult<Batch, undefined>) => void
    reject: (error: Error) => void
  }[] = []
  readonly #onPulled: () => void
  #ended: boolean = false
  #failure: Error | undefined

  /** `onPulled` is called after each pull, when `records` has gone down. */
  constructor(onPulled: () => void) {
    this.#onPulled = onPulled
  }

  push(batch: Batch): void {
    if (this.#ended || this.#failure !== undefined) return
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) {
      waiting.resolve({ done: false, value: batch })
      return
    }
    this.#batches.push(batch)
    this.records += batch.records.length
  }

  async next(): Promise<IteratorResult<Batch, undefined>> {
    const batch = this.#batches.shift()
    if (batch !== undefined) {
      this.records -= batch.records.length
      this.#onPulled()
      return { done: false, value: batch }
    }
    if (this.#failure !== undefined) throw this.#failure
    if (this.#ended) return { done: true, value: undefined }
    return await new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  /** Forgets what has not been pulled: its partitions are lost, their records come again. */
  drop(): void {
    this.#batches.length = 0
    this.records = 0
  }

  /** Ends the iteration; what is in the buffer is not delivered. */
  end(): void {
    this.#ended = true
    this.drop()
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined })
  }

  /** Every pull rejects with `error` from here on. */
  fail(error: Error): void {
    if (this.#ended) return
    this.#failure = error
    this.drop()
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
