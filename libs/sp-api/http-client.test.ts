import { afterEach, describe, expect, it } from 'vitest'
import type { Lookup } from './lookup.ts'
import {
  canaries,
  errorList,
  gtin,
  item,
  itemsAnswer,
  json,
  type Stub,
  type StubHandler,
  startStub,
  testApi,
  tokenAnswer,
} from './test-support.ts'

const US = 'ATVPDKIKX0DER'
const CODE = gtin(1)
const ITEMS = [item('B000000001', ['UPC', CODE.slice(2)])]

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

async function setUp(
  api: StubHandler,
  options: Parameters<typeof testApi>[1] = {},
  lwa: StubHandler = tokenAnswer(),
) {
  const stub = await startStub({ api, lwa })
  stubs.push(stub)
  const setup = testApi(stub.url, options)
  const lookup = async (): Promise<Lookup> => {
    const outcomes = await setup.api.lookupCodes({ marketplaceId: US, gtin14s: [CODE] })
    return outcomes.get(CODE)!
  }
  return { stub, lookup, ...setup }
}

/** First the given answer, then a good one. */
const once =
  (first: StubHandler): StubHandler =>
  (request, response) =>
    (request.count === 1 ? first : itemsAnswer(ITEMS))(request, response)

const raw =
  (status: number, contentType: string, body: string, headers = {}): StubHandler =>
  (_request, response) => {
    response.writeHead(status, {
      'content-type': contentType,
      'x-amzn-requestid': 'request-raw',
      ...headers,
    })
    response.end(body)
  }

describe('a request', () => {
  it('carries what Amazon demands, and its answer bears status, request id and times', async () => {
    const { stub, lookup, finished, bucket } = await setUp(itemsAnswer(ITEMS))
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
    const { lookup, bucket, finished } = await setUp(once(first))
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
      const { lookup } = await setUp(once(first))
      expect(await lookup()).toMatchObject({ kind: 'items', calls: 2 })
    }
  })

  it('is repeated a few times and no more, with growing pauses', async () => {
    const { lookup, bucket, clock } = await setUp((_q, response) => json(response, 503, {}))
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
    const { lookup, stub } = await setUp((_q, response) => json(response, 503, {}), {
      retry: { budgetMs: 300 },
    })
    expect(await lookup()).toMatchObject({ kind: 'failed', failure: 'unavailable' })
    expect(stub.requests).toHaveLength(2)
  })

  it('leaves a long Retry-After to its caller', async () => {
    const { lookup, stub } = await setUp((_q, response) => json(response, 503, {}, { 'retry-after': '90' }))
    expect(await lookup()).toMatchObject({ failure: 'unavailable', retryAfterMs: 90_000 })
    expect(stub.requests).toHaveLength(1)
  })
})

