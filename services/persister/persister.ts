import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '#libs/db/database.ts'
import { isTransientDatabaseError, sqlStateClass } from '#libs/db/errors.ts'
import { lockOffsets, moveOffsets } from '#libs/db/offsets.ts'
import { applyOutcomes, giveWay } from '#libs/db/outcomes.ts'
import type { LogRecord } from '#libs/event-log/port.ts'
import type { Config } from '#libs/service/config.ts'
import type { Logger } from '#libs/service/logger.ts'
import type { Metrics } from '#libs/service/metrics.ts'
import { done, type Processor, reject } from '#libs/stream/processor.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { SYNC_RESULTS } from '#schemas/topics.ts'
import { absurdity, namesItsRow, type ResultOutcome, toOutcome, unusable } from './outcome.ts'
import { decideTransition, type RetryPolicy } from './retry-policy.ts'

export const PERSISTER_GROUP = 'persister'
/** Longest pause between tries while the database is away. */
const MAX_PAUSE_MS = 5_000

export interface Persister {
  readonly db: Database
  readonly config: Config
  readonly logger: Logger
  readonly metrics: Metrics
}

export interface PersisterProcessor extends Processor<SyncResult> {
  /** Rejects, with the reason, while PostgreSQL takes no writes. */
  ready(): Promise<void>
}

/**
 * Writes results: one transaction per chunk with the effects, the log rows and the fenced offsets. One chunk at a time,
 * so that offsets move in order. A result that can not be stored goes to the dead letters, and its product counts the
 * attempt as failed.
 */
export function createPersister({ db, config, logger, metrics }: Persister): PersisterProcessor {
  /** Why the chunk in hand is not written yet. */
  let refusal: Error | undefined

  const policy: RetryPolicy = {
    maxAttempts: config.MAX_ATTEMPTS,
    baseDelayMs: config.RETRY_DELAY_BASE,
    maxDelayMs: config.RETRY_DELAY_MAX,
    random: Math.random,
  }

  const write = (entries: readonly Entry[]) =>
    db.transaction(async (tx) => {
      const stored = await lockOffsets(tx, PERSISTER_GROUP, partitionsOf(entries))
      await giveWay(tx)
      const next = new Map(stored.map((offset) => [place(offset), offset.next]))
      const fresh = entries.filter(({ raw }) => raw.offset >= (next.get(place(raw)) ?? 0n))
      const applied = await applyOutcomes(
        tx,
        fresh.map(({ result }) => result),
        (outcome, row) => decideTransition(outcome.result, row.failures, outcome.retryAfterMs, policy),
      )
      for (const { raw } of fresh) next.set(place(raw), raw.offset + 1n)
      await moveOffsets(
        tx,
        PERSISTER_GROUP,
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
    entries: readonly Entry[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<LogRecord, string>> => {
    if (entries.length === 0) return new Map()
    try {
      const { applied, ignored } = await untilDatabaseAnswers(() => write(entries), signal, refused)
      refusal = undefined
      for (const { outcome } of applied) metrics.outcomes.inc({ result: outcome.result })
      if (ignored > 0) metrics.outcomesIgnored.inc(ignored)
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
    group: PERSISTER_GROUP,
    inputs: [SYNC_RESULTS],
    outputs: [],
    chunks: { maxWeight: config.PERSIST_BATCH, maxRecords: config.PERSIST_BATCH, lingerMs: 20, inFlight: 1 },
    async ready() {
      await db.checkWritable()
      if (refusal) throw new Error(`PostgreSQL does not take what is written: ${refusal.message}`)
    },
    async process(chunk, { signal }) {
      const now = Date.now()
      const absurd = new Map<LogRecord, string>()
      const entries: Entry[] = []
      for (const { value, raw } of chunk.records) {
        const why = absurdity(value, now)
        const failed = (reason: string): Entry => ({ raw, result: unusable(value, reason, now) })
        if (why !== null) absurd.set(raw, why)
        if (why === null) entries.push({ raw, result: toOutcome(value), failed })
        // The product is not left to wait for an answer that nobody can store.
        else if (namesItsRow(value)) entries.push(failed(why))
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
interface Entry {
  readonly raw: LogRecord
  readonly result: ResultOutcome
  /** The same record as a failed attempt; absent when it is one, which PostgreSQL takes. */
  readonly failed?: (reason: string) => Entry
}

/** A database that is away is waited for: the chunk stays in flight, nothing is committed, nothing piles up. */
async function untilDatabaseAnswers<T>(
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

function partitionsOf(records: readonly Entry[]): { topic: string; partition: number }[] {
  const places = new Map(
    records.map(({ raw }) => [place(raw), { topic: raw.topic, partition: raw.partition }]),
  )
  return [...places.values()]
}

const place = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string =>
  `${topic}/${partition}`
