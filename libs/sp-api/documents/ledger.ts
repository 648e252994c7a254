/**
 * What has been asked for and what became of it, so that a process that starts again goes on where another one ended
 * and nothing is asked for twice. One entry per key; a key stands for one thing that somebody wants.
 */

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
  /** Grows by one with every write; the first is 1. */
  readonly version: number
  readonly state: LedgerState
  /** When it was decided to ask, in milliseconds since the epoch. */
  readonly askedAt: number
  /** Amazon's id of the report, the feed or the query. */
  readonly id: string | null
  /** The document that holds the result. */
  readonly documentId: string | null
  /** When it came to its end, in milliseconds since the epoch. */
  readonly finishedAt: number | null
  /** After a failure: not to be asked for again before, in milliseconds since the epoch. */
  readonly notBefore: number | null
}

export interface Ledger {
  read(key: string): Promise<LedgerEntry | null>
  /**
   * Puts an entry in the place of the one whose version is one less; for version 1, where there is none. False when
   * somebody else was faster: then nothing is written.
   */
  write(entry: LedgerEntry): Promise<boolean>
  /** Drops entries that came to their end before; returns how many. */
  forget(finishedBefore: number): Promise<number>
}

/** A ledger that ends with its process: for one process, and for tests. */
export function createMemoryLedger(): Ledger {
  const entries = new Map<string, LedgerEntry>()
  return {
    read: async (key) => entries.get(key) ?? null,
    write: async (entry) => {
      if ((entries.get(entry.key)?.version ?? 0) !== entry.version - 1) return false
      entries.set(entry.key, entry)
      return true
    },
    forget: async (finishedBefore) => {
      const old = [...entries.values()].filter(
        ({ finishedAt }) => finishedAt !== null && finishedAt < finishedBefore,
      )
      for (const { key } of old) entries.delete(key)
      return old.length
    },
  }
}
