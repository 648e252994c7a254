import { afterEach, describe, expect, it } from 'vitest'
import {
  CODE,
  errorList,
  gtin,
  ITEMS,
  itemsAnswer,
  json,
  oneCode,
  raw,
  type Stub,
  type StubHandler,
  US,
} from './test-support.ts'

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

/** First the given answer, then a good one. */
const once =
  (first: StubHandler): StubHandler =>
  (request, response) =>
    (request.count === 1 ? first : itemsAnswer(ITEMS))(request, response)

describe('a request', () => {
  it('carries what Amazon demands, and its answer bears status, request id and times', async () => {
    const { stub, lookup, finished, bucket } = await oneCode(stubs, itemsAnswer(ITEMS))
    const outcome = await lookup()
    expect(outcome).toMatchObject({
      kind: 'items',
      items: [{ asin: 'B000000001' }],
      httpStatus: 200,
      amazonRequestId: 'request-1',
      calls: 1,
    })
    const { headers, url } = stub.requests[0]!
    expect(headers['x-amz-access-token']).toBe('Atza|access-1')
    expect(headers['x-amz-date']).toBe('20260131T235958Z')
    expect(headers['user-agent']).toMatch(
      /^asinstream\/\d+\.\d+\.\d+ \(Language=TypeScript; Platform=Node\.js\/\d+\)$/,
    )
    expect(url.pathname).toBe('/catalog/2022-04-01/items')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      identifiers: CODE.slice(2),
      identifiersType: 'UPC',
      marketplaceIds: US,
      includedData: 'identifiers,summaries,salesRanks,images,dimensions,productTypes,relationships',
      pageSize: '20',
    })
    expect(finished.at(-1)).toMatchObject({
      operation: 'searchCatalogItems',
      marketplaceId: US,
      outcome: 'ok',
      attempt: 1,
    })
    expect(bucket.keys).toEqual([
      { application: 'client', seller: 'seller', operation: 'searchCatalogItems' },
    ])
  })

  it.each<[string, StubHandler, number]>([
    ['429', (_q, response) => json(response, 429, errorList('QuotaExceeded', 'quota')), 429],
    ['500', (_q, response) => json(response, 500, errorList('InternalFailure', 'oops')), 500],
    ['502 with HTML', raw(502, 'text/html', '<html>bad gateway</html>'), 502],
    ['503', (_q, response) => json(response, 503, {}), 503],
    ['504', raw(504, 'text/plain', ''), 504],
    ['400 with HTML', raw(400, 'text/html', '<html>bad request</html>'), 400],
    ['truncated JSON', raw(200, 'application/json', '{"items": [{"asin":'), 200],
    ['an empty body', raw(200, 'application/json', ''), 200],
  ])('after %s is repeated, with a slot of its own', async (_name, first, status) => {
    const { lookup, bucket, finished } = await oneCode(stubs, once(first))
    expect(await lookup()).toMatchObject({ kind: 'items', calls: 2 })
    expect(bucket.reserved).toBe(2)
    expect(finished.filter((one) => one.operation !== 'getAccessToken').map((one) => one.httpStatus)).toEqual(
      [status, 200],
    )
  })

  it('after a reset, or a body that ends early, is repeated', async () => {
    for (const first of [
      (_q, response) => void response.destroy(),
      (_q, response) => {
        response.writeHead(200, { 'content-length': '1000' })
        response.write('{"items": [')
        setImmediate(() => response.destroy())
      },
    ] satisfies StubHandler[]) {
      const { lookup } = await oneCode(stubs, once(first))
      expect(await lookup()).toMatchObject({ kind: 'items', calls: 2 })
    }
  })

  it('is repeated a few times and no more, with growing pauses', async () => {
    const { lookup, bucket, clock } = await oneCode(stubs, (_q, response) => json(response, 503, {}))
    expect(await lookup()).toMatchObject({
      kind: 'failed',
      failure: 'unavailable',
      httpStatus: 503,
      amazonRequestId: 'request-1',
      calls: 4,
    })
    expect(bucket.reserved).toBe(4)
    expect(clock.sleeps.filter((ms) => ms > 0)).toEqual([125, 250, 500])
  })

  it('is not repeated beyond the time for repeats', async () => {
    const { lookup, stub } = await oneCode(stubs, (_q, response) => json(response, 503, {}), {
      retry: { budgetMs: 300 },
    })
    expect(await lookup()).toMatchObject({ kind: 'failed', failure: 'unavailable' })
    expect(stub.requests).toHaveLength(2)
  })

  it('leaves a long Retry-After to its caller', async () => {
    const { lookup, stub } = await oneCode(stubs, (_q, response) =>
      json(response, 503, {}, { 'retry-after': '90' }),
    )
    expect(await lookup()).toMatchObject({ failure: 'unavailable', retryAfterMs: 90_000 })
    expect(stub.requests).toHaveLength(1)
  })
})

