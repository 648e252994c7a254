import type { EventLog } from '#libs/event-log/port.ts'
import { DEFAULT_MAX_RECORDS } from '#libs/stream/chunker.ts'
import { noLogger, noMetrics, type StreamLogger, type StreamMetrics } from '#libs/stream/metrics.ts'
import type { ChunkPolicy, Codec, Processor } from '#libs/stream/processor.ts'
import { Run } from '#libs/stream/run.ts'

export interface RunOptions {
  readonly log: EventLog
  readonly codec: Codec
  /** Where records go that nobody can understand or use. */
  readonly deadLetterTopic: string
  readonly metrics?: StreamMetrics
  readonly logger?: StreamLogger
  /**
   * Pulling stops at this many unfinished records. By default there is room for the chunks that may be in flight and as
   * many again, within 1,000 and 5,000 records: decoded, a thousand results of Amazon take up to 10 MB.
   */
  readonly maxBuffered?: number
  /** Commits come no more often than this, except the last one; default 200 ms. A crash repeats what they lack. */
  readonly commitEveryMs?: number
  /** More rejects than this in a row end the processor: then something else is wrong; default 100. */
  readonly maxConsecutiveRejects?: number
  /** Waits between attempts while the codec can not decode or the log can not append; default 100 ms, doubling to 5,000 ms. */
  readonly backOff?: { readonly firstMs: number; readonly maxMs: number }
  /** Aborting it stops the processor without grace. */
  readonly signal?: AbortSignal
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number
}

export interface RunningProcessor {
  /** Resolves after `stop`; rejects with a `StreamError` when the processor had to end, and then the process should. */
  readonly finished: Promise<void>
  /**
   * Stops pulling, lets chunks in flight finish for `graceMs`, appends and commits them, aborts the `signal` of those
   * that are left, and leaves the group. Idempotent; a later call can only shorten the grace.
   */
  stop(options: { readonly graceMs: number }): Promise<void>
  /** False once the processor has failed or has stopped. */
  healthy(): boolean
}

/** Runs a processor as a member of its group until it is stopped or fails. */
export function runProcessor<T>(processor: Processor<T>, options: RunOptions): RunningProcessor {
  const run = new Run(processor, {
    metrics: noMetrics,
    logger: noLogger,
    maxBuffered: roomFor(processor.chunks),
    commitEveryMs: 200,
    maxConsecutiveRejects: 100,
    backOff: { firstMs: 100, maxMs: 5_000 },
    now: Date.now,
    ...options,
  })
  const { signal } = options
  const stopNow = () => void run.stop(0)
  if (signal?.aborted) stopNow()
  else signal?.addEventListener('abort', stopNow, { once: true })
  return {
    finished: run.finished.finally(() => signal?.removeEventListener('abort', stopNow)),
    stop: ({ graceMs }) => run.stop(graceMs),
    healthy: () => run.healthy,
  }
}

function roomFor<T>({ inFlight, maxRecords = DEFAULT_MAX_RECORDS }: ChunkPolicy<T>): number {
  return Math.min(Math.max(2 * inFlight * maxRecords, 1_000), 5_000)
}
