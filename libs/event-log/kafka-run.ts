import { Assignment, Watchdog } from './kafka-assignment.ts'
import type { BatchBuffer } from './kafka-buffer.ts'
import type {
  ConsumerClient,
  ConsumerHooks,
  EmitKafkaEvent,
  FetchedBatch,
  FetchedMessage,
  OffsetsToCommit,
} from './kafka-client.ts'
import { discard, withDeadline } from './kafka-client.ts'
import { toError } from './kafka-errors.ts'
import type { Headers, LogRecord } from './port.ts'

/**
 * How long a full buffer may hold up a fetch before fetching pauses. A paused kafkajs sleeps for its whole
 * `maxWaitTimeInMs`: without this moment a caller that keeps up is slowed to a quarter (`bench/event-log.ts`).
 */
const GRACE_MS = 50

/**
 * While records keep coming, a fetch is asked for no sooner than this after the one before it: one that brings three
 * records costs client and broker almost as much as one that brings a thousand.
 */
const PACE_MS = 50

/** Ticks of the watchdogs per session timeout. */
const TICKS_PER_SESSION = 4

export interface RunDependencies {
  readonly group: string
  readonly topics: readonly string[]
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly maxBuffered: number
  readonly buffer: BatchBuffer
  createClient(hooks: ConsumerHooks): ConsumerClient
  readonly emit: EmitKafkaEvent
}

/**
 * The life of one kafkajs consumer: from its creation to its crash or end. It fills the buffer and pauses when the
 * buffer stays full; it does not wait for whoever pulls, so heartbeats and other partitions go on.
 */
export class ConsumerRun {
  /** Rejects when the client can not go on; resolves after `stop`. */
  readonly ended: Promise<void>
  /** Whether the group has been joined at least once. */
  hasJoined = false
  readonly #deps: RunDependencies
  readonly #client: ConsumerClient
  readonly #assignment = new Assignment()
  /** How to commit with the generation that a batch's `revoked` stands for. */
  readonly #commits = new WeakMap<AbortSignal, (offsets: OffsetsToCommit) => Promise<void>>()
  readonly #silence: Watchdog
  readonly #oldFetches: Watchdog
  readonly #ticker: NodeJS.Timeout
  #started: Promise<void> | undefined
  #paused: boolean = false
  /** A fetch has begun since the latest wait for the pace, and when that wait was over. */
  #fetched: boolean = false
  #pacedAt = Number.NEGATIVE_INFINITY
  /** Called when the buffer has room again. */
  #onRoom: (() => void) | undefined
  /** The client has crashed or is being stopped: it takes no orders any more. */
  #over: boolean = false
  #stopping: Promise<void> | undefined
  #end!: (error?: Error) => void

