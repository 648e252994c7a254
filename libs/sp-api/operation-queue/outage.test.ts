import { afterEach, describe, expect, it } from 'vitest'
import { createFeed } from '../operations/generated/feeds-2021-06-30.ts'
import { getReport } from '../operations/generated/reports-2021-06-30.ts'
import { errorList, json, type Stub, type StubHandler, startStub, testApi } from '../test-support.ts'
import { OperationQueue } from './operation-queue.ts'

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

const CALLS = 100
/** A slow machine is not what these tests are about. */
const PATIENT = { connectMs: 10_000, headersMs: 10_000, bodyMs: 10_000, totalMs: 15_000 }

async function setup(handler: StubHandler) {
  const stub = await startStub({ api: handler })
  stubs.push(stub)
  const { api, clock } = testApi(stub.url, { homeMarketplaceId: 'US', timeouts: PATIENT })
  const queue = new OperationQueue({ clock })
  const shop = { name: 'shop', api }
  const ids = Array.from({ length: CALLS }, (_, i) => `R${i}`)
  return { stub, clock, queue, shop, ids, get: (id: string) => queue.call(shop, getReport, { reportId: id }) }
}
const reportOf: StubHandler = ({ url }, response) =>
  json(response, 200, {
    reportId: url.pathname.split('/').at(-1),
    reportType: 'X',
    createdTime: '2026-01-01T00:00:00Z',
    processingStatus: 'DONE',
  })

describe('an outage of Amazon', () => {
  it('parks work, loses nothing, and work goes on by itself', async () => {
    const amazon: { down: boolean } = { down: true }
    const { stub, clock, queue, ids, get } = await setup((request, response) =>
      amazon.down ? json(response, 503, errorList('ServiceUnavailable', 'x')) : reportOf(request, response),
    )
    const startedAt = clock.monotonicMs()
    const answers = Promise.all(ids.map(get))
    // Ten minutes of it: those that were under way, and a probe now and then.
    while (clock.monotonicMs() - startedAt < 600_000) await new Promise(setImmediate)
    const asked = stub.requests.length
    expect(queue.state.calls).toBe(CALLS)
    expect(asked).toBeLessThan(CALLS * 2)
    amazon.down = false
    expect((await answers).map(({ body }) => body.reportId)).toEqual(ids)
    expect(queue.state).toMatchObject({ calls: 0, parked: 0 })
  })

  it('that comes and goes costs no call either', async () => {
    // Reset, refused, slow to answer, and well, in turns.
    const { queue, ids, get } = await setup((request, response) => {
      const turn = request.count % 7
      if (turn === 1) return void response.destroy()
      if (turn === 3) return json(response, 503, {})
      if (turn === 5) return json(response, 429, errorList('QuotaExceeded', 'quota'))
      return reportOf(request, response)
    })
    const answers = await Promise.all(ids.map(get))
    expect(answers.map(({ body }) => body.reportId)).toEqual(ids)
    expect(queue.state.calls).toBe(0)
  })

  it('in the middle of what must not be done twice is told, and it is not asked again', async () => {
    const { stub, queue, shop } = await setup((request, response) => {
      if (request.count === 2) return json(response, 202, { feedId: '2' })
      response.destroy()
    })
    const body = {
      feedType: 'JSON_LISTINGS_FEED',
      marketplaceIds: ['ATVPDKIKX0DER'],
      inputFeedDocumentId: 'd',
    }
    const first = await queue.call(shop, createFeed, { body }).catch((error: unknown) => error)
    expect(first).toMatchObject({ name: 'SpApiError', uncertain: true })
    expect(stub.requests).toHaveLength(1)
    expect((await queue.call(shop, createFeed, { body })).body.feedId).toBe('2')
  })
})
