import type { Headers, LogRecord } from './port.ts'
import { type Database, identifier } from './postgres-database.ts'
import type { Assignment } from './postgres-membership.ts'

/** What one fetch brings at most, in bytes of keys and values, over all partitions. */
export const FETCH_BYTES = 4 * 1024 * 1024

interface Row {
  readonly generation: string
  readonly partition_id: number | null
  readonly record_offset: string
  readonly timestamp_ms: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Record<string, string> | null
}

export interface Fetched {
  /** The group's generation when the records were read. */
  readonly generation: string | undefined
  readonly batches: readonly {
    readonly assignment: Assignment
    readonly records: readonly LogRecord[]
    readonly bytes: number
  }[]
}

/**
 * Reads on at the positions of all `assignments` in one query: `room` records at most, shared evenly; those of the
 * first assignments come first when there is not room for all.
 */
export async function fetchRecords(
  database: Database,
  group: string,
  assignments: readonly Assignment[],
  room: number,
): Promise<Fetched> {
  const schema = identifier(database.schema)
  const shares = Math.max(1, assignments.length)
  // A partition's first record always comes, whatever its size: one that is too large would block for ever.
  const rows = await database.query<Row>(
    'work',
    `select g.generation, r.* from ${schema}.groups g left join lateral (
       select f.* from unnest($2::int[], $3::bigint[]) with ordinality as w(partition_id, position, place)
       cross join lateral (
         select partition_id, record_offset, timestamp_ms, key, value, headers from (
           select n.*, sum(coalesce(octet_length(key), 0) + coalesce(octet_length(value), 0))
             over (order by record_offset rows between unbounded preceding and 1 preceding) as bytes_before
           from (
             select * from ${schema}.records
             where partition_id = w.partition_id and record_offset >= w.position
             order by record_offset limit $4
           ) n
         ) b where coalesce(bytes_before, 0) < $6
       ) f order by w.place, f.record_offset limit $5
     ) r on true where g.group_name = $1`,
    [
      group,
      assignments.map(({ partitionId }) => partitionId),
      assignments.map(({ position }) => String(position)),
      Math.ceil(room / shares),
      room,
      Math.ceil(FETCH_BYTES / shares),
    ],
  )
  const byId = new Map(assignments.map((assignment) => [assignment.partitionId, assignment]))
  const found = new Map<Assignment, { records: LogRecord[]; bytes: number }>()
  for (const row of rows) {
    if (row.partition_id === null) continue
    const assignment = byId.get(row.partition_id)!
    let batch = found.get(assignment)
    if (batch === undefined) {
      batch = { records: [], bytes: 0 }
      found.set(assignment, batch)
    }
    batch.records.push(toRecord(assignment, row))
    batch.bytes += (row.key?.length ?? 0) + (row.value?.length ?? 0)
  }
  return {
    generation: rows[0]?.generation,
    batches: [...found].map(([assignment, batch]) => ({ assignment, ...batch })),
  }
}

/**
 * Consecutive records of one partition from `from` on and below `to`, `room` at most; empty when there are none.
 * Retention may have taken the first ones.
 */
export async function fetchRange(
  database: Database,
  of: Pick<Assignment, 'topic' | 'partition' | 'partitionId'>,
  from: bigint,
  to: bigint,
  room: number,
): Promise<readonly LogRecord[]> {
  const rows = await database.query<Row>(
    'work',
    `select partition_id, record_offset, timestamp_ms, key, value, headers from (
       select n.*, sum(coalesce(octet_length(key), 0) + coalesce(octet_length(value), 0))
         over (order by record_offset rows between unbounded preceding and 1 preceding) as bytes_before
       from (
         select * from ${identifier(database.schema)}.records
         where partition_id = $1 and record_offset >= $2 and record_offset < $3
         order by record_offset limit $4
       ) n
     ) b where coalesce(bytes_before, 0) < $5 order by record_offset`,
    [of.partitionId, String(from), String(to), room, FETCH_BYTES],
  )
  return rows.map((row) => toRecord(of, row))
}

function toRecord({ topic, partition }: Pick<Assignment, 'topic' | 'partition'>, row: Row): LogRecord {
  return {
    topic,
    partition,
    offset: BigInt(row.record_offset),
    key: row.key,
    value: row.value,
    headers: row.headers === null ? NO_HEADERS : decodeHeaders(row.headers),
    timestamp: Number(row.timestamp_ms),
  }
}

const NO_HEADERS: Headers = Object.freeze({})

function decodeHeaders(stored: Record<string, string>): Headers {
  return Object.fromEntries(Object.entries(stored).map(([name, text]) => [name, Buffer.from(text, 'base64')]))
}
