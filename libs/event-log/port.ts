/**
 * The log: append-only topics with partitions, read by consumer groups.
 *
 * Two adapters keep this contract, `kafka.ts` and `postgres.ts`; `contract.ts` is the one suite that both must
 * pass. Offsets are bigints and always name the *next* record ("first offset not done"), so nobody adds 1 by hand.
 */

export type Headers = Readonly<Record<string, Buffer>>

/** A record to append. `value: null` is a tombstone. Records with one key keep their order. */
export interface NewRecord {
  readonly topic: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Headers
}

/** A record as the log holds it. */
export interface LogRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
  /** When the log took it, in milliseconds since the epoch. */
  readonly timestamp: number
}

/** Consecutive records of one partition, oldest first, never empty. */
export interface Batch {
  readonly topic: string
  readonly partition: number
  readonly records: readonly LogRecord[]
  /** Aborts when this member loses the partition: work in flight may finish, its commits move nothing. */
  readonly revoked: AbortSignal
}

/**
 * A member of a consumer group. It is pulled (`for await`), so a busy service is its own back-pressure: the adapter
 * keeps a bounded buffer and stops fetching while nobody pulls. Iteration ends after `close()`; it throws when the
 * consumer can not go on, and then the process has to end.
 */
export interface Consumer extends AsyncIterable<Batch> {
  /**
   * Moves the group's committed offset of a partition to `next`, the first offset that is not done.
   * Moves nothing, and does not throw, when the partition has been revoked since `batch` was delivered.
   */
  commit(batch: Pick<Batch, 'topic' | 'partition' | 'revoked'>, next: bigint): Promise<void>
  /** Leaves the group after commits in flight; idempotent. */
  close(): Promise<void>
}

export interface ConsumeOptions {
  readonly group: string
  readonly topics: readonly string[]
  /** Upper bound of records held in the adapter's buffer over all partitions; default 5,000. */
  readonly maxBuffered?: number
}

export interface EventLog {
  /**
   * Resolves when the log has all records durably; rejects when it may not have them, and then some may be there
   * (at least once). A missing topic rejects with `UNKNOWN_TOPIC`.
   */
  append(records: readonly NewRecord[]): Promise<void>
  /** Joins `group`. A group that never committed starts at the oldest record. */
  consume(options: ConsumeOptions): Consumer
  readonly admin: EventLogAdmin
  /** Resolves when the log answers; rejects with the reason otherwise. For readiness. */
  ping(): Promise<void>
  /** Closes every consumer and producer of this log; idempotent. */
  close(): Promise<void>
}

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  /** How long records are kept, in milliseconds; -1 keeps them for ever. */
  readonly retentionMs: number
  /** Copies on a cluster; an adapter that has one copy ignores it. */
  readonly replicationFactor?: number
  /** Room for a record with its headers, in bytes, where the log sets a limit; default: the log's own. */
  readonly maxRecordBytes?: number
}

/** A topic as the log has it, which may be another than this release would create. */
export type TopicDescription = Required<Pick<TopicSpec, 'name' | 'partitions' | 'retentionMs'>> & {
  /** Copies of the partition that has the fewest; null where there is one by design. */
  readonly replicationFactor: number | null
}

/** What operators and tests ask of a log; services on the hot path need none of it. */
export interface EventLogAdmin {
  /** Creates the topics that do not exist; leaves the others alone. Resolves when they can be written. */
  createTopics(topics: readonly TopicSpec[]): Promise<void>
  listTopics(): Promise<readonly string[]>
  /** Rejects with `UNKNOWN_TOPIC`. */
  describeTopic(topic: string): Promise<TopicDescription>
  /** Per partition, the offset that the next record will get. */
  endOffsets(topic: string): Promise<ReadonlyMap<number, bigint>>
  /** Per partition, the group's committed offset; a partition without one is absent. */
  committedOffsets(group: string, topic: string): Promise<ReadonlyMap<number, bigint>>
  /** Per partition, the first offset whose timestamp is at or after `timestampMs`; the end offset when there is none. */
  offsetsByTime(topic: string, timestampMs: number): Promise<ReadonlyMap<number, bigint>>
  /**
   * Reads records without being a member of any group, while services go on: per partition those below `to`, from
   * `from` or from the oldest that is kept. Partitions that `to` does not name are left out. Consecutive records of one
   * partition come together, oldest first; partitions come in any order. Rejects with `UNKNOWN_TOPIC`, or with
   * `LOG_UNAVAILABLE` when nothing comes any more.
   */
  read(
    topic: string,
    from: ReadonlyMap<number, bigint>,
    to: ReadonlyMap<number, bigint>,
  ): AsyncIterable<readonly LogRecord[]>
  /** Sets committed offsets; rejects with `GROUP_NOT_EMPTY` while the group has members. */
  resetGroup(group: string, topic: string, offsets: ReadonlyMap<number, bigint>): Promise<void>
}

export const eventLogErrorCodes = [
  'UNKNOWN_TOPIC',
  'RECORD_TOO_LARGE',
  'GROUP_NOT_EMPTY',
  'CONSUMER_FAILED',
  'LOG_UNAVAILABLE',
] as const
export type EventLogErrorCode = (typeof eventLogErrorCodes)[number]

export class EventLogError extends Error {
  override readonly name = 'EventLogError'
  readonly code: EventLogErrorCode
  constructor(code: EventLogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
