import type { Batch, ConsumeOptions, Consumer, EventLog, LogRecord, NewRecord } from '#libs/event-log/port.ts'
import { type Codec, DecodeError } from '#libs/stream/processor.ts'

/**
 * For the runner's unit tests alone: one consumer, fed by hand, that writes down what the runner asks of it. It is no
 * third adapter; what real logs do is tested in `runner.itest.ts`.
 */
export class ScriptedLog implements EventLog {
  readonly appended: NewRecord[] = []
  /** Sizes of the appends, in order. */
  readonly appends: number[] = []
  readonly commits: { readonly topic: string; readonly partition: number; readonly next: bigint }[] = []
  pulls = 0
  closed = false
  beforeAppend: (records: readonly NewRecord[]) => Promise<void> = () => Promise.resolve()
  beforeCommit: () => Promise<void> = () => Promise.resolve()
  readonly #batches: Batch[] = []
  readonly #revocations = new Map<number, AbortController>()
  #waiting: ((result: IteratorResult<Batch, undefined>) => void) | undefined
  #failure: { readonly reject: (error: Error) => void } | undefined

  /** Delivers values as the next records of a partition; headers go to each of them. */
  deliver(
    partition: number,
    firstOffset: number,
    values: readonly (string | null)[],
    headers: LogRecord['headers'] = {},
  ): void {
    const records = values.map((value, index) => ({
      topic: 'in',
      partition,
      offset: BigInt(firstOffset + index),
      key: Buffer.from(`key-${value}`),
      value: value === null ? null : Buffer.from(value),
      headers,
      timestamp: 1_000,
    }))
    const revocation = this.#revocations.get(partition) ?? new AbortController()
    this.#revocations.set(partition, revocation)
    this.#batches.push({ topic: 'in', partition, records, revoked: revocation.signal })
    this.#serve()
  }

  revoke(partition: number): void {
    this.#revocations.get(partition)?.abort()
    this.#revocations.delete(partition)
  }

  /** The consumer can not go on. */
  break(error: Error): void {
    this.#failure?.reject(error)
  }

  /** The newest commit of a partition. */
  committed(partition: number): bigint | undefined {
    return this.commits.filter((commit) => commit.partition === partition).at(-1)?.next
  }

  async append(records: readonly NewRecord[]): Promise<void> {
    await this.beforeAppend(records)
    this.appended.push(...records)
    this.appends.push(records.length)
  }

  consume(_options: ConsumeOptions): Consumer {
    return {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise<IteratorResult<Batch, undefined>>((resolve, reject) => {
            this.pulls++
            this.#waiting = resolve
            this.#failure = { reject }
            this.#serve()
          }),
      }),
      commit: async ({ topic, partition, revoked }, next) => {
        await this.beforeCommit()
        if (!revoked.aborted) this.commits.push({ topic, partition, next })
      },
      close: () => {
        this.closed = true
        this.#waiting?.({ value: undefined, done: true })
        return Promise.resolve()
      },
    }
  }

  #serve(): void {
    const resolve = this.#waiting
    if (resolve === undefined || this.#batches.length === 0) return
    this.#waiting = undefined
    resolve({ value: this.#batches.shift()!, done: false })
  }

  get admin(): never {
    throw new Error('The runner asks nothing of the admin')
  }
  ping(): Promise<void> {
    return Promise.resolve()
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Text as it is; `bad…` can not be decoded, `later…` not before `online` is set. */
export class TextCodec implements Codec {
  online: boolean = true
  attempts = 0
  decode(_topic: string, bytes: Buffer): unknown {
    const text = bytes.toString()
    if (text.startsWith('bad')) throw new DecodeError(`${text} is not understood`)
    if (text.startsWith('later')) {
      this.attempts++
      return this.online ? Promise.resolve(text) : Promise.reject(new Error('the registry is down'))
    }
    return text
  }
  encode(_topic: string, value: unknown): Buffer {
    if (typeof value !== 'string') throw new Error('not a text')
    return Buffer.from(value)
  }
}
