import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import kafkajs from 'kafkajs'
import { KafkaAdmin } from './kafka-admin.ts'
import type {
  AdminClient,
  ConsumerClient,
  ConsumerHooks,
  EmitKafkaEvent,
  KafkaEvent,
  MessageToSend,
  ProducerClient,
  ProducerHooks,
} from './kafka-client.ts'
import type { RebuildPolicy } from './kafka-consumer.ts'
import { DEFAULT_MAX_BUFFERED, KafkaConsumer } from './kafka-consumer.ts'
import { unavailable } from './kafka-errors.ts'
import { KafkaProducer } from './kafka-producer.ts'
import { openSocket, unrefOnce } from './kafka-socket.ts'
import type { ConsumeOptions, Consumer, EventLog, NewRecord } from './port.ts'
import { EventLogError } from './port.ts'

export type { KafkaEvent } from './kafka-client.ts'

/**
 * The event log on Apache Kafka, by kafkajs 2.2.4, which this file alone imports. The client is frozen with known
 * defects: those of its connections and options are cured here, the others in `kafka-run.ts` and `kafka-consumer.ts`
 * (crashes, late commits, a slow caller), `kafka-assignment.ts` (skipped records) and `kafka-producer.ts` (lost records).
 */

export interface KafkaEventLogOptions {
  /** `host:port` of one or more brokers. */
  readonly brokers: readonly string[]
  readonly clientId: string
  /** A member that is silent for so long, in milliseconds, loses its partitions; default 30,000. */
  readonly sessionTimeoutMs?: number
  /** Gives up an append or a question after so many milliseconds; default 30,000. */
  readonly timeoutMs?: number
  /** Default: five times in ten minutes. */
  readonly rebuild?: RebuildPolicy
  readonly ssl?: kafkajs.KafkaConfig['ssl']
  readonly sasl?: kafkajs.KafkaConfig['sasl']
  /** Opens connections; for tests that cut them. */
  readonly socketFactory?: kafkajs.ISocketFactory
  /** Told what happens inside: the client's warnings, joins, revocations, repairs. */
  readonly onEvent?: (event: KafkaEvent) => void
}

const DEFAULT_REBUILD: RebuildPolicy = { times: 5, withinMs: 600_000, firstWaitMs: 1_000 }
const PING_TIMEOUT_MS = 5_000

/** How long a fetch waits for records, and how long a paused consumer sleeps: what a resume may cost at most. */
const MAX_FETCH_WAIT_MS = 250
/** One fetch of one broker. kafkajs holds all of it at once, and always asks for partitions in the same order: */
const MAX_FETCH_BYTES = 4 * 1_048_576
/** so a full fetch has to have room for several, or the last ones starve while the first have a backlog. */
const MAX_PARTITION_BYTES = 512 * 1_024

/** Given in full: kafkajs chooses other defaults when `NODE_ENV` is `test`. About ten seconds in all. */
const RETRY = { initialRetryTime: 200, multiplier: 2, factor: 0.2, maxRetryTime: 4_000, retries: 6 }

