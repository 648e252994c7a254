import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedisFailover } from '#deploy/stack/redis-failover.ts'
import { waitFor } from '#tests/support/wait-for.ts'
import { quotaUse, useBetween } from './quota-use.ts'
import { type Report, runTrial, type TrialOptions } from './trial.ts'

type Options = Omit<TrialOptions, 'scenario'>

/** Redis is killed, comes back empty, and stands still for five seconds, while the quota binds. */
export function redisFails(options: Options): Promise<Report> {
  return runTrial({ ...options, scenario: 'Redis fails' }, async (trial) => {
    const { redis, simulator, say } = trial
    await trial.reached(0.05)
    const first = await quotaUse(simulator)
    say('Redis is killed')
    await redis.kill()
    await sleep(5_000)
    say('Redis comes back empty')
    await redis.restart()
    await trial.reached(0.3)
    say('Redis is restarted, empty')
    await redis.restart()
    await trial.reached(0.5)
    say('Redis stands still for five seconds')
    redis.pause()
    await sleep(5_000)
    redis.resume()
    await trial.reached(0.9)
    return { faults: 3, more: useBetween(first, await quotaUse(simulator)) }
  })
}

/**
 * The master of a Redis with a replica and Sentinels is killed three times while the quota binds; each time the replica
 * takes over, and the dead one comes back as the replica of the other.
 */
export async function redisFailsOver(options: Options): Promise<Report> {
  const redis = await startRedisFailover({ dir: join(options.folder, 'redis-failover') })
  const inSync = () => waitFor(() => redis.inSync(), { what: 'a replica in sync', timeoutMs: 60_000 })
  const variables = { ...options.variables, REDIS_URL: redis.url, REDIS_SENTINELS: redis.sentinels }
  try {
    await inSync()
    return await runTrial({ ...options, variables, scenario: 'Redis fails over' }, async (trial) => {
      const { simulator, say } = trial
      const promotedAfterMs: number[] = []
      await trial.reached(0.05)
      const first = await quotaUse(simulator)
      for (const at of [0.1, 0.4, 0.7]) {
        await trial.reached(at)
        const master = await redis.master()
        const killed = performance.now()
        await master.kill()
        say('the master is killed')
        await waitFor(async () => (await redis.master()) !== master, {
          what: 'another master',
          timeoutMs: 60_000,
        })
        promotedAfterMs.push(Math.round(performance.now() - killed))
        say('its replica is the master')
        await master.restart()
        await inSync()
        say('the old master follows it')
      }
      await trial.reached(0.95)
      return { faults: 3, more: { promotedAfterMs, ...useBetween(first, await quotaUse(simulator)) } }
    })
  } finally {
    await redis.stop()
  }
}
