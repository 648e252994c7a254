import type { Database, Queryable } from './database.ts'

/** Where a consumer group stands in one partition, kept beside the effects of the records before it. */
export interface FencedOffset {
  readonly topic: string
  readonly partition: number
  /** First offset whose effects are not in the database. */
  readonly next: bigint
}

/**
 * Locks the group's offset rows of these partitions until the transaction ends and returns them; a partition that was
 * never recorded starts at 0. Two owners of a partition (one of them a zombie) thereby take turns, and the later one
 * sees what the earlier one has done.
 */
export async function lockOffsets(
  tx: Queryable,
  group: string,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
): Promise<readonly FencedOffset[]> {
  const topics = partitions.map((p) => p.topic)
  const numbers = partitions.map((p) => p.partition)
  await tx.query(
    `insert into consumer_offsets (consumer_group, topic, partition, next_offset)
       select $1, t.topic, t.partition, 0 from unnest($2::text[], $3::int[]) t (topic, partition)
       on conflict do nothing`,
    [group, topics, numbers],
  )
  const rows = await tx.query<{ topic: string; partition: number; next_offset: string }>(
    `select o.topic, o.partition, o.next_offset::text
       from consumer_offsets o join unnest($2::text[], $3::int[]) t (topic, partition) using (topic, partition)
      where o.consumer_group = $1 order by o.topic, o.partition for update of o`,
    [group, topics, numbers],
  )
  return rows.map((row) => ({ topic: row.topic, partition: row.partition, next: BigInt(row.next_offset) }))
}

/** Moves locked offsets; call it in the transaction that holds them. */
export async function moveOffsets(
  tx: Queryable,
  group: string,
  offsets: readonly FencedOffset[],
): Promise<void> {
  await tx.query(
    `update consumer_offsets o set next_offset = t.next, updated_at = now()
       from unnest($2::text[], $3::int[], $4::bigint[]) t (topic, partition, next)
      where o.consumer_group = $1 and o.topic = t.topic and o.partition = t.partition`,
    [
      group,
      offsets.map((o) => o.topic),
      offsets.map((o) => o.partition),
      offsets.map((o) => o.next.toString()),
    ],
  )
}

/**
 * Forgets stored offsets that lie past the end of the log: the topic was created anew, and without this every new
 * record would count as done. Returns what was forgotten, for the log.
 */
export async function forgetOffsetsPastEnd(
  db: Database,
  group: string,
  topic: string,
  ends: ReadonlyMap<number, bigint>,
): Promise<readonly FencedOffset[]> {
  const past = `o.consumer_group = $1 and o.topic = $2 and o.partition = e.partition and o.next_offset > e.next`
  const parameters = [group, topic, [...ends.keys()], [...ends.values()].map(String)]
  // Looked for first: a database that is read-only for now does not keep a service from starting.
  const found = await db.query(
    `select 1 from consumer_offsets o, unnest($3::int[], $4::bigint[]) e (partition, next) where ${past}`,
    parameters,
  )
  if (found.length === 0) return []
  const rows = await db.query<{ partition: number; next_offset: string }>(
    `delete from consumer_offsets o using unnest($3::int[], $4::bigint[]) e (partition, next) where ${past}
      returning o.partition, o.next_offset::text`,
    parameters,
  )
  return rows.map((row) => ({ topic, partition: row.partition, next: BigInt(row.next_offset) }))
}
