import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { searchOrders } from './operations/generated/orders-2026-01-01.ts'
import {
  CODE,
  errorList,
  ITEMS,
  itemsAnswer,
  json,
  oneCode,
  type Stub,
  startStub,
  testApi,
  testClock,
  tokenAnswer,
  US,
} from './test-support.ts'

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

describe('the token bucket', () => {
  it('learns the rate of 200, 400 and 404, and of nothing else', async () => {
    const rate = { 'x-amzn-ratelimit-limit': '7.5' }
    for (const [status, learned] of [
      [200, [7.5]],
      [400, [7.5]],
      [404, [7.5]],
      [403, []],
      [500, []],
    ] as const) {
      const { lookup, bucket } = await oneCode(stubs, (request, response) =>
        status === 200
          ? itemsAnswer(ITEMS, rate)(request, response)
          : json(response, status, errorList('InvalidInput', 'x'), rate),
      )
      await lookup()
      expect(bucket.learned).toEqual(learned)
    }
  })

  it.each(['', '0', '-1', 'NaN', '1e999', 'fast', '0.0000001'])('does not learn "%s"', async (text) => {
    const { lookup, bucket } = await oneCode(stubs, itemsAnswer(ITEMS, { 'x-amzn-ratelimit-limit': text }))
    expect((await lookup()).kind).toBe('items')
    expect(bucket.learned).toEqual([])
  })

  it('is told at once when the rate changes and now and then when it does not', async () => {
    const rates = ['2.0', '2.0', '2.0', '5.0', '5.0', '5.0']
    const { lookup, bucket, clock } = await oneCode(stubs, (request, response) =>
      itemsAnswer(ITEMS, { 'x-amzn-ratelimit-limit': rates[request.count - 1] })(request, response),
    )
    for (let i = 0; i < rates.length; i++) {
      await lookup()
      if (i === 4) clock.advance(60_000)
    }
    expect(bucket.learned).toEqual([2, 5, 5])
  })

  it('hears of every 429, with Retry-After when there is one', async () => {
    const { lookup, bucket } = await oneCode(stubs, (request, response) =>
      request.count < 3
        ? json(
            response,
            429,
            errorList('QuotaExceeded', 'quota'),
            request.count === 1 ? { 'retry-after': '2' } : {},
          )
        : itemsAnswer(ITEMS)(request, response),
    )
    expect((await lookup()).kind).toBe('items')
    expect(bucket.throttles).toEqual([2_000, undefined])
  })

  it('that has no slot soon enough makes the call throttled without a request', async () => {
    const { lookup, bucket, stub } = await oneCode(stubs, itemsAnswer(ITEMS), { maxSlotWaitMs: 1_000 })
    bucket.waitMs = 5_000
    expect(await lookup()).toMatchObject({
      failure: 'throttled',
      retryAfterMs: 5_000,
      calls: 0,
      httpStatus: null,
    })
    expect(stub.requests).toHaveLength(0)
  })

  it('that is new has a slot for every page of the slowest operation, in time', async () => {
    const clock = testClock()
    const stub = await startStub({
      api: ({ count }, response) =>
        json(response, 200, { orders: [], ...(count < 3 ? { pagination: { nextToken: `t${count}` } } : {}) }),
    })
    stubs.push(stub)
    const bucket = createMemoryTokenBucket({ now: () => clock.monotonicMs() })
    const { api } = testApi(stub.url, { clock, bucket })
    const wanted = { marketplaceIds: [US], createdAfter: '2026-01-01T00:00:00Z' }
    let pages = 0
    for await (const _ of api.pages(searchOrders, wanted)) pages++
    expect(pages).toBe(3)
    await api.close()
  })

  it('that does not answer makes the call unavailable', async () => {
    const { lookup, bucket } = await oneCode(stubs, itemsAnswer(ITEMS))
    bucket.reserve = () => Promise.reject(new Error('Redis is gone'))
    expect(await lookup()).toMatchObject({
      failure: 'unavailable',
      reason: expect.stringMatching(/Redis is gone/),
    })
  })

  it('that can not learn costs no answer', async () => {
    const { lookup, bucket, logged } = await oneCode(
      stubs,
      itemsAnswer(ITEMS, { 'x-amzn-ratelimit-limit': '2' }),
    )
    bucket.learnRate = () => Promise.reject(new Error('Redis is gone'))
    expect((await lookup()).kind).toBe('items')
    expect(logged.join()).toMatch(/could not be told.*Redis is gone/)
  })

  it('gets its slot back when the caller gives up or there is no token after all', async () => {
    const abort = new AbortController()
    const { api, bucket, clock } = await oneCode(stubs, itemsAnswer(ITEMS))
    bucket.waitMs = 100
    const sleep = clock.sleep
    clock.sleep = (ms, signal) => {
      abort.abort(new Error('shut down'))
      return sleep.call(clock, ms, signal)
    }
    const call = api.lookupCodes({ marketplaceId: US, gtin14s: [CODE] }, { signal: abort.signal })
    await expect(call).rejects.toThrow('shut down')
    expect([bucket.reserved, bucket.givenBack]).toEqual([1, 1])

    const revoked = await oneCode(stubs, itemsAnswer(ITEMS), {}, (request, response) =>
      request.count === 1
        ? tokenAnswer(60)(request, response)
        : json(response, 400, { error: 'invalid_grant' }),
    )
    revoked.bucket.waitMs = 61_000
    expect(await revoked.lookup()).toMatchObject({ failure: 'unauthorized', calls: 0 })
    expect(revoked.bucket.givenBack).toBe(1)
    expect(revoked.stub.requests).toHaveLength(0)
  })
})