describe('a slot', () => {
  it('that comes too late goes back for another one', async () => {
    const { lookup, bucket, clock } = await oneCode(stubs, itemsAnswer(ITEMS))
    const sleep = clock.sleep
    bucket.waitMs = 100
    clock.sleep = async (ms, signal) => {
      await sleep.call(clock, ms, signal)
      // The process stood still, once.
      if (clock.sleeps.length === 1) clock.advance(5_000)
    }
    expect(await lookup()).toMatchObject({ kind: 'items', calls: 1 })
    expect([bucket.reserved, bucket.givenBack]).toEqual([2, 1])
  })

  it('is not used before its time by a timer that fires early', async () => {
    const { lookup, bucket, clock } = await oneCode(stubs, itemsAnswer(ITEMS))
    const sleep = clock.sleep
    bucket.waitMs = 1_000
    clock.sleep = (ms, signal) => sleep.call(clock, Math.ceil(ms * 0.9), signal)
    await lookup()
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(1_000)
  })
})

describe('an expired token', () => {
  const expired = errorList(
    'Unauthorized',
    'Access to requested resource is denied.',
    'The access token you provided has expired.',
  )

  it('is renewed once and the request repeated', async () => {
    const { lookup, stub } = await oneCode(stubs, (request, response) =>
      request.headers['x-amz-access-token'] === 'Atza|access-1'
        ? json(response, 403, expired)
        : itemsAnswer(ITEMS)(request, response),
    )
    expect(await lookup()).toMatchObject({ kind: 'items', calls: 2 })
    expect(stub.tokenRequests).toHaveLength(2)
  })

  it('is renewed once for many calls at a time', async () => {
    const { api, stub } = await oneCode(stubs, (request, response) =>
      request.headers['x-amz-access-token'] === 'Atza|access-1'
        ? json(response, 403, expired)
        : itemsAnswer([])(request, response),
    )
    const calls = Array.from({ length: 8 }, (_, i) =>
      api.lookupCodes({ marketplaceId: US, gtin14s: [gtin(i)] }),
    )
    for (const outcomes of await Promise.all(calls)) expect([...outcomes.values()][0]!.kind).toBe('items')
    expect(stub.tokenRequests).toHaveLength(2)
  })

  it('that each new one turns out to be is an outage: the grant is good', async () => {
    const { lookup, stub } = await oneCode(stubs, (_q, response) => json(response, 403, expired))
    expect(await lookup()).toMatchObject({ kind: 'failed', failure: 'unavailable', calls: 4 })
    expect(stub.tokenRequests).toHaveLength(4)
  })
})

describe('a refused token', () => {
  it('is not sent again: when the grant is mended, the next call has a new one', async () => {
    const { lookup, stub } = await oneCode(stubs, (request, response) =>
      request.headers['x-amz-access-token'] === 'Atza|access-1'
        ? json(response, 403, errorList('Unauthorized', 'Access to requested resource is denied.'))
        : itemsAnswer(ITEMS)(request, response),
    )
    expect(await lookup()).toMatchObject({ failure: 'unauthorized', calls: 1 })
    expect(await lookup()).toMatchObject({ kind: 'items' })
    expect(stub.tokenRequests).toHaveLength(2)
  })
})

describe('while Amazon does not answer', () => {
  it('is asked by one call at a time, ever more rarely, and at once by all when it does again', async () => {
    const amazon: { down: boolean } = { down: true }
    const { api, stub, clock } = await oneCode(stubs, (request, response) =>
      amazon.down ? json(response, 503, {}) : itemsAnswer([])(request, response),
    )
    const all = async () => {
      const calls = Array.from({ length: 8 }, (_, i) =>
        api.lookupCodes({ marketplaceId: US, gtin14s: [gtin(i)] }),
      )
      return (await Promise.all(calls)).map((outcomes) => [...outcomes.values()][0]!)
    }
    await all()
    const before = stub.requests.length
    // Eight under way when it broke down, and no repeat once five had failed.
    expect(before).toBeLessThanOrEqual(13)
    for (let minute = 0; minute < 10; minute++) {
      for (const outcome of await all()) expect(outcome).toMatchObject({ failure: 'unavailable' })
      clock.advance(60_000)
    }
    expect(stub.requests.length - before).toBeLessThanOrEqual(10)
    amazon.down = false
    expect((await all()).filter(({ kind }) => kind === 'items').length).toBeGreaterThan(0)
    expect((await all()).map(({ kind }) => kind)).toEqual(Array(8).fill('items'))
  })
})
