/** What a replay takes, and what it says of each record and of the rows that it mended. */

/** A record of a topic, decoded. */
export interface Recorded<T> {
  readonly value: T
  /** When the log took it, in milliseconds since the epoch: it was observed before. */
  readonly loggedAt: number
}

/**
 * What became of a record. The first two changed something; `created`: rows that were gone are there again. `uncounted`: it
 * did not count when it came (a duplicate, or too late), so it does not count now.
 */
export const replayKinds = [
  'created',
  'updated',
  'unchanged',
  'older',
  'uncounted',
  'failed',
  'in_flight',
  'decided',
  'recoded',
  'gone',
] as const
export type ReplayKind = (typeof replayKinds)[number]

/** Rows that were written, by what they are. */
export const mendedRows = [
  'candidatesAdded',
  'candidatesChanged',
  'candidatesRemoved',
  'states',
  'codes',
  'pricesAdded',
  'pricesChanged',
  'pricesShown',
  'history',
] as const
export type MendedRow = (typeof mendedRows)[number]
export type MendedRows = Partial<Record<MendedRow, number>>

export interface Replayed {
  readonly kind: ReplayKind
  /** What was written, or would be; absent when nothing. */
  readonly rows?: MendedRows
}

/** Replays results of one topic into one place. */
export interface Replayer<T> {
  /** Why a record that follows its schema can not be true all the same; null when it can. */
  absurdity(value: T, now: number): string | null
  /** Applies records of one partition, oldest first, and says what became of each, in their order. Repeating it is harmless. */
  replay(records: readonly Recorded<T>[]): Promise<readonly Replayed[]>
}

/**
 * Records in rounds in which each key comes once at most; those of one key stay in their order. What one statement writes
 * must not have a row twice.
 */
export function roundsOf<R>(records: readonly R[], keyOf: (record: R) => string): readonly (readonly R[])[] {
  const seen = new Map<string, number>()
  const rounds: R[][] = []
  for (const record of records) {
    const key = keyOf(record)
    const round = seen.get(key) ?? 0
    seen.set(key, round + 1)
    const records = rounds[round]
    if (records) records.push(record)
    else rounds.push([record])
  }
  return rounds
}

/** Replays round by round; resolves to what became of each record, in the order in which they came. */
export async function inRounds<R>(
  records: readonly R[],
  keyOf: (record: R) => string,
  replay: (round: readonly R[]) => Promise<readonly Replayed[]>,
): Promise<readonly Replayed[]> {
  const became = new Map<R, Replayed>()
  for (const round of roundsOf(records, keyOf)) {
    const replayed = await replay(round)
    for (const [at, record] of round.entries()) became.set(record, replayed[at]!)
  }
  return records.map((record) => became.get(record)!)
}
