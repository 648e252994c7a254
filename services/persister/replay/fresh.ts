import type { Database } from '#libs/db/database.ts'
import { applyOfferOutcomes } from '#libs/db/offers/outcomes.ts'
import { applyOutcomes } from '#libs/db/outcomes.ts'
import {
  awaitPrices,
  awaitResults,
  type FreshSchema,
  inFreshSchema,
  takeProducts,
} from '#libs/db/replay/fresh-schema.ts'
import { readPriceStandings } from '#libs/db/replay/prices.ts'
import { readStandings } from '#libs/db/replay/standing.ts'
import type { OffersPolicy } from '#libs/offers/policy.ts'
import type { OffersResult } from '#schemas/generated/offers-result.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { absurdity as absurdPrice } from '../offers-outcome.ts'
import { decideOfferTransition } from '../offers-retry-policy.ts'
import { absurdity as absurdResult, type ResultOutcome, toOutcome } from '../outcome.ts'
import { decideTransition, type RetryPolicy } from '../retry-policy.ts'
import { codeOf } from './judge-result.ts'
import { toEntry } from './live-prices.ts'
import { inRounds, type Replayed, type Replayer } from './recorded.ts'
import { rematched } from './rematch.ts'

export interface Fresh {
  readonly db: Database
  readonly schema: FreshSchema
  readonly policy: OffersPolicy
  readonly retries: RetryPolicy
  /** Match the candidates anew, by today's rules. */
  readonly rematch: boolean
}

/**
 * Makes of recorded results, in tables of their own, what the persister makes of results that come: by the very same
 * statements. In the order of attempts: what came late live comes late here.
 */
export function createFreshResults({ db, schema, policy, retries, rematch }: Fresh): Replayer<SyncResult> {
  const replayRound = (records: readonly FreshResult[]): Promise<readonly Replayed[]> =>
    inFreshSchema(db, schema, async (tx) => {
      await takeProducts(
        tx,
        schema,
        records.map(({ outcome }) => outcome.productId),
      )
      const standings = await readStandings(
        tx,
        records.map(({ outcome }) => outcome),
      )
      const taken: ResultOutcome[] = []
      const became = records.map(({ outcome, loggedAt }, at): Replayed => {
        const { product, sync } = standings[at]!
        if (product === null) return { kind: 'gone' }
        if (outcome.gtin14 !== codeOf(product)) return { kind: 'recoded' }
        if (sync !== null && outcome.attempt <= sync.attempt)
          return { kind: outcome.attempt === sync.attempt ? 'unchanged' : 'older' }
        const told = { ...outcome, observedAt: Math.min(outcome.observedAt, loggedAt) }
        taken.push(rematch ? rematched(told, product) : told)
        return { kind: sync === null ? 'created' : 'updated' }
      })
      await awaitResults(tx, taken)
      await applyOutcomes(
        tx,
        taken,
        ({ result, retryAfterMs }, { failures }) => decideTransition(result, failures, retryAfterMs, retries),
        policy.levels,
      )
      return became
    })
  return {
    absurdity: absurdResult,
    replay: (records) =>
      inRounds(
        records.map(({ value, loggedAt }) => ({ outcome: toOutcome(value), loggedAt })),
        ({ outcome }) => `${outcome.productId} ${outcome.marketplaceId}`,
        replayRound,
      ),
  }
}

interface FreshResult {
  readonly outcome: ResultOutcome
  readonly loggedAt: number
}

/** As `createFreshResults`, for prices; also of ASINs that no product has matched. */
export function createFreshPrices({ db, schema, policy, retries }: Fresh): Replayer<OffersResult> {
  const replayRound = (prices: readonly ReturnType<typeof toEntry>[]): Promise<readonly Replayed[]> =>
    inFreshSchema(db, schema, async (tx) => {
      const standings = await readPriceStandings(tx, prices)
      const became = prices.map(({ outcome }, at): Replayed => {
        const { row } = standings[at]!
        if (row === null || row.attempt === 0) return { kind: 'created' }
        if (outcome.attempt > row.attempt) return { kind: 'updated' }
        return { kind: outcome.attempt === row.attempt ? 'unchanged' : 'older' }
      })
      const taken = prices
        .map(({ outcome }) => outcome)
        .filter((_, at) => became[at]!.kind === 'created' || became[at]!.kind === 'updated')
      await awaitPrices(tx, taken)
      await applyOfferOutcomes(tx, taken, policy.levels, (outcome, { failures }) =>
        decideOfferTransition(outcome, failures, policy.of(outcome.level), retries),
      )
      return became
    })
  return {
    absurdity: absurdPrice,
    replay: (records) =>
      inRounds(
        records.map(toEntry),
        ({ outcome }) => `${outcome.asin} ${outcome.marketplaceId} ${outcome.level}`,
        replayRound,
      ),
  }
}
