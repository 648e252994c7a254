/**
 * Which records of one partition are finished, and how far the finished ones reach without a hole: only that far may
 * be committed, because chunks finish in any order.
 */
export class FinishedPrefix {
  /** Offsets of the records that are not in the prefix yet, oldest first, from `#head` on. */
  #offsets: bigint[] = []
  #finished: boolean[] = []
  #head = 0
  /** Tickets are counted from the first record ever added; this one is that of index 0. */
  #firstTicket = 0
  #next: bigint | undefined

  /**
   * Adds the partition's next record. Offsets ascend, with gaps where the log has none.
   * @returns the ticket with which `finish` is called.
   */
  add(offset: bigint): number {
    this.#offsets.push(offset)
    this.#finished.push(false)
    return this.#firstTicket + this.#offsets.length - 1
  }

  /** @returns how many records the prefix grew by; 0 when an older one is still open or this one was finished before. */
  finish(ticket: number): number {
    const index = ticket - this.#firstTicket
    if (index < this.#head) return 0
    this.#finished[index] = true
    const before = this.#head
    while (this.#finished[this.#head] === true) this.#head++
    if (this.#head === before) return 0
    this.#next = this.#offsets[this.#head - 1]! + 1n
    const grown = this.#head - before
    this.#forget()
    return grown
  }

  /** The first offset that is not done; undefined while not even the oldest record is. */
  get next(): bigint | undefined {
    return this.#next
  }

  /** Records added that are not in the prefix. */
  get open(): number {
    return this.#offsets.length - this.#head
  }

  /** Cuts off what is in the prefix, seldom enough to cost nothing per record. */
  #forget(): void {
    if (this.#head < 1_024 && this.#head < this.#offsets.length) return
    if (this.#head * 2 < this.#offsets.length) return
    this.#offsets.splice(0, this.#head)
    this.#finished.splice(0, this.#head)
    this.#firstTicket += this.#head
    this.#head = 0
  }
}
