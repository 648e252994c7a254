import type { Queryable } from './database.ts'

/** A record of the dead-letter topic. The time, in milliseconds since the epoch, tells it from one of a topic made anew. */
export interface LetterId {
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: number
}

export interface Redrive extends LetterId {
  readonly times: number
  readonly lastAt: Date
}

/** Those of `letters` that were brought back already. */
export async function findRedrives(db: Queryable, letters: readonly LetterId[]): Promise<readonly Redrive[]> {
  const rows = await db.query<Row & { times: number; last_ms: number }>(
    `select ${COLUMNS}, r.times, extract(epoch from r.redriven_at)::float8 * 1000 as last_ms from dead_letter_redrives r join ${LETTERS}
       on (r.partition, r.record_offset, r.logged_at) = (l.partition, l.record_offset, l.logged_at)`,
    parameters(letters),
  )
  return rows.map((row) => ({ ...toId(row), times: row.times, lastAt: new Date(row.last_ms) }))
}

/**
 * Notes that letters are being brought back, and returns those that may be: with `again` all, without it those that
 * nobody has brought back. Append them before the transaction commits: whoever wants the same letters waits for it.
 */
export async function claimRedrives(
  tx: Queryable,
  letters: readonly LetterId[],
  { again }: { readonly again: boolean },
): Promise<readonly LetterId[]> {
  const rows = await tx.query<Row>(
    `insert into dead_letter_redrives as r (partition, record_offset, logged_at)
       select l.partition, l.record_offset, l.logged_at from ${LETTERS} order by 1, 2, 3
       on conflict (partition, record_offset, logged_at) do update
         set times = r.times + 1, redriven_at = now() where $4::boolean
       returning ${COLUMNS}`,
    [...parameters(letters), again],
  )
  return rows.map(toId)
}

/** Forgets what was brought back before `before`: the topic has not kept those letters. */
export async function forgetRedrives(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from dead_letter_redrives where logged_at < $1 and redriven_at < $1', [before])
}

interface Row {
  readonly partition: number
  readonly record_offset: string
  readonly ms: string
}

const COLUMNS = `r.partition, r.record_offset::text, (extract(epoch from r.logged_at) * 1000)::bigint::text as ms`
const LETTERS = `(select p as partition, o as record_offset, to_timestamp(ms / 1000.0) as logged_at
  from unnest($1::int[], $2::bigint[], $3::bigint[]) as u (p, o, ms)) l`

const parameters = (letters: readonly LetterId[]): unknown[] => [
  letters.map(({ partition }) => partition),
  letters.map(({ offset }) => String(offset)),
  letters.map(({ timestamp }) => String(timestamp)),
]

const toId = ({ partition, record_offset, ms }: Row): LetterId => ({
  partition,
  offset: BigInt(record_offset),
  timestamp: Number(ms),
})
