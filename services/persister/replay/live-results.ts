import type { Database, Queryable } from '#libs/db/database.ts'
import { giveWay } from '#libs/db/outcomes.ts'
import { compareAnswers, type Restoration, restoreAnswers } from '#libs/db/replay/answers.ts'
import { lockStandings, readStandings } from '#libs/db/replay/standing.ts'
import type { LevelPolicy } from '#libs/offers/policy.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { absurdity, type ResultOutcome, toOutcome } from '../outcome.ts'
import { finalStateOf } from '../retry-policy.ts'
import { type Judgement, judgeResult } from './judge-result.ts'
import { inRounds, type MendedRows, type Recorded, type Replayed, type Replayer } from './recorded.ts'
import { rematched } from './rematch.ts'

export interface LiveResults {
  readonly db: Database
  /** Only tell what would be done; nothing is locked or written. */
  readonly dryRun: boolean
  /** Match the candidates anew, by today's rules. */
  readonly rematch: boolean
  /** Levels that new matches are priced by. */
  readonly levels: readonly LevelPolicy[]
}

/**
 * Makes the live tables say again what recorded results of look-ups say. Only rows that differ are locked and written, with
 * the locks of the persister, and looked at again under them.
 */
export function createLiveResults({ db, dryRun, rematch, levels }: LiveResults): Replayer<SyncResult> {
  /** What each record is to the database, and what it would write. */
  const plan = async (q: Queryable, records: readonly Entry[]): Promise<readonly Planned[]> => {
    const standings = await readStandings(
      q,
      records.map(({ outcome }) => outcome),
    )
    const judged = records.map(({ outcome, loggedAt }, at) => {
      const judgement = judgeResult(outcome, loggedAt, standings[at]!)
      if (judgement.kind !== 'holds') return { judgement }
      const told = { ...outcome, observedAt: judgement.observedAt }
      return {
        judgement,
        restoration: restorationOf(judgement, rematch ? rematched(told, judgement.product) : told),
      }
    })
    const answers = judged.flatMap(({ restoration }) =>
      restoration?.outcome.answered ? [restoration.outcome] : [],
    )
    const differences = await compareAnswers(q, answers)
    const differenceOf = new Map(answers.map((answer, at) => [answer, differences[at]!]))
    return judged.map(({ judgement, restoration }) => {
      if (judgement.kind !== 'holds' || restoration === undefined)
        return { replayed: { kind: judgement.kind as Exclude<Judgement['kind'], 'holds'> } }
      const { missing = 0, changed = 0, surplus = 0 } = differenceOf.get(restoration.outcome) ?? {}
      const rows: MendedRows = {
        ...(missing > 0 && { candidatesAdded: missing }),
        ...(changed > 0 && { candidatesChanged: changed }),
        ...(surplus > 0 && { candidatesRemoved: surplus }),
        ...(rowDiffers(judgement, restoration) && { states: 1 }),
        ...(codeDiffers(judgement, restoration) && { codes: 1 }),
      }
      if (Object.keys(rows).length === 0) return { replayed: { kind: 'unchanged' } }
      return { replayed: { kind: missing > 0 ? 'created' : 'updated', rows }, restoration }
    })
  }

  const replayRound = async (records: readonly Entry[]): Promise<readonly Replayed[]> => {
    const planned = await plan(db, records)
    const differing = planned.flatMap(({ restoration }, at) => (restoration ? [at] : []))
    const became = planned.map(({ replayed }) => replayed)
    if (dryRun || differing.length === 0) return became
    const entries = differing.map((at) => records[at]!)
    const mended = await db.transaction(async (tx) => {
      await giveWay(tx)
      await lockStandings(
        tx,
        entries.map(({ outcome }) => outcome),
      )
      const again = await plan(tx, entries)
      await restoreAnswers(
        tx,
        again.flatMap(({ restoration }) => restoration ?? []),
        levels,
      )
      return again
    })
    for (const [i, at] of differing.entries()) became[at] = mended[i]!.replayed
    return became
  }

  return {
    absurdity,
    replay: (records) =>
      inRounds(
        records.map(toEntry),
        ({ outcome }) => `${outcome.productId} ${outcome.marketplaceId}`,
        replayRound,
      ),
  }
}

interface Entry {
  readonly outcome: ResultOutcome
  readonly loggedAt: number
}

interface Planned {
  readonly replayed: Replayed
  /** Absent when nothing is to be written. */
  readonly restoration?: Restoration
}

type Holding = Extract<Judgement, { kind: 'holds' }>

const toEntry = ({ value, loggedAt }: Recorded<SyncResult>): Entry => ({
  outcome: toOutcome(value),
  loggedAt,
})

function restorationOf({ state, latest }: Holding, outcome: ResultOutcome): Restoration {
  return { outcome, latest, state: state === null ? null : (finalStateOf(outcome.result) ?? state) }
}

function rowDiffers({ sync }: Holding, { outcome, state, latest }: Restoration): boolean {
  return (
    (state !== null && state !== sync.state) ||
    outcome.attempt > sync.attempt ||
    (latest && (outcome.result !== sync.lastResult || outcome.reason !== sync.lastReason)) ||
    (outcome.answered && (sync.syncedAt === null || outcome.observedAt > sync.syncedAt))
  )
}

function codeDiffers({ product }: Holding, { outcome }: Restoration): boolean {
  return product.gtin14 !== outcome.gtin14 || product.repair !== outcome.repair
}
