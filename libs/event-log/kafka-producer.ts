import type {
  Acknowledgement,
  EmitKafkaEvent,
  MessageToSend,
  ProducerClient,
  ProducerHooks,
  TopicMessages,
} from './kafka-client.ts'
import { discard, withDeadline } from './kafka-client.ts'
import {
  isRetriable,
  isSequenceLost,
  isTooLarge,
  isUnknownTopic,
  reasonOf,
  toError,
  unknownTopic,
} from './kafka-errors.ts'
import type { NewRecord } from './port.ts'
import { EventLogError } from './port.ts'

/** Brokers take batches of 1 MiB by default (`message.max.bytes`); what a record weighs beside key and value is counted too. */
const MAX_REQUEST_BYTES = 900_000
const RECORD_OVERHEAD_BYTES = 64
const MAX_REQUEST_RECORDS = 10_000
const FIRST_WAIT_MS = 100
/** While appends come faster than requests, a request starts no sooner than this after the one before it, */
const PACE_MS = 50
/** unless it has this many records: a request costs client and broker as much as a hundred records do. */
const FULL_ENOUGH_RECORDS = 500

export interface ProducerDependencies {
  createClient(hooks: ProducerHooks): ProducerClient
  /** `LOG_UNAVAILABLE` for what could not be done. */
  unavailable(doing: string, cause: unknown): EventLogError
  readonly emit: EmitKafkaEvent
  /** After this many milliseconds a request has failed, whatever kafkajs still tries. */
  readonly timeoutMs: number
  /** Milliseconds on a clock that only goes forward. */
  now(): number
}

interface Append {
  readonly records: readonly NewRecord[]
  /** Index of the first record that is in no request yet. */
  at: number
  /** It has been rejected; what is left of it is not sent. */
  failed: boolean
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * Sends records, one request at a time, in the order of the calls; calls that come while a request is out share the
 * next one.
 *
 * One at a time, because kafkajs gives a failed batch's sequence numbers to whichever batch comes next: the broker then
 * takes new records for the repetition of old ones, acknowledges them and drops them. For the same reason a producer
 * that failed is never used again. And each acknowledgement is checked against the partitions that were written to:
 * when a leader moves between two attempts, kafkajs forgets the partitions that moved to a broker that had already
 * answered.
 */
export class KafkaProducer {
  readonly #deps: ProducerDependencies
  readonly #queue: Append[] = []
  #sending: Promise<void> | undefined
  /** When the latest request started, and how many appends it served. */
  #startedAt = Number.NEGATIVE_INFINITY
  #shared = 0
  /** Records in the queue, and who waits for enough of them. */
  #queued = 0
  #onFullEnough: (() => void) | undefined
  #closing: boolean = false
  #client: ProducerClient | undefined
  /** Partitions that the request under way writes to. */
  readonly #touched = new Set<string>()

  constructor(deps: ProducerDependencies) {
    this.#deps = deps
  }

