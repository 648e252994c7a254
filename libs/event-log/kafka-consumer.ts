import { BatchBuffer } from './kafka-buffer.ts'
import type { OffsetsToCommit } from './kafka-client.ts'
import { isConnectionError, isFenced, isRetriable, reasonOf, toError } from './kafka-errors.ts'
import type { RunDependencies } from './kafka-run.ts'
import { ConsumerRun } from './kafka-run.ts'
import type { Batch, ConsumeOptions, Consumer } from './port.ts'
import { EventLogError } from './port.ts'

export const DEFAULT_MAX_BUFFERED = 5_000

/** How often a broken consumer is built anew before its process has to end. */
export interface RebuildPolicy {
  readonly times: number
  readonly withinMs: number
  /** The wait before the first; doubles each time, up to 15 seconds. */
  readonly firstWaitMs: number
}

export interface ConsumerDependencies
  extends Pick<RunDependencies, 'createClient' | 'emit' | 'sessionTimeoutMs' | 'rebalanceTimeoutMs'> {
  /** Rejects with `UNKNOWN_TOPIC` or `LOG_UNAVAILABLE`. */
  requireTopics(topics: readonly string[]): Promise<void>
  readonly rebuild: RebuildPolicy
  /** How long a commit is tried again while the partition is not revoked. */
  readonly commitTimeoutMs: number
  /** Milliseconds on a clock that only goes forward. */
  now(): number
  onClosed(): void
}

const MAX_WAIT_MS = 15_000
const COMMIT_FIRST_WAIT_MS = 50
const COMMIT_MAX_WAIT_MS = 1_000

/** A member of a consumer group on kafkajs, rebuilt when a broker failure breaks it. */
export class KafkaConsumer implements Consumer {
  readonly #options: ConsumeOptions
  readonly #deps: ConsumerDependencies
  readonly #buffer = new BatchBuffer(() => this.#run?.pulled())
  readonly #committing = new Set<Promise<void>>()
  /** Commits of this turn, by the generation that they are of: they share a request. */
  readonly #toCommit = new Map<AbortSignal, { offsets: Offsets; sent: Promise<void> }>()
  readonly #closing = new AbortController()
  readonly #supervision: Promise<void>
  #run: ConsumerRun | undefined
  #closed: Promise<void> | undefined

