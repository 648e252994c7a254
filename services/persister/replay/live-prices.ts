import type { Database, Queryable } from '#libs/db/database.ts'
import { appendHistory, lockMatched, type News } from '#libs/db/offers/outcomes.ts'
import { countMisshown, showPrices } from '#libs/db/offers/show-prices.ts'
import { giveWay } from '#libs/db/outcomes.ts'
import {
  insertPrices,
  lockPrices,
  type PriceRestoration,
  type PriceStanding,
  type RecordedPrice,
  readPriceStandings,
  restorePrices,
} from '#libs/db/replay/prices.ts'
import type { OffersPolicy } from '#libs/offers/policy.ts'
import type { OffersResult } from '#schemas/generated/offers-result.ts'
import { absurdity, type OffersResultOutcome, toOutcome } from '../offers-outcome.ts'
import { staleAfterMs } from '../offers-retry-policy.ts'
import { judgePrice, missingNews, type PriceJudgement } from './judge-price.ts'
import { inRounds, type MendedRows, type Recorded, type Replayed, type Replayer } from './recorded.ts'

export interface LivePrices {
  readonly db: Database
  /** Only tell what would be done; nothing is locked or written. */
  readonly dryRun: boolean
  readonly policy: OffersPolicy
}

/** As `createLiveResults`, for prices: the rows of `offer_syncs`, what `amazon_market_data` shows of them, and the history. */
export function createLivePrices({ db, dryRun, policy }: LivePrices): Replayer<OffersResult> {
  const plan = async (q: Queryable, entries: readonly Entry[]): Promise<readonly Planned[]> => {
    const standings = await readPriceStandings(q, entries)
    const misshown = await countMisshown(
      q,
      entries.map(({ outcome }) => outcome),
    )
    const misshownOf = new Map(misshown.map((item) => [keyOf(item), item.rows]))
    return entries.map((entry, at) => {
      const { outcome } = entry
      const standing = standings[at]!
      const judgement = judgePrice(entry, standing, policy.of(outcome.level) !== undefined)
      const writes = judgement === 'missing' || judgement === 'differs'
      const news = hasHistory.has(judgement) ? newsOf(entry, standing) : null
      // What the row tells newly is shown by every match, and comes to light when it is written.
      const shown = misshownOf.get(keyOf(outcome)) ?? 0
      const rows: MendedRows = {
        ...(judgement === 'missing' && { pricesAdded: 1 }),
        ...(judgement === 'differs' && { pricesChanged: 1 }),
        ...(news && { history: 1 }),
        ...(shown > 0 && { pricesShown: shown }),
      }
      if (!writes && news === null && shown === 0)
        return { entry, replayed: { kind: judgement === 'same' ? 'unchanged' : judgement } }
      const kind = judgement === 'missing' ? 'created' : 'updated'
      return { entry, replayed: { kind, rows }, work: { judgement, news } }
    })
  }

  const write = async (tx: Queryable, planned: readonly Planned[]): Promise<void> => {
    const of = (wanted: PriceJudgement): readonly PriceRestoration[] =>
      planned.flatMap(({ entry: { outcome }, work }) =>
        work?.judgement === wanted ? [{ outcome, staleAfterMs: staleAfterMs(policy.of(outcome.level)) }] : [],
      )
    await insertPrices(tx, of('missing'))
    await restorePrices(tx, of('differs'))
    await appendHistory(
      tx,
      planned.flatMap(({ work }) => work?.news ?? []),
    )
    await showPrices(
      tx,
      planned.flatMap(({ entry, work }) => (work ? [entry.outcome] : [])),
    )
  }

  const replayRound = async (entries: readonly Entry[]): Promise<readonly Replayed[]> => {
    const planned = await plan(db, entries)
    const became = planned.map(({ replayed }) => replayed)
    const differing = planned.flatMap(({ work }, at) => (work ? [at] : []))
    if (dryRun || differing.length === 0) return became
    const again = await db.transaction(async (tx) => {
      await giveWay(tx)
      const outcomes = differing.map((at) => entries[at]!.outcome)
      await lockMatched(tx, outcomes)
      await lockPrices(tx, outcomes)
      const under = await plan(
        tx,
        differing.map((at) => entries[at]!),
      )
      await write(tx, under)
      return under
    })
    for (const [i, at] of differing.entries()) became[at] = again[i]!.replayed
    return became
  }

  return {
    absurdity,
    replay: (records) => inRounds(records.map(toEntry), ({ outcome }) => keyOf(outcome), replayRound),
  }
}

interface Entry extends RecordedPrice {
  readonly outcome: OffersResultOutcome
}

interface Planned {
  readonly entry: Entry
  readonly replayed: Replayed
  /** Absent when nothing is to be written. */
  readonly work?: { readonly judgement: PriceJudgement; readonly news: News | null }
}

/** What counted when it came, for all that is known, and so was news or was not. */
const hasHistory: ReadonlySet<PriceJudgement> = new Set(['missing', 'differs', 'same', 'older'])

/** A clock that is ahead does not make an answer newer than the log. */
export const toEntry = ({ value, loggedAt }: Recorded<OffersResult>): Entry => {
  const outcome = toOutcome(value)
  return { outcome: { ...outcome, observedAt: Math.min(outcome.observedAt, loggedAt) }, loggedAt }
}

function newsOf(entry: Entry, standing: PriceStanding): News | null {
  const now = missingNews(entry, standing)
  return now === null ? null : { outcome: entry.outcome, now }
}

const keyOf = ({ asin, marketplaceId }: { readonly asin: string; readonly marketplaceId: string }): string =>
  `${asin} ${marketplaceId}`
