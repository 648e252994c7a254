import type { SyncState } from '#libs/db/entities.ts'
import type { Standing, StandingProduct, StandingSync } from '#libs/db/replay/standing.ts'
import { parseCode } from '#libs/gtin/index.ts'
import type { ResultOutcome } from '../outcome.ts'
import { finalStateOf } from '../retry-policy.ts'
import type { ReplayKind } from './recorded.ts'

/** What a recorded result is to the database as it stands. */
export type Judgement =
  /** It says what must be stored. */
  | {
      readonly kind: 'holds'
      /** When Amazon answered, as the database counted it, in milliseconds since the epoch. */
      readonly observedAt: number
      /** The state that follows from it; null when a later attempt has decided about it. */
      readonly state: SyncState | null
      /** Whether no later attempt is known. */
      readonly latest: boolean
      readonly product: StandingProduct
      readonly sync: StandingSync
    }
  /** It is left alone, and why. */
  | { readonly kind: Exclude<ReplayKind, 'created' | 'updated' | 'unchanged'> }

const answerStates: ReadonlySet<SyncState> = new Set(['success', 'not_found', 'ambiguous'])

/**
 * Whether a recorded result says what must be stored. It does when it counted, and no later answer did. That it counted is
 * seen from the log of attempts; where that has no row of the attempt, from the time of the answer that the row keeps. An
 * attempt beyond the row's is one that the database does not know, because a backup was restored; it counts when nothing later
 * is known.
 */
export function judgeResult(outcome: ResultOutcome, loggedAt: number, standing: Standing): Judgement {
  const { product, sync } = standing
  if (product === null || sync === null) return { kind: 'gone' }
  const state = finalStateOf(outcome.result)
  if (state === undefined) return { kind: 'failed' }
  if (sync.state === 'pending' || sync.state === 'queued') return { kind: 'in_flight' }
  if (standing.decided) return { kind: 'decided' }
  if (outcome.gtin14 !== codeOf(product)) return { kind: 'recoded' }

  const { attempt } = outcome
  const latest = attempt >= sync.attempt
  // A clock that is ahead does not make an answer newer than the log.
  const observedAt = standing.countedAt ?? Math.min(outcome.observedAt, loggedAt)
  const holds = (at: number, owns: boolean): Judgement => ({
    kind: 'holds',
    observedAt: at,
    state: owns ? state : null,
    latest,
    product,
    sync,
  })
  if (standing.countedAt === null) {
    if (standing.logged) return { kind: 'uncounted' }
    if (attempt > sync.attempt)
      return isAfter(observedAt, Math.max(sync.queuedAt ?? 0, sync.syncedAt ?? 0))
        ? holds(observedAt, true)
        : { kind: 'older' }
    const counted = outcome.answered
      ? sync.syncedAt !== null && isSame(observedAt, sync.syncedAt)
      : latest && sync.lastResult === outcome.result
    if (!counted)
      return { kind: outcome.answered && isAfter(observedAt, sync.syncedAt ?? 0) ? 'uncounted' : 'older' }
  }
  if (!outcome.answered) return latest ? holds(observedAt, true) : { kind: 'older' }
  if (sync.syncedAt !== null && isAfter(sync.syncedAt, observedAt)) return { kind: 'older' }
  // After a later attempt that told nothing, the state is that of the last answer, or of the failure.
  const stored = sync.syncedAt !== null && isSame(sync.syncedAt, observedAt) ? sync.syncedAt : observedAt
  return holds(stored, latest || answerStates.has(sync.state))
}

/** The code as it is read today, and as a request for it would have it. */
export function codeOf({ upc }: StandingProduct): string | null {
  const code = parseCode(upc)
  return code.status === 'invalid' ? null : code.gtin14
}

/** Records have whole milliseconds, the database microseconds. */
const isSame = (a: number, b: number): boolean => Math.abs(a - b) < 1
const isAfter = (a: number, b: number): boolean => a > b && !isSame(a, b)
