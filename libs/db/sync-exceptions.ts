import type { Database } from './database.ts'
import type { SyncState } from './entities.ts'
import { inIndexOrder } from './index-order.ts'
import { isoTimestamp } from './timestamps.ts'

/** A product that needs a person: its code is wrong, its match is a tie, or every attempt has failed. */
export interface SyncException {
  readonly productId: string
  readonly sku: string
  readonly upc: string | null
  readonly title: string | null
  readonly marketplaceId: string
  readonly countryCode: string
  readonly state: Extract<SyncState, 'ambiguous' | 'invalid' | 'error'>
  readonly lastResult: string | null
  readonly lastReason: string | null
  readonly occurredAt: string | null
}

/** The newest first. */
export async function newestExceptions(db: Database, limit: number): Promise<readonly SyncException[]> {
  return inIndexOrder(db, (tx) =>
    tx.query<SyncException & Record<string, unknown>>(
      // A row keeps the lease of its last claim in next_attempt_at: the order of claims, for failures as well, which
      // never set synced_at.
      `with newest as materialized (
       select product_id, marketplace_id, state, attempt, last_result, last_reason, next_attempt_at, synced_at
         from product_syncs
        where state in ('ambiguous', 'invalid', 'error') order by next_attempt_at desc limit $1)
     select n.product_id as "productId", p.sku, p.upc, p.title, n.marketplace_id as "marketplaceId",
            m.country_code as "countryCode", n.state, n.last_result as "lastResult", n.last_reason as "lastReason",
            ${isoTimestamp('coalesce(l.occurred_at, n.synced_at)')} as "occurredAt"
       from newest n join products p on p.id = n.product_id join marketplaces m using (marketplace_id)
       left join sync_logs l on l.product_id = n.product_id and l.marketplace_id = n.marketplace_id
                            and l.attempt = n.attempt
      order by n.next_attempt_at desc, n.product_id`,
      [limit],
    ),
  )
}
