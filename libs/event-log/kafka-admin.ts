import { setTimeout as sleep } from 'node:timers/promises'
import type { AdminClient, ConsumerClient, ConsumerHooks, EmitKafkaEvent } from './kafka-client.ts'
import { discard, withDeadline } from './kafka-client.ts'
import { isCoordinatorMoving, isUnknownTopic, unknownTopic } from './kafka-errors.ts'
import { readRange } from './kafka-read.ts'
import type { EventLogAdmin, LogRecord, TopicDescription, TopicSpec } from './port.ts'
import { EventLogError } from './port.ts'

export interface AdminDependencies {
  createClient(): AdminClient
  /** A member of `group` that is there only to commit. */
  createConsumer(group: string, hooks: ConsumerHooks): ConsumerClient
  unavailable(doing: string, cause: unknown): EventLogError
  readonly emit: EmitKafkaEvent
  readonly timeoutMs: number
  /** Milliseconds on a clock that only goes forward. */
  now(): number
}

const COORDINATOR_PAUSE_MS = 200
/** Kafka's number for topics among what has a configuration. */
const TOPIC_RESOURCE = 2

/** Questions to the cluster, each on one shared connection that is made on demand and thrown away when it fails. */
export class KafkaAdmin implements EventLogAdmin {
  readonly #deps: AdminDependencies
  #client: Promise<AdminClient> | undefined
  #connected: boolean = false
  /** Topics that have been seen. They may be deleted later; then Kafka says so itself. */
  readonly #seen = new Set<string>()

  constructor(deps: AdminDependencies) {
    this.#deps = deps
  }

  /** Rejects with `UNKNOWN_TOPIC` when one is missing; asks Kafka only about topics it has not seen. */
  async requireTopics(topics: Iterable<string>): Promise<void> {
    const missing = (): string[] => [...new Set(topics)].filter((topic) => !this.#seen.has(topic))
    if (missing().length > 0) await this.listTopics()
    if (missing().length > 0) throw unknownTopic(missing())
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    const existing = new Set(await this.listTopics())
    const wanted = topics.filter(({ name }) => !existing.has(name))
    if (wanted.length === 0) return
    await this.#ask(`create the topics ${wanted.map(({ name }) => name).join(', ')}`, (client) =>
      // Its own wait gives up when it happens to ask a broker that has not heard of the topic yet.
      client.createTopics({ topics: wanted.map(toTopicConfig), waitForLeaders: false }),
    )
    for (const { name, partitions } of wanted) await this.#untilWritable(name, partitions)
  }

