import type { Headers, LogRecord } from '#libs/event-log/port.ts'

/**
 * What a stream service is: inputs, outputs and a function from records to verdicts, declared as data.
 * The runner (`runner.ts`) alone appends, dead-letters and commits.
 */

/** A record whose value has been decoded; `raw` keeps the bytes as they came. */
export interface Decoded<T> {
  readonly value: T
  readonly raw: LogRecord
}

/** A record to append to a declared output topic; the value is encoded by the topic's codec. */
export interface Emit<T = unknown> {
  readonly topic: string
  readonly key: string
  readonly value: T
  readonly headers?: Headers
}

/** What became of one record. Anything thrown instead is a bug or a misconfiguration and ends the process. */
export type Verdict =
  | { readonly kind: 'done'; readonly emits: readonly Emit[] }
  /** Not for us: counted by reason, nothing else. */
  | { readonly kind: 'drop'; readonly reason: string }
  /** Poison: to `dead-letters`, bytes unchanged. */
  | { readonly kind: 'reject'; readonly reason: string }
  /** Transient, for waits of seconds: the runner hands the record in again; nothing past it is committed. */
  | { readonly kind: 'retry'; readonly reason: string; readonly inMs: number }

export const done = (emits: readonly Emit[] = []): Verdict => ({ kind: 'done', emits })
export const drop = (reason: string): Verdict => ({ kind: 'drop', reason })
export const reject = (reason: string): Verdict => ({ kind: 'reject', reason })
export const retry = (reason: string, inMs: number): Verdict => ({ kind: 'retry', reason, inMs })

/** Records handed to `process` together; they may span partitions. */
export interface Chunk<T> {
  /** What `ChunkPolicy.key` gave for all of them; '' without a key. */
  readonly key: string
  readonly records: readonly Decoded<T>[]
}

/** How records are put together into chunks. */
export interface ChunkPolicy<T> {
  /** A chunk is full at this much weight; without `weigh`, at this many records. A function is asked anew for each chunk. */
  readonly maxWeight: number | (() => number)
  /** A chunk is full at this many records whatever they weigh; default 1,000. */
  readonly maxRecords?: number
  /**
   * What a record weighs, as the name of a thing: records of a chunk with one name weigh 1 together (one lookup for
   * one GTIN), null weighs nothing. Without it each record weighs 1.
   */
  readonly weigh?: (record: Decoded<T>) => string | null
  /** Records share a chunk only when they share this key. */
  readonly key?: (record: Decoded<T>) => string
  /** A chunk that is not full goes out this many milliseconds after its first record. */
  readonly lingerMs: number
  /**
   * While records keep coming, a chunk that is not full goes out no sooner than this many milliseconds after the one
   * before it; default 0. For a `process` whose cost is more of a chunk than of its records.
   */
  readonly paceMs?: number
  /** How many chunks may be in `process` at once. With 1, chunks of a partition are processed strictly in order. */
  readonly inFlight: number
}

export interface Processor<T> {
  readonly group: string
  readonly inputs: readonly string[]
  /** Topics that verdicts may emit to; emitting elsewhere is fatal. */
  readonly outputs: readonly string[]
  readonly chunks: ChunkPolicy<T>
  /** One verdict per record, in the order of `chunk.records`. `signal` aborts when the service shuts down hard. */
  process(chunk: Chunk<T>, context: { readonly signal: AbortSignal }): Promise<readonly Verdict[]>
}

/** Decodes and encodes record values of a topic; `schemas/codec.ts` is the one that is used. */
export interface Codec {
  /** Rejects with a `DecodeError` when the bytes can not be understood: the record is poison. Other errors are transient. */
  decode(topic: string, bytes: Buffer): Promise<unknown> | unknown
  encode(topic: string, value: unknown): Promise<Buffer> | Buffer
}

/** The bytes of a record can not be understood, now or ever. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}
