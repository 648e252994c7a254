import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Batch, ConsumeOptions, Consumer } from './port.ts'
import { EventLogError } from './port.ts'
import { Committer } from './postgres-commit.ts'
import { asError, type Database, isTransient } from './postgres-database.ts'
import { fetchRecords } from './postgres-fetch.ts'
import { type Assignment, Membership } from './postgres-membership.ts'

export interface ConsumerSettings {
  readonly database: Database
  readonly leaseMs: number
  /** The database may be lost for this long, in milliseconds; after that the consumer fails. */
  readonly unavailableAfterMs: number
  readonly onError: (error: Error) => void
  /** Resolves when the tables are there. */
  readonly ready: () => Promise<void>
  readonly onClosed: (consumer: Consumer) => void
}

const DEFAULT_MAX_BUFFERED = 5_000
const BUFFER_BYTES = 16 * 1024 * 1024
const POLL_MS = { shortest: 50, longest: 500 } as const
const RETRY_MS = { shortest: 100, longest: 5_000 } as const
const HEARTBEATS_PER_LEASE = 5

interface Buffered {
  readonly batch: Batch
  readonly bytes: number
}

type Pull = { resolve: (result: IteratorResult<Batch>) => void; reject: (error: Error) => void }

/** A member whose background loop fills a bounded buffer; heartbeats run beside it, however slow the puller is. */
export class PostgresConsumer implements Consumer {
  readonly #settings: ConsumerSettings
  readonly #membership: Membership
  readonly #committer: Committer
  readonly #group: string
  readonly #maxBuffered: number
  readonly #topics: ReadonlySet<string>
  readonly #running: Promise<void>
  readonly #onMessage = (message: unknown): void =>
    this.#hear(message as { topics?: string[]; group?: string })
  #buffer: Buffered[] = []
  #pulls: Pull[] = []
  #heartbeats: NodeJS.Timeout | undefined
  #beating: boolean = false
  #closing: boolean = false
  #closed: Promise<void> | undefined
  #failure: Error | undefined
  #lastSuccess = performance.now()
  #news: boolean = false
  #wake: (() => void) | undefined

