/**
 * The part of kafkajs that the adapter uses, as types of our own: `kafka.ts` alone imports the client and hands these
 * to the other files, so that replacing the client is a change of one file.
 */

export interface FetchedMessage {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: string
  readonly offset: string
  readonly headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>
}

export interface OffsetsToCommit {
  topics: { topic: string; partitions: { partition: number; offset: string }[] }[]
}

/** What kafkajs hands to `eachBatch`. */
export interface FetchedBatch {
  readonly batch: {
    readonly topic: string
    readonly partition: number
    readonly messages: readonly FetchedMessage[]
  }
  /** Moves the position that the next fetch starts from past `offset`. */
  resolveOffset(offset: string): void
  /** Commits at once, with the generation that the member has at the moment of the call, and does not retry. */
  commitOffsetsIfNecessary(offsets: OffsetsToCommit): Promise<void>
}

/** What a consumer client tells while it runs. */
export interface ConsumerHooks {
  /** A join begins: whatever was assigned before is lost from here on. */
  onJoining(): void
  onJoined(assignment: Readonly<Record<string, readonly number[]>>): void
  /** All fetchers have stopped, because the group rebalances. */
  onFetchersStopped(): void
  onFetchStart(nodeId: string): void
  /** The coordinator or a broker has answered. */
  onAlive(): void
  /** The client has given up; nothing will come any more. */
  onCrash(error: Error): void
}

export interface ConsumerClient {
  connect(): Promise<void>
  subscribe(topics: readonly string[]): Promise<void>
  /** Resolves once the group is joined, or after `onCrash`. */
  run(eachBatch: (payload: FetchedBatch) => Promise<void>): Promise<void>
  pause(topics: readonly string[]): void
  resume(topics: readonly string[]): void
  commitOffsets(offsets: readonly { topic: string; partition: number; offset: string }[]): Promise<void>
  /** Moves the position that the next fetch starts from; only after `run`. */
  seek(topic: string, partition: number, offset: string): void
  /** Stops fetching, leaves the group, closes the connections. */
  disconnect(): Promise<void>
}

export interface MessageToSend {
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, Buffer>
}

export interface TopicMessages {
  topic: string
  messages: MessageToSend[]
}

/** One topic partition that took records. */
export interface Acknowledgement {
  readonly topicName: string
  readonly partition: number
}

export interface ProducerHooks {
  /** Which partition a message goes to; asked again for the same message when kafkajs retries. */
  onPartition(topic: string, partition: number): void
}

export interface ProducerClient {
  connect(): Promise<void>
  sendBatch(messages: readonly TopicMessages[]): Promise<readonly Acknowledgement[]>
  disconnect(): Promise<void>
}

export interface PartitionOffset {
  readonly partition: number
  readonly offset: string
}

export interface AdminClient {
  connect(): Promise<void>
  listTopics(): Promise<readonly string[]>
  createTopics(request: {
    topics: {
      topic: string
      numPartitions: number
      replicationFactor: number
      configEntries: { name: string; value: string }[]
    }[]
    waitForLeaders: boolean
  }): Promise<boolean>
  fetchTopicMetadata(request: { topics: string[] }): Promise<{
    topics: readonly { partitions: readonly { partitionId: number; replicas: readonly number[] }[] }[]
  }>
  describeConfigs(request: {
    includeSynonyms: boolean
    resources: { type: number; name: string; configNames?: string[] }[]
  }): Promise<{
    resources: readonly { configEntries: readonly { configName: string; configValue: string }[] }[]
  }>
  fetchTopicOffsets(topic: string): Promise<readonly (PartitionOffset & { readonly low: string })[]>
  fetchTopicOffsetsByTimestamp(topic: string, timestamp: number): Promise<readonly PartitionOffset[]>
  fetchOffsets(request: {
    groupId: string
    topics: string[]
  }): Promise<readonly { topic: string; partitions: readonly PartitionOffset[] }[]>
  describeGroups(groups: string[]): Promise<{ groups: readonly { state: string }[] }>
  deleteGroups(groups: string[]): Promise<unknown>
  describeCluster(): Promise<unknown>
  disconnect(): Promise<void>
}

/** What the adapter reports to whoever runs it: for logs and metrics. */
export type KafkaEvent =
  | {
      readonly kind: 'log'
      readonly level: 'warn' | 'error'
      readonly message: string
      readonly details: Readonly<Record<string, unknown>>
    }
  | {
      readonly kind: 'joined'
      readonly group: string
      readonly assignment: Readonly<Record<string, readonly number[]>>
    }
  /** The member lost all its partitions; they come back with `joined`. */
  | { readonly kind: 'revoked'; readonly group: string }
  /** The consumer broke down and is built anew. */
  | { readonly kind: 'rebuilt'; readonly group: string; readonly reason: Error }
  /** The producer was thrown away; the next append gets a new one. */
  | { readonly kind: 'producer-discarded'; readonly reason: Error }

export type EmitKafkaEvent = (event: KafkaEvent) => void

/** Resolves or rejects as `promise` does, or rejects with `late()` after `ms`. */
export async function withDeadline<T>(promise: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), ms)
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/** Disconnects a client that nobody needs any more; a failure is reported, not thrown: there is nothing left to save. */
export async function discard(
  client: { disconnect(): Promise<void> },
  what: string,
  emit: EmitKafkaEvent,
  ms = 10_000,
): Promise<void> {
  try {
    await withDeadline(client.disconnect(), ms, () => new Error(`no end after ${ms} ms`))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    emit({ kind: 'log', level: 'warn', message: `disconnecting ${what} failed: ${reason}`, details: {} })
  }
}
