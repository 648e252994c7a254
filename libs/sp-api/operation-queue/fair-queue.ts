/** What stands in a queue: whose it is, how urgent, and since when. */
export interface Queued {
  readonly seller: string
  /** Higher ones first. */
  readonly rank: number
  /** Of one seller and rank, lower ones first. */
  readonly sequence: number
}

/**
 * Higher ranks first; within a rank the sellers take turns, one each, whatever they have queued; of a seller's own in the
 * order of their numbers. Every one costs one slot, so that turns are as fair as deficits (Shreedhar and Varghese 1995).
 */
export class FairQueue<T extends Queued> {
  /** By rank; the sellers of a rank in the order of their turns. */
  readonly #ranks = new Map<number, Map<string, T[]>>()
  readonly #sizes = new Map<number, number>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** How many stand there from a rank on. */
  countFrom(rank: number): number {
    let count = 0
    for (const [of, size] of this.#sizes) if (of >= rank) count += size
    return count
  }

  add(item: T): void {
    const sellers = this.#ranks.get(item.rank) ?? new Map<string, T[]>()
    this.#ranks.set(item.rank, sellers)
    const own = sellers.get(item.seller) ?? []
    sellers.set(item.seller, own)
    // Nearly always the newest; one that comes back stands where it stood.
    let at = own.length
    while (at > 0 && own[at - 1]!.sequence > item.sequence) at--
    own.splice(at, 0, item)
    this.#grow(item.rank, 1)
  }

  /** Takes the one whose turn it is. */
  next(): T | undefined {
    const rank = Math.max(...this.#ranks.keys())
    const sellers = this.#ranks.get(rank)
    if (sellers === undefined) return undefined
    const [seller, own] = sellers.entries().next().value as [string, T[]]
    const item = own.shift()!
    sellers.delete(seller)
    if (own.length > 0) sellers.set(seller, own)
    if (sellers.size === 0) this.#ranks.delete(rank)
    this.#grow(rank, -1)
    return item
  }

  /** False: it is not there. */
  remove(item: T): boolean {
    const sellers = this.#ranks.get(item.rank)
    const own = sellers?.get(item.seller)
    const at = own?.indexOf(item) ?? -1
    if (!sellers || !own || at < 0) return false
    own.splice(at, 1)
    if (own.length === 0) sellers.delete(item.seller)
    if (sellers.size === 0) this.#ranks.delete(item.rank)
    this.#grow(item.rank, -1)
    return true
  }

  #grow(rank: number, by: number): void {
    this.#size += by
    this.#sizes.set(rank, (this.#sizes.get(rank) ?? 0) + by)
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (const sellers of this.#ranks.values()) for (const own of sellers.values()) yield* own
  }
}
