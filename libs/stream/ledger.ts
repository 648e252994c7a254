import type { Batch, Consumer } from '#libs/event-log/port.ts'
import { Assignment } from '#libs/stream/assignment.ts'

/** A pulled record as the ledger knows it. */
export interface Ticketed {
  readonly from: Assignment
  readonly ticket: number
}

export interface LedgerOptions {
  readonly consumer: Consumer
  readonly maxBuffered: number
  /** Finished records are committed at once, but no sooner than this many milliseconds after those before them. */
  readonly commitEveryMs: number
  /** The number of unfinished records has changed. */
  readonly onCount: (unfinished: number) => void
  /** The partition is another member's now. */
  readonly onGone: (assignment: Assignment) => void
  readonly onCommitFailed: (assignment: Assignment, cause: unknown) => void
}

/**
 * While one record holds its partition's prefix back, finished ones behind it pile up (as two words each, and as work
 * that a crash would repeat): this many times `maxBuffered`, then pulling stops.
 */
const UNCOMMITTED_PER_BUFFERED = 4

/** Keeps account of what has been pulled: what is unfinished, what can be committed, whether there is room for more. */
export class Ledger {
  readonly #options: LedgerOptions
  readonly #assignments = new Map<string, Assignment>()
  /** One listener per signal: all partitions of a generation may share one. */
  readonly #bySignal = new WeakMap<AbortSignal, Assignment[]>()
  #unfinished = 0
  #uncommitted = 0
  #wakePuller: (() => void) | undefined
  /** Partitions with finished records that no commit was asked for. */
  readonly #uncommittedFrom = new Set<Assignment>()
  #committedAt = Number.NEGATIVE_INFINITY
  #commitTimer: NodeJS.Timeout | undefined

  constructor(options: LedgerOptions) {
    this.#options = options
  }

  /** Enters a batch; its records wait to be decoded. Undefined when its partition is gone already. */
  take(batch: Batch): Assignment | undefined {
    if (batch.revoked.aborted) return undefined
    const from = this.#assignmentOf(batch)
    for (const raw of batch.records) from.undecoded.push({ raw, ticket: from.prefix.add(raw.offset) })
    from.unfinished += batch.records.length
    this.#uncommitted += batch.records.length
    this.#count(batch.records.length)
    return from
  }

  /**
   * Marks records as finished; the prefix of each partition that they are of is committed, soon and together with that
   * of others: a commit for each chunk costs a broker as much as the records do.
   */
  finish(entries: readonly Ticketed[]): void {
    let finished = 0
    for (const { from, ticket } of entries) {
      if (from.gone) continue
      this.#uncommitted -= from.prefix.finish(ticket)
      from.unfinished--
      finished++
      this.#uncommittedFrom.add(from)
    }
    this.#count(-finished)
    if (this.#uncommittedFrom.size === 0 || this.#commitTimer !== undefined) return
    const waitMs = this.#committedAt + this.#options.commitEveryMs - performance.now()
    if (waitMs <= 0) this.commitNow()
    else this.#commitTimer = setTimeout(() => this.commitNow(), waitMs)
  }

  /** Asks for the commits that are due or will be, all in one turn. */
  commitNow(): void {
    clearTimeout(this.#commitTimer)
    this.#commitTimer = undefined
    this.#committedAt = performance.now()
    for (const from of this.#uncommittedFrom)
      from.commit().catch((cause) => this.#options.onCommitFailed(from, cause))
    this.#uncommittedFrom.clear()
  }

  /** Resolves when no commit is under way or due. Those that fail are told to `onCommitFailed` alone. */
  async committed(): Promise<void> {
    this.commitNow()
    await Promise.allSettled([...this.#assignments.values()].map((assignment) => assignment.commit()))
  }

  get hasRoom(): boolean {
    const { maxBuffered } = this.#options
    return this.#unfinished < maxBuffered && this.#uncommitted < maxBuffered * UNCOMMITTED_PER_BUFFERED
  }

  /** Resolves when there is room again, or at `wake`. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakePuller = resolve
    })
  }

  wake(): void {
    this.#wakePuller?.()
    this.#wakePuller = undefined
  }

  #assignmentOf(batch: Batch): Assignment {
    const name = nameOf(batch)
    const known = this.#assignments.get(name)
    if (known?.revoked === batch.revoked) return known
    if (known !== undefined) this.#forget(known)
    const assignment = new Assignment(this.#options.consumer, batch)
    this.#assignments.set(name, assignment)
    const others = this.#bySignal.get(batch.revoked)
    if (others !== undefined) others.push(assignment)
    else {
      const all = [assignment]
      this.#bySignal.set(batch.revoked, all)
      batch.revoked.addEventListener('abort', () => this.#forgetAll(all), { once: true })
    }
    return assignment
  }

  #forgetAll(assignments: readonly Assignment[]): void {
    for (const assignment of assignments) this.#forget(assignment)
  }

  /** What waits is dropped, what is in flight may finish, nothing is committed. */
  #forget(assignment: Assignment): void {
    if (assignment.gone) return
    assignment.gone = true
    const name = nameOf(assignment)
    if (this.#assignments.get(name) === assignment) this.#assignments.delete(name)
    assignment.undecoded = []
    this.#uncommittedFrom.delete(assignment)
    this.#uncommitted -= assignment.prefix.open
    this.#options.onGone(assignment)
    this.#count(-assignment.unfinished)
  }

  #count(change: number): void {
    this.#unfinished += change
    this.#options.onCount(this.#unfinished)
    if (this.hasRoom) this.wake()
  }
}

const nameOf = ({ topic, partition }: { topic: string; partition: number }): string => `${topic}/${partition}`
