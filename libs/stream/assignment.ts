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
  /** Asked for again while a commit was under way. */
  #again: boolean = false

  constructor(consumer: Consumer, batch: Batch) {
    this.#consumer = consumer
    this.topic = batch.topic
    this.partition = batch.partition
    this.revoked = batch.revoked
  }

  /**
   * Commits the finished prefix. At most one commit is in flight: a call meanwhile has another one follow it.
   * Resolves when everything that was finished at the call is committed, or the partition is gone.
   */
  commit(): Promise<void> {
    if (this.#committing !== undefined) this.#again = true
    else if (this.#toCommit() !== undefined) this.#committing = this.#commitNewest()
    return this.#committing ?? Promise.resolve()
  }

  #toCommit(): bigint | undefined {
    const { next } = this.prefix
    return next === this.#committed || this.revoked.aborted ? undefined : next
  }

  async #commitNewest(): Promise<void> {
    try {
      do {
        this.#again = false
        const next = this.#toCommit()
        if (next === undefined) return
        await this.#consumer.commit(this, next)
        this.#committed = next
      } while (this.#again)
    } finally {
      // In the same turn as the last look, so that no call in between is forgotten.
      this.#committing = undefined
    }
  }
}
