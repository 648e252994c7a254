import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Seller } from './index.ts'
import type { Lookup } from './lookup.ts'
import { SellerPool, type StoppedSeller } from './seller-pool.ts'
import {
  CODE,
  errorList,
  gtin,
  itemsAnswer,
  json,
  openBucket,
  raw,
  type Stub,
  type StubHandler,
  startStub,
  type TestClock,
  testApi,
  testClock,
  tokenAnswer,
  US,
} from './test-support.ts'

const DE = 'A1PA6795UKMFR9'
const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

interface Account {
  readonly api?: StubHandler
  readonly lwa?: StubHandler
  readonly marketplaceIds?: readonly string[]
  /** Milliseconds until each next slot. */
  readonly slotMs?: number
}

interface Setup {
  readonly pool: SellerPool
  readonly clock: TestClock
  readonly events: string[]
  /** Searches, and requests for tokens, that a seller's Amazon saw. */
  searches(name: string): number
  tokens(name: string): number
  lookup(marketplaceId?: string, code?: string): Promise<Lookup>
}

/** Sellers, each in front of an Amazon of its own, with one clock. */
async function sellers(accounts: Readonly<Record<string, Account>>, maxHoldMs = 120_000): Promise<Setup> {
  const clock = testClock()
  const events: string[] = []
  const started = new Map<string, Stub>()
  const members: Seller[] = []
  for (const [name, { api, lwa, marketplaceIds = [US], slotMs = 0 }] of Object.entries(accounts)) {
    const stub = await startStub({ api: api ?? itemsAnswer([]), lwa: lwa ?? tokenAnswer() })
    stubs.push(stub)
    started.set(name, stub)
    const bucket = openBucket()
    bucket.waitMs = slotMs
    members.push({ name, marketplaceIds, api: testApi(stub.url, { clock, bucket }).api })
  }
  const told = (what: string) => (stopped: StoppedSeller) =>
    void events.push(`${stopped.seller} ${what} in ${stopped.marketplaceId}`)
  const pool = new SellerPool({
    sellers: members,
    log: { debug() {}, info() {}, warn() {} },
    clock,
    maxHoldMs,
    onStopped: told('stopped'),
    onResumed: told('resumed'),
  })
  return {
    pool,
    clock,
    events,
    searches: (name) => started.get(name)?.requests.length ?? 0,
    tokens: (name) => started.get(name)?.tokenRequests.length ?? 0,
    async lookup(marketplaceId = US, code = CODE) {
      return (await pool.lookupCodes({ marketplaceId, gtin14s: [code] })).get(code)!
    },
  }
}

const revoked: StubHandler = (_request, response) => json(response, 400, { error: 'invalid_grant' })
const denied: StubHandler = (_request, response) =>
  json(response, 403, errorList('Unauthorized', 'Access to requested resource is denied.'))

