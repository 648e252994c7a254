import type { Database, Queryable } from './database.ts'

/**
 * Runs statements that read an index in its order until the page is full. By statistics, the planner would sometimes
 * rather read all that a filter finds and sort it; and they are out of date just when a whole catalogue has become pending,
 * or a million products have been imported.
 */
export async function inIndexOrder<T>(db: Database, work: (tx: Queryable) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.query(`set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off;
      set local enable_hashagg = off; set local enable_hashjoin = off; set local enable_mergejoin = off`)
    return work(tx)
  })
}