/** An `EventLog` on a Kafka cluster. Opens no connection before it is used. Throws when the options make no sense. */
export function createKafkaEventLog(options: KafkaEventLogOptions): EventLog & {
  /** Records that `consumer` holds and nobody has pulled yet. */
  buffered(consumer: Consumer): number
} {
  requireValid(options)
  stopIdleTimers()
  registerZstd()
  const { brokers, timeoutMs = 30_000, sessionTimeoutMs = 30_000, rebuild = DEFAULT_REBUILD } = options
  const emit: EmitKafkaEvent = options.onEvent ?? (() => {})
  const failed = (doing: string, cause: unknown): EventLogError => unavailable(doing, brokers, cause)
  const now = (): number => performance.now()
  const timeouts = { sessionTimeoutMs, rebalanceTimeoutMs: Math.max(sessionTimeoutMs, 30_000) }
  const consumerOf = (group: string, hooks: ConsumerHooks): ConsumerClient =>
    consumerClient(newClient(options, emit), group, timeouts, hooks)
  const admin = new KafkaAdmin({
    createClient: () => adminClient(newClient(options, emit)),
    createConsumer: consumerOf,
    unavailable: failed,
    emit,
    timeoutMs,
    now,
  })
  const producer = new KafkaProducer({
    createClient: (hooks) => producerClient(newClient(options, emit), hooks),
    unavailable: failed,
    emit,
    timeoutMs,
    now,
  })
  const consumers = new Set<KafkaConsumer>()
  let closed: Promise<void> | undefined
  const requireOpen = (): void => {
    if (closed !== undefined) throw new EventLogError('LOG_UNAVAILABLE', 'this event log has been closed')
  }
  const close = async (): Promise<void> => {
    await Promise.all([...consumers].map((consumer) => consumer.close()))
    await Promise.all([producer.close(), admin.close()])
  }
  return {
    async append(records: readonly NewRecord[]): Promise<void> {
      requireOpen()
      if (records.length === 0) return
      await admin.requireTopics(records.map(({ topic }) => topic))
      requireOpen()
      await producer.append(records)
    },
    consume(consumeOptions: ConsumeOptions): Consumer {
      requireOpen()
      requireConsumable(consumeOptions)
      const consumer = new KafkaConsumer(consumeOptions, {
        ...timeouts,
        createClient: (hooks) => consumerOf(consumeOptions.group, hooks),
        requireTopics: (topics) => admin.requireTopics(topics),
        rebuild,
        commitTimeoutMs: Math.max(timeoutMs, 2 * sessionTimeoutMs),
        now,
        emit,
        onClosed: () => consumers.delete(consumer),
      })
      consumers.add(consumer)
      return consumer
    },
    admin,
    ping: () => admin.ping(Math.min(timeoutMs, PING_TIMEOUT_MS)),
    close: () => {
      closed ??= close()
      return closed
    },
    buffered: (consumer) => (consumer instanceof KafkaConsumer ? consumer.buffered : 0),
  }
}

function requireValid({ brokers, clientId, sessionTimeoutMs = 30_000 }: KafkaEventLogOptions): void {
  if (brokers.length === 0)
    throw new RangeError('brokers is empty: name at least one Kafka broker as host:port')
  for (const broker of brokers)
    if (!/^.+:\d{1,5}$/.test(broker))
      throw new RangeError(`broker "${broker}" is not host:port, such as localhost:9092`)
  if (clientId === '') throw new RangeError('clientId is empty: name the service that connects')
  if (!(sessionTimeoutMs >= 1_000))
    throw new RangeError(`sessionTimeoutMs is ${sessionTimeoutMs}, it has to be at least 1000`)
}

function requireConsumable({ group, topics, maxBuffered = DEFAULT_MAX_BUFFERED }: ConsumeOptions): void {
  if (group === '') throw new RangeError('group is empty: name the consumer group')
  if (topics.length === 0) throw new RangeError(`group ${group} has no topics: name at least one`)
  if (!(maxBuffered >= 1)) throw new RangeError(`maxBuffered is ${maxBuffered}, it has to be at least 1`)
}

/** Warnings about what is done on purpose: the Java-compatible partitioner, and a producer that is replaced when it fails. */
const NOT_FOR_US = ['switched default partitioner', 'Limiting retries for the idempotent producer']

/** A client of its own for each consumer: kafkajs keeps the offsets of a group per client, and members mix them up. */
function newClient(options: KafkaEventLogOptions, emit: EmitKafkaEvent): kafkajs.Kafka {
  const { brokers, clientId, ssl, sasl, socketFactory, timeoutMs = 30_000 } = options
  return new kafkajs.Kafka({
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    socketFactory: unrefOnce(socketFactory ?? openSocket),
    connectionTimeout: 3_000,
    authenticationTimeout: 10_000,
    requestTimeout: timeoutMs,
    retry: RETRY,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => (entry) => {
      const { message, ...details } = entry.log
      if (NOT_FOR_US.some((part) => message.includes(part))) return
      // Every refusal of a broker, routine ones included ("rebalancing"); whoever made the request has it as an error.
      if (entry.namespace === 'Connection' && message.startsWith('Response ')) return
      const level = entry.level === kafkajs.logLevel.ERROR ? 'error' : 'warn'
      emit({ kind: 'log', level, message: `${entry.namespace}: ${message}`, details })
    },
  })
}