  /** Asks for the end offsets until all partitions have a leader that answers. */
  async #untilWritable(topic: string, partitions: number): Promise<void> {
    const { timeoutMs, now } = this.#deps
    const deadline = now() + timeoutMs
    for (let waitMs = 20; ; waitMs = Math.min(2 * waitMs, 500)) {
      try {
        if ((await this.endOffsets(topic)).size >= partitions) return
      } catch (error) {
        if (now() + waitMs >= deadline) throw error
      }
      if (now() >= deadline) throw this.#deps.unavailable(`elect leaders for ${topic}`, 'no answer in time')
      await sleep(waitMs)
    }
  }

  async listTopics(): Promise<readonly string[]> {
    const topics = await this.#ask('list its topics', (client) => client.listTopics())
    for (const topic of topics) this.#seen.add(topic)
    return topics
  }

  describeTopic(topic: string): Promise<TopicDescription> {
    return this.#askAbout(topic, 'describe the partitions', async (client) => {
      const [metadata, configs] = await Promise.all([
        client.fetchTopicMetadata({ topics: [topic] }),
        client.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: TOPIC_RESOURCE, name: topic, configNames: ['retention.ms'] }],
        }),
      ])
      const partitions = metadata.topics[0]?.partitions ?? []
      const entries = configs.resources[0]?.configEntries ?? []
      return {
        name: topic,
        partitions: partitions.length,
        retentionMs: Number(entries.find(({ configName }) => configName === 'retention.ms')?.configValue),
        replicationFactor: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      }
    })
  }

  endOffsets(topic: string): Promise<ReadonlyMap<number, bigint>> {
    return this.#askAbout(topic, 'tell the end offsets', async (client) =>
      toOffsets(await client.fetchTopicOffsets(topic)),
    )
  }

  committedOffsets(group: string, topic: string): Promise<ReadonlyMap<number, bigint>> {
    return this.#askAbout(topic, `tell the offsets of group ${group}`, async (client) => {
      const [answer] = await client.fetchOffsets({ groupId: group, topics: [topic] })
      return toOffsets(answer?.partitions ?? [])
    })
  }

  offsetsByTime(topic: string, timestampMs: number): Promise<ReadonlyMap<number, bigint>> {
    return this.#askAbout(topic, 'tell offsets by time', async (client) =>
      toOffsets(await client.fetchTopicOffsetsByTimestamp(topic, timestampMs)),
    )
  }

  async resetGroup(group: string, topic: string, offsets: ReadonlyMap<number, bigint>): Promise<void> {
    await this.requireTopics([topic])
    const state = await this.#ask(`describe group ${group}`, async (client) => {
      const { groups } = await client.describeGroups([group])
      return groups[0]?.state
    })
    if (state !== 'Empty' && state !== 'Dead') throw notEmpty(group, state)
    if (offsets.size === 0) return
    await this.#commitAsMember(group, topic, offsets)
  }

  async *read(
    topic: string,
    from: ReadonlyMap<number, bigint>,
    to: ReadonlyMap<number, bigint>,
  ): AsyncGenerator<readonly LogRecord[], void, undefined> {
    const kept = await this.#askAbout(topic, 'tell the kept offsets', (client) =>
      client.fetchTopicOffsets(topic),
    )
    const ranges = new Map<number, { from: bigint; to: bigint }>()
    for (const [partition, end] of to) {
      const found = kept.find((one) => one.partition === partition)
      if (found === undefined)
        throw new RangeError(`read: topic ${topic} has partitions 0 to ${kept.length - 1}, not ${partition}`)
      const low = BigInt(found.low)
      const high = BigInt(found.offset)
      const first = from.get(partition) ?? low
      const range = { from: first < low ? low : first, to: end > high ? high : end }
      if (range.from < range.to) ranges.set(partition, range)
    }
    if (ranges.size === 0) return
    const { createConsumer, unavailable, emit, timeoutMs } = this.#deps
    const deleteGroup = (group: string): Promise<unknown> =>
      this.#ask(`delete group ${group}`, (client) => client.deleteGroups([group]))
    yield* readRange(topic, ranges, { createConsumer, deleteGroup, unavailable, emit, timeoutMs })
  }

  async ping(timeoutMs: number): Promise<void> {
    await this.#ask('answer', (client) => client.describeCluster(), timeoutMs)
  }

  /** Does not wait for a connection that is still being tried: kafkajs can not be told to stop trying. */
  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    const discarded = this.#discard(client)
    if (this.#connected) await discarded
  }

  /**
   * Kafka takes offsets only from a member of the group, or for an empty group in a way that kafkajs can not ask for
   * (its own `setOffsets` sleeps for five seconds). So this joins, makes sure that it is alone, commits and leaves.
   */
  async #commitAsMember(group: string, topic: string, offsets: ReadonlyMap<number, bigint>): Promise<void> {
    const { createConsumer, emit, timeoutMs, unavailable } = this.#deps
    const partitions = (await this.endOffsets(topic)).size
    let assigned = 0
    let failure: Error | undefined
    const member = createConsumer(group, {
      onJoining: () => {},
      onJoined: (assignment) => {
        assigned = assignment[topic]?.length ?? 0
      },
      onFetchersStopped: () => {},
      onFetchStart: () => {},
      onAlive: () => {},
      onCrash: (error) => {
        failure = error
      },
    })
    const commit = async (): Promise<void> => {
      await member.connect()
      await member.subscribe([topic])
      await member.run(async () => {})
      if (failure !== undefined) throw failure
      if (assigned < partitions) throw notEmpty(group, 'a member joined meanwhile')
      await member.commitOffsets(
        [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
      )
    }
    try {
      await withDeadline(commit(), timeoutMs, () => new Error(`no answer within ${timeoutMs} ms`))
    } catch (error) {
      throw error instanceof EventLogError ? error : unavailable(`reset group ${group}`, error)
    } finally {
      await discard(member, `the consumer that reset group ${group}`, emit)
    }
  }

  async #askAbout<T>(topic: string, doing: string, ask: (client: AdminClient) => Promise<T>): Promise<T> {
    await this.requireTopics([topic])
    return await this.#ask(`${doing} of ${topic}`, ask, undefined, topic)
  }

  async #ask<T>(
    doing: string,
    ask: (client: AdminClient) => Promise<T>,
    timeoutMs = this.#deps.timeoutMs,
    topic?: string,
  ): Promise<T> {
    const { now } = this.#deps
    const until = now() + timeoutMs
    for (;;) {
      this.#client ??= this.#connect()
      const used = this.#client
      try {
        return await withDeadline(
          used.then(ask),
          timeoutMs,
          () => new Error(`no answer within ${timeoutMs} ms`),
        )
      } catch (error) {
        if (this.#client === used) {
          this.#client = undefined
          void this.#discard(used)
        }
        if (topic !== undefined && isUnknownTopic(error)) {
          this.#seen.delete(topic)
          throw unknownTopic([topic], error)
        }
        // kafkajs's admin passes this on, and remembers the coordinator that it asked.
        if (!isCoordinatorMoving(error) || now() + COORDINATOR_PAUSE_MS > until)
          throw this.#deps.unavailable(doing, error)
        await sleep(COORDINATOR_PAUSE_MS)
      }
    }
  }

  async #connect(): Promise<AdminClient> {
    this.#connected = false
    const client = this.#deps.createClient()
    try {
      await client.connect()
      this.#connected = true
      return client
    } catch (error) {
      await discard(client, 'the admin client', this.#deps.emit)
      throw error
    }
  }

  async #discard(connecting: Promise<AdminClient> | undefined): Promise<void> {
    // A connection that never came has been discarded where it failed, and its failure told to who asked for it.
    const client = await connecting?.catch(() => undefined)
    if (client !== undefined) await discard(client, 'the admin client', this.#deps.emit)
  }
}

