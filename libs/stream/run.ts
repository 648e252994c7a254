import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, NewRecord } from '#libs/event-log/port.ts'
import { untilAppended } from '#libs/stream/appending.ts'
import type { Assignment } from '#libs/stream/assignment.ts'
import { Chunker, type FormedChunk, type Member } from '#libs/stream/chunker.ts'
import { deadLetter } from '#libs/stream/dead-letter.ts'
import { decodeQueue, type Undecodable } from '#libs/stream/decoding.ts'
import { type Place, StreamError, type StreamErrorCode } from '#libs/stream/errors.ts'
import { Ledger, type Ticketed } from '#libs/stream/ledger.ts'
import { sortOut } from '#libs/stream/outputs.ts'
import type { Decoded, Processor, Verdict } from '#libs/stream/processor.ts'
import { RejectLimit } from '#libs/stream/reject-limit.ts'
import type { RunOptions } from '#libs/stream/runner.ts'
import { WakeUp } from '#libs/stream/wake-up.ts'

/** A decoded record and the partition that it was pulled from. */
interface Pulled<T> extends Ticketed {
  readonly record: Decoded<T>
}

export type RunSettings = Required<Omit<RunOptions, 'signal'>>

/** A broken connection must not keep a failed processor from telling so. */
const CLOSE_TIMEOUT_MS = 5_000

/**
 * One processor at work. What happens to records, and in which order, stands here once:
 *
 *  1. decode   – `#decode`; bytes that nobody understands become dead letters
 *  2. process  – `#runChunk`; one verdict per record
 *  3. append   – `#finish`; outputs and dead letters of a chunk, at once
 *  4. commit   – `#finish`; the finished prefix of each partition
 *
 * A failure before step 4 commits nothing of its chunk, and ends the processor.
 */
export class Run<T> {
  readonly finished: Promise<void>
  readonly #processor: Processor<T>
  readonly #settings: RunSettings
  readonly #consumer: Consumer
  readonly #ledger: Ledger
  readonly #chunker: Chunker<T, Pulled<T>>
  readonly #wakeUp: WakeUp
  readonly #undecodable: RejectLimit
  readonly #rejects: RejectLimit
  readonly #end = Promise.withResolvers<void>()
  readonly #hurry = Promise.withResolvers<void>()
  readonly #hardStop = new AbortController()
  /** What `stop` waits for: chunks in flight, and dead letters of records that could not be decoded. */
  readonly #inFlight = new Set<Promise<void>>()
  #state: 'running' | 'stopping' | 'stopped' | 'failed' = 'running'
  #chunksInFlight = 0
  /** Appends that the log has refused and that are tried again. */
  #refusedAppends = 0

