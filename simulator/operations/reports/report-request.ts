/** What a report is asked for. */

import type { Marketplace } from '../../marketplaces.ts'
import type { Seller } from '../../seller/seller.ts'
import type { ListedRow } from './listing-rows.ts'

export interface ReportRequest {
  readonly seller: Seller
  readonly marketplaces: readonly Marketplace[]
  readonly options: Readonly<Record<string, string>>
  /** The window of its data, in milliseconds since 1970. */
  readonly start: number
  readonly end: number
  /** The moment whose state it shows. */
  readonly asOf: number
  /** The seller's listings at that moment. */
  listings(): Iterable<ListedRow>
}
