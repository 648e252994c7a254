import { setImmediate as breathe } from 'node:timers/promises'
import { isTransientDatabaseError, sqlStateClass } from '#libs/db/errors.ts'
import type { EventLog, LogRecord } from '#libs/event-log/port.ts'
import type { Codec } from '#libs/stream/processor.ts'
import { untilDatabaseAnswers } from '../results-processor.ts'
import {
  type MendedRow,
  mendedRows,
  type Recorded,
  type Replayed,
  type Replayer,
  type ReplayKind,
  replayKinds,
} from './recorded.ts'

/** Records written in one transaction, at most. */
const CHUNK = 500
/** Places that are kept of records that could not be used; the others are counted. */
const MOST_PLACES = 100
/** How long a database that does not answer is waited for. */
const PATIENCE_MS = 60_000

/** Offsets per partition: from the first one that is wanted to the first one that is not. */
export interface ReplayRange {
  readonly from: ReadonlyMap<number, bigint>
  readonly to: ReadonlyMap<number, bigint>
}

export interface ReplayOptions<T> {
  readonly log: EventLog
  readonly codec: Codec
  readonly topic: string
  readonly range: ReplayRange
  readonly replayer: Replayer<T>
  /** Records that are meant; default all. */
  readonly wanted?: (value: T) => boolean
  /** Ends it after the chunk in hand. */
  readonly signal: AbortSignal
  readonly onProgress?: (progress: ReplayProgress) => void
}

export interface ReplayProgress {
  /** Offsets that were passed, of so many. */
  readonly done: number
  readonly total: number
  readonly records: number
  readonly changed: number
}

/** A record that could not be used, and why. */
export interface UnusedRecord {
  readonly partition: number
  readonly offset: bigint
  readonly reason: string
}

export interface UnusedRecords {
  count: number
  /** The first ones. */
  readonly first: UnusedRecord[]
}

export interface ReplayReport {
  /** Whether the whole range was read; otherwise it was interrupted. */
  complete: boolean
  /** Records that were read. */
  records: number
  /** Of them, those that the filter leaves out. */
  filtered: number
  readonly kinds: Record<ReplayKind, number>
  readonly rows: Record<MendedRow, number>
  /** Records that can not be decoded. */
  readonly undecodable: UnusedRecords
  /** Records that can not be true, or that PostgreSQL refuses. */
  readonly unusable: UnusedRecords
  /** When the log took the oldest record that was read, in milliseconds since the epoch. */
  oldest: number | null
  seconds: number
}

/** How many offsets a range has. */
export const sizeOf = ({ from, to }: ReplayRange): number =>
  [...to].reduce((sum, [partition, end]) => sum + Number(end - (from.get(partition) ?? 0n)), 0)

/** Reads a range of a topic, without a group, and replays its records chunk by chunk; memory stays flat. */
export async function runReplay<T>(options: ReplayOptions<T>): Promise<ReplayReport> {
  const { log, topic, range, signal, onProgress } = options
  const started = performance.now()
  const total = sizeOf(range)
  const report: ReplayReport = {
    complete: true,
    records: 0,
    filtered: 0,
    kinds: zeros(replayKinds),
    rows: zeros(mendedRows),
    undecodable: { count: 0, first: [] },
    unusable: { count: 0, first: [] },
    oldest: null,
    seconds: 0,
  }
  const passed = new Map<number, bigint>()
  for await (const records of log.admin.read(topic, range.from, range.to)) {
    if (signal.aborted) break
    for (let at = 0; at < records.length && !signal.aborted; at += CHUNK) {
      const chunk = records.slice(at, at + CHUNK)
      const last = chunk.at(-1)!
      try {
        await replayChunk(chunk, options, report)
      } catch (error) {
        if (error instanceof Interrupted) break
        throw error
      }
      passed.set(last.partition, last.offset + 1n - (range.from.get(last.partition) ?? 0n))
      const done = Number([...passed.values()].reduce((sum, offsets) => sum + offsets, 0n))
      const changed = report.kinds.created + report.kinds.updated
      onProgress?.({ done, total, records: report.records, changed })
      // A signal of the operating system is heard between chunks, also when nothing was waited for.
      await breathe()
    }
  }
  report.complete = !signal.aborted
  report.seconds = (performance.now() - started) / 1_000
  return report
}

interface Read<T> extends Recorded<T> {
  readonly raw: LogRecord
}

async function replayChunk<T>(
  records: readonly LogRecord[],
  options: ReplayOptions<T>,
  report: ReplayReport,
): Promise<void> {
  const { codec, replayer, wanted = () => true } = options
  const now = Date.now()
  const usable: Read<T>[] = []
  for (const raw of records) {
    report.records++
    report.oldest = Math.min(report.oldest ?? raw.timestamp, raw.timestamp)
    const decoded = await decode<T>(codec, raw)
    if ('problem' in decoded) {
      note(report.undecodable, raw, decoded.problem)
      continue
    }
    const why = replayer.absurdity(decoded.value, now)
    if (why !== null) note(report.unusable, raw, why)
    else if (!wanted(decoded.value)) report.filtered++
    else usable.push({ raw, value: decoded.value, loggedAt: raw.timestamp })
  }
  await replayOrRefuse(usable, options, report)
}

/** One that PostgreSQL refuses is found by halving, so that the others are not lost with it. */
async function replayOrRefuse<T>(
  records: readonly Read<T>[],
  options: ReplayOptions<T>,
  report: ReplayReport,
): Promise<void> {
  if (records.length === 0) return
  let replayed: readonly Replayed[]
  try {
    replayed = await patiently(() => options.replayer.replay(records), options.signal)
  } catch (error) {
    if (!['22', '23'].includes(sqlStateClass(error) ?? '')) throw error
    if (records.length === 1) {
      note(report.unusable, records[0]!.raw, `PostgreSQL refuses it: ${(error as Error).message}`)
      return
    }
    const half = Math.ceil(records.length / 2)
    await replayOrRefuse(records.slice(0, half), options, report)
    await replayOrRefuse(records.slice(half), options, report)
    return
  }
  for (const { kind, rows = {} } of replayed) {
    report.kinds[kind]++
    for (const name of mendedRows) report.rows[name] += rows[name] ?? 0
  }
}

/** Nobody wants the chunk any more that the database does not take. */
class Interrupted extends Error {}

/** Tries again while somebody holds a lock, or the database is away for less than a minute. */
async function patiently<R>(work: () => Promise<R>, signal: AbortSignal): Promise<R> {
  let refusal: Error | undefined
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
  try {
    return await untilDatabaseAnswers(work, patience, (error) => {
      refusal = error
    })
  } catch (error) {
    const gaveUp = patience.aborted && (refusal !== undefined || isTransientDatabaseError(error))
    if (gaveUp && signal.aborted) throw new Interrupted()
    throw gaveUp ? (refusal ?? error) : error
  }
}

async function decode<T>(
  codec: Codec,
  { topic, value }: LogRecord,
): Promise<{ readonly value: T } | { readonly problem: string }> {
  if (value === null) return { problem: 'it has no value, and this topic has no tombstones' }
  try {
    const decoded = codec.decode(topic, value)
    return { value: (decoded instanceof Promise ? await decoded : decoded) as T }
  } catch (error) {
    if (error instanceof Error && error.name === 'DecodeError') return { problem: error.message }
    throw error
  }
}

function note(unused: UnusedRecords, { partition, offset }: LogRecord, reason: string): void {
  unused.count++
  if (unused.first.length < MOST_PLACES) unused.first.push({ partition, offset, reason })
}

const zeros = <K extends string>(names: readonly K[]): Record<K, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>
