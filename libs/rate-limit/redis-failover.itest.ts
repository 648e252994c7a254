import { expect, it } from 'vitest'
import { type RedisFailover, startRedisFailover } from '#deploy/stack/redis-failover.ts'
import { describeWith, scratchFolder, waitFor } from '#tests/support/backing.ts'
import { createRedisTokenBucket } from './redis.ts'
import { sentinelOptions } from './redis-connection.ts'

const plans = { seller: { ratePerSecond: 50, burst: 10 } }
const key = { application: 'failover', seller: 'A1', operation: 'op' }

describeWith(['redis'], 'a Redis with a replica and Sentinels', () => {
  it('is found by its name, and again when its replica has taken over', { timeout: 60_000 }, async () => {
    const redis: RedisFailover = await startRedisFailover({ dir: scratchFolder('failover') })
    await waitFor(() => redis.inSync(), { what: 'the replica in sync' })
    const events: string[] = []
    const bucket = createRedisTokenBucket({
      url: redis.url,
      redis: sentinelOptions(redis.url, redis.sentinels.split(',')),
      share: 1,
      onDegraded: () => events.push('degraded'),
      onRecovered: () => events.push('recovered'),
    })
    const reserve = () => bucket.reserve({ key, plans, slots: 1, priority: 'background', maxWaitMs: 60_000 })
    try {
      expect(await reserve()).toMatchObject({ granted: true })
      expect(bucket.degraded).toBeNull()
      const first = await redis.master()
      await first.kill()
      // Meanwhile it goes on alone.
      await waitFor(async () => (await reserve()).granted && events.includes('degraded'), {
        what: 'an outage',
      })
      await waitFor(() => events.at(-1) === 'recovered', { what: 'the new master', timeoutMs: 30_000 })
      expect(await redis.master()).not.toBe(first)
      expect(await reserve()).toMatchObject({ granted: true })
      await first.restart()
      await waitFor(() => redis.inSync(), { what: 'the old master as a replica', timeoutMs: 30_000 })
      expect(await redis.master()).not.toBe(first)
    } finally {
      await bucket.close()
      await redis.stop()
    }
  })

  it('takes user, password, database and TLS from the URL', () => {
    expect(sentinelOptions('rediss://u:p@mymaster/2', ['a.example:26379'])).toMatchObject({
      name: 'mymaster',
      sentinels: [{ host: 'a.example', port: 26379 }],
      enableTLSForSentinelMode: true,
    })
    expect(() => sentinelOptions('redis://mymaster', ['a.example'])).toThrow('host:26379')
  })
})
