import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DUE_CHANNEL } from '#libs/db/wake.ts'
import { describeWith, waitFor } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** What is held right now, in bytes, garbage aside. */
function heldBytes(): number {
  gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describeWith(['postgres'], 'a streamed import', () => {
  let api: TestReporting
  beforeEach(async () => {
    api = await startTestReporting()
  })
  afterEach(() => api.close())

  const count = async (): Promise<number> => {
    const [row] = await api.db.query<{ n: number }>('select count(*)::int as n from products')
    return row?.n ?? 0
  }
  const openTransactions = async (): Promise<number> => {
    const [row] = await api.db.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`,
    )
    return row?.n ?? 0
  }

  const isWaitingForLock = async (): Promise<boolean> => {
    const rows = await api.db.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return rows.length > 0
  }

  it('takes 100,000 lines in the memory of a few', async () => {
    const lines = 100_000
    // 100 MB in all: what is not let go shows.
    const title = 'x'.repeat(1_000)
    const samples: number[] = []
    const before = heldBytes()
    const writer = upload('sku,upc,title\n')
    const answered = readAnswer(writer)
    for (let line = 0; line < lines; ) {
      const chunk: string[] = []
      for (const end = line + 100; line < end; line++) {
        chunk.push(line % 1_000 === 7 ? `,no sku,${title}` : `S${line},${100_000 + line},${title}`)
      }
      if (!writer.write(`${chunk.join('\n')}\n`)) await once(writer, 'drain')
      if (line % 10_000 === 0) samples.push(heldBytes() - before)
    }
    writer.end()
    const answer = await answered
    expect(answer.body).toMatchObject({ received: lines, inserted: 99_900, rejected: 100 })
    expect(answer.body.errors[0]).toMatchObject({ line: 9, field: 'sku' })
    expect(await count()).toBe(99_900)
    expect(samples).toHaveLength(10)
    expect(Math.max(...samples)).toBeLessThan(40_000_000)
  })

  it('takes no more of a body than it can store', async () => {
    const size = 100_000_000
    const writer = upload()
    const socket = await new Promise<Socket>((resolve) => writer.once('socket', resolve))
    let taken = 0
    await api.db.transaction(async (tx) => {
      // Nobody can insert while this lasts.
      await tx.query('lock table products in share mode')
      const chunk = `${randomUUID()},${'x'.repeat(963)}\n`.repeat(100)
      for (let sent = 0; sent < size; sent += chunk.length) writer.write(chunk)
      await waitFor(isWaitingForLock, { what: 'the import to be held up' })
      // Turns of the event loop in which a server without back-pressure takes all there is.
      for (let i = 0; i < 300 && socket.bytesWritten < size; i++) await api.ask('/livez')
      taken = socket.bytesWritten - socket.writableLength
    })
    // Two batches, and what the buffers of the sockets hold.
    expect(taken).toBeLessThan(size / 2)
    writer.destroy()
    await waitFor(async () => (await openTransactions()) === 0, { what: 'no open transaction' })
  })

  it('keeps what was written when the client goes away, and leaves no transaction open', async () => {
    const writer = upload()
    for (let i = 0; i < 2_500; i++) writer.write(`S${i},x\n`)
    await waitFor(async () => (await count()) >= 1_000, { what: 'the first batch' })
    writer.destroy()
    await waitFor(() => api.lines.some((line) => line.includes('went away')), { what: 'the log line' })
    expect([1_000, 2_000]).toContain(await count())
    expect(await openTransactions()).toBe(0)
    expect((await api.ask('/livez')).status).toBe(200)
  })

  it('ends an upload that outlives the grace of a shutdown', async () => {
    const writer = upload()
    for (let i = 0; i < 1_500; i++) writer.write(`S${i},x\n`)
    await waitFor(async () => (await count()) >= 1_000, { what: 'the first batch' })
    await api.service.stop(100)
    expect(await count()).toBe(1_000)
    await expect(api.ask('/livez')).rejects.toThrow()
  })

  it('outlives a database that drops its connections', async () => {
    const writer = upload()
    for (let i = 0; i < 1_000; i++) writer.write(`S${i},x\n`)
    await waitFor(async () => (await count()) >= 1_000, { what: 'the first batch' })
    await api.db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'asinstream-reporting'`,
    )
    for (let i = 1_000; i < 3_000; i++) writer.write(`S${i},x\n`)
    writer.end()
    expect((await readAnswer(writer)).status).toBe(200)
    expect(await count()).toBe(3_000)
  })

  it('keeps the lines that PostgreSQL does not refuse', async () => {
    await api.db.query(`alter table products add constraint no_zinc check (title <> 'zinc')`)
    const rows = Array.from({ length: 1_500 }, (_, i) => `S${i},${i % 500 === 123 ? 'zinc' : 'iron'}`)
    const { status, body } = await api.post('/products', 'text/csv', `sku,title\n${rows.join('\n')}\n`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ received: 1_500, inserted: 1_497, rejected: 3 })
    expect(body.errors).toMatchObject([
      { line: 125, message: expect.stringContaining('no_zinc') },
      { line: 625 },
      { line: 1_125 },
    ])
  })

  it('wakes product-change once for a small import, and not for one that changes nothing', async () => {
    let notices = 0
    const listener = await api.db.reserve()
    try {
      listener.on('notification', () => {
        notices += 1
      })
      await listener.query(`listen ${DUE_CHANNEL}`)
      await api.post('/products', 'text/csv', 'sku\nS1\nS2\n')
      await api.post('/products', 'text/csv', 'sku\nS1\nS2\n')
      await api.db.query(`select pg_notify($1, 'end')`, [DUE_CHANNEL])
      await waitFor(() => notices >= 2, { what: 'the notices' })
      expect(notices).toBe(2)
    } finally {
      listener.release(true)
    }
  })

  /** A CSV upload, to be written to. */
  function upload(header = 'sku,title\n'): ClientRequest {
    const { port } = api.service.address
    const writer = request({
      port,
      path: '/products',
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
    })
    // Tests that destroy it know why.
    writer.on('error', () => {})
    writer.write(header)
    return writer
  }
})

async function readAnswer(writer: ClientRequest) {
  const [response] = (await once(writer, 'response')) as [IncomingMessage]
  return { status: response.statusCode, body: JSON.parse(await text(response)) }
}
