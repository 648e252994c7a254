import type { EventLogAdmin, LogRecord, TopicSpec } from './port.ts'
import { EventLogError } from './port.ts'
import { unknownTopic } from './postgres-append.ts'
import { type Database, identifier } from './postgres-database.ts'
import { fetchRange } from './postgres-fetch.ts'

const MAX_PARTITIONS = 1_000
/** How many records one query of `read` brings at most. */
const READ_RECORDS = 1_000

/** What operators ask of the log. `ready` resolves when the tables are there. */
export function createPostgresAdmin(database: Database, ready: () => Promise<void>): EventLogAdmin {
  const schema = identifier(database.schema)

  async function query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      await ready()
      return await database.query<Row>('work', text, values)
    } catch (error) {
      throw database.asLogError(error)
    }
  }

  /** One value per partition of a topic that must be there; null leaves the partition out. */
  async function perPartition(
    topic: string,
    expression: string,
    values: readonly unknown[] = [],
  ): Promise<Map<number, bigint>> {
    const rows = await query<{ partition: number; value: string | null }>(
      `select p.partition, ${expression} as value from ${schema}.partitions p where p.topic = $1 order by p.partition`,
      [topic, ...values],
    )
    if (rows.length === 0) throw unknownTopic(topic)
    return new Map(
      rows.flatMap(({ partition, value }) => (value === null ? [] : [[partition, BigInt(value)] as const])),
    )
  }

  async function createTopics(topics: readonly TopicSpec[]): Promise<void> {
    for (const topic of topics) check(topic)
    if (new Set(topics.map(({ name }) => name)).size < topics.length)
      throw new RangeError('createTopics: each topic may be named only once')
    // Sorted, so that two processes that create the same topics wait for each other instead of in a circle.
    const sorted = topics.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    await query(
      `with wanted as (
         select * from unnest($1::text[], $2::int[], $3::bigint[]) as w(topic, partitions, retention_ms)
       ), created as (
         insert into ${schema}.topics (topic, retention_ms) select topic, retention_ms from wanted
         on conflict do nothing returning topic
       )
       insert into ${schema}.partitions (topic, partition)
       select topic, generate_series(0, partitions - 1) from wanted join created using (topic)`,
      [
        sorted.map(({ name }) => name),
        sorted.map(({ partitions }) => partitions),
        sorted.map(({ retentionMs }) => retentionMs),
      ],
    )
  }

  async function resetGroup(
    group: string,
    topic: string,
    offsets: ReadonlyMap<number, bigint>,
  ): Promise<void> {
    const ends = await perPartition(topic, 'p.next_offset')
    for (const [partition, offset] of offsets) {
      const end = ends.get(partition)
      if (end === undefined)
        throw new RangeError(
          `resetGroup: topic "${topic}" has partitions 0 to ${ends.size - 1}, not ${partition}`,
        )
      if (offset < 0n || offset > end)
        throw new RangeError(
          `resetGroup: offset ${offset} of "${topic}"/${partition} is not within 0 to ${end}`,
        )
    }
    try {
      await database.transaction('work', async (run) => {
        await run(`insert into ${schema}.groups (group_name) values ($1) on conflict do nothing`, [group])
        // The lock under which members join: nobody does while the offsets move.
        await run(`select 1 from ${schema}.groups where group_name = $1 for update`, [group])
        const members = await run<{ member_id: string }>(
          `select member_id from ${schema}.members where group_name = $1 and expires_at >= clock_timestamp()`,
          [group],
        )
        if (members.length > 0)
          throw new EventLogError(
            'GROUP_NOT_EMPTY',
            `Group "${group}" has ${members.length} members: stop the services that read with it, then try again`,
          )
        await run(
          `insert into ${schema}.leases (group_name, partition_id, committed_offset)
           select $1, p.partition_id, o.next_offset
           from unnest($3::int[], $4::bigint[]) as o(partition, next_offset)
           join ${schema}.partitions p on p.topic = $2 and p.partition = o.partition
           on conflict (group_name, partition_id) do update set committed_offset = excluded.committed_offset`,
          [group, topic, [...offsets.keys()], [...offsets.values()].map(String)],
        )
      })
    } catch (error) {
      throw database.asLogError(error)
    }
  }

  async function* read(
    topic: string,
    from: ReadonlyMap<number, bigint>,
    to: ReadonlyMap<number, bigint>,
  ): AsyncGenerator<readonly LogRecord[], void, undefined> {
    const ids = await perPartition(topic, 'p.partition_id')
    for (const [partition, end] of to) {
      const id = ids.get(partition)
      if (id === undefined)
        throw new RangeError(`read: topic "${topic}" has partitions 0 to ${ids.size - 1}, not ${partition}`)
      const of = { topic, partition, partitionId: Number(id) }
      for (let next = from.get(partition) ?? 0n; next < end; ) {
        const records = await fetchRange(database, of, next, end, READ_RECORDS).catch((error: unknown) => {
          throw database.asLogError(error)
        })
        const last = records.at(-1)
        if (last === undefined) break
        next = last.offset + 1n
        yield records
      }
    }
  }

  return {
    createTopics,
    resetGroup,
    read,
    listTopics: async () =>
      (await query<{ topic: string }>(`select topic from ${schema}.topics order by topic`)).map(
        ({ topic }) => topic,
      ),
    async describeTopic(topic) {
      const [found] = await query<{ partitions: number; retention_ms: string }>(
        `select (select count(*)::int from ${schema}.partitions p where p.topic = t.topic) as partitions, t.retention_ms
           from ${schema}.topics t where t.topic = $1`,
        [topic],
      )
      if (found === undefined) throw unknownTopic(topic)
      return {
        name: topic,
        partitions: found.partitions,
        retentionMs: Number(found.retention_ms),
        replicationFactor: null,
      }
    },
    endOffsets: (topic) => perPartition(topic, 'p.next_offset'),
    committedOffsets: (group, topic) =>
      perPartition(
        topic,
        `(select l.committed_offset from ${schema}.leases l
          where l.group_name = $2 and l.partition_id = p.partition_id)`,
        [group],
      ),
    offsetsByTime: (topic, timestampMs) =>
      perPartition(topic, `${schema}.offset_at(p.partition_id, $2::bigint)`, [Math.ceil(timestampMs)]),
  }
}

function check({ name, partitions, retentionMs }: TopicSpec): void {
  if (name === '') throw new RangeError('createTopics: a topic needs a name')
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS)
    throw new RangeError(`createTopics: "${name}" needs 1 to ${MAX_PARTITIONS} partitions, not ${partitions}`)
  if (!Number.isInteger(retentionMs) || retentionMs < -1)
    throw new RangeError(
      `createTopics: retentionMs of "${name}" is a whole number of milliseconds, or -1 to keep records for ever, ` +
        `not ${retentionMs}`,
    )
}