  append(records: readonly NewRecord[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, at: 0, failed: false, resolve, reject })
      this.#queued += records.length
      if (this.#queued >= FULL_ENOUGH_RECORDS) this.#onFullEnough?.()
      this.#sending ??= this.#sendAll()
    })
  }

  /** Waits for what is being sent and closes the connections. */
  async close(): Promise<void> {
    this.#closing = true
    this.#onFullEnough?.()
    while (this.#sending !== undefined) await this.#sending
    const client = this.#client
    this.#client = undefined
    if (client !== undefined) await discard(client, 'the producer', this.#deps.emit)
  }

  async #sendAll(): Promise<void> {
    await Promise.resolve() // calls of the same turn share the first request
    while (this.#queue.length > 0) {
      await this.#gather()
      const { records, appends } = this.#nextRequest()
      this.#startedAt = this.#deps.now()
      this.#shared = appends.length
      await this.#send(records, appends)
      for (const append of appends)
        if (!append.failed && append.at === append.records.length) append.resolve()
    }
    // In the same turn as the last look, so that no append in between waits for ever.
    this.#sending = undefined
  }

  /**
   * Waits for more to send, where there is reason to expect more: the latest request had several appends. Whoever
   * appends one thing after the other never waits here.
   */
  async #gather(): Promise<void> {
    const waitMs = this.#startedAt + PACE_MS - this.#deps.now()
    if (this.#closing || this.#shared < 2 || this.#queued >= FULL_ENOUGH_RECORDS || waitMs <= 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#onFullEnough?.(), waitMs)
      this.#onFullEnough = () => {
        clearTimeout(timer)
        this.#onFullEnough = undefined
        resolve()
      }
    })
  }

  /** Sends one request; when it fails, those whose records it held fail, each for its own reason. */
  async #send(records: readonly NewRecord[], appends: readonly Append[]): Promise<void> {
    try {
      await this.#request(records)
    } catch (error) {
      if (appends.length === 1 || !isTheCallersFault(error)) {
        for (const append of appends) this.#fail(append, toError(error), records)
        return
      }
      // One bad record must not fail its neighbours: everyone again, alone. Some records may then be there twice.
      for (const append of appends) {
        const own = new Set(append.records)
        const again = records.filter((record) => own.has(record))
        await this.#send(again, [append])
      }
    }
  }

  #fail(append: Append, error: Error, records: readonly NewRecord[]): void {
    append.failed = true
    const index = this.#queue.indexOf(append)
    if (index >= 0) {
      this.#queue.splice(index, 1)
      this.#queued -= append.records.length - append.at
    }
    append.reject(this.#describe(error, records))
  }

  #describe(error: Error, records: readonly NewRecord[]): Error {
    if (error instanceof EventLogError) return error
    const topics = [...new Set(records.map(({ topic }) => topic))]
    if (isUnknownTopic(error)) return unknownTopic(topics, error)
    if (isTooLarge(error))
      return new EventLogError(
        'RECORD_TOO_LARGE',
        `Kafka refuses a record for ${topics.join(', ')} of up to ${Math.max(...records.map(weight))} bytes: ` +
          `${reasonOf(error)}; make it smaller or raise max.message.bytes of the topic`,
        { cause: error },
      )
    return this.#deps.unavailable(`append to ${topics.join(', ')}`, error)
  }

  /** Takes the oldest records from the queue, up to what one request may hold. */
  #nextRequest(): { records: NewRecord[]; appends: Append[] } {
    const records: NewRecord[] = []
    const appends: Append[] = []
    let bytes = 0
    for (let append = this.#queue[0]; append !== undefined; append = this.#queue[0]) {
      const before = append.at
      while (append.at < append.records.length) {
        const record = append.records[append.at]!
        bytes += weight(record)
        const full = bytes > MAX_REQUEST_BYTES || records.length === MAX_REQUEST_RECORDS
        if (full && records.length > 0) break
        records.push(record)
        append.at++
        this.#queued--
      }
      if (append.at > before) appends.push(append)
      if (append.at < append.records.length) break
      this.#queue.shift()
    }
    return { records, appends }
  }

  /** Tries until the time is up, each time with a new producer; kafkajs's own attempts end too early for a restart. */
  async #request(records: readonly NewRecord[]): Promise<void> {
    const { timeoutMs, now } = this.#deps
    const deadline = now() + timeoutMs
    for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
      try {
        await this.#attempt(records, deadline - now())
        return
      } catch (error) {
        const worthIt = isRetriable(error) || isSequenceLost(error) || error instanceof MissingAcknowledgement
        if (!worthIt || now() + waitMs >= deadline) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }

  async #attempt(records: readonly NewRecord[], withinMs: number): Promise<void> {
    try {
      const send = this.#connected().then((client) => {
        this.#touched.clear()
        return client.sendBatch(byTopic(records))
      })
      const late = (): Error => new Error(`no acknowledgement within ${this.#deps.timeoutMs} ms`)
      this.#requireAll(await withDeadline(send, withinMs, late))
    } catch (error) {
      await this.#discardClient(toError(error))
      throw error
    }
  }

  #requireAll(acknowledged: readonly Acknowledgement[]): void {
    for (const { topicName, partition } of acknowledged) this.#touched.delete(`${topicName}/${partition}`)
    if (this.#touched.size > 0) throw new MissingAcknowledgement([...this.#touched].join(', '))
  }

  async #connected(): Promise<ProducerClient> {
    if (this.#client !== undefined) return this.#client
    const client = this.#deps.createClient({
      onPartition: (topic, partition) => {
        if (client === this.#client) this.#touched.add(`${topic}/${partition}`)
      },
    })
    this.#client = client
    await client.connect()
    return client
  }

  async #discardClient(reason: Error): Promise<void> {
    const client = this.#client
    this.#client = undefined
    if (client === undefined) return
    this.#deps.emit({ kind: 'producer-discarded', reason })
    await discard(client, 'the producer', this.#deps.emit)
  }
}

class MissingAcknowledgement extends Error {
  override readonly name = 'MissingAcknowledgement'
  constructor(partitions: string) {
    super(`Kafka did not acknowledge ${partitions}: the leader has moved`)
  }
}

const isTheCallersFault = (error: unknown): boolean => isTooLarge(error) || isUnknownTopic(error)

function weight({ key, value, headers }: NewRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0)
  for (const name in headers) bytes += name.length + headers[name]!.length + 8
  return bytes
}

function byTopic(records: readonly NewRecord[]): TopicMessages[] {
  const messages = new Map<string, MessageToSend[]>()
  for (const { topic, key, value, headers } of records) {
    const message = { key, value, headers: { ...headers } }
    const ofTopic = messages.get(topic)
    if (ofTopic === undefined) messages.set(topic, [message])
    else ofTopic.push(message)
  }
  return [...messages].map(([topic, ofTopic]) => ({ topic, messages: ofTopic }))
}
