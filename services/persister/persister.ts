import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '#libs/db/database.ts'
import { isTransientDatabaseError, sqlStateClass } from '#libs/db/errors.ts'
import { lockOffsets, moveOffsets } from '#libs/db/offsets.ts'
import { applyOutcomes } from '#libs/db/outcomes.ts'
import type { Config } from '#libs/service/config.ts'
import type { Logger } from '#libs/service/logger.ts'
import type { Metrics } from '#libs/service/metrics.ts'
import { type Decoded, done, type Processor, reject, type Verdict } from '#libs/stream/processor.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { SYNC_RESULTS } from '#schemas/topics.ts'
import { absurdity, toOutcome } from './outcome.ts'
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

/**
 * Writes results: one transaction per chunk with the effects, the log rows and the fenced offsets. One chunk at a time,
 * so that offsets move in order.
 */
export function createPersister({ db, config, logger, metrics }: Persister): Processor<SyncResult> {
  const policy: RetryPolicy = {
    maxAttempts: config.MAX_ATTEMPTS,
    baseDelayMs: config.RETRY_DELAY_BASE,
    maxDelayMs: config.RETRY_DELAY_MAX,
    random: Math.random,
  }

  const write = (records: readonly Decoded<SyncResult>[]) =>
    db.transaction(async (tx) => {
      const stored = await lockOffsets(tx, PERSISTER_GROUP, partitionsOf(records))
      const next = new Map(stored.map((offset) => [place(offset), offset.next]))
      const fresh = records.filter(({ raw }) => raw.offset >= (next.get(place(raw)) ?? 0n))
      const byKey = new Map(
        fresh.map(({ value }) => [`${value.productId} ${value.marketplaceId} ${value.attempt}`, value]),
      )
      const applied = await applyOutcomes(
        tx,
        fresh.map(({ value }) => toOutcome(value)),
        (outcome, row) => {
          const result = byKey.get(`${outcome.productId} ${outcome.marketplaceId} ${outcome.attempt}`)
          if (!result) throw new Error('an outcome without its result')
          return decideTransition(result.outcome, row.failures, result.retryAfterMs, policy)
        },
      )
      for (const { raw } of fresh) next.set(place(raw), raw.offset + 1n)
      await moveOffsets(
        tx,
        PERSISTER_GROUP,
        stored.map((offset) => ({ ...offset, next: next.get(place(offset)) ?? offset.next })),
      )
      return { applied, ignored: records.length - applied.length }
    })

  /** A record that PostgreSQL refuses is found by halving, so that the others are not lost with it. */
  const writeOrReject = async (
    records: readonly Decoded<SyncResult>[],
    signal: AbortSignal,
  ): Promise<readonly Verdict[]> => {
    try {
      const { applied, ignored } = await untilDatabaseAnswers(() => write(records), signal, logger)
      for (const { outcome } of applied) metrics.outcomes.inc({ result: outcome.result })
      if (ignored > 0) metrics.outcomesIgnored.inc(ignored)
      return records.map(() => done())
    } catch (error) {
      const refused = ['22', '23'].includes(sqlStateClass(error) ?? '')
      if (!refused) throw error
      if (records.length === 1) return [reject(`PostgreSQL refuses it: ${(error as Error).message}`)]
      const half = Math.ceil(records.length / 2)
      return [
        ...(await writeOrReject(records.slice(0, half), signal)),
        ...(await writeOrReject(records.slice(half), signal)),
      ]
    }
  }

  return {
    group: PERSISTER_GROUP,
    inputs: [SYNC_RESULTS],
    outputs: [],
    chunks: { maxWeight: config.PERSIST_BATCH, maxRecords: config.PERSIST_BATCH, lingerMs: 20, inFlight: 1 },
    async process(chunk, { signal }) {
      const now = Date.now()
      const verdicts: (Verdict | undefined)[] = chunk.records.map(({ value }) => {
        const why = absurdity(value, now)
        return why === null ? undefined : reject(why)
      })
      const sound = chunk.records.filter((_, i) => verdicts[i] === undefined)
      const written = (sound.length > 0 ? await writeOrReject(sound, signal) : [])[Symbol.iterator]()
      return verdicts.map((verdict) => verdict ?? (written.next().value as Verdict))
    },
  }
}

/** A database that is away is waited for: the chunk stays in flight, nothing is committed, nothing piles up. */
async function untilDatabaseAnswers<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  logger: Logger,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!isTransientDatabaseError(error) || signal.aborted) throw error
      const pauseMs = Math.min(MAX_PAUSE_MS, 50 * 2 ** tries) * (0.5 + Math.random() / 2)
      logger.warn(
        { err: error, tries, pauseMs: Math.round(pauseMs) },
        'the database did not take a chunk, trying again',
      )
      await sleep(pauseMs, undefined, { signal })
    }
  }
}

function partitionsOf(records: readonly Decoded<SyncResult>[]): { topic: string; partition: number }[] {
  const places = new Map(
    records.map(({ raw }) => [place(raw), { topic: raw.topic, partition: raw.partition }]),
  )
  return [...places.values()]
}

const place = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string =>
  `${topic}/${partition}`