  constructor(options: ConsumeOptions, settings: ConsumerSettings) {
    const { group, topics, maxBuffered = DEFAULT_MAX_BUFFERED } = options
    if (group === '') throw new RangeError('consume: give the consumer group a name')
    if (topics.length === 0) throw new RangeError(`consume: name at least one topic for group "${group}"`)
    if (!Number.isInteger(maxBuffered) || maxBuffered < 1)
      throw new RangeError(`consume: maxBuffered is a whole number from 1, not ${maxBuffered}`)
    this.#settings = settings
    this.#group = group
    this.#topics = new Set(topics)
    this.#maxBuffered = maxBuffered
    const { database, leaseMs, onError } = settings
    const memberId = randomUUID()
    this.#membership = new Membership({
      database,
      group,
      topics: [...this.#topics],
      memberId,
      leaseMs,
      onChange: () => this.#dropRevoked(),
    })
    this.#committer = new Committer({
      database,
      group,
      memberId,
      onError,
      onFenced: () => void this.#membership.share().catch((error: unknown) => this.#cope(asError(error))),
    })
    subscribe(database.channel, this.#onMessage)
    this.#running = this.#run()
  }

  /** Records fetched and not yet pulled. */
  get buffered(): number {
    return this.#buffer.reduce((sum, { batch }) => sum + batch.records.length, 0)
  }

  [Symbol.asyncIterator](): AsyncIterator<Batch> {
    // Leaving a loop early does not leave the group: whoever pulls may come back, and commits what it has.
    return { next: () => this.#next(), return: async () => ({ done: true, value: undefined }) }
  }

  commit(batch: Pick<Batch, 'topic' | 'partition' | 'revoked'>, next: bigint): Promise<void> {
    if (this.#closed !== undefined || batch.revoked.aborted) return Promise.resolve()
    const assignment = this.#assignmentOf(batch)
    return assignment === undefined ? Promise.resolve() : this.#committer.commit(assignment, next)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing = true
    this.#notify()
    await this.#running
    await this.#committer.idle()
    clearInterval(this.#heartbeats)
    unsubscribe(this.#settings.database.channel, this.#onMessage)
    if (this.#failure === undefined)
      // Not fatal: what could not be given back expires.
      await this.#membership.leave().catch((error: unknown) => this.#settings.onError(asError(error)))
    this.#dropRevoked()
    for (const pull of this.#pulls.splice(0)) pull.resolve({ done: true, value: undefined })
    this.#settings.onClosed(this)
  }

  #next(): Promise<IteratorResult<Batch>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#closing) return Promise.resolve({ done: true, value: undefined })
    const first = this.#buffer.shift()
    if (first !== undefined) {
      this.#notify()
      return Promise.resolve({ done: false, value: first.batch })
    }
    return new Promise((resolve, reject) => this.#pulls.push({ resolve, reject }))
  }

  #assignmentOf({
    topic,
    partition,
    revoked,
  }: Pick<Batch, 'topic' | 'partition' | 'revoked'>): Assignment | undefined {
    for (const assignment of this.#membership.assignments.values())
      if (assignment.topic === topic && assignment.partition === partition)
        return assignment.revocation.signal === revoked ? assignment : undefined
    return undefined
  }

  /** Until closed or failed: joins, keeps the buffer filled, and outlives short losses of the database. */
  async #run(): Promise<void> {
    let pollMs: number = POLL_MS.shortest
    let retryMs: number = RETRY_MS.shortest
    let joined = false
    while (!this.#closing && this.#failure === undefined) {
      try {
        if (!joined) {
          await this.#settings.ready()
          await this.#membership.share()
          this.#startHeartbeats()
          joined = true
        }
        const room = this.#room()
        const fetched = room === 0 ? undefined : await this.#fetch(room)
        if (fetched !== undefined) this.#lastSuccess = performance.now()
        retryMs = RETRY_MS.shortest
        if (fetched?.moved) await this.#membership.share()
        const idle = fetched === undefined || (fetched.count === 0 && !fetched.moved)
        pollMs = idle ? Math.min(pollMs * 2, POLL_MS.longest) : POLL_MS.shortest
        if (idle) await this.#sleep(pollMs)
      } catch (error) {
        this.#cope(asError(error))
        if (this.#failure === undefined) await this.#sleep(retryMs, { deaf: true })
        retryMs = Math.min(retryMs * 2, RETRY_MS.longest)
      }
    }
  }

  /** How many records to fetch: none until the buffer is half empty, so that batches stay large. */
  #room(): number {
    const room = this.#maxBuffered - this.buffered
    const bytes = this.#buffer.reduce((sum, one) => sum + one.bytes, 0)
    return room * 2 < this.#maxBuffered || bytes > BUFFER_BYTES ? 0 : room
  }

  async #fetch(room: number): Promise<{ count: number; moved: boolean }> {
    const { database } = this.#settings
    const assignments = [...this.#membership.assignments.values()]
    const { generation, batches } = await fetchRecords(database, this.#group, assignments, room)
    let count = 0
    for (const { assignment, records, bytes } of batches) {
      const { topic, partition, revocation } = assignment
      if (revocation.signal.aborted) continue
      assignment.position = records.at(-1)!.offset + 1n
      // Taken next time after those that had nothing: no partition starves when room is scarce.
      if (this.#membership.assignments.delete(assignment.partitionId))
        this.#membership.assignments.set(assignment.partitionId, assignment)
      count += records.length
      this.#deliver({ batch: { topic, partition, records, revoked: revocation.signal }, bytes })
    }
    return { count, moved: generation !== this.#membership.generation }
  }

  #deliver(buffered: Buffered): void {
    const pull = this.#pulls.shift()
    if (pull === undefined) this.#buffer.push(buffered)
    else pull.resolve({ done: false, value: buffered.batch })
  }

  #dropRevoked(): void {
    this.#buffer = this.#buffer.filter(({ batch }) => !batch.revoked.aborted)
    this.#notify()
  }

  #startHeartbeats(): void {
    this.#heartbeats ??= setInterval(() => void this.#beat(), this.#settings.leaseMs / HEARTBEATS_PER_LEASE)
  }

  async #beat(): Promise<void> {
    if (this.#beating || this.#failure !== undefined) return
    this.#beating = true
    try {
      await this.#membership.heartbeat()
      this.#lastSuccess = performance.now()
    } catch (error) {
      this.#cope(asError(error))
    } finally {
      this.#beating = false
    }
  }

  /** Reports what may pass, and fails on the rest. */
  #cope(error: Error): void {
    const lostMs = performance.now() - this.#lastSuccess
    const passes = isTransient(error) && lostMs < this.#settings.unavailableAfterMs
    if (this.#closing || passes) this.#settings.onError(error)
    else this.#fail(error)
  }

  #fail(cause: Error): void {
    if (this.#failure !== undefined) return
    const unknown = cause instanceof EventLogError && cause.code === 'UNKNOWN_TOPIC'
    this.#failure = unknown
      ? cause
      : new EventLogError(
          'CONSUMER_FAILED',
          `Group "${this.#group}" can not go on reading the event log at ${this.#settings.database.name}: ` +
            `${cause.message}. Restart the process when the database answers again`,
          { cause },
        )
    clearInterval(this.#heartbeats)
    this.#membership.abandon()
    this.#dropRevoked()
    for (const pull of this.#pulls.splice(0)) pull.reject(this.#failure)
  }

  #hear({ topics, group }: { topics?: readonly string[]; group?: string }): void {
    if (group === this.#group) void this.#beat()
    if (topics?.some((topic) => this.#topics.has(topic))) this.#notify()
  }

  #notify(): void {
    this.#news = true
    this.#wake?.()
  }

  /** Sleeps `ms`, or until there is news; deaf, only closing wakes it. */
  async #sleep(ms: number, { deaf = false } = {}): Promise<void> {
    if ((this.#news && !deaf) || this.#closing) {
      this.#news = false
      return
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        if (deaf && !this.#closing) return
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
    this.#news = false
  }
}
