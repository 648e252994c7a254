import { expect, it, onTestFinished } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { gtin14 } from '#simulator/catalogue/gtin.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import { startForTest, US } from '#simulator/testing.ts'
import { createSpApi, RegionalEndpointManager, SellerPool, usagePlansWith } from './index.ts'

const LOOKUPS = 60

it('sellers share the lookups as their plans do, and their application as one plan', async () => {
  const simulator = await startForTest({ rate: 20, burst: 20 })
  const bucket = createMemoryTokenBucket({ jitterMs: 50 })
  const counts = new Map<string, number>()
  const endpoints = new RegionalEndpointManager({ spApiEndpoint: simulator.url, lwaEndpoint: simulator.url })
  const sellers = Object.entries({ small: 4, large: 16 }).map(([name, ratePerSecond]) => ({
    name,
    marketplaceIds: [US],
    api: createSpApi({
      application: { clientId: 'one-application', clientSecret: 'secret' },
      refreshToken: name,
      sellerKey: name,
      bucket,
      endpoints,
      usagePlans: usagePlansWith({ searchCatalogItems: { ratePerSecond, burst: 2 } }),
      onRequest: ({ operation }) => {
        if (operation === 'searchCatalogItems') counts.set(name, (counts.get(name) ?? 0) + 1)
      },
    }),
  }))
  const pool = new SellerPool({ sellers, log: { debug() {}, info() {}, warn() {} } })
  onTestFinished(() => pool.close())
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < LOOKUPS) {
      const code = gtin14(Number(upcOf(next++)))
      const lookup = (await pool.lookupCodes({ marketplaceId: US, gtin14s: [code] })).get(code)
      expect(lookup?.kind).toBe('items')
    }
  }
  await Promise.all(Array.from({ length: 6 }, worker))
  const small = counts.get('small') ?? 0
  expect(small + (counts.get('large') ?? 0)).toBe(LOOKUPS)
  // One in five is 12; a round robin would make it 30.
  expect(small).toBeGreaterThanOrEqual(7)
  expect(small).toBeLessThanOrEqual(18)
  expect(simulator.stats().throttled).toBe(0)
})
