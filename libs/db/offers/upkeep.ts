import type { Database } from '../database.ts'
import { type KeptPartitions, keepPartitions, type PartitionedTable } from '../partitions.ts'

const PRICING_HISTORY: PartitionedTable = {
  name: 'pricing_history',
  column: 'observed_at',
  lock: 7_243_910,
}

/** Delta rows from which on they are folded. */
const FOLD_ABOVE = 200

/** Keeps the history of prices from growing for ever; see `keepPartitions`. */
export async function keepPricingHistory(db: Database, keptMs: number): Promise<KeptPartitions> {
  return keepPartitions(db, PRICING_HISTORY, keptMs)
}

/** Folds the delta rows of the counts when they have become many, and forgets the rates of earlier minutes. */
export async function foldOfferCounts(db: Database): Promise<void> {
  await db.query(`delete from offer_rates where at < now() - interval '2 minutes'`)
  await db.query(
    `with gone as (delete from offer_state_counts where (select count(*) from offer_state_counts) > ${FOLD_ABOVE}
                   returning marketplace_id, level, state, n)
     insert into offer_state_counts (marketplace_id, level, state, n)
       select marketplace_id, level, state, sum(n) from gone group by marketplace_id, level, state having sum(n) <> 0`,
  )
}
