import type { Database } from './database.ts'
import { type SyncState, syncStates } from './entities.ts'

/** How far the catalogue is in step with Amazon. Counts are products × marketplaces. */
export interface SyncStatus {
  readonly total: number
  /** In a final state other than error. */
  readonly synced: number
  readonly errors: number
  readonly pending: number
  readonly queued: number
  readonly states: Readonly<Record<SyncState, number>>
  /** Mean of what Amazon took to answer over the last minute, in milliseconds; null without answers. */
  readonly averageResponseTimeMs: number | null
  /** Mean time from the claim of a product to its outcome over the last minute, in milliseconds. */
  readonly averageSyncTimeMs: number | null
  /** Outcomes a second over the last minute; 0 when there were none. */
  readonly ratePerSecond: number
  /** Seconds until nothing is pending or queued at that rate; 0 when nothing is, null when it can not be told. */
  readonly secondsLeft: number | null
}

export interface SyncStatusReport extends SyncStatus {
  readonly products: number
  /**
   * Outcomes that a request to Amazon brings, over the last minute; null when there were none. Products that share a code
   * share its request.
   */
  readonly outcomesPerRequest: number | null
  readonly marketplaces: readonly (SyncStatus & {
    readonly marketplaceId: string
    readonly countryCode: string
  })[]
}

/** Over how long rates and means are taken. */
const WINDOW_SECONDS = 60

/**
 * Reads the folded counts and the sums of the last minute: its cost does not grow with the catalogue, nor with the rate.
 */
export async function readSyncStatus(db: Database): Promise<SyncStatusReport> {
  const [counts, recent] = await Promise.all([
    db.query<{ marketplace_id: string; country_code: string; state: SyncState | null; n: string }>(
      `select m.marketplace_id, m.country_code, c.state, coalesce(sum(c.n), 0) as n
         from marketplaces m left join sync_state_counts c using (marketplace_id)
        where m.enabled group by m.marketplace_id, m.country_code, c.state order by m.marketplace_id`,
    ),
    db.query<RecentRow & Record<string, unknown>>(
      `select marketplace_id as "marketplaceId", sum(outcomes)::int as n, sum(response_ms)::float8 as "responseMs",
              sum(responses)::int as answers, sum(duration_ms)::float8 as "durationMs",
              sum(requests)::int as requests,
              extract(epoch from now() - min(at))::float8 as span
         from sync_rates where at > now() - ${WINDOW_SECONDS} * interval '1 second' group by marketplace_id`,
    ),
  ])
  const byMarketplace = new Map<string, { countryCode: string; states: Record<SyncState, number> }>()
  for (const row of counts) {
    const entry = byMarketplace.get(row.marketplace_id) ?? {
      countryCode: row.country_code,
      states: noStates(),
    }
    byMarketplace.set(row.marketplace_id, entry)
    if (row.state) entry.states[row.state] += Number(row.n)
  }
  const all = noStates()
  for (const { states } of byMarketplace.values()) for (const state of syncStates) all[state] += states[state]
  const requests = recent.reduce((sum, row) => sum + row.requests, 0)
  const answered = recent.reduce((sum, row) => sum + row.answers, 0)
  const marketplaceTotals = [...byMarketplace.values()].map(({ states }) => totalOf(states))
  return {
    // Every product has a row in every enabled marketplace; counting the table would grow with it.
    products: Math.max(0, ...marketplaceTotals),
    ...summarise(all, recent),
    outcomesPerRequest: requests === 0 ? null : round(answered / requests),
    marketplaces: [...byMarketplace].map(([marketplaceId, { countryCode, states }]) => ({
      marketplaceId,
      countryCode,
      ...summarise(
        states,
        recent.filter((row) => row.marketplaceId === marketplaceId),
      ),
    })),
  }
}

interface RecentRow {
  readonly marketplaceId: string
  readonly n: number
  readonly responseMs: number | null
  readonly answers: number
  readonly durationMs: number | null
  readonly requests: number
  readonly span: number
}

function summarise(states: Record<SyncState, number>, recent: readonly RecentRow[]): SyncStatus {
  const sum = (pick: (row: RecentRow) => number | null): number =>
    recent.reduce((total, row) => total + (pick(row) ?? 0), 0)
  const outcomes = sum((row) => row.n)
  const answers = sum((row) => row.answers)
  // A sync that began ten seconds ago is not averaged over a minute.
  const span = Math.min(WINDOW_SECONDS, Math.max(1, ...recent.map((row) => row.span)))
  const ratePerSecond = round(outcomes / span)
  const total = totalOf(states)
  const waiting = states.pending + states.queued
  return {
    total,
    synced: total - waiting - states.error,
    errors: states.error,
    pending: states.pending,
    queued: states.queued,
    states,
    averageResponseTimeMs: answers === 0 ? null : Math.round(sum((row) => row.responseMs) / answers),
    averageSyncTimeMs: outcomes === 0 ? null : Math.round(sum((row) => row.durationMs) / outcomes),
    ratePerSecond,
    secondsLeft: waiting === 0 ? 0 : ratePerSecond === 0 ? null : Math.ceil(waiting / ratePerSecond),
  }
}

const totalOf = (states: Record<SyncState, number>): number =>
  syncStates.reduce((n, state) => n + states[state], 0)

const noStates = (): Record<SyncState, number> =>
  Object.fromEntries(syncStates.map((state) => [state, 0])) as Record<SyncState, number>

const round = (value: number): number => Math.round(value * 100) / 100
