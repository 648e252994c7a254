import { type Database, identifier } from './postgres-database.ts'

const ROWS_PER_STATEMENT = 5_000

/**
 * Deletes records that are older than their topic keeps them; resolves to how many. By time only, as Kafka does: a
 * group that stands still for longer than a topic's retention loses records there as it does here.
 */
export async function expireRecords(database: Database, signal: AbortSignal): Promise<number> {
  const schema = identifier(database.schema)
  const partitions = await database.query<{ partition_id: number }>(
    'work',
    `select partition_id from ${schema}.partitions join ${schema}.topics using (topic)
     where retention_ms >= 0 and first_offset < next_offset order by partition_id`,
  )
  // A writer that has been silent for so long has given up on any append that it may have tried.
  await database.query('work', `delete from ${schema}.writers where appended_at < now() - interval '1 day'`)
  let total = 0
  for (const { partition_id } of partitions) {
    // In small pieces: each holds the partition's head, for which appenders wait, no longer than its commit.
    for (
      let deleted = ROWS_PER_STATEMENT;
      deleted === ROWS_PER_STATEMENT && !signal.aborted;
      total += deleted
    ) {
      const [row] = await database.query<{ deleted: number }>(
        'work',
        `select ${schema}.expire($1, $2)::int as deleted`,
        [partition_id, ROWS_PER_STATEMENT],
      )
      deleted = row?.deleted ?? 0
    }
  }
  return total
}
