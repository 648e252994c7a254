import { afterEach, describe, expect, it, vi } from 'vitest'
import { CircuitOpenError, RegionalEndpointManager, SpApiError, type SpApiOptions } from './index.ts'
import { getInventorySummaries } from './operations/generated/fba-inventory-v1.ts'
import { createFeed } from './operations/generated/feeds-2021-06-30.ts'
import { getAccount } from './operations/generated/sellers-v1.ts'
import { defaultRetryBudget, RetryBudget } from './retry-budget.ts'
import {
  errorList,
  json,
  type Stub,
  type StubHandler,
  startStub,
  testApi,
  testClock,
  US,
} from './test-support.ts'

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

async function setup(api: StubHandler, options: Partial<SpApiOptions> = {}) {
  const stub = await startStub({ api })
  stubs.push(stub)
  return { stub, ...testApi(stub.url, { homeMarketplaceId: 'US', ...options }) }
}
const down: StubHandler = (_request, response) => json(response, 503, errorList('ServiceUnavailable', 'x'))
const inventory = { granularityType: 'Marketplace', granularityId: US, marketplaceIds: [US] } as const
const feed = { body: { feedType: 'JSON_LISTINGS_FEED', marketplaceIds: [US], inputFeedDocumentId: 'doc' } }
const failureOf = (call: Promise<unknown>): Promise<SpApiError> =>
  call.then(
    () => expect.fail('it succeeded'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(SpApiError)
      return error as SpApiError
    },
  )

describe('the pause before a repeat', () => {
  it.each([
    [0, [0, 0, 0]],
    [0.5, [125, 250, 500]],
    [0.999, [249.75, 499.5, 999]],
  ])('has full jitter: chance %d makes it %j ms', async (chance, pauses) => {
    const clock = { ...testClock(), random: () => chance }
    const { api } = await setup(down, { clock, circuit: { failuresToOpen: 100 } })
    await failureOf(api.call(getAccount, {}))
    expect(clock.sleeps.slice(-3)).toEqual(pauses)
  })
})

describe('the budget of repeats', () => {
  it('is shared by all calls: a service that fails is asked one and a half times as often, not four times', async () => {
    const { api, stub } = await setup(down, { circuit: { failuresToOpen: 10_000 } })
    const CALLS = 200
    for (let i = 0; i < CALLS; i++) await failureOf(api.call(getInventorySummaries, inventory))
    const { reserve, share } = defaultRetryBudget
    expect(stub.requests.length).toBeGreaterThanOrEqual(CALLS * (1 + share))
    // The time that pauses take fills it as well: half a minute here.
    expect(stub.requests.length).toBeLessThanOrEqual(CALLS * (1 + share) + 3 * reserve)
  })

  it('is filled by requests up to its reserve, and by time', () => {
    const clock = testClock()
    const budget = new RetryBudget(clock, { share: 0.5, reserve: 4 })
    const repeats = () => {
      let made = 0
      while (budget.repeat()) made++
      return made
    }
    for (let i = 0; i < 100; i++) budget.request()
    expect(repeats()).toBe(4)
    for (let i = 0; i < 6; i++) budget.request()
    expect(repeats()).toBe(3)
    clock.advance(30_000)
    expect(repeats()).toBe(2)
  })

  it('does not bind after a 429: then the token bucket decides', async () => {
    const { api, stub } = await setup(
      (request, response) =>
        request.count % 2 === 1
          ? json(response, 429, errorList('QuotaExceeded', 'quota'))
          : json(response, 200, { payload: { granularity: {}, inventorySummaries: [] } }),
      { retry: { budget: { share: 0, reserve: 0 } } },
    )
    for (let i = 0; i < 3; i++)
      await api.call(getInventorySummaries, inventory).catch((error: SpApiError) => {
        expect(error.httpStatus).not.toBe(429)
      })
    expect(stub.requests.length).toBe(6)
  })
})