const notEmpty = (group: string, state: string | undefined): EventLogError =>
  new EventLogError(
    'GROUP_NOT_EMPTY',
    `group ${group} has members (${state ?? 'unknown state'}): stop its services before its offsets are reset`,
  )

const toOffsets = (
  partitions: readonly { readonly partition: number; readonly offset: string }[],
): ReadonlyMap<number, bigint> =>
  new Map(
    partitions
      .map(({ partition, offset }) => [partition, BigInt(offset)] as const)
      .filter(([, offset]) => offset >= 0n) // a partition without one has -1, one that fell behind retention -2
      .sort(([a], [b]) => a - b),
  )

function toTopicConfig({ name, partitions, retentionMs, replicationFactor, maxRecordBytes }: TopicSpec) {
  return {
    topic: name,
    numPartitions: partitions,
    replicationFactor: replicationFactor ?? -1, // the cluster's own default
    configEntries: [
      { name: 'retention.ms', value: String(retentionMs) },
      // One clock per partition, so that timestamps ascend with offsets whoever appends, and seeking by time is exact.
      { name: 'message.timestamp.type', value: 'LogAppendTime' },
      ...(maxRecordBytes === undefined ? [] : [{ name: 'max.message.bytes', value: String(maxRecordBytes) }]),
    ],
  }
}
