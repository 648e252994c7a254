import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type Redis, startRedis } from '#deploy/stack/redis.ts'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { startForTest } from '#simulator/testing.ts'
import { describeWith, scratchFolder } from '#tests/support/backing.ts'
import { createSpApi, RegionalEndpointManager } from '../index.ts'
import { createRedisTokenStore } from './redis-store.ts'

describeWith(['redis'], 'tokens while Redis goes away and comes back', () => {
  let redis: Redis
  beforeAll(async () => {
    redis = await startRedis({ dir: scratchFolder('token-outage') })
  })
  afterAll(() => redis.stop())

  it('each process fetches its own, says so once, and shares again', async () => {
    const simulator = await startForTest()
    const told: string[] = []
    const tokenStore = createRedisTokenStore({
      url: redis.url,
      commandTimeoutMs: 5_000,
      onDegraded: () => told.push('gone'),
      onRecovered: () => told.push('back'),
    })
    onTestFinished(() => tokenStore.close())
    const issued = () => simulator.stats().tokensIssued
    const ask = async (seller: string) => {
      const api = createSpApi({
        application: { clientId: 'app', clientSecret: 'client-secret' },
        refreshToken: `Atzr|${seller}`,
        sellerKey: seller,
        bucket: createMemoryTokenBucket(),
        tokenStore,
        endpoints: new RegionalEndpointManager({ spApiEndpoint: simulator.url, lwaEndpoint: simulator.url }),
      })
      await api.checkCredentials()
      await api.close()
    }
    await ask('one')
    await ask('one')
    expect(issued()).toBe(1)

    await redis.kill()
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(['gone'])
    await ask('one')
    await ask('two')
    expect(issued()).toBe(3)
    expect(told).toEqual(['gone'])

    await redis.restart()
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(['gone', 'back'])
    await ask('three')
    await ask('three')
    expect(issued()).toBe(4)
  })
})
