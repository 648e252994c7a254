/**
 * What has been asked for and what became of it, so that a process that starts again goes on where another one ended
 * and nothing is asked for twice. One entry per key; a key stands for one thing that somebody wants. A ledger belongs to
 * one seller and application: Amazon's ids mean nothing elsewhere.
 */

export const ledgerStates = ['asking', 'asked', 'done', 'no_data', 'failed'] as const
export type LedgerState =
  /** Somebody is about to ask, or has asked and did not live to note the answer. */
  | 'asking'
  /** Amazon works on it. */
  | 'asked'
  | 'done'
  /** Amazon cancelled it: there is no data, or it was asked for again too soon. */
  | 'no_data'
  | 'failed'

export interface LedgerEntry {
  readonly key: string
  /** Amazon's lists tell no more about a thing than this: things of one lane are asked for one after the other. */
  readonly lane: string
  /** Grows by one with every write; the first is 1. */
  readonly version: number
  readonly state: LedgerState
  /** What is asked for, as JSON. */
  readonly wish: Readonly<Record<string, unknown>>
  /** When it was decided to ask, in milliseconds since the epoch. */
  readonly askedAt: number
  /** Amazon's id of the report or the feed; while `asking`, that of the one before. */
  readonly id: string | null
  /** The document that holds the result. */
  readonly documentId: string | null
  /** When it came to its end, in milliseconds since the epoch. */
  readonly finishedAt: number | null
  /** After a failure: not to be asked for again before, in milliseconds since the epoch. */
  readonly notBefore: number | null
  /** What Amazon says about a failure. */
  readonly reason: string | null
}

export interface Ledger {
  read(key: string): Promise<LedgerEntry | null>
  /**
   * Puts an entry in the place of the one whose version is one less; for version 1, where there is none. False when
   * somebody else was faster, or when another entry of the lane is `asking` as well: then nothing is written.
   */
  write(entry: LedgerEntry): Promise<boolean>
  /** The entry of a lane that is `asking`; there is one at most. */
  asking(lane: string): Promise<LedgerEntry | null>
  /** Those of Amazon's ids that an entry bears. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>
  /** Deletes an entry; false when it is not there, or not of this version any more. */
  delete(key: string, version: number): Promise<boolean>
  /**
   * Drops entries that came to their end before, and those that never did and were asked for before, both in
   * milliseconds since the epoch; returns how many.
   */
  forget(before: { readonly finished: number; readonly asked: number }): Promise<number>
}

/** A ledger that ends with its process: for one process, and for tests. */
export function createMemoryLedger(): Ledger {
  const entries = new Map<string, LedgerEntry>()
  const askingIn = (lane: string) =>
    [...entries.values()].find((entry) => entry.lane === lane && entry.state === 'asking') ?? null
  return {
    read: async (key) => entries.get(key) ?? null,
    async write(entry) {
      if ((entries.get(entry.key)?.version ?? 0) !== entry.version - 1) return false
      const other = entry.state === 'asking' ? askingIn(entry.lane) : null
      if (other !== null && other.key !== entry.key) return false
      entries.set(entry.key, entry)
      return true
    },
    asking: async (lane) => askingIn(lane),
    async known(ids) {
      const borne = new Set([...entries.values()].map(({ id }) => id))
      return new Set(ids.filter((id) => borne.has(id)))
    },
    async delete(key, version) {
      return entries.get(key)?.version === version && entries.delete(key)
    },
    async forget({ finished, asked }) {
      const old = [...entries.values()].filter(({ finishedAt, askedAt }) =>
        finishedAt === null ? askedAt < asked : finishedAt < finished,
      )
      for (const { key } of old) entries.delete(key)
      return old.length
    },
  }
}
