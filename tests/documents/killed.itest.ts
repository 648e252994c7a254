import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { marketplaces } from '#simulator/marketplaces.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import type { WorkerOrders, WorkerResults } from './worker.ts'

/** A note, the request, a note of its answer, a look, a note of what it found; a feed is uploaded before. */
const REPORT_STEPS = 5
const FEED_STEPS = 6

describeWith(['postgres'], 'reports and feeds through kill -9', () => {
  let database: TestDatabase
  let amazon: Simulator
  beforeAll(async () => {
    database = await createTestDatabase()
    amazon = await startSimulator({ rate: 1_000, burst: 1_000, appRate: 1_000 })
    amazon.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
    for (const [route, body] of [
      ['processing', { queueSeconds: 0, processingSeconds: 0 }],
      ['reports', { reportType: '*', cooldownSeconds: 0, listings: 5 }],
    ] as const)
      await fetch(`${amazon.url}/_simulator/${route}`, { method: 'POST', body: JSON.stringify(body) })
  })
  afterAll(async () => {
    await amazon.stop()
    await database.drop()
  })

  async function work(orders: Partial<WorkerOrders>) {
    const all: WorkerOrders = {
      amazon: amazon.url,
      databaseUrl: database.url,
      reports: [],
      feeds: [],
      killAt: null,
      ...orders,
    }
    const child = spawn(process.execPath, ['tests/documents/worker.ts', JSON.stringify(all)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    return { output, code: code as number | null, signal: signal as string | null }
  }

  it('each is asked for once, whatever step a process dies at, and whoever goes on', async () => {
    const places = [...marketplaces.keys()]
    const runs = [
      ...places.slice(0, REPORT_STEPS).map((place, killAt) => ({ reports: [place], killAt })),
      ...places.slice(0, FEED_STEPS).map((place, killAt) => ({ feeds: [place], killAt })),
    ]
    // Two at a time: there may be no more processors.
    const waiting = [...runs]
    const lane = async () => {
      for (let run = waiting.shift(); run !== undefined; run = waiting.shift())
        expect(await work(run), JSON.stringify(run)).toMatchObject({ signal: 'SIGKILL', output: '' })
    }
    await Promise.all([lane(), lane()])

    const everything = { reports: places.slice(0, REPORT_STEPS), feeds: places.slice(0, FEED_STEPS) }
    const [one, other] = await Promise.all([work(everything), work(everything)])
    expect([one.code, other.code]).toEqual([0, 0])
    const results = JSON.parse(one.output) as WorkerResults
    expect(JSON.parse(other.output)).toEqual(results)
    expect(new Set(Object.values(results.reports)).size).toBe(REPORT_STEPS)
    expect(new Set(Object.values(results.feeds)).size).toBe(FEED_STEPS)
    const { requests } = amazon.stats()
    expect(requests.createReport).toEqual({ 202: REPORT_STEPS })
    expect(requests.createFeed).toEqual({ 202: FEED_STEPS })
  }, 300_000)
})
