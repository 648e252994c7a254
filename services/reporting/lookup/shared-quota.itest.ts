import { expect, it } from 'vitest'
import { createRedisTokenBucket } from '#libs/rate-limit/redis.ts'
import { loadConfig } from '#libs/service/config.ts'
import { sellersOf } from '#libs/service/sellers.ts'
import { backing, describeWith } from '#tests/support/backing.ts'
import { startLookups } from './testing.ts'

describeWith(['postgres', 'redis'], 'lookups beside fetchers', () => {
  it('spend from the bucket that other processes spend from', async () => {
    // Of this run alone: buckets outlive it.
    const credentials = {
      SP_API_CLIENT_ID: `itest-lookups-${process.pid}-${Date.now()}`,
      SP_API_CLIENT_SECRET: 'secret-of-the-application',
      SP_API_REFRESH_TOKEN: 'token-of-the-seller',
    }
    const { clientId, bucketKey } = sellersOf(loadConfig(credentials))[0]!
    const plan = { ratePerSecond: 0.0004, burst: 1 }
    const fetcher = createRedisTokenBucket({ url: backing('redis'), share: 3, commandTimeoutMs: 10_000 })
    const lookups = await startLookups({
      ...credentials,
      REDIS_URL: backing('redis'),
      SP_API_USAGE_PLANS: 'searchCatalogItems=0.0004/1',
    })
    try {
      const taken = await fetcher.reserve({
        key: { application: clientId, seller: bucketKey, operation: 'searchCatalogItems' },
        plans: { seller: plan, application: { ratePerSecond: 500, burst: 500 } },
        slots: 1,
        priority: 'background',
        maxWaitMs: 60_000,
      })
      expect(taken.granted).toBe(true)
      const spent = await lookups.get('/asin/B0ZZZZZZZZ')
      expect(spent.body.type).toBe('urn:asinstream:problem:quota-spent')
      expect(Number(spent.headers.get('retry-after'))).toBeGreaterThan(1_000)
      expect(lookups.calls()).toBe(0)
    } finally {
      await lookups.close()
      await fetcher.close()
    }
  })
})
