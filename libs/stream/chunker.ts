import type { ChunkPolicy, Decoded } from '#libs/stream/processor.ts'

/** What is put into chunks; `record` is what the policy looks at. */
export interface Entry<T> {
  readonly record: Decoded<T>
}

export interface FormedChunk<E> {
  readonly key: string
  readonly members: readonly Member<E>[]
}

/** An entry with what is needed to put it back in its old place. */
export interface Member<E> {
  readonly entry: E
  /** `undefined`: weighs 1 by itself. */
  readonly name: string | null | undefined
  /** When it came, in milliseconds. */
  readonly since: number
  /** Place in the order of arrival over all keys. */
  readonly order: number
  readonly key: string
}

/** Records with one key, oldest first, and how much of them the next chunk would take. */
interface Lane<E> {
  readonly key: string
  waiting: Member<E>[]
  head: number
  /** Up to where (exclusive) the next chunk reaches so far. */
  end: number
  weight: number
  readonly names: Set<string>
  full: boolean
  /** The limit that `end` was found with. */
  limit: number
  heldUntil: number
}

export const DEFAULT_MAX_RECORDS = 1_000

/**
 * Puts records together into chunks by a `ChunkPolicy`. Pure: it is told the time, and never waits.
 *
 * A chunk may go out when it is full, or when its first record has waited for `lingerMs` and `paceMs` have gone by since the
 * chunk before it. Full chunks go first, unless
 * a due one has waited for longer: otherwise a rare key would starve beside a busy one. Records with one key leave in
 * the order in which they came, so records of one partition and key do too.
 */
export class Chunker<T, E extends Entry<T>> {
  readonly #policy: ChunkPolicy<T>
  readonly #maxRecords: number
  readonly #lanes = new Map<string, Lane<E>>()
  #delayed: { readonly at: number; readonly waiting: Member<E> }[] = []
  #arrivals = 0
  #size = 0
  /** When the latest chunk was taken. */
  #takenAt = Number.NEGATIVE_INFINITY

  constructor(policy: ChunkPolicy<T>) {
    this.#policy = policy
    this.#maxRecords = Math.max(1, policy.maxRecords ?? DEFAULT_MAX_RECORDS)
  }

  /** Records that wait, those put back among them. */
  get size(): number {
    return this.#size
  }

