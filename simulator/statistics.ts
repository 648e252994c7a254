/** What the simulator was asked, in figures. */

import { gtin14 } from './catalogue/gtin.ts'

interface Pages {
  calls: number
  identifiers: number
}

/** Above this many, the count of distinct identifiers stands still and says so: memory stays bounded. */
const MAX_DISTINCT = 5_000_000

export class Statistics {
  #since = new Date()
  #requests = new Map<string, Map<number, number>>()
  #faults = new Map<string, number>()
  #firstPages: Pages = { calls: 0, identifiers: 0 }
  #furtherPages: Pages = { calls: 0, identifiers: 0 }
  #asked = new Set<number>()
  #items = 0
  #batches = new Map<string, { calls: number; items: number }>()

  /** Status 0 is a call that got no answer. */
  request(operation: string, status: number): void {
    const byStatus = this.#requests.get(operation) ?? new Map<number, number>()
    this.#requests.set(operation, byStatus)
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1)
  }

  fault(kind: string): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1)
  }

  /** A searchCatalogItems call that was answered with a page. */
  searchPage(page: number, gtins: readonly number[], identifiers: number, items: number): void {
    const pages = page === 0 ? this.#firstPages : this.#furtherPages
    pages.calls++
    pages.identifiers += identifiers
    this.#items += items
    for (const gtin of gtins) if (this.#asked.size < MAX_DISTINCT) this.#asked.add(gtin)
  }

  /** A call for several items at once that was answered. */
  batch(operation: string, items: number): void {
    const sums = this.#batches.get(operation) ?? { calls: 0, items: 0 }
    this.#batches.set(operation, { calls: sums.calls + 1, items: sums.items + items })
  }

  reset(): void {
    this.#since = new Date()
    this.#requests = new Map()
    this.#faults = new Map()
    this.#firstPages = { calls: 0, identifiers: 0 }
    this.#furtherPages = { calls: 0, identifiers: 0 }
    this.#asked = new Set()
    this.#items = 0
    this.#batches = new Map()
  }

  /** Every code asked for since the reset, as 14 digits. */
  askedFor(): string[] {
    return [...this.#asked].map(gtin14)
  }

  snapshot() {
    const requests: Record<string, Record<string, number>> = {}
    let throttled = 0
    for (const [operation, byStatus] of this.#requests) {
      requests[operation] = Object.fromEntries(byStatus)
      throttled += byStatus.get(429) ?? 0
    }
    return {
      since: this.#since.toISOString(),
      requests,
      /** All 429s, injected ones included; `faults` has those alone. */
      throttled,
      faults: Object.fromEntries(this.#faults),
      /** Items asked for by operations that take several, with how many on average. */
      batches: Object.fromEntries(
        [...this.#batches].map(([operation, { calls, items }]) => {
          return [operation, { calls, items, itemsPerCall: items / calls }]
        }),
      ),
      searchCatalogItems: {
        firstPages: withMean(this.#firstPages),
        furtherPages: withMean(this.#furtherPages),
        distinctIdentifiers: this.#asked.size,
        distinctIdentifiersCapped: this.#asked.size >= MAX_DISTINCT,
        itemsReturned: this.#items,
      },
    }
  }
}

function withMean({ calls, identifiers }: Pages) {
  return { calls, identifiers, identifiersPerCall: calls === 0 ? 0 : identifiers / calls }
}