  constructor(options: ConsumeOptions, deps: ConsumerDependencies) {
    this.#options = options
    this.#deps = deps
    this.#supervision = this.#supervise().catch((error: unknown) =>
      this.#buffer.fail(this.#failure(toError(error), false, 0)),
    )
  }

  /** Records fetched and not yet pulled. */
  get buffered(): number {
    return this.#buffer.records
  }

  [Symbol.asyncIterator](): AsyncIterator<Batch, undefined> {
    // Leaving a loop does not leave the group: `close` does, after whatever the caller still has to commit.
    return {
      next: () => this.#buffer.next(),
      return: async () => ({ done: true, value: undefined }),
    }
  }

  commit(batch: Pick<Batch, 'topic' | 'partition' | 'revoked'>, next: bigint): Promise<void> {
    const { topic, partition, revoked } = batch
    let together = this.#toCommit.get(revoked)
    if (together === undefined) {
      together = { offsets: new Map(), sent: this.#commitSoon(revoked) }
      this.#toCommit.set(revoked, together)
    }
    together.offsets.set(`${topic}/${partition}`, { topic, partition, next })
    return together.sent
  }

  #commitSoon(revoked: AbortSignal): Promise<void> {
    const committing = Promise.resolve().then(() => {
      const { offsets } = this.#toCommit.get(revoked)!
      this.#toCommit.delete(revoked)
      return this.#commit(revoked, offsets)
    })
    this.#committing.add(committing)
    const done = () => this.#committing.delete(committing)
    committing.then(done, done)
    return committing
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#buffer.end()
    await Promise.allSettled(this.#committing) // whoever called commit sees its failure
    this.#closing.abort()
    await this.#run?.stop()
    await this.#supervision
    this.#deps.onClosed()
  }

  async #commit(revoked: AbortSignal, offsets: Offsets): Promise<void> {
    const { now, commitTimeoutMs } = this.#deps
    const deadline = now() + commitTimeoutMs
    // A coordinator that has died is looked for only when the group is joined anew, and that revokes the batch.
    for (let waitMs = COMMIT_FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, COMMIT_MAX_WAIT_MS)) {
      // kafkajs commits with the generation of the moment: nothing may come between this look and the call.
      if (revoked.aborted) return
      const commit = this.#run?.commitOf(revoked)
      if (commit === undefined) throw new Error('commit takes a batch that this consumer delivered')
      try {
        await commit(toRequest(offsets))
        return
      } catch (error) {
        if (isFenced(error) || revoked.aborted) return
        if (!isRetriable(error) || now() >= deadline)
          throw new EventLogError(
            'CONSUMER_FAILED',
            `group ${this.#options.group} could not commit ${describe(offsets)}: ${reasonOf(error)}`,
            { cause: error },
          )
      }
      await wait(waitMs, revoked)
    }
  }

  /** Runs one client after the other until the consumer is closed or must give up. */
  async #supervise(): Promise<void> {
    const { emit, rebuild, now, requireTopics } = this.#deps
    const { group, topics, maxBuffered = DEFAULT_MAX_BUFFERED } = this.#options
    const closing = this.#closing.signal
    const rebuilds: number[] = []
    let joinedOnce = false
    while (!closing.aborted) {
      const run = new ConsumerRun({ ...this.#deps, group, topics, maxBuffered, buffer: this.#buffer })
      this.#run = run
      try {
        await Promise.race([requireTopics(topics), aborted(closing)])
        if (closing.aborted) return
        run.start()
        await run.ended
        return
      } catch (thrown) {
        const error = toError(thrown)
        await run.stop()
        joinedOnce ||= run.hasJoined
        while (rebuilds.length > 0 && now() - rebuilds[0]! > rebuild.withinMs) rebuilds.shift()
        const mayRebuild = isRebuildable(error, joinedOnce) && rebuilds.length < rebuild.times
        if (!mayRebuild) {
          this.#buffer.fail(this.#failure(error, joinedOnce, rebuilds.length))
          return
        }
        rebuilds.push(now())
        emit({ kind: 'rebuilt', group, reason: error })
        await wait(Math.min(rebuild.firstWaitMs * 2 ** (rebuilds.length - 1), MAX_WAIT_MS), closing)
      }
    }
  }

  #failure(error: Error, joinedOnce: boolean, rebuilds: number): EventLogError {
    const { group, topics } = this.#options
    if (error instanceof EventLogError && error.code === 'UNKNOWN_TOPIC') return error
    if (error instanceof EventLogError && !joinedOnce) return error
    const tries = rebuilds === 0 ? '' : ` after ${rebuilds} attempts to build it anew`
    const code = !joinedOnce && isConnectionError(error) ? 'LOG_UNAVAILABLE' : 'CONSUMER_FAILED'
    return new EventLogError(
      code,
      `the consumer of group ${group} (topics ${topics.join(', ')}) can not go on${tries}: ${reasonOf(error)}; ` +
        'end the process and start it again when the cause is gone',
      { cause: error },
    )
  }
}

/** A log that can not be reached at the start is a mistake in the configuration more often than an outage: told at once. */
const isRebuildable = (error: Error, joinedOnce: boolean): boolean =>
  error instanceof EventLogError ? joinedOnce && error.code === 'LOG_UNAVAILABLE' : isRetriable(error)

/** By topic and partition. */
type Offsets = Map<string, { readonly topic: string; readonly partition: number; readonly next: bigint }>

/** A new one for each attempt: kafkajs keeps what it is given and changes it. */
function toRequest(offsets: Offsets): OffsetsToCommit {
  const topics = new Map<string, { partition: number; offset: string }[]>()
  for (const { topic, partition, next } of offsets.values()) {
    const partitions = topics.get(topic) ?? []
    partitions.push({ partition, offset: String(next) })
    topics.set(topic, partitions)
  }
  return { topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })) }
}

const describe = (offsets: Offsets): string =>
  [...offsets.values()].map(({ topic, partition, next }) => `${topic}/${partition} at ${next}`).join(', ')

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Resolves after `ms`, or at once when `signal` aborts. */
async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
