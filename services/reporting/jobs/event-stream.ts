import { PassThrough, type Readable } from 'node:stream'
import type { Database } from '#libs/db/database.ts'
import { type JobEvent, readEvents } from '#libs/db/job-progress.ts'
import { isFinal } from '#libs/db/jobs.ts'
import type { Logger } from '#libs/service/logger.ts'
import { Problem } from '#libs/service/problem.ts'
import { eventDocument } from './job-document.ts'

/** How often the table is looked at: a client hears of a job at most twice a second. */
const POLL_MS = 500
/** Proxies cut connections on which nothing moves. */
const HEARTBEAT_MS = 15_000
/** When a client that was cut off comes again. */
const RETRY_MS = 3_000
/** Events of one job that are read at a time: a client that comes late gets them in turns. */
const MOST_EVENTS = 500

export interface JobEventsOptions {
  readonly db: Database
  readonly logger: Logger
  readonly pollMs?: number
  readonly heartbeatMs?: number
  /** Streams at most; default 500. */
  readonly maxStreams?: number
}

interface Subscriber {
  readonly jobId: string
  /** The last event that it was sent. */
  after: number
  readonly stream: PassThrough
  quietSince: number
}

/**
 * Events of jobs for the clients of this process, as server-sent events. All of them come from the table, by one query
 * for all streams, so it does not matter which process a client comes back to: it gives the last id that it saw and
 * gets all that has come since. A client that does not read is left alone until it does, and gets them then.
 */
export class JobEvents {
  readonly #options: JobEventsOptions
  readonly #subscribers = new Set<Subscriber>()
  #timer: NodeJS.Timeout | undefined
  #failing = false
  readonly #closing = new AbortController()

  constructor(options: JobEventsOptions) {
    this.#options = options
  }

  /**
   * The stream of one job's events after the one with this id; it ends after the job's last. Throws 503 when there are
   * too many.
   */
  open(jobId: string, after: number): Readable {
    if (this.#closing.signal.aborted || this.#subscribers.size >= (this.#options.maxStreams ?? 500)) {
      throw new Problem(
        'too-many-streams',
        'this server follows as many jobs as it can for others: try again, or poll the status',
        { headers: { 'retry-after': '5' } },
      )
    }
    const stream = new PassThrough()
    const subscriber: Subscriber = { jobId, after, stream, quietSince: performance.now() }
    this.#subscribers.add(subscriber)
    stream.once('close', () => this.#subscribers.delete(subscriber))
    // Whoever goes away in the middle is no failure of ours.
    stream.on('error', () => {})
    stream.write(`retry: ${RETRY_MS}\n\n`)
    this.#schedule(0)
    return stream
  }

  /** Ends all streams: their clients come again, to whoever is there then. */
  close(): void {
    this.#closing.abort()
    clearTimeout(this.#timer)
    for (const { stream } of this.#subscribers) stream.end()
  }

  #schedule(delayMs: number): void {
    if (this.#closing.signal.aborted) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#poll(), delayMs)
  }

  async #poll(): Promise<void> {
    const reading = [...this.#subscribers].filter(({ stream }) => !stream.writableNeedDrain)
    try {
      const events = Map.groupBy(await this.#read(reading), ({ jobId }) => jobId)
      for (const subscriber of reading) this.#send(subscriber, events.get(subscriber.jobId) ?? [])
      this.#failing = false
    } catch (error) {
      if (!this.#failing)
        this.#options.logger.warn({ err: error }, 'events of jobs can not be read, trying again')
      this.#failing = true
    }
    for (const subscriber of reading) this.#beat(subscriber)
    if (this.#subscribers.size > 0) this.#schedule(this.#options.pollMs ?? POLL_MS)
  }

  /** From the earliest that one of a job's clients lacks. */
  async #read(reading: readonly Subscriber[]): Promise<readonly JobEvent[]> {
    const known = new Map<string, number>()
    for (const { jobId, after } of reading) known.set(jobId, Math.min(after, known.get(jobId) ?? after))
    return known.size === 0 ? [] : readEvents(this.#options.db, known, MOST_EVENTS)
  }

  #send(subscriber: Subscriber, events: readonly JobEvent[]): void {
    const news = events.filter(({ id }) => id > subscriber.after)
    const last = news.at(-1)
    if (last === undefined || subscriber.stream.writableEnded) return
    subscriber.stream.write(news.map(toFrame).join(''))
    subscriber.after = last.id
    subscriber.quietSince = performance.now()
    if (isFinal(last.state)) subscriber.stream.end()
  }

  #beat(subscriber: Subscriber): void {
    if (performance.now() - subscriber.quietSince < (this.#options.heartbeatMs ?? HEARTBEAT_MS)) return
    if (subscriber.stream.writableEnded) return
    subscriber.stream.write(': still there\n\n')
    subscriber.quietSince = performance.now()
  }
}

/** JSON has no line breaks of its own, so that the data is one line. */
function toFrame(event: JobEvent): string {
  return `id: ${event.id}\nevent: ${event.event}\ndata: ${JSON.stringify(eventDocument(event))}\n\n`
}