describe('several sellers', () => {
  it('are asked by who has the next slot', async () => {
    const setup = await sellers({ slow: { slotMs: 400 }, fast: { slotMs: 20 } })
    for (let i = 0; i < 3; i++) expect(await setup.lookup(US, gtin(i))).toMatchObject({ kind: 'items' })
    expect(setup.searches('fast')).toBe(3)
    expect(setup.searches('slow')).toBe(0)
  })

  it('that are equally free share what is asked at one moment', async () => {
    const setup = await sellers({ one: {}, two: {}, three: {} })
    await Promise.all(Array.from({ length: 6 }, (_, index) => setup.lookup(US, gtin(index))))
    expect(['one', 'two', 'three'].map(setup.searches)).toEqual([2, 2, 2])
  })

  it('are asked only where they sell', async () => {
    const setup = await sellers({ us: {}, de: { marketplaceIds: [DE] } })
    await setup.lookup(DE)
    expect(setup.searches('us')).toBe(0)
    expect(setup.searches('de')).toBe(1)
    expect(await setup.lookup('FR')).toMatchObject({
      failure: 'unauthorized',
      reason: expect.stringContaining('no seller is configured'),
    })
  })

  it.each([
    ['a revoked grant', { lwa: revoked }],
    ['a refused request', { api: denied }],
  ])('go on when %s stops one of them, and its codes are answered by another', async (_, broken) => {
    const setup = await sellers({ broken, good: { slotMs: 50 } })
    for (let i = 0; i < 5; i++) expect(await setup.lookup(US, gtin(i))).toMatchObject({ kind: 'items' })
    expect(setup.events).toEqual(['broken stopped in ATVPDKIKX0DER'])
    expect(setup.pool.stopped).toMatchObject([{ seller: 'broken', marketplaceId: US }])
    expect(setup.searches('good')).toBe(5)
    expect(setup.searches('broken') + setup.tokens('broken')).toBeLessThan(3)
  })

  it('take a seller back when its credentials are mended', async () => {
    const grant: { mended: boolean } = { mended: false }
    const setup = await sellers({
      broken: {
        lwa: (request, response) => (grant.mended ? tokenAnswer() : revoked)(request, response),
      },
      good: { slotMs: 50 },
    })
    await setup.lookup()
    grant.mended = true
    setup.clock.advance(60_000)
    await setup.lookup(US, gtin(7))
    expect(setup.events).toEqual(['broken stopped in ATVPDKIKX0DER', 'broken resumed in ATVPDKIKX0DER'])
    expect(setup.searches('broken')).toBe(1)
  })

  it('go on when Amazon does not answer one of them', async () => {
    const setup = await sellers({ down: { api: raw(503, 'text/html', '<html>') }, good: { slotMs: 50 } })
    const outcomes = []
    for (let i = 0; i < 6; i++) outcomes.push(await setup.lookup(US, gtin(i)))
    expect(outcomes.slice(2)).toMatchObject(Array(4).fill({ kind: 'items' }))
    expect(setup.searches('down')).toBeLessThanOrEqual(6)
  })

  it('that are stopped in one marketplace do not stand in the way of another', async () => {
    const setup = await sellers({ us: { lwa: revoked }, de: { marketplaceIds: [DE] } })
    expect(await setup.lookup()).toMatchObject({
      failure: 'unauthorized',
      reason: expect.stringContaining('us'),
    })
    // Nothing was waited for: others have work.
    expect(setup.clock.monotonicMs()).toBeLessThan(5_000)
    expect(await setup.lookup(DE)).toMatchObject({ kind: 'items' })
  })
})

describe('sellers that change', () => {
  const swap = (setup: Setup, name: string, api: Seller['api']) =>
    setup.pool.setSellers([{ name, api, marketplaceIds: [US] }])

  it('go on at once with a new refresh token, while codes wait for the old one', async () => {
    const setup = await sellers({ only: { lwa: revoked } }, 600_000)
    const mended = await startStub({})
    stubs.push(mended)
    const { api } = testApi(mended.url, { clock: setup.clock })
    const sleep = setup.clock.sleep
    let swapped: Promise<void> | undefined
    setup.clock.sleep = async (ms, signal) => {
      if (setup.pool.stopped.length > 0) swapped ??= swap(setup, 'only', api)
      await sleep.call(setup.clock, ms, signal)
    }
    expect(await setup.lookup()).toMatchObject({ kind: 'items' })
    await swapped
    expect(setup.events).toEqual(['only stopped in ATVPDKIKX0DER', 'only resumed in ATVPDKIKX0DER'])
    expect(mended.requests).toHaveLength(1)
  })

  it('finish what they were asked before they are closed', async () => {
    const answer = Promise.withResolvers<void>()
    const setup = await sellers({
      only: {
        api: async (request, response) => {
          await answer.promise
          await itemsAnswer([])(request, response)
        },
      },
    })
    const looked = setup.lookup()
    await expect.poll(() => setup.searches('only')).toBe(1)
    const left = setup.pool.setSellers([])
    expect(await setup.lookup(US, gtin(3))).toMatchObject({ failure: 'unauthorized' })
    answer.resolve()
    expect(await looked).toMatchObject({ kind: 'items' })
    await left
  })

  it('have nothing held against them that Amazon says about their old credentials', async () => {
    const refused = Promise.withResolvers<void>()
    const setup = await sellers({
      only: {
        lwa: async (request, response) => {
          await refused.promise
          await revoked(request, response)
        },
      },
    })
    const stub = await startStub({})
    stubs.push(stub)
    const looked = setup.lookup()
    await expect.poll(() => setup.tokens('only')).toBe(1)
    const left = swap(setup, 'only', testApi(stub.url, { clock: setup.clock }).api)
    refused.resolve()
    expect(await looked).toMatchObject({ kind: 'items' })
    await left
    expect(setup.events).toEqual([])
  })
})

