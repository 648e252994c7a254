import type { Database, Queryable } from './database.ts'

const switches = ['seqscan', 'bitmapscan', 'sort', 'hashagg', 'hashjoin', 'mergejoin']
const OFF = switches.map((name) => `set local enable_${name} = off`).join('; ')
const AS_BEFORE = switches.map((name) => `set local enable_${name} to default`).join('; ')

/**
 * Runs statements that read an index in its order until the page is full. By statistics, the planner would sometimes
 * rather read all that a filter finds and sort it; and they are out of date just when a whole catalogue has become pending,
 * or a million products have been imported.
 */
export async function inIndexOrder<T>(db: Database, work: (tx: Queryable) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.query(OFF)
    return work(tx)
  })
}

/**
 * The same for one statement of a transaction that goes on to write: triggers keep the plans that they make first, and
 * without a hash join they would compare each row of a batch with each other.
 */
export async function queryInIndexOrder<T extends object>(
  tx: Queryable,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly T[]> {
  await tx.query(OFF)
  const rows = await tx.query<T>(sql, parameters)
  await tx.query(AS_BEFORE)
  return rows
}
