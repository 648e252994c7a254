import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import { openDatabase } from '#libs/db/database.ts'
import { createOperationStore } from '#libs/db/operation-store.ts'
import { DurableOperations } from '#libs/sp-api/operation-queue/durable-operations.ts'
import { OperationQueue } from '#libs/sp-api/operation-queue/operation-queue.ts'
import { createFeed } from '#libs/sp-api/operations/generated/feeds-2021-06-30.ts'
import { getReport } from '#libs/sp-api/operations/generated/reports-2021-06-30.ts'
import { createTestDatabase, describeWith } from '#tests/support/backing.ts'

const EACH = 40
const KILLS = 3
const LEASE_MS = 2_000
const LONG = { timeout: 60_000, interval: 50 }

/** Amazon, slow enough that a kill always finds requests under way. Counts what it was asked. */
async function startAmazon() {
  const asked = new Map<string, number>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-requestid': 'r' })
      response.end(JSON.stringify(body))
    }
    const path = request.url ?? ''
    if (path.startsWith('/auth/'))
      return answer(200, { access_token: 'a', token_type: 'bearer', expires_in: 3600 })
    const isFeed = request.method === 'POST'
    const what = isFeed
      ? String(JSON.parse(Buffer.concat(chunks).toString()).inputFeedDocumentId)
      : path.split('/').at(-1)!
    asked.set(what, (asked.get(what) ?? 0) + 1)
    setTimeout(() => {
      if (isFeed) return answer(202, { feedId: what })
      const report = { reportType: 'X', createdTime: '2026-01-01T00:00:00Z', processingStatus: 'DONE' }
      return answer(200, { reportId: what, ...report })
    }, 100)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { asked, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describeWith(['postgres'], 'operations that wait in PostgreSQL', () => {
  it('outlive kill -9: none is lost, and none that must not be done twice is sent twice', async () => {
    const amazon = await startAmazon()
    const database = await createTestDatabase()
    const db = await openDatabase({ url: database.url, poolSize: 4 })
    const store = createOperationStore(db)
    const adding = new DurableOperations({ queue: new OperationQueue(), store, sellers: [], operations: [] })
    const marketplaceIds = ['ATVPDKIKX0DER']
    const feeds = Array.from({ length: EACH }, (_, i) => `feed-${i}`)
    const reports = Array.from({ length: EACH }, (_, i) => `report-${i}`)
    for (const id of reports)
      await adding.add({
        seller: 'shop',
        operation: getReport,
        parameters: { reportId: id },
        idempotencyKey: id,
      })
    for (const id of feeds) {
      const body = { feedType: 'X', marketplaceIds, inputFeedDocumentId: id }
      await adding.add({ seller: 'shop', operation: createFeed, parameters: { body }, idempotencyKey: id })
    }

    const worker = fileURLToPath(new URL('worker.ts', import.meta.url))
    const start = (): ChildProcess =>
      spawn(process.execPath, [worker, database.url, amazon.url, String(LEASE_MS)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
    let running = start()
    try {
      for (let kills = 0; kills < KILLS; kills++) {
        const before = amazon.asked.size
        await vi.waitFor(() => expect(amazon.asked.size).toBeGreaterThanOrEqual(before + 10), LONG)
        running.kill('SIGKILL')
        await once(running, 'exit')
        running = start()
      }
      await vi.waitFor(async () => expect(await store.open()).toBe(0), LONG)
    } finally {
      running.kill('SIGKILL')
    }

    const stateOf = async (id: string) => (await store.find(id))!.state
    for (const id of reports) expect(await stateOf(id), id).toBe('done')
    const uncertain: string[] = []
    for (const id of feeds) {
      const state = await stateOf(id)
      if (state === 'uncertain') uncertain.push(id)
      else expect(state, id).toBe('done')
      expect(amazon.asked.get(id) ?? 0, id).toBeLessThanOrEqual(1)
      if (state === 'done') expect(amazon.asked.get(id), id).toBe(1)
    }
    // No more than what a process holds at a time can be in doubt after each kill.
    expect(uncertain.length).toBeLessThanOrEqual(KILLS * 8)
    amazon.server.closeAllConnections()
    amazon.server.close()
    await db.close()
    await database.drop()
  }, 180_000)
})
