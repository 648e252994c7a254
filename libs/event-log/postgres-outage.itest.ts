import { connect, createServer, type Server, type Socket } from 'node:net'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { createTopic, numbered, pull, record, uniqueName, values, within } from './contract-support.ts'
import type { EventLog } from './port.ts'
import { createPostgresEventLog } from './postgres.ts'

/** The network between a log and its database, to be cut. */
class Cable {
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0

  constructor(url: string) {
    this.#target = new URL(url)
  }

  get url(): string {
    const url = new URL(this.#target)
    url.hostname = '127.0.0.1'
    url.port = String(this.#port)
    return url.href
  }

  async plug(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(Number(this.#target.port), this.#target.hostname)
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket)
        socket.on('error', () => {}) // Cut on purpose.
        socket.on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
        socket.pipe(other)
      }
    })
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#server = server
    this.#port = (server.address() as { port: number }).port
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

describeWith(['postgres'], 'PostgreSQL event log without its database', () => {
  const LEASE_MS = 600
  let database: TestDatabase
  let cable: Cable
  let near: EventLog
  let far: EventLog
  let topic: string
  let reported: Error[]

  beforeAll(async () => {
    database = await createTestDatabase()
    cable = new Cable(database.url)
  })
  beforeEach(async () => {
    await cable.plug()
    reported = []
    const onError = (error: Error): void => void reported.push(error)
    const short = { unavailableAfterMs: 2_000, leaseMs: LEASE_MS, onError }
    near = createPostgresEventLog({ connectionString: database.url, leaseMs: LEASE_MS })
    far = createPostgresEventLog({ connectionString: cable.url, ...short })
    topic = await createTopic(near, 1)
  })
  afterEach(async () => {
    await Promise.all([near.close(), far.close()])
    await cable.cut()
  })
  afterAll(async () => {
    await database.drop()
  })

  test('a member that can not reach it gives up its partitions, another takes them, and it comes back', async () => {
    const group = uniqueName('group')
    await near.append(numbered(topic, 2))
    const lost = far.consume({ group, topics: [topic] })
    const batches = lost[Symbol.asyncIterator]()
    const batch = await pull(batches)
    const pulling = batches.next()
    await cable.cut()
    const taker = near.consume({ group, topics: [topic] })
    const taken = await pull(taker[Symbol.asyncIterator]())
    expect(batch.revoked.aborted).toBe(true) // Before the other could have it.
    expect(values(taken.records)).toEqual(['0', '1'])
    await taker.commit(taken, 2n)
    await lost.commit(batch, 1n)
    expect(reported.length).toBeGreaterThan(0)

    await cable.plug()
    await taker.close()
    await near.append([record(topic, 'k', 'again')])
    const next = await within(pulling, 'batch after the outage')
    expect(next.done).toBe(false)
    expect(values(next.value.records)).toEqual(['again'])
    expect(await near.admin.committedOffsets(group, topic)).toEqual(new Map([[0, 2n]]))
  })

  test('a commit under way when it is lost resolves, and moves the offset or nothing', async () => {
    const group = uniqueName('group')
    await near.append(numbered(topic, 1))
    const consumer = far.consume({ group, topics: [topic] })
    const batch = await pull(consumer[Symbol.asyncIterator]())
    await cable.cut()
    await within(consumer.commit(batch, 1n), 'end of the commit')
    expect(batch.revoked.aborted).toBe(true)
    expect(await near.admin.committedOffsets(group, topic)).toEqual(new Map())
  })

  test('lost for too long, the consumer fails and says what to do', async () => {
    const consumer = far.consume({ group: 'waiting', topics: [topic] })
    const batches = consumer[Symbol.asyncIterator]()
    await near.append(numbered(topic, 1))
    await pull(batches)
    await cable.cut()
    const failure = await within(
      batches.next().catch((error: unknown) => error),
      'failure',
    )
    expect(failure).toMatchObject({
      code: 'CONSUMER_FAILED',
      message: expect.stringMatching(/"waiting" can not go on .*127\.0\.0\.1:\d+\/.*Restart the process/),
    })
    await expect(batches.next()).rejects.toBe(failure)
  })

  test('ping and append say where it should be and what to check, without the password', async () => {
    const { port, password } = new URL(cable.url)
    await cable.cut()
    for (const attempt of [far.ping(), far.append(numbered(topic, 1)), far.admin.listTopics()])
      await expect(attempt).rejects.toMatchObject({
        code: 'LOG_UNAVAILABLE',
        message: expect.stringMatching(new RegExp(`127.0.0.1:${port}/.*does not answer.*DATABASE_URL`)),
      })
    const error = await far.ping().catch((caught: unknown) => caught)
    expect(password).not.toBe('')
    expect(String((error as Error).stack)).not.toContain(password)
  })

  test('an append whose answer is lost is there once', async () => {
    // Two, as a transaction sees the activity of its beginning.
    const [sql, watcher] = [0, 1].map(() => new pg.Client({ connectionString: database.url })) as [
      pg.Client,
      pg.Client,
    ]
    await Promise.all([sql.connect(), watcher.connect()])
    const waiting = async (): Promise<boolean> => {
      const { rowCount } = await watcher.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%append(%'
         and datname = current_database()`,
      )
      return (rowCount ?? 0) > 0
    }
    try {
      await sql.query('begin')
      await sql.query('select from event_log.partitions where topic = $1 for update', [topic])
      const appending = far.append(numbered(topic, 3))
      await waitFor(waiting, { what: 'the append to be under way' })
      await cable.cut()
      await waitFor(() => reported.length > 0, { what: 'the log to notice' })
      await cable.plug()
      await sql.query('commit')
      await within(appending, 'end of the append')
    } finally {
      await Promise.all([sql.end(), watcher.end()])
    }
    expect(await near.admin.endOffsets(topic)).toEqual(new Map([[0, 3n]]))
  })

  test('an append that finds it gone waits for it to come back', async () => {
    await far.append(numbered(topic, 1))
    await cable.cut()
    const appending = far.append(numbered(topic, 1))
    await waitFor(() => reported.some((error) => /ECONNREFUSED/.test(error.message)), {
      what: 'a failed try',
    })
    await cable.plug()
    await within(appending, 'end of the append')
    expect(await near.admin.endOffsets(topic)).toEqual(new Map([[0, 2n]]))
  })
})
