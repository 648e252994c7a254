import type { Queryable } from '../database.ts'
import type { SyncState } from '../entities.ts'

/** A recorded result, as far as the database is asked what it has of it. */
export interface RecordedAttempt {
  readonly productId: string
  readonly marketplaceId: string
  readonly attempt: number
  readonly result: string
  readonly amazonRequestId: string | null
}

/** The catalogue's side of a product, as it is now. */
export interface StandingProduct {
  readonly upc: string | null
  readonly title: string | null
  readonly brand: string | null
  readonly packQuantity: number | null
  readonly gtin14: string | null
  readonly repair: string | null
}

/** Times are milliseconds since the epoch with the fraction that PostgreSQL keeps. */
export interface StandingSync {
  readonly state: SyncState
  readonly attempt: number
  readonly queuedAt: number | null
  readonly syncedAt: number | null
  readonly lastResult: string | null
  readonly lastReason: string | null
}

/** What the database has of the product and marketplace that a recorded result is about. */
export interface Standing {
  readonly product: StandingProduct | null
  readonly sync: StandingSync | null
  /**
   * When the attempt was observed, by the row of the log of attempts that is about the same answer of Amazon's; null without
   * one. Its result may be another one: that of a person's decision.
   */
  readonly countedAt: number | null
  /** Whether the log has a row of that attempt, whatever it says. */
  readonly logged: boolean
  /** Whether a person has decided which ASIN it is, or is not. */
  readonly decided: boolean
}

/** What the database has of each, in their order. */
export async function readStandings(
  db: Queryable,
  attempts: readonly RecordedAttempt[],
): Promise<readonly Standing[]> {
  if (attempts.length === 0) return []
  const rows = await db.query<StandingRow>(standingSql, [
    attempts.map(({ productId }) => productId),
    attempts.map(({ marketplaceId }) => marketplaceId),
    attempts.map(({ attempt }) => attempt),
    attempts.map(({ result }) => result),
    attempts.map(({ amazonRequestId }) => amazonRequestId),
  ])
  return rows.map(toStanding)
}

/** Locks products and their sync rows in the order of every other writer, until the transaction ends. */
export async function lockStandings(
  tx: Queryable,
  attempts: readonly Pick<RecordedAttempt, 'productId' | 'marketplaceId'>[],
): Promise<void> {
  await tx.query(
    `select 1 from products p
       join unnest($1::uuid[], $2::text[]) r (product_id, marketplace_id) on p.id = r.product_id
       join product_syncs s on s.product_id = r.product_id and s.marketplace_id = r.marketplace_id
      order by p.id, s.marketplace_id
        for no key update of p, s`,
    [attempts.map(({ productId }) => productId), attempts.map(({ marketplaceId }) => marketplaceId)],
  )
}

interface StandingRow extends Record<string, unknown> {
  readonly product: boolean
  readonly upc: string | null
  readonly title: string | null
  readonly brand: string | null
  readonly pack_quantity: number | null
  readonly gtin14: string | null
  readonly upc_repair: string | null
  readonly state: SyncState | null
  readonly attempt: number | null
  readonly queued_ms: number | null
  readonly synced_ms: number | null
  readonly last_result: string | null
  readonly last_reason: string | null
  readonly counted_ms: number | null
  readonly logged: boolean
  readonly decided: boolean
}

const toStanding = (row: StandingRow): Standing => ({
  product: row.product
    ? {
        upc: row.upc,
        title: row.title,
        brand: row.brand,
        packQuantity: row.pack_quantity,
        gtin14: row.gtin14,
        repair: row.upc_repair,
      }
    : null,
  sync:
    row.state === null || row.attempt === null
      ? null
      : {
          state: row.state,
          attempt: row.attempt,
          queuedAt: row.queued_ms,
          syncedAt: row.synced_ms,
          lastResult: row.last_result,
          lastReason: row.last_reason,
        },
  countedAt: row.counted_ms,
  logged: row.logged,
  decided: row.decided,
})

const ms = (column: string): string => `extract(epoch from ${column})::float8 * 1000`

// Row by row (lateral, with a limit that keeps it so): by the statistics of tables that were small, a planner would read
// whole ones with each chunk.
const standingSql = `
  select p.id is not null as product, p.upc, p.title, p.brand, p.pack_quantity, p.gtin14, p.upc_repair,
         s.state, s.attempt, ${ms('s.queued_at')} as queued_ms, ${ms('s.synced_at')} as synced_ms,
         s.last_result, s.last_reason, ${ms('l.counted_at')} as counted_ms, l.logged,
         exists (select 1 from match_decisions m where m.product_id = r.product_id
                    and m.marketplace_id = r.marketplace_id and m.ended_at is null) as decided
    from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[]) with ordinality
         r (product_id, marketplace_id, attempt, result, request_id, ord)
    left join lateral (select * from products p where p.id = r.product_id limit 1) p on true
    left join lateral (select * from product_syncs s
                        where s.product_id = r.product_id and s.marketplace_id = r.marketplace_id limit 1) s on true
   cross join lateral (
      select count(*) > 0 as logged,
             max(l.occurred_at) filter (where l.amazon_request_id = r.request_id
               or (l.result = r.result and l.amazon_request_id is null and r.request_id is null)) as counted_at
        from sync_logs l
       where l.product_id = r.product_id and l.marketplace_id = r.marketplace_id and l.attempt = r.attempt) l
   order by r.ord`
