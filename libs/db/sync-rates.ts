import type { Queryable } from './database.ts'

/** Seconds of one point; and of all of them, which is how long sums are kept. */
const POINT_SECONDS = 5
const WINDOW_SECONDS = 115

/** Outcomes a second over the last two minutes, the oldest first, one point for each five seconds. */
export interface RecentRates {
  readonly secondsPerPoint: number
  /** When the first point begins; ISO 8601. */
  readonly since: string
  readonly perSecond: readonly number[]
}

/** Reads the sums that retention keeps: its cost grows with the rate, never with the catalogue. */
export async function readRecentRates(db: Queryable): Promise<RecentRates> {
  // The point that is under way is left out: it would show a drop that is none.
  const rows = await db.query<{ since: number; n: number }>(
    `with last as (select floor(extract(epoch from now()) / ${POINT_SECONDS}) as point)
     select p.point * ${POINT_SECONDS}::float8 as since, coalesce(sum(r.outcomes), 0)::int as n
       from last, generate_series(last.point - ${WINDOW_SECONDS / POINT_SECONDS}, last.point - 1) p (point)
       left join sync_rates r on r.at >= to_timestamp(p.point * ${POINT_SECONDS})
                             and r.at < to_timestamp((p.point + 1) * ${POINT_SECONDS})
      group by p.point order by p.point`,
  )
  return {
    secondsPerPoint: POINT_SECONDS,
    since: new Date((rows[0]?.since ?? 0) * 1_000).toISOString(),
    perSecond: rows.map(({ n }) => n / POINT_SECONDS),
  }
}
