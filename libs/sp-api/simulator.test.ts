import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { createSpApi, RegionalEndpointManager, type SpApi, type SpApiOptions, toCandidate } from './index.ts'
import type { Lookup } from './lookup.ts'
import { openBucket } from './test-support.ts'

const US = 'ATVPDKIKX0DER'
const code = (index: number) => `00${upcOf(index)}`
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => code(from + i))

const running: { stop(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop()
})

async function setUp(
  simulation: Parameters<typeof startSimulator>[0],
  options: Partial<SpApiOptions> = {},
): Promise<{ simulator: Simulator; api: SpApi }> {
  const simulator = await startSimulator({ rate: 10_000, burst: 10_000, appRate: 10_000, ...simulation })
  running.push(simulator)
  const api = createSpApi({
    application: { clientId: 'client', clientSecret: 'client-secret' },
    refreshToken: 'Atzr|refresh',
    sellerKey: 'seller',
    endpoints: new RegionalEndpointManager({ spApiEndpoint: simulator.url, lwaEndpoint: simulator.url }),
    bucket: openBucket(),
    timeouts: { connectMs: 2_000, headersMs: 1_000, bodyMs: 1_000, totalMs: 3_000 },
    retry: { firstPauseMs: 5 },
    ...options,
  })
  running.push({ stop: () => api.close() })
  return { simulator, api }
}

/** Every code's ASINs as the catalogue of the simulator has them. */
function expected(simulator: Simulator, gtin14: string): string[] {
  return simulator.catalogue
    .lookup(US, Number(gtin14))
    .listings.map((listing) => listing.asin)
    .sort()
}

const asins = (outcome: Lookup | undefined) =>
  outcome?.kind === 'items' ? outcome.items.map((item) => item.asin).sort() : outcome

describe('against a simulated Amazon', () => {
  it('every code gets exactly its items, over pages as well', async () => {
    const { simulator, api } = await setUp({ asinsPerUpc: 2.4, notFound: 0.2 })
    for (let batch = 0; batch < 10; batch++) {
      const codes = range(batch * 20, 20)
      const outcomes = await api.lookupCodes({ marketplaceId: US, gtin14s: codes })
      for (const one of codes) expect(asins(outcomes.get(one))).toEqual(expected(simulator, one))
    }
    expect(simulator.stats().searchCatalogItems.furtherPages.calls).toBeGreaterThan(10)
  })

  it('candidates are filled', async () => {
    const { api } = await setUp({ notFound: 0 })
    const outcomes = await api.lookupCodes({ marketplaceId: US, gtin14s: range(0, 5) })
    for (const [gtin14, outcome] of outcomes) {
      if (outcome.kind !== 'items') throw new Error(`${gtin14} has no items`)
      expect(outcome.amazonRequestId).not.toBeNull()
      for (const item of outcome.items) {
        const candidate = toCandidate(item, US)
        expect(candidate.gtin14s).toContain(gtin14)
        expect(candidate).toMatchObject({ title: expect.any(String), brand: expect.any(String) })
      }
    }
  })

  it('a bad code is found and spares the others', async () => {
    const { simulator, api } = await setUp({ notFound: 0 })
    const codes = range(0, 19)
    const bad = '00036000291453'
    const outcomes = await api.lookupCodes({ marketplaceId: US, gtin14s: [...codes, bad] })
    expect(outcomes.get(bad)).toMatchObject({ kind: 'rejected', httpStatus: 400 })
    for (const one of codes) expect(asins(outcomes.get(one))).toEqual(expected(simulator, one))
  })

  it('faults of every kind end in an answer or a typed failure, and most are got over', async () => {
    const { simulator, api } = await setUp({
      faults: {
        '429': 0.05,
        '500': 0.05,
        '503': 0.05,
        '403expired': 0.05,
        reset: 0.05,
        html400: 0.05,
        html503: 0.05,
        truncated: 0.05,
        badjson: 0.05,
        token500: 0.1,
        tokenreset: 0.1,
      },
    })
    let answered = 0
    for (let batch = 0; batch < 40; batch++) {
      const codes = range(batch * 5, 5)
      const outcomes = await api.lookupCodes({ marketplaceId: US, gtin14s: codes })
      for (const one of codes) {
        const outcome = outcomes.get(one)
        if (outcome?.kind === 'items') {
          answered++
          expect(asins(outcome)).toEqual(expected(simulator, one))
        } else expect(outcome?.kind).toBe('failed')
      }
    }
    expect(answered).toBeGreaterThan(150)
  })

  it('a hang is a timeout, an answer of 64 MiB a failure', async () => {
    const { simulator, api } = await setUp({ faults: { hang: 1 } }, { retry: { attempts: 1 } })
    const lookup = async () => (await api.lookupCodes({ marketplaceId: US, gtin14s: [code(0)] })).get(code(0))
    expect(await lookup()).toMatchObject({ kind: 'failed', failure: 'timeout' })
    simulator.setFaults({ huge: 1 })
    expect(await lookup()).toMatchObject({ kind: 'failed', failure: 'failed' })
    simulator.setFaults({})
    expect(await lookup()).toMatchObject({ kind: 'items' })
  })

  it.each([1, 0.4])('tokens of %d seconds are no obstacle', async (tokenTtlSeconds) => {
    const { simulator, api } = await setUp({ tokenTtlSeconds })
    while (simulator.stats().tokensIssued < 4)
      for (const outcome of (await api.lookupCodes({ marketplaceId: US, gtin14s: range(0, 5) })).values())
        expect(outcome).toMatchObject({ kind: 'items' })
  })

  it('a revoked grant is unauthorized', async () => {
    const { simulator, api } = await setUp({})
    simulator.revoke({ refreshToken: 'Atzr|refresh' })
    await expect(api.checkCredentials()).rejects.toMatchObject({ kind: 'unauthorized' })
    const outcomes = await api.lookupCodes({ marketplaceId: US, gtin14s: [code(0)] })
    expect(outcomes.get(code(0))).toMatchObject({ failure: 'unauthorized', calls: 0 })
  })

  it('with a real bucket and a plan that binds there is no 429', async () => {
    const bucket = createMemoryTokenBucket()
    running.push({ stop: () => bucket.close() })
    const plan = { ratePerSecond: 20, burst: 20 }
    const { simulator, api } = await setUp(
      { rate: 20, burst: 20 },
      {
        bucket,
        usagePlans: { searchCatalogItems: { seller: plan }, getMarketplaceParticipations: { seller: plan } },
      },
    )
    const calls = Array.from({ length: 50 }, (_, i) =>
      api.lookupCodes({ marketplaceId: US, gtin14s: [code(i)] }),
    )
    for (const outcomes of await Promise.all(calls))
      expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(['items'])
    expect(simulator.stats().throttled).toBe(0)
    expect(simulator.stats().searchCatalogItems.firstPages.calls).toBe(50)
  })

  it('the marketplaces of the account are told', async () => {
    const { api } = await setUp({})
    const participations = await api.marketplaceParticipations('US')
    expect(participations).toContainEqual(
      expect.objectContaining({ marketplaceId: US, countryCode: 'US', isParticipating: true }),
    )
  })
})