  /** Throws what the policy's `key` or `weigh` throws. */
  add(entry: E, now: number): void {
    const key = this.#policy.key?.(entry.record) ?? ''
    const name = this.#policy.weigh?.(entry.record)
    const lane = this.#lane(key)
    lane.waiting.push({ entry, name, since: now, order: this.#arrivals++, key })
    this.#size++
    this.#reach(lane)
  }

  /** Takes the next chunk that may go out now; undefined when there is none. */
  take(now: number): FormedChunk<E> | undefined {
    this.#wakeDelayed(now)
    // A clock that was set back: nobody waits until it is as late again.
    if (now < this.#takenAt) this.#takenAt = Number.NEGATIVE_INFINITY
    const limit = this.#limit()
    let best: Lane<E> | undefined
    for (const lane of this.#lanes.values()) {
      if (lane.limit !== limit) this.#restart(lane, limit)
      if (!this.#mayGo(lane, now)) continue
      if (best === undefined || headOf(lane).order < headOf(best).order) best = lane
    }
    if (best === undefined) return undefined
    this.#takenAt = now
    return this.#cut(best)
  }

  /** When `take` may next have something that it has not now, in milliseconds; undefined while nothing waits. */
  nextDue(): number | undefined {
    let due = this.#delayed[0]?.at ?? Number.POSITIVE_INFINITY
    for (const lane of this.#lanes.values()) {
      const ready = lane.full ? 0 : this.#unfullAt(lane)
      due = Math.min(due, Math.max(ready, lane.heldUntil))
    }
    return due === Number.POSITIVE_INFINITY ? undefined : due
  }

  /**
   * Puts members of a chunk back, each in its old place, to be taken again from `at` on. With `hold`, nothing of their
   * key is taken before that, which keeps their order; without, later records go on.
   */
  putBack(members: readonly Member<E>[], at: number, hold: boolean): void {
    for (const waiting of members) {
      this.#size++
      if (hold) {
        const lane = this.#insert(waiting)
        lane.heldUntil = Math.max(lane.heldUntil, at)
      } else {
        const index = this.#delayed.findIndex((other) => other.at > at)
        this.#delayed.splice(index === -1 ? this.#delayed.length : index, 0, { at, waiting })
      }
    }
  }

  /** Forgets the waiting entries that `gone` names; returns how many they were. */
  drop(gone: (entry: E) => boolean): number {
    const before = this.#size
    const stays = (waiting: Member<E>) => !gone(waiting.entry)
    this.#delayed = this.#delayed.filter(({ waiting }) => stays(waiting))
    this.#size = this.#delayed.length
    for (const lane of this.#lanes.values()) {
      lane.waiting = lane.waiting.slice(lane.head).filter(stays)
      lane.head = 0
      this.#size += lane.waiting.length
      if (lane.waiting.length === 0) this.#lanes.delete(lane.key)
      else this.#restart(lane, lane.limit)
    }
    return before - this.#size
  }

  #mayGo(lane: Lane<E>, now: number): boolean {
    if (lane.heldUntil > now) return false
    return lane.full || now >= this.#unfullAt(lane)
  }

  /** When a chunk of it may go out without being full. */
  #unfullAt(lane: Lane<E>): number {
    const { lingerMs, paceMs = 0 } = this.#policy
    return Math.max(headOf(lane).since + lingerMs, this.#takenAt + paceMs)
  }

  #cut(lane: Lane<E>): FormedChunk<E> {
    const taken = lane.waiting.slice(lane.head, lane.end)
    lane.head = lane.end
    lane.heldUntil = 0
    this.#size -= taken.length
    if (lane.head === lane.waiting.length) {
      this.#lanes.delete(lane.key)
    } else {
      if (lane.head > 1_024 && lane.head * 2 > lane.waiting.length) {
        lane.waiting.splice(0, lane.head)
        lane.head = 0
      }
      this.#restart(lane, this.#limit())
    }
    return { key: lane.key, members: taken }
  }

  #lane(key: string): Lane<E> {
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      lane = {
        key,
        waiting: [],
        head: 0,
        end: 0,
        weight: 0,
        names: new Set(),
        full: false,
        limit: this.#limit(),
        heldUntil: 0,
      }
      this.#lanes.set(key, lane)
    }
    return lane
  }

  #limit(): number {
    const { maxWeight } = this.#policy
    const limit = typeof maxWeight === 'function' ? maxWeight() : maxWeight
    if (!(limit >= 1)) throw new Error(`maxWeight has to be at least 1, not ${limit}`)
    return Math.floor(limit)
  }

  #restart(lane: Lane<E>, limit: number): void {
    lane.end = lane.head
    lane.weight = 0
    lane.names.clear()
    lane.full = false
    lane.limit = limit
    this.#reach(lane)
  }

  /**
   * Lets the next chunk reach as far as the waiting records and the limit allow. A full one still takes the records
   * right behind it that add no weight: they would only cost a second call.
   */
  #reach(lane: Lane<E>): void {
    while (lane.end < lane.waiting.length && lane.end - lane.head < this.#maxRecords) {
      const { name } = lane.waiting[lane.end]!
      const weighsMore = name === undefined || (name !== null && !lane.names.has(name))
      if (weighsMore && lane.weight >= lane.limit) return
      if (weighsMore) lane.weight++
      if (typeof name === 'string') lane.names.add(name)
      lane.end++
      lane.full = lane.weight >= lane.limit || lane.end - lane.head >= this.#maxRecords
    }
  }

  #wakeDelayed(now: number): void {
    let woken = 0
    while (woken < this.#delayed.length && this.#delayed[woken]!.at <= now) woken++
    for (const { waiting } of this.#delayed.splice(0, woken)) this.#insert(waiting)
  }

  #insert(waiting: Member<E>): Lane<E> {
    const lane = this.#lane(waiting.key)
    let index = lane.head
    while (index < lane.waiting.length && lane.waiting[index]!.order < waiting.order) index++
    lane.waiting.splice(index, 0, waiting)
    this.#restart(lane, lane.limit)
    return lane
  }
}

function headOf<E>(lane: Lane<E>): Member<E> {
  return lane.waiting[lane.head]!
}