  constructor(deps: RunDependencies) {
    this.#deps = deps
    this.ended = new Promise((resolve, reject) => {
      this.#end = (error) => (error === undefined ? resolve() : reject(error))
    })
    this.ended.catch(() => {}) // whoever started the run awaits it; it may fail before that
    const silentFor = `${2 * deps.sessionTimeoutMs} ms`
    this.#silence = new Watchdog(2 * TICKS_PER_SESSION, () =>
      this.#crash(lost(`no heartbeat and no fetch for ${silentFor}`)),
    )
    this.#oldFetches = new Watchdog(2 * TICKS_PER_SESSION, () =>
      this.#crash(lost(`a fetch from before the latest join has not ended for ${silentFor}`)),
    )
    this.#ticker = setInterval(() => this.#tick(), deps.sessionTimeoutMs / TICKS_PER_SESSION)
    this.#ticker.unref()
    this.#client = deps.createClient(this.#hooks())
  }

  start(): void {
    const { topics } = this.#deps
    const start = async (): Promise<void> => {
      await this.#client.connect()
      await this.#client.subscribe(topics)
      await this.#client.run((payload) => this.#take(payload))
    }
    this.#started = start().catch((error: unknown) => this.#crash(toError(error)))
  }

  /** Fetches again once the caller has pulled half of what the buffer may hold. */
  pulled(): void {
    if (this.#deps.buffer.records < this.#deps.maxBuffered) this.#onRoom?.()
    if (this.#paused && this.#deps.buffer.records * 2 <= this.#deps.maxBuffered) this.#resume()
  }

  /** Undefined when `revoked` is not of this run. */
  commitOf(revoked: AbortSignal): ((offsets: OffsetsToCommit) => Promise<void>) | undefined {
    return this.#commits.get(revoked)
  }

  /** Gives up the partitions, leaves the group and closes the connections. Reports what fails, does not throw. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    clearInterval(this.#ticker)
    this.#over = true
    this.#revoke()
    const { emit, group, rebalanceTimeoutMs } = this.#deps
    const what = `the consumer of group ${group}`
    try {
      // A client that is torn down while it joins leaves a member behind that blocks the group until it expires.
      await withDeadline(this.#started ?? Promise.resolve(), rebalanceTimeoutMs, () => new Error('too slow'))
    } catch {
      emit({ kind: 'log', level: 'warn', message: `${what} is closed in the middle of a join`, details: {} })
    }
    await discard(this.#client, what, emit)
    this.#end()
  }

  #hooks(): ConsumerHooks {
    const { group, emit, rebalanceTimeoutMs, sessionTimeoutMs } = this.#deps
    const joinGrace = Math.ceil((rebalanceTimeoutMs / sessionTimeoutMs) * TICKS_PER_SESSION)
    return {
      onJoining: () => {
        this.#silence.alive(joinGrace)
        this.#revoke()
      },
      onJoined: (assignment) => {
        this.#silence.alive()
        if (this.#over) return
        this.hasJoined = true
        this.#assignment.joined()
        emit({ kind: 'joined', group, assignment })
      },
      onFetchersStopped: () => this.#assignment.fetchersStopped(),
      onFetchStart: (nodeId) => {
        this.#fetched = true
        this.#assignment.fetchStarted(nodeId)
      },
      onAlive: () => this.#silence.alive(),
      onCrash: (error) => this.#crash(error),
    }
  }

  async #take({ batch, resolveOffset, commitOffsetsIfNecessary }: FetchedBatch): Promise<void> {
    const { buffer, maxBuffered, topics } = this.#deps
    const revoked = this.#assignment.open
    const last = batch.messages.at(-1)
    if (revoked === undefined || last === undefined) return
    if (!this.#commits.has(revoked)) this.#commits.set(revoked, commitOffsetsIfNecessary)
    resolveOffset(last.offset)
    const { topic, partition } = batch
    const records = batch.messages.map((message) => toRecord(topic, partition, message))
    buffer.push({ topic, partition, records, revoked })
    await this.#pace()
    if (this.#paused || buffer.records < maxBuffered) return
    await this.#room()
    if (this.#over || buffer.records < maxBuffered) return
    this.#paused = true
    this.#client.pause(topics)
  }

  /** Holds up the next fetch, once per fetch; what this one brought has been handed on before. */
  async #pace(): Promise<void> {
    if (!this.#fetched) return
    this.#fetched = false
    const now = performance.now()
    const waitMs = this.#pacedAt + PACE_MS - now
    this.#pacedAt = Math.max(now, now + waitMs)
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
  }

  /** Resolves when the buffer has room, and in any case after `GRACE_MS`. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#onRoom?.(), GRACE_MS)
      this.#onRoom = () => {
        clearTimeout(timer)
        this.#onRoom = undefined
        resolve()
      }
    })
  }

  #revoke(): void {
    this.#deps.buffer.drop()
    this.#onRoom?.()
    if (this.#assignment.revoke()) this.#deps.emit({ kind: 'revoked', group: this.#deps.group })
    if (this.#paused) this.#resume()
  }

  #resume(): void {
    this.#paused = false
    if (!this.#over) this.#client.resume(this.#deps.topics)
  }

  #tick(): void {
    this.#silence.tick()
    if (!this.#assignment.waitsForOldFetches) this.#oldFetches.alive()
    this.#oldFetches.tick()
  }

  #crash(error: Error): void {
    this.#over = true
    this.#revoke()
    this.#end(error)
  }
}

/** A failure that a new client may not have. */
function lost(message: string): Error {
  return Object.assign(new Error(message), { retriable: true })
}

export function toRecord(topic: string, partition: number, message: FetchedMessage): LogRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value,
    headers: toHeaders(message.headers),
    timestamp: Number(message.timestamp),
  }
}

function toHeaders(headers: FetchedMessage['headers']): Headers {
  const converted: Record<string, Buffer> = {}
  for (const [name, values] of Object.entries(headers ?? {})) {
    const value = Array.isArray(values) ? values.at(-1) : values // the last one counts, as in Kafka's own lastHeader
    converted[name] = Buffer.isBuffer(value) ? value : Buffer.from(value ?? '')
  }
  return converted
}