  constructor(processor: Processor<T>, settings: RunSettings) {
    const { group, inputs } = processor
    this.#processor = processor
    this.#settings = settings
    this.#chunker = new Chunker(processor.chunks)
    this.#wakeUp = new WakeUp(() => this.#pump(), settings.now)
    this.#undecodable = new RejectLimit(group, settings.maxConsecutiveRejects)
    this.#rejects = new RejectLimit(group, settings.maxConsecutiveRejects)
    this.finished = this.#end.promise
    this.#consumer = settings.log.consume({ group, topics: inputs, maxBuffered: settings.maxBuffered })
    this.#ledger = new Ledger({
      consumer: this.#consumer,
      maxBuffered: settings.maxBuffered,
      commitEveryMs: settings.commitEveryMs,
      onCount: (unfinished) => settings.metrics.buffered(group, unfinished),
      onGone: (assignment) => this.#chunker.drop(({ from }) => from === assignment),
      onCommitFailed: (assignment, cause) => this.#commitFailed(assignment, cause),
    })
    this.#pull().catch((cause) =>
      this.#fail(this.#error('CONSUMER_FAILED', 'The log can not be read any further', cause)),
    )
  }

  get healthy(): boolean {
    return this.#state === 'running' || this.#state === 'stopping'
  }

  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(this.#hurry.resolve, graceMs)
    if (this.#state === 'running') await this.#drain()
    // Whether it ended well is for those who wait for `finished`.
    await this.finished.catch(() => undefined)
    clearTimeout(timer)
  }

  async #pull(): Promise<void> {
    const batches = this.#consumer[Symbol.asyncIterator]()
    while (this.#state === 'running') {
      // Not `for await`: leaving that would close the consumer under the chunks that still have to be committed.
      const { value: batch, done } = await batches.next()
      if (this.#state !== 'running') return
      if (done) throw new Error('its consumer was closed from outside; stop the processor before its log')
      const from = this.#ledger.take(batch)
      if (from === undefined) continue
      this.#settings.metrics.consumed(this.#processor.group, batch.topic, batch.records.length)
      if (!from.decoding) void this.#decode(from)
      while (this.#state === 'running' && !this.#ledger.hasRoom) await this.#ledger.room()
    }
  }

  async #decode(from: Assignment): Promise<void> {
    const isOpen = () => this.#state === 'running' && !from.gone
    from.decoding = true
    try {
      do {
        await decodeQueue<T>(from, this.#settings, this.#undecodable, {
          isOpen,
          decoded: (record, ticket) => this.#toChunks({ record, from, ticket }),
          rejected: (records) => this.#track(this.#deadLetterUndecodable(from, records)),
          waiting: () => this.#pump(),
        })
      } while (isOpen() && from.undecoded.length > 0)
    } catch (error) {
      this.#fail(error)
    } finally {
      from.decoding = false
    }
  }

  #toChunks(entry: Pulled<T>): void {
    try {
      this.#chunker.add(entry, this.#settings.now())
    } catch (cause) {
      throw this.#error('CHUNK_POLICY_FAILED', 'The chunk policy threw', cause, entry.record.raw)
    }
  }

  async #deadLetterUndecodable(from: Assignment, records: readonly Undecodable[]): Promise<void> {
    const { group } = this.#processor
    const { deadLetterTopic: topic, now, metrics } = this.#settings
    const letters = records.map(({ raw, reason }) => deadLetter(raw, { topic, group, reason, at: now() }))
    const entries = records.map(({ ticket }) => ({ from, ticket }))
    if (!(await this.#finish(letters, entries, records[0]?.raw))) return
    metrics.rejected(group, from.topic, records.length)
    this.#warn(
      `${records.length} records can not be decoded and are dead letters now`,
      records[0]!.raw,
      records[0]!.reason,
    )
  }

  /** Starts the chunks that may go out; sets one timer for the next one that may later. */
  #pump(): void {
    const { inFlight } = this.#processor.chunks
    try {
      while (this.#state === 'running' && this.#chunksInFlight < inFlight && this.#refusedAppends === 0) {
        const chunk = this.#chunker.take(this.#settings.now())
        if (chunk === undefined) {
          this.#wakeUp.at(this.#chunker.nextDue())
          return
        }
        this.#chunksInFlight++
        const processed = once(() => {
          this.#chunksInFlight--
          this.#pump()
        })
        void this.#track(this.#runChunk(chunk, processed)).then(processed)
      }
    } catch (cause) {
      this.#fail(this.#error('CHUNK_POLICY_FAILED', 'The chunk policy threw', cause))
    }
  }

  /** Calls `processed` when another chunk may take its place; at its end it may in any case. */
  async #runChunk({ key, members }: FormedChunk<Pulled<T>>, processed: () => void): Promise<void> {
    const { group, chunks } = this.#processor
    const { metrics } = this.#settings
    const records = members.map(({ entry }) => entry.record)
    const first = records[0]?.raw
    const started = performance.now()
    let verdicts: readonly Verdict[]
    try {
      verdicts = await this.#processor.process({ key, records }, { signal: this.#hardStop.signal })
    } catch (cause) {
      throw this.#error('PROCESS_FAILED', `process threw on ${records.length} records`, cause, first)
    }
    if (!this.healthy) return
    // The append has no bound of its own but that of unfinished records. With one chunk in flight, order includes it.
    if (chunks.inFlight > 1) processed()
    metrics.processed(group, records.length, (performance.now() - started) / 1_000)
    const { appends, finished, again, rejected, tally } = await sortOut(
      this.#processor,
      this.#settings,
      this.#rejects,
      records,
      verdicts,
    )
    const done = finished.map((index) => members[index]!.entry)
    if (!(await this.#finish(appends, done, first))) return
    tally.report(metrics, group)
    if (done.length > 0) metrics.freshness(group, this.#age(done))
    for (const { index, inMs } of again) this.#handInAgain(members[index]!, inMs)
    if (again.length > 0) this.#pump()
    for (const [what, list] of [
      ['are to be tried again', again],
      ['are dead letters now', rejected],
    ] as const) {
      if (list[0] !== undefined)
        this.#warn(`${list.length} records ${what}`, records[list[0].index]!.raw, list[0].reason)
    }
  }

  #handInAgain(member: Member<Pulled<T>>, inMs: number): void {
    if (member.entry.from.gone) return
    const keepOrder = this.#processor.chunks.inFlight === 1
    this.#chunker.putBack([member], this.#settings.now() + inMs, keepOrder)
  }

  /** Steps 3 and 4. False when the processor ended meanwhile, or the partitions are gone: then nothing counts as finished. */
  async #finish(
    appends: readonly NewRecord[],
    entries: readonly Ticketed[],
    first?: Place,
  ): Promise<boolean> {
    if (!this.healthy) return false
    if (appends.length > 0) {
      try {
        if (!(await this.#append(appends, entries))) return false
      } catch (cause) {
        throw this.#error('APPEND_FAILED', 'Outputs and dead letters could not be appended', cause, first)
      }
    }
    if (!this.healthy) return false
    this.#ledger.finish(entries)
    return true
  }

  /** While the log refuses, no chunk starts: what it would cost, at Amazon, could not be kept. */
  async #append(appends: readonly NewRecord[], entries: readonly Ticketed[]): Promise<boolean> {
    let waits = false
    try {
      return await untilAppended(appends, this.#settings, {
        isWanted: () => this.healthy && entries.some(({ from }) => !from.gone),
        refused: () => {
          waits = true
          this.#refusedAppends++
        },
        signal: this.#hardStop.signal,
      })
    } finally {
      if (waits) {
        this.#refusedAppends--
        this.#pump()
      }
    }
  }

  /** Seconds since the log took the oldest of these records. */
  #age(entries: readonly Pulled<T>[]): number {
    const oldest = entries.reduce(
      (least, { record }) => Math.min(least, record.raw.timestamp),
      Number.POSITIVE_INFINITY,
    )
    return Math.max(0, this.#settings.now() - oldest) / 1_000
  }

  /** Keeps work where `stop` finds it. What it throws ends the processor. */
  #track(work: Promise<void>): Promise<void> {
    const tracked = work
      .then(undefined, (error) => this.#fail(error))
      .finally(() => this.#inFlight.delete(tracked))
    this.#inFlight.add(tracked)
    return tracked
  }

  async #drain(): Promise<void> {
    this.#state = 'stopping'
    this.#wakeUp.clear()
    this.#ledger.wake()
    await Promise.race([this.#idle(), this.#hurry.promise])
    if (!this.healthy) return
    this.#state = 'stopped'
    this.#ledger.commitNow()
    this.#hardStop.abort(new Error(`${this.#processor.group} has stopped`))
    await this.#consumer.close().then(this.#end.resolve, this.#end.reject)
  }

  async #idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight)
    await this.#ledger.committed()
  }

  #commitFailed({ topic, partition, prefix }: Assignment, cause: unknown): void {
    const place = { topic, partition, offset: prefix.next ?? 0n }
    this.#fail(this.#error('COMMIT_FAILED', 'Finished records could not be committed', cause, place))
  }

  /** The first failure ends the processor; those that follow from it are not told. */
  #fail(cause: unknown): void {
    if (!this.healthy) return
    const error =
      cause instanceof StreamError ? cause : this.#error('PROCESS_FAILED', 'The processor failed', cause)
    this.#state = 'failed'
    const { group } = this.#processor
    const { logger } = this.#settings
    logger.error({ group, err: error }, 'The processor had to end')
    this.#wakeUp.clear()
    this.#ledger.wake()
    this.#ledger.commitNow()
    this.#hurry.resolve()
    this.#hardStop.abort(error)
    const closed = this.#consumer
      .close()
      .catch((err) => logger.error({ group, err }, 'The consumer did not close'))
    void Promise.race([closed, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]).then(() =>
      this.#end.reject(error),
    )
  }

  #error(code: StreamErrorCode, problem: string, cause: unknown, place?: Place): StreamError {
    return new StreamError(code, { group: this.#processor.group, place, problem, cause })
  }

  #warn(message: string, { topic, partition, offset }: Place, reason: string): void {
    const first = { topic, partition, offset: String(offset), reason }
    this.#settings.logger.warn({ group: this.#processor.group, first }, message)
  }
}

function once(work: () => void): () => void {
  let todo: (() => void) | undefined = work
  return () => {
    const now = todo
    todo = undefined
    now?.()
  }
}
