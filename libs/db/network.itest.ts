import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { type Database, openDatabase } from './database.ts'
import { isTransientDatabaseError } from './errors.ts'

describeWith(['postgres'], 'a network that fails', () => {
  let database: TestDatabase
  let db: Database
  let relay: Relay
  beforeEach(async () => {
    database = await createTestDatabase()
    relay = await startRelay(database.url)
    db = await openDatabase({ url: relay.url, poolSize: 2, queryTimeoutMs: 500 })
  })
  afterEach(async () => {
    await db.close()
    await relay.stop()
    await database.drop()
  })

  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    )
  const answers = () => db.query('select 1 as one')

  it('leaves the process alive when a connection is reset between two statements of a transaction', async () => {
    const failure = await failureOf(
      db.transaction(async (tx) => {
        await tx.query('select 1')
        const gone = relay.reset()
        await gone
        // As an append to the log does, the work looks elsewhere for a while.
        await new Promise((resolve) => setImmediate(resolve))
        await tx.query('select 2')
      }),
    )
    expect(isTransientDatabaseError(failure)).toBe(true)
    expect(await answers()).toEqual([{ one: 1 }])
  })

  it('gives up a statement that nobody answers, and its connection with it', async () => {
    await answers()
    relay.silent = true
    expect(isTransientDatabaseError(await failureOf(answers()))).toBe(true)
    relay.silent = false
    // The connection that was silent is not used again: its answers would belong to other statements.
    expect(await answers()).toEqual([{ one: 1 }])
  })

  it('gives up a transaction that nobody answers, without asking to roll it back', async () => {
    const failure = await failureOf(
      db.transaction(async (tx) => {
        await tx.query('select 1')
        relay.silent = true
        await tx.query('select 2')
      }),
    )
    expect(isTransientDatabaseError(failure)).toBe(true)
    relay.silent = false
    expect(await answers()).toEqual([{ one: 1 }])
    expect(relay.sent).not.toContain('rollback')
  })

  it('lets the server find out that a client is gone', async () => {
    const settings = await db.query<{ name: string; setting: string }>(
      `select name, setting from pg_settings where name like 'tcp_keepalives%' order by name`,
    )
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, Number(setting)]))).toEqual({
      tcp_keepalives_count: 3,
      tcp_keepalives_idle: 15,
      tcp_keepalives_interval: 5,
    })
  })
})

interface Relay {
  readonly url: string
  /** True: answers are swallowed, and connections stay open. */
  silent: boolean
  /** What clients sent, as text. */
  readonly sent: string
  /** Resets every connection to clients; resolves when they are closed. */
  reset(): Promise<void>
  stop(): Promise<void>
}

async function startRelay(target: string): Promise<Relay> {
  const address = new URL(target)
  const port = Number(address.port)
  const clients = new Set<Socket>()
  let sent = ''
  const server: Server = createServer((client) => {
    const upstream = connect(port, address.hostname)
    clients.add(client)
    client.on('data', (data) => {
      sent += data.toString('latin1')
      upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (!relay.silent) client.write(data)
    })
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => other.destroy())
      socket.on('close', () => other.destroy())
    }
    client.on('close', () => clients.delete(client))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address.port = String((server.address() as { port: number }).port)
  const relay: Relay = {
    url: address.href,
    silent: false,
    get sent() {
      return sent
    },
    async reset() {
      for (const client of clients) client.resetAndDestroy()
      await waitFor(() => clients.size === 0, { what: 'every connection to be closed' })
    },
    async stop() {
      for (const client of clients) client.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return relay
}