function consumerClient(
  client: kafkajs.Kafka,
  groupId: string,
  { sessionTimeoutMs, rebalanceTimeoutMs }: { sessionTimeoutMs: number; rebalanceTimeoutMs: number },
  hooks: ConsumerHooks,
): ConsumerClient {
  const consumer = client.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: rebalanceTimeoutMs,
    heartbeatInterval: Math.min(3_000, Math.floor(sessionTimeoutMs / 4)),
    maxWaitTimeInMs: MAX_FETCH_WAIT_MS,
    maxBytes: MAX_FETCH_BYTES,
    maxBytesPerPartition: MAX_PARTITION_BYTES,
    allowAutoTopicCreation: false,
    // Asked for its protocol at the start of every join, whatever made kafkajs join: no event tells that as surely.
    partitionAssigners: [
      (config) => {
        const assigner = kafkajs.PartitionAssigners.roundRobin(config)
        return {
          ...assigner,
          protocol: (subscription) => {
            hooks.onJoining()
            return assigner.protocol(subscription)
          },
        }
      },
    ],
    // kafkajs restarts for ever, or not at all, depending on the error; whoever listens to `onCrash` decides instead.
    retry: { ...RETRY, restartOnFailure: async () => false },
  })
  const { events } = consumer
  consumer.on(events.GROUP_JOIN, ({ payload }) => hooks.onJoined(payload.memberAssignment))
  consumer.on(events.REBALANCING, () => hooks.onFetchersStopped())
  consumer.on(events.FETCH_START, ({ payload }) => hooks.onFetchStart(String(payload.nodeId)))
  consumer.on(events.FETCH, () => hooks.onAlive())
  consumer.on(events.HEARTBEAT, () => hooks.onAlive())
  consumer.on(events.CRASH, ({ payload }) => hooks.onCrash(payload.error))
  const whole = (topics: readonly string[]) => topics.map((topic) => ({ topic }))
  return {
    connect: () => consumer.connect(),
    subscribe: (topics) => consumer.subscribe({ topics: [...topics], fromBeginning: true }),
    run: (eachBatch) => consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch }),
    pause: (topics) => consumer.pause(whole(topics)),
    resume: (topics) => consumer.resume(whole(topics)),
    commitOffsets: (offsets) => consumer.commitOffsets([...offsets]),
    seek: (topic, partition, offset) => consumer.seek({ topic, partition, offset }),
    disconnect: () => consumer.disconnect(),
  }
}

function producerClient(client: kafkajs.Kafka, hooks: ProducerHooks): ProducerClient {
  const choose = kafkajs.Partitioners.DefaultPartitioner()
  // kafkajs asks again when it retries; another answer would change a batch that the broker may already have.
  const chosen = new WeakMap<object, number>()
  const producer = client.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: RETRY,
    createPartitioner: () => (args) => {
      const partition = chosen.get(args.message) ?? choose(args)
      chosen.set(args.message, partition)
      hooks.onPartition(args.topic, partition)
      return partition
    },
  })
  return {
    connect: () => producer.connect(),
    sendBatch: (messages) =>
      producer.sendBatch({
        acks: -1,
        topicMessages: messages.map(({ topic, messages: ofTopic }) => ({
          topic,
          messages: ofTopic satisfies MessageToSend[],
        })),
      }),
    disconnect: () => producer.disconnect(),
  }
}

const adminClient = (client: kafkajs.Kafka): AdminClient => client.admin({ retry: RETRY })

interface RequestQueuePrototype {
  pending: unknown[]
  scheduleCheckPendingRequests: (() => void) & { readonly idle?: true }
}

/**
 * kafkajs arms a 1 ms timer per connection for ever, with nothing to send: 900 wake-ups a second (kafkajs issues 1556,
 * 1751). With nothing pending there is nothing to check; a request that has to wait calls this again itself.
 */
function stopIdleTimers(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: RequestQueuePrototype
  }
  const original = prototype.scheduleCheckPendingRequests
  if (typeof original !== 'function')
    throw new Error('kafkajs has changed inside: look at stopIdleTimers in libs/event-log/kafka.ts')
  if (original.idle) return
  const schedule = function (this: RequestQueuePrototype): void {
    if (this.pending.length > 0) original.call(this)
  }
  prototype.scheduleCheckPendingRequests = Object.assign(schedule, { idle: true as const })
}

const MAX_DECOMPRESSED_BYTES = 256 * 1_048_576

/** kafkajs reads gzip only; a record that another producer wrote with zstd would stop the consumer. */
function registerZstd(): void {
  const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)]
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
    compress: (encoder: { readonly buffer: Buffer }) =>
      compress(encoder.buffer, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
    decompress: (buffer: Buffer) => decompress(buffer, { maxOutputLength: MAX_DECOMPRESSED_BYTES }),
  })
}