describe('a circuit', () => {
  const opens = { failuresToOpen: 1, firstPauseMs: 10_000, longestPauseMs: 10_000 }

  it('of one operation does not stop the others of its host', async () => {
    const { api } = await setup(
      (request, response) =>
        request.url.pathname.startsWith('/fba')
          ? down(request, response)
          : json(response, 200, { payload: { marketplaceParticipationList: [] } }),
      { circuit: opens },
    )
    await failureOf(api.call(getInventorySummaries, inventory))
    expect(await failureOf(api.call(getInventorySummaries, inventory))).toBeInstanceOf(CircuitOpenError)
    const other = await api.call(getAccount, {}).catch((error: SpApiError) => error)
    expect(other).not.toBeInstanceOf(CircuitOpenError)
  })

  it('of one host does not stop the same operation at another', async () => {
    const { api } = await setup(down, { circuit: opens })
    expect(api.circuit('US')).toBe(api.circuit('CA'))
    const real = testApi('http://127.0.0.1:9').api
    expect(real.circuit('US')).toBe(real.circuit('DE'))
    const regions = testApi('http://127.0.0.1:9', { endpoints: new RegionalEndpointManager() }).api
    expect(regions.circuit('US')).toBe(regions.circuit('MX'))
    expect(regions.circuit('US')).not.toBe(regions.circuit('DE'))
    expect(regions.circuit('GB')).toBe(regions.circuit('DE'))
  })

  it('that opens while calls wait for their slots keeps them from being sent, and their slots go back', async () => {
    const { api, stub, bucket, clock } = await setup(down, { circuit: opens, retry: { attempts: 1 } })
    const slotsDue = Promise.withResolvers<void>()
    clock.sleep = async (ms) => {
      await slotsDue.promise
      clock.advance(ms)
    }
    bucket.waitMs = 1_000
    const waiting = Array.from({ length: 4 }, () => failureOf(api.call(getInventorySummaries, inventory)))
    await vi.waitFor(() => expect(bucket.reserved).toBe(4), 10_000)
    bucket.waitMs = 0
    await failureOf(api.call(getInventorySummaries, inventory))
    slotsDue.resolve()
    for (const failure of await Promise.all(waiting)) expect(failure).toBeInstanceOf(CircuitOpenError)
    expect(stub.requests).toHaveLength(1)
    expect(bucket.givenBack).toBe(4)
  })
})

describe('a request that must not be sent twice', () => {
  it.each<[string, StubHandler, boolean]>([
    ['a 500', (_q, response) => json(response, 500, {}), true],
    ['a 503', down, true],
    ['silence', () => {}, true],
    ['a reset', (_q, response) => void response.destroy(), true],
    ['half an answer', (_q, response) => void response.end('{"feedId'), true],
    ['a refusal', (_q, response) => json(response, 400, errorList('InvalidInput', 'x')), false],
    ['a missing role', (_q, response) => json(response, 403, errorList('Unauthorized', 'x')), false],
  ])(
    'after %s is sent once, and the error says whether it may have been done',
    async (_name, handler, uncertain) => {
      const { api, stub } = await setup(handler)
      expect(await failureOf(api.call(createFeed, feed))).toMatchObject({ uncertain })
      expect(stub.requests).toHaveLength(1)
    },
  )

  it('is sent again when Amazon refused it with a 429, or it never left', async () => {
    const { api, stub } = await setup((request, response) =>
      request.count === 1
        ? json(response, 429, errorList('QuotaExceeded', 'quota'))
        : json(response, 202, { feedId: '1' }),
    )
    expect((await api.call(createFeed, feed)).body.feedId).toBe('1')
    expect(stub.requests).toHaveLength(2)

    const gone = await startStub({})
    await gone.close()
    const endpoints = new RegionalEndpointManager({ spApiEndpoint: gone.url, lwaEndpoint: stub.url })
    const unreachable = testApi(stub.url, { homeMarketplaceId: 'US', endpoints })
    const failure = await failureOf(unreachable.api.call(createFeed, feed))
    expect(failure).toMatchObject({ kind: 'unavailable', undelivered: true, uncertain: false })
    expect(unreachable.finished.filter(({ operation }) => operation === 'createFeed')).toHaveLength(4)
  })
})

describe("Amazon's request id", () => {
  it('is in every error, in every finished request and in the log of every repeat', async () => {
    const { api, finished, logged } = await setup(down)
    expect((await failureOf(api.call(getAccount, {}))).requestId).toBe('request-1')
    const asked = finished.filter(({ operation }) => operation === 'getAccount')
    expect(asked.map(({ requestId }) => requestId)).toEqual(Array(4).fill('request-1'))
    const repeats = logged.filter((line) => line.includes('asked again'))
    expect(repeats).toHaveLength(3)
    for (const line of repeats) expect(line).toContain('"requestId":"request-1"')
  })
})
