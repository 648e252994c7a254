import { MAX_ASINS, type OfferLevel, type OfferOperation } from '#libs/offers/levels.ts'
import type { OffersPolicy } from '#libs/offers/policy.ts'
import type { Database } from '../database.ts'

/** `pending`: never priced; `stale`: to be priced again. */
export const offerStatusStates = [
  'pending',
  'stale',
  'queued',
  'priced',
  'no_price',
  'not_found',
  'error',
] as const
export type OfferStatusState = (typeof offerStatusStates)[number]

/** How far one level is. Counts are ASINs × marketplaces. */
export interface OfferLevelStatus {
  readonly level: OfferLevel
  readonly operation: OfferOperation
  readonly staleAfterSeconds: number
  readonly total: number
  readonly states: Readonly<Record<OfferStatusState, number>>
  /** Outcomes a second over the last minute. */
  readonly ratePerSecond: number
  /** ASINs a second that the usage plans permit, all sellers together; null: not known here. */
  readonly permittedPerSecond: number | null
  /** Seconds until nothing is pending, stale or queued at the permitted rate; null when that is not known. */
  readonly secondsLeft: number | null
  /** Seconds that the permitted rate takes to price all of them once. */
  readonly secondsToCover: number | null
}

/** Requests a second that the usage plans of all sellers grant together; null: not known. */
export type PermittedRate = (operation: OfferOperation) => number | null

/** Over how long the rate is taken. */
const WINDOW_SECONDS = 60

/** Reads the folded counts and the sums of the last minute, as `readSyncStatus` does. One entry per level of the policy. */
export async function readOfferStatus(
  db: Database,
  policy: OffersPolicy,
  permitted: PermittedRate,
): Promise<readonly OfferLevelStatus[]> {
  if (policy.levels.length === 0) return []
  const [counts, recent] = await Promise.all([
    db.query<{ level: OfferLevel; state: OfferStatusState; n: number }>(
      `select level, state, sum(n)::int as n from offer_state_counts join marketplaces using (marketplace_id)
        where enabled group by level, state`,
    ),
    db.query<{ level: OfferLevel; n: number; span: number }>(
      `select level, sum(outcomes)::int as n, extract(epoch from now() - min(at))::float8 as span
         from offer_rates where at > now() - ${WINDOW_SECONDS} * interval '1 second' group by level`,
    ),
  ])
  return policy.levels.map(({ level, operation, staleAfterMs }) => {
    const of = (state: OfferStatusState): number =>
      counts.find((row) => row.level === level && row.state === state)?.n ?? 0
    const states = Object.fromEntries(offerStatusStates.map((state) => [state, of(state)])) as Record<
      OfferStatusState,
      number
    >
    const total = offerStatusStates.reduce((sum, state) => sum + states[state], 0)
    const calls = permitted(operation)
    const perSecond = calls === null ? null : calls * MAX_ASINS
    const secondsFor = (items: number): number | null =>
      items === 0 ? 0 : perSecond === null || perSecond === 0 ? null : Math.ceil(items / perSecond)
    const last = recent.find((row) => row.level === level)
    const span = Math.min(WINDOW_SECONDS, Math.max(1, last?.span ?? 1))
    return {
      level,
      operation,
      staleAfterSeconds: staleAfterMs / 1_000,
      total,
      states,
      ratePerSecond: Math.round(((last?.n ?? 0) / span) * 100) / 100,
      permittedPerSecond: perSecond,
      secondsLeft: secondsFor(states.pending + states.stale + states.queued),
      secondsToCover: secondsFor(total),
    }
  })
}
