import type { Batch, Consumer, LogRecord } from '#libs/event-log/port.ts'
import { FinishedPrefix } from '#libs/stream/prefix.ts'

/** A record that waits to be decoded. */
export interface Undecoded {
  readonly raw: LogRecord
  readonly ticket: number
}

/** One partition for as long as this member has it: what is open, what is finished, what is committed. */
export class Assignment {
  readonly topic: string
  readonly partition: number
  readonly revoked: AbortSignal
  readonly prefix = new FinishedPrefix()
  /** Records pulled that are not decoded yet, in offset order. */
  undecoded: Undecoded[] = []
  decoding: boolean = false
  /** Records pulled that are not finished. */
  unfinished = 0
  /** The partition is another member's; what is still in flight for it may finish, and counts no more. */
  gone: boolean = false
  readonly #consumer: Consumer
  #committed: bigint | undefined
  #committing: Promise<void> | undefined

  constructor(consumer: Consumer, batch: Batch) {
    this.#consumer = consumer
    this.topic = batch.topic
    this.partition = batch.partition
    this.revoked = batch.revoked
  }

  /**
   * Commits the finished prefix. At most one commit is in flight: what is finished meanwhile goes with the next one.
   * Resolves when everything that was finished at the call is committed, or the partition is gone.
   */
  commit(): Promise<void> {
    if (this.#committing === undefined && this.#toCommit() !== undefined)
      this.#committing = this.#commitNewest()
    return this.#committing ?? Promise.resolve()
  }

  #toCommit(): bigint | undefined {
    const { next } = this.prefix
    return next === this.#committed || this.revoked.aborted ? undefined : next
  }

  async #commitNewest(): Promise<void> {
    try {
      for (let next = this.#toCommit(); next !== undefined; next = this.#toCommit()) {
        await this.#consumer.commit(this, next)
        this.#committed = next
      }
    } finally {
      // In the same turn as the last look, so that nothing finished in between waits for ever.
      this.#committing = undefined
    }
  }
}