describe('a typed failure', () => {
  it.each<[string, StubHandler, string, RegExp]>([
    ['silence', () => {}, 'timeout', /no answer within 300 ms/],
    [
      'a body that stops',
      (_q, response) => {
        response.writeHead(200)
        response.write('{"items"')
      },
      'timeout',
      /stopped for 300 ms/,
    ],
    ['HTML with 400', raw(400, 'text/html', '<html>'), 'failed', /400 \(the body is HTML/],
    ['HTML with 200', raw(200, 'text/html', '<html>'), 'failed', /200, but the body is HTML/],
    ['an array', raw(200, 'application/json', '[]'), 'failed', /not a JSON object/],
    ['no items', raw(200, 'application/json', '{"numberOfResults":1}'), 'failed', /unexpected items/],
    ['an item without ASIN', itemsAnswer([{}]), 'failed', /unexpected items\.0\.asin/],
    [
      'a huge body',
      raw(200, 'application/json', `"${'x'.repeat(70_000)}"`),
      'failed',
      /larger than 65536 bytes/,
    ],
    [
      'a redirect',
      raw(302, 'text/plain', '', { location: '/elsewhere' }),
      'failed',
      /redirects are not followed/,
    ],
    ['404 with HTML', raw(404, 'text/html', '<html>'), 'failed', /check SP_API_ENDPOINT/],
    ['413', (_q, response) => json(response, 413, errorList('TooLarge', 'x')), 'failed', /413: TooLarge/],
    ['401', (_q, response) => json(response, 401, errorList('Unauthorized', 'no')), 'unauthorized', /401/],
    [
      'a 403 for a role',
      (_q, response) =>
        json(response, 403, errorList('Unauthorized', 'Access to requested resource is denied.')),
      'unauthorized',
      /roles/,
    ],
    [
      'a 403 for a path',
      (_q, response) => json(response, 403, errorList('MissingAuthenticationToken', 'Missing')),
      'unauthorized',
      /SP_API_ENDPOINT/,
    ],
  ])('comes of %s', async (_name, handler, failure, reason) => {
    const { lookup } = await setUp(handler, {
      maxAnswerBytes: 65_536,
      retry: { attempts: 1 },
      timeouts: { headersMs: 300, bodyMs: 300, totalMs: 10_000 },
    })
    const outcome = await lookup()
    expect(outcome).toMatchObject({ kind: 'failed', failure, calls: 1 })
    expect(outcome.kind === 'failed' && outcome.reason).toMatch(reason)
  })

  it('comes of a body that drips', async () => {
    const { lookup } = await setUp(
      (_q, response) => {
        response.writeHead(200)
        const timer = setInterval(() => response.write(' '), 50)
        response.on('close', () => clearInterval(timer))
      },
      { retry: { attempts: 1 } },
    )
    expect(await lookup()).toMatchObject({
      failure: 'timeout',
      reason: expect.stringMatching(/no whole answer within 600 ms/),
    })
  })

  it('comes of a server that is not there', async () => {
    const stub = await startStub({})
    const { api, clock } = testApi(stub.url)
    await api.checkCredentials()
    await stub.close()
    const outcomes = await api.lookupCodes({ marketplaceId: US, gtin14s: [CODE] })
    expect(outcomes.get(CODE)).toMatchObject({
      kind: 'failed',
      failure: 'unavailable',
      httpStatus: null,
      calls: 4,
    })
    expect(clock.sleeps.length).toBeGreaterThan(0)
  })

  it('comes of a redirect without following it', async () => {
    const { lookup, stub } = await setUp(raw(307, 'text/plain', '', { location: '/elsewhere' }))
    await lookup()
    expect(stub.requests.map((request) => request.url.pathname)).toEqual(['/catalog/2022-04-01/items'])
  })
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
      const { lookup, bucket } = await setUp((request, response) =>
        status === 200
          ? itemsAnswer(ITEMS, rate)(request, response)
          : json(response, status, errorList('InvalidInput', 'x'), rate),
      )
      await lookup()
      expect(bucket.learned).toEqual(learned)
    }
  })

  it.each(['', '0', '-1', 'NaN', '1e999', 'fast'])('does not learn "%s"', async (text) => {
    const { lookup, bucket } = await setUp(itemsAnswer(ITEMS, { 'x-amzn-ratelimit-limit': text }))
    expect((await lookup()).kind).toBe('items')
    expect(bucket.learned).toEqual([])
  })

  it('is told at once when the rate changes and now and then when it does not', async () => {
    const rates = ['2.0', '2.0', '2.0', '5.0', '5.0', '5.0']
    const { lookup, bucket, clock } = await setUp((request, response) =>
      itemsAnswer(ITEMS, { 'x-amzn-ratelimit-limit': rates[request.count - 1] })(request, response),
    )
    for (let i = 0; i < rates.length; i++) {
      await lookup()
      if (i === 4) clock.advance(60_000)
    }
    expect(bucket.learned).toEqual([2, 5, 5])
  })

  it('hears of every 429, with Retry-After when there is one', async () => {
    const { lookup, bucket } = await setUp((request, response) =>
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
    const { lookup, bucket, stub } = await setUp(itemsAnswer(ITEMS), { maxSlotWaitMs: 1_000 })
    bucket.waitMs = 5_000
    expect(await lookup()).toMatchObject({
      failure: 'throttled',
      retryAfterMs: 5_000,
      calls: 0,
      httpStatus: null,
    })
    expect(stub.requests).toHaveLength(0)
  })

  it('that does not answer makes the call unavailable', async () => {
    const { lookup, bucket } = await setUp(itemsAnswer(ITEMS))
    bucket.reserve = () => Promise.reject(new Error('Redis is gone'))
    expect(await lookup()).toMatchObject({
      failure: 'unavailable',
      reason: expect.stringMatching(/Redis is gone/),
    })
  })

  it('that can not learn costs no answer', async () => {
    const { lookup, bucket, logged } = await setUp(itemsAnswer(ITEMS, { 'x-amzn-ratelimit-limit': '2' }))
    bucket.learnRate = () => Promise.reject(new Error('Redis is gone'))
    expect((await lookup()).kind).toBe('items')
    expect(logged.join()).toMatch(/could not be told.*Redis is gone/)
  })

  it('gets its slot back when the caller gives up or there is no token after all', async () => {
    const abort = new AbortController()
    const { api, bucket, clock } = await setUp(itemsAnswer(ITEMS))
    bucket.waitMs = 100
    const sleep = clock.sleep
    clock.sleep = (ms, signal) => {
      abort.abort(new Error('shut down'))
      return sleep.call(clock, ms, signal)
    }
    const call = api.lookupCodes({ marketplaceId: US, gtin14s: [CODE] }, { signal: abort.signal })
    await expect(call).rejects.toThrow('shut down')
    expect([bucket.reserved, bucket.givenBack]).toEqual([1, 1])

    const revoked = await setUp(itemsAnswer(ITEMS), {}, (request, response) =>
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

describe('a slot', () => {
  it('that comes too late goes back for another one', async () => {
    const { lookup, bucket, clock } = await setUp(itemsAnswer(ITEMS))
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
    const { lookup, bucket, clock } = await setUp(itemsAnswer(ITEMS))
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
    const { lookup, stub } = await setUp((request, response) =>
      request.headers['x-amz-access-token'] === 'Atza|access-1'
        ? json(response, 403, expired)
        : itemsAnswer(ITEMS)(request, response),
    )
    expect(await lookup()).toMatchObject({ kind: 'items', calls: 2 })
    expect(stub.tokenRequests).toHaveLength(2)
  })

  it('is renewed once for many calls at a time', async () => {
    const { api, stub } = await setUp((request, response) =>
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

  it('that stays expired is unauthorized', async () => {
    const { lookup, stub } = await setUp((_q, response) => json(response, 403, expired))
    expect(await lookup()).toMatchObject({ kind: 'failed', failure: 'unauthorized', calls: 2 })
    expect(stub.tokenRequests).toHaveLength(2)
  })
})

describe('secrets', () => {
  const secrets = () => `${canaries.clientSecret} ${canaries.refreshToken} Atza|access-1 Atza|other-CANARY`
  const echoes: [string, StubHandler][] = [200, 302, 400, 401, 403, 404, 418, 429, 500, 503].flatMap(
    (status) => [
      [
        `${status} JSON`,
        (_q, response) =>
          json(response, status, errorList(secrets(), secrets(), secrets()), {
            'x-amzn-requestid': 'Atza|access-1',
          }),
      ],
      [`${status} HTML`, raw(status, 'text/html', `<html>${secrets()}`)],
      [`${status} broken`, raw(status, 'application/json', `{"errors": [${secrets()}`)],
    ],
  )

  it.each([
    ...echoes,
    ['a reset', (_q, response) => void response.destroy()],
    ['silence', () => {}],
    ['broken HTTP', (_q, response) => void response.socket?.end(`HTTP/1.1 ${secrets()}\r\n\r\n`)],
  ] satisfies [string, StubHandler][])('are in no error and no log: %s', async (_name, handler) => {
    const { lookup, logged, finished } = await setUp(handler, { retry: { attempts: 2 } })
    const outcome = await lookup()
    const told = JSON.stringify([outcome, logged, finished])
    expect(outcome.kind).not.toBe('items')
    expect(told).not.toMatch(/CANARY|access-1/)
  })
})