describe('the only seller', () => {
  it('leaves nothing behind at what is waited for, however long it is refused', async () => {
    const setup = await sellers({ only: { lwa: revoked } })
    const { change } = setup.pool.sellers[0]!.api.circuit(US)
    const reactions = vi.spyOn(change, 'then')
    for (let i = 0; i < 5; i++) expect(await setup.lookup()).toMatchObject({ failure: 'unauthorized' })
    expect(setup.pool.sellers[0]!.api.circuit(US).change).toBe(change)
    expect(setup.clock.sleeps.length).toBeGreaterThan(10)
    expect(reactions).toHaveBeenCalledOnce()
  })

  it('is waited for when it is stopped, asked ever more rarely, and goes on when it is mended', async () => {
    let mendedAt = Number.POSITIVE_INFINITY
    const setup = await sellers(
      {
        only: {
          lwa: (request, response) =>
            (setup.clock.monotonicMs() >= mendedAt ? tokenAnswer() : revoked)(request, response),
        },
      },
      600_000,
    )
    mendedAt = 300_000
    expect(await setup.lookup()).toMatchObject({ kind: 'items' })
    expect(setup.clock.monotonicMs()).toBeLessThan(300_000 + 61_000)
    expect(setup.tokens('only')).toBeLessThan(12)
    expect(setup.events).toEqual(['only stopped in ATVPDKIKX0DER', 'only resumed in ATVPDKIKX0DER'])
  })

  it('is not waited for any longer than agreed: its products are told so, with a time to come back', async () => {
    const setup = await sellers({ only: { lwa: revoked } })
    expect(await setup.lookup()).toMatchObject({
      kind: 'failed',
      failure: 'unauthorized',
      reason: expect.stringContaining('authorise'),
      retryAfterMs: expect.any(Number),
    })
    expect(setup.clock.monotonicMs()).toBeGreaterThanOrEqual(120_000)
    expect(setup.clock.monotonicMs()).toBeLessThan(130_000)
  })

  it('leaves off when the caller does', async () => {
    const setup = await sellers({ only: { lwa: revoked } })
    const abort = new AbortController()
    const sleep = setup.clock.sleep
    setup.clock.sleep = async (ms, signal) => {
      if (ms > 1_000) abort.abort(new Error('enough'))
      await sleep.call(setup.clock, ms, signal)
    }
    const looked = setup.pool.lookupCodes({ marketplaceId: US, gtin14s: [CODE] }, { signal: abort.signal })
    await expect(looked).rejects.toThrow('enough')
  })
})

describe('a failure', () => {
  const failing =
    (bad: string, answer: StubHandler): StubHandler =>
    (request, response) =>
      `00${request.url.searchParams.get('identifiers')}` === bad
        ? answer(request, response)
        : itemsAnswer([])(request, response)
  const answers: [string, StubHandler, string][] = [
    ['a 500', (_q, response) => json(response, 500, errorList('InternalFailure', 'x')), 'failed'],
    ['HTML with 200', raw(200, 'text/html', '<html>'), 'failed'],
    ['truncated JSON', raw(200, 'application/json', '{"items":['), 'failed'],
    ['silence', () => {}, 'timeout'],
  ]

  it.each(answers)('that Amazon answers others is its own: %s', async (_, answer, failure) => {
    const setup = await sellers({ only: { api: failing(CODE, answer) } })
    await setup.lookup(US, gtin(5))
    expect(await setup.lookup()).toMatchObject({ kind: 'failed', failure })
  })

  it.each(answers)('of everybody is an outage: %s', async (_, answer) => {
    const setup = await sellers({ only: { api: answer } }, 10_000)
    expect(await setup.lookup()).toMatchObject({ kind: 'failed', failure: 'unavailable' })
  })

  it('of the code alone is told from one of all codes, when it is refused', async () => {
    const refuse: StubHandler = (_q, response) => json(response, 400, errorList('InvalidInput', 'no'))
    const one = await sellers({ only: { api: failing(CODE, refuse) } })
    expect(await one.lookup()).toMatchObject({ kind: 'rejected' })
    const all = await sellers({ only: { api: refuse } })
    expect(await all.lookup()).toMatchObject({ kind: 'failed', failure: 'unavailable' })
  })
})
