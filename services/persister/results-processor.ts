import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Queryable } from '#libs/db/database.ts'
import { isTransientDatabaseError, sqlStateClass } from '#libs/db/errors.ts'
import { lockOffsets, moveOffsets } from '#libs/db/offsets.ts'
import { giveWay } from '#libs/db/outcomes.ts'
import type { LogRecord } from '#libs/event-log/port.ts'
import type { Logger } from '#libs/service/logger.ts'
import { done, type Processor, reject } from '#libs/stream/processor.ts'

/**
 * Results that keep coming are written so often, many at a time; one that comes alone is written at once
 * (docs/decisions/0014-requests-to-kafka-are-paced.md).
 */
const PACE_MS = 250
/** Longest pause between tries while the database is away. */
const MAX_PAUSE_MS = 5_000

/** How results of one topic are read and applied. `T`: a result as its topic has it; `O`: as the database takes it. */
export interface ResultsOf<T, O> {
  readonly group: string
  readonly topic: string
  /** Results written in one transaction, at most. */
  readonly batch: number
  /** Why a result that follows its schema can not be true all the same; null when it can. */
  absurdity(result: T, now: number): string | null
  /** Whether a result, whatever else it says, names a row and an attempt. */
  namesItsRow(result: T): boolean
  toOutcome(result: T): O
  /** A result that can not be stored, as a failed attempt. */
  unusable(result: T, why: string, now: number): O
  /** Applies outcomes and resolves to those that counted. */
  apply(tx: Queryable, outcomes: readonly O[]): Promise<readonly O[]>
  /** What was written, and how many results found nothing to do. */
  written(applied: readonly O[], ignored: number): void
}

export interface ResultsProcessor<T> extends Processor<T> {
  /** Rejects, with the reason, while PostgreSQL takes no writes. */
  ready(): Promise<void>
}

/**
 * Writes results: one transaction per chunk with the effects, the log rows and the fenced offsets. One chunk at a time,
 * so that offsets move in order. A result that can not be stored goes to the dead letters, and its row counts the
 * attempt as failed.
 */
export function createResultsProcessor<T, O>(
  { db, logger }: { readonly db: Database; readonly logger: Logger },
  results: ResultsOf<T, O>,
): ResultsProcessor<T> {
  const { group, topic, batch } = results
  /** Why the chunk in hand is not written yet. */
  let refusal: Error | undefined
  const write = (entries: readonly Entry<O>[]) =>
    db.transaction(async (tx) => {
      const stored = await lockOffsets(tx, group, partitionsOf(entries))
      await giveWay(tx)
      const next = new Map(stored.map((offset) => [place(offset), offset.next]))
      const fresh = entries.filter(({ raw }) => raw.offset >= (next.get(place(raw)) ?? 0n))
      const applied = await results.apply(
        tx,
        fresh.map(({ outcome }) => outcome),
      )
      for (const { raw } of fresh) next.set(place(raw), raw.offset + 1n)
      await moveOffsets(
        tx,
        group,
        stored.map((offset) => ({ ...offset, next: next.get(place(offset)) ?? offset.next })),
      )
      return { applied, ignored: entries.length - applied.length }
    })
  const refused = (error: Error, tries: number, pauseMs: number): void => {
    refusal = error
    logger.warn(
      { err: error, tries, pauseMs: Math.round(pauseMs) },
      'the database did not take a chunk, trying again',
    )
  }
  /**
   * Writes entries. One that PostgreSQL refuses is found by halving, so that the others are not lost with it, and is
   * written as a failed attempt. Resolves to why those were refused.
   */
  const writeOrRefuse = async (
    entries: readonly Entry<O>[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<LogRecord, string>> => {
    if (entries.length === 0) return new Map()
    try {
      const { applied, ignored } = await untilDatabaseAnswers(() => write(entries), signal, refused)
      refusal = undefined
      results.written(applied, ignored)
      return new Map()
    } catch (error) {
      if (!['22', '23'].includes(sqlStateClass(error) ?? '')) throw error
      const [only] = entries
      if (only && entries.length === 1) {
        const why = `PostgreSQL refuses it: ${(error as Error).message}`
        if (only.failed === undefined) throw error
        await writeOrRefuse([only.failed(why)], signal)
        return new Map([[only.raw, why]])
      }
      const half = Math.ceil(entries.length / 2)
      return new Map([
        ...(await writeOrRefuse(entries.slice(0, half), signal)),
        ...(await writeOrRefuse(entries.slice(half), signal)),
      ])
    }
  }
  return {
    group,
    inputs: [topic],
    outputs: [],
    chunks: { maxWeight: batch, maxRecords: batch, lingerMs: 20, paceMs: PACE_MS, inFlight: 1 },
    async ready() {
      await db.checkWritable()
      if (refusal) throw new Error(`PostgreSQL does not take what is written: ${refusal.message}`)
    },
    async process(chunk, { signal }) {
      const now = Date.now()
      const absurd = new Map<LogRecord, string>()
      const entries: Entry<O>[] = []
      for (const { value, raw } of chunk.records) {
        const why = results.absurdity(value, now)
        const failed = (reason: string): Entry<O> => ({
          raw,
          outcome: results.unusable(value, reason, now),
        })
        if (why !== null) absurd.set(raw, why)
        if (why === null) entries.push({ raw, outcome: results.toOutcome(value), failed })
        // The row is not left to wait for an answer that nobody can store.
        else if (results.namesItsRow(value)) entries.push(failed(why))
      }
      const refused = await writeOrRefuse(entries, signal)
      return chunk.records.map(({ raw }) => {
        const why = absurd.get(raw) ?? refused.get(raw)
        return why === undefined ? done() : reject(why)
      })
    },
  }
}

/** What is written of one record. */
interface Entry<O> {
  readonly raw: LogRecord
  readonly outcome: O
  /** The same record as a failed attempt; absent when it is one, which PostgreSQL takes. */
  readonly failed?: (reason: string) => Entry<O>
}

/** A database that is away is waited for: the chunk stays in flight, nothing is committed, nothing piles up. */
export async function untilDatabaseAnswers<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  onRefused: (error: Error, tries: number, pauseMs: number) => void,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!isTransientDatabaseError(error) || signal.aborted) throw error
      const pauseMs = Math.min(MAX_PAUSE_MS, 50 * 2 ** tries) * (0.5 + Math.random() / 2)
      onRefused(error as Error, tries, pauseMs)
      await sleep(pauseMs, undefined, { signal })
    }
  }
}

function partitionsOf(
  records: readonly { readonly raw: LogRecord }[],
): { topic: string; partition: number }[] {
  const places = new Map(
    records.map(({ raw }) => [place(raw), { topic: raw.topic, partition: raw.partition }]),
  )
  return [...places.values()]
}

const place = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string =>
  `${topic}/${partition}`
