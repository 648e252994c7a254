import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { eventLogContract } from './contract.ts'
import { createTopic, numbered, pull, record, take, uniqueName, values } from './contract-support.ts'
import type { EventLog } from './port.ts'
import { createPostgresEventLog, migrateEventLog, type PostgresEventLogOptions } from './postgres.ts'
import type { PostgresConsumer } from './postgres-consumer.ts'

const LEASE_MS = 3_000

describeWith(['postgres'], 'PostgreSQL', () => {
  eventLogContract(
    'PostgreSQL',
    async () => {
      const database = await createTestDatabase()
      const options = { connectionString: database.url, leaseMs: LEASE_MS }
      const log = createPostgresEventLog(options)
      return {
        log,
        another: async () => createPostgresEventLog(options),
        cleanup: async () => {
          await log.close()
          await database.drop()
        },
        member: {
          module: new URL('./postgres.ts', import.meta.url).href,
          factory: 'createPostgresEventLog',
          options,
        },
        buffered: (consumer) => (consumer as PostgresConsumer).buffered,
      }
    },
    { sessionTimeoutMs: LEASE_MS },
  )
})

describeWith(['postgres'], 'PostgreSQL event log', () => {
  let database: TestDatabase
  let sql: pg.Client
  let log: EventLog
  let topic: string
  let reported: Error[]
  const open = (options: Partial<PostgresEventLogOptions> = {}): EventLog =>
    createPostgresEventLog({
      connectionString: database.url,
      onError: (error) => reported.push(error),
      ...options,
    })

  beforeAll(async () => {
    database = await createTestDatabase()
    sql = new pg.Client({ connectionString: database.url })
    await sql.connect()
  })
  beforeEach(async () => {
    reported = []
    log = open({ retentionIntervalMs: 20 })
    topic = await createTopic(log, 1)
  })
  afterEach(async () => {
    await log.close()
  })
  afterAll(async () => {
    await sql.end()
    await database.drop()
  })

  const partitionId = async (): Promise<number> => {
    const { rows } = await sql.query('select partition_id from event_log.partitions where topic = $1', [
      topic,
    ])
    return rows[0].partition_id
  }
  const offsets = async (): Promise<number[]> => {
    const { rows } = await sql.query(
      `select record_offset::int as at from event_log.records where partition_id = $1 order by record_offset`,
      [await partitionId()],
    )
    return rows.map(({ at }) => at)
  }

  test.each([
    ['commit', ['first', 'second']],
    ['rollback', ['second']],
  ])(
    'an append waits for the one before it, which ends in %s: no gap, no overtaking',
    async (end, expected) => {
      const other = new pg.Client({ connectionString: database.url })
      await other.connect()
      try {
        await other.query('begin')
        await other.query(
          `select event_log.append(null, null, $1, '{1}', '{1}', '{-1}', '{5}', '{-1}', $2)`,
          [[await partitionId()], Buffer.from('first')],
        )
        const second = log.append([record(topic, null, 'second')])
        await waitFor(
          async () =>
            (
              await sql.query(
                `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%append(%'
               and datname = current_database()`,
              )
            ).rowCount === 1,
          { what: 'the second append to wait' },
        )
        await other.query(end)
        await second
      } finally {
        await other.end()
      }
      const consumer = log.consume({ group: uniqueName('group'), topics: [topic] })
      const records = await take(consumer[Symbol.asyncIterator](), expected.length)
      expect(values(records)).toEqual(expected)
      expect(records.map(({ offset }) => offset)).toEqual(expected.map((_, i) => BigInt(i)))
    },
  )

  test('a commit of a fenced epoch moves nothing, though this member knows nothing of it yet', async () => {
    const group = uniqueName('group')
    await log.append(numbered(topic, 3))
    const consumer = log.consume({ group, topics: [topic] })
    const batches = consumer[Symbol.asyncIterator]()
    const batch = await pull(batches)
    await sql.query('update event_log.leases set member_id = $2, epoch = epoch + 1 where group_name = $1', [
      group,
      randomUUID(),
    ])
    expect(batch.revoked.aborted).toBe(false)
    await consumer.commit(batch, 3n)
    expect(await log.admin.committedOffsets(group, topic)).toEqual(new Map())

    // It learns of it by that commit, and reads again what it could not commit.
    const again = await pull(batches)
    expect(batch.revoked.aborted).toBe(true)
    expect(values(again.records)).toEqual(['0', '1', '2'])
    await consumer.commit(again, 3n)
    expect(await log.admin.committedOffsets(group, topic)).toEqual(new Map([[0, 3n]]))
  })

  test('retention deletes what is too old, in pieces, and offsets go on', async () => {
    topic = uniqueName('topic')
    await log.admin.createTopics([{ name: topic, partitions: 1, retentionMs: 3_600_000 }])
    await log.append(numbered(topic, 12_000))
    const id = await partitionId()
    const age = (below: number): Promise<unknown> =>
      sql.query(
        'update event_log.records set timestamp_ms = 0 where partition_id = $1 and record_offset < $2',
        [id, below],
      )
    await age(11_990)
    await waitFor(async () => (await offsets()).length === 10, { what: 'the old records to be deleted' })
    expect((await offsets())[0]).toBe(11_990)
    expect(await log.admin.offsetsByTime(topic, 0)).toEqual(new Map([[0, 11_990n]]))
    const consumer = log.consume({ group: uniqueName('group'), topics: [topic] })
    expect((await take(consumer[Symbol.asyncIterator](), 10))[0]!.offset).toBe(11_990n)

    await age(12_000)
    await waitFor(async () => (await offsets()).length === 0, { what: 'the topic to be empty' })
    await log.append([record(topic, 'k', 'after')])
    expect(await offsets()).toEqual([12_000])
    expect(reported).toEqual([])
  })

  test('a group that had not read what retention deleted goes on at the oldest record', async () => {
    topic = uniqueName('topic')
    await log.admin.createTopics([{ name: topic, partitions: 1, retentionMs: 3_600_000 }])
    const group = uniqueName('group')
    await log.append(numbered(topic, 10))
    await log.admin.resetGroup(group, topic, new Map([[0, 2n]]))
    await sql.query(
      'update event_log.records set timestamp_ms = 0 where partition_id = $1 and record_offset < 7',
      [await partitionId()],
    )
    await waitFor(async () => (await offsets()).length === 3, { what: 'the old records to be deleted' })
    const consumer = log.consume({ group, topics: [topic] })
    expect(values(await take(consumer[Symbol.asyncIterator](), 3))).toEqual(['7', '8', '9'])
  })

  test('goes on after its connections have been cut, and keeps its membership', async () => {
    const group = uniqueName('group')
    await log.append(numbered(topic, 1))
    const consumer = log.consume({ group, topics: [topic] })
    const batches = consumer[Symbol.asyncIterator]()
    const batch = await pull(batches)
    const next = pull(batches)
    const { rowCount } = await sql.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name like 'asinstream event log%' and datname = current_database()`,
    )
    expect(rowCount).toBeGreaterThan(1)
    await waitFor(() => log.append([record(topic, 'k', 'after')]).then(() => true), { what: 'an append' })
    expect(values((await next).records)).toEqual(['after'])
    expect(batch.revoked.aborted).toBe(false)
    await consumer.commit(batch, 1n)
    expect(await log.admin.committedOffsets(group, topic)).toEqual(new Map([[0, 1n]]))
  })

  test('several processes create the tables at once; the second time changes nothing', async () => {
    const schema = 'log "quoted"'
    await Promise.all(Array.from({ length: 6 }, () => migrateEventLog(database.url, { schema })))
    const other = open({ schema })
    await other.append([]) // A log in a schema of its own knows nothing of the other's topics.
    expect(await other.admin.listTopics()).toEqual([])
    await other.close()
  })

  test('tables of a newer version are refused, by a consumer too', async () => {
    const schema = 'newer'
    await migrateEventLog(database.url, { schema })
    await sql.query('insert into newer.migrations (version) values (1000)')
    const newer = open({ schema })
    const message = expect.stringContaining('start a newer version of the program')
    await expect(newer.ping()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', message })
    const failing = newer
      .consume({ group: 'g', topics: ['t'] })
      [Symbol.asyncIterator]()
      .next()
    await expect(failing).rejects.toMatchObject({ code: 'CONSUMER_FAILED', message })
    await newer.close()
  })

  test('bad arguments are refused with what would be right', async () => {
    expect(() => open({ leaseMs: 5 })).toThrow('leaseMs of the event log is a whole number from 100, not 5')
    expect(() => open({ connectionString: 'postgres://u:geheim@h:port/db' })).toThrow(
      /^The event log needs a PostgreSQL connection string such as /,
    )
    expect(() => log.consume({ group: 'g', topics: [] })).toThrow('name at least one topic')
    expect(() => log.consume({ group: 'g', topics: [topic], maxBuffered: 0 })).toThrow('maxBuffered')
    const spec = { name: 't', partitions: 0, retentionMs: -1 }
    await expect(log.admin.createTopics([spec])).rejects.toThrow('"t" needs 1 to 1000 partitions, not 0')
    await expect(log.admin.resetGroup('g', topic, new Map([[3, 0n]]))).rejects.toThrow('partitions 0 to 0')
    await expect(log.admin.resetGroup('g', topic, new Map([[0, 1n]]))).rejects.toThrow('not within 0 to 0')
  })
})
