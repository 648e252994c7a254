import { once } from 'node:events'
import { connectRedis, sentinelOptions } from '#libs/rate-limit/redis-connection.ts'
import type { Config } from '#libs/service/config.ts'
import type { Finding } from '../commands/doctor.ts'
import { compareClock } from './clock.ts'

const TIMEOUT_MS = 3_000
/** Before 5, scripts that read the clock are not replicated as they must be. */
const OLDEST_MAJOR = 5

export async function* checkRedis(config: Config): AsyncGenerator<Finding> {
  if (config.REDIS_URL === undefined) {
    yield {
      check: 'Redis',
      status: 'info',
      message: 'REDIS_URL is not set: token buckets are in memory, right for one fetcher only',
    }
    return
  }
  const { client, describe } = connectRedis({
    url: config.REDIS_URL,
    commandTimeoutMs: TIMEOUT_MS,
    ...(config.REDIS_SENTINELS && { redis: sentinelOptions(config.REDIS_URL, config.REDIS_SENTINELS) }),
  })
  try {
    await once(client, 'ready', { signal: AbortSignal.timeout(TIMEOUT_MS) })
    yield await compareClock('Redis', async () => {
      const [seconds, micros] = await client.time()
      return { theirMs: Number(seconds) * 1_000 + Number(micros) / 1_000 }
    })
    const info = await client.info()
    yield version(field(info, 'redis_version') ?? '0')
    if (field(info, 'role') === 'slave' || field(info, 'role') === 'replica')
      yield {
        check: 'Redis',
        status: 'failed',
        message: 'it is a replica, which takes no writes: token buckets can not be kept in it',
        advice: 'Name the master in REDIS_URL, or the Sentinels in REDIS_SENTINELS.',
      }
    const policy = field(info, 'maxmemory_policy')
    const limited = Number(field(info, 'maxmemory') ?? 0) > 0
    if (policy !== undefined && policy !== 'noeviction' && limited) {
      yield {
        check: 'Redis',
        status: 'warning',
        message: `evicts keys when its memory is full (${policy}): a token bucket that is forgotten costs 429s`,
        advice: 'Set maxmemory-policy to noeviction, or use a Redis of its own.',
      }
    }
  } catch (error) {
    yield {
      check: 'Redis',
      status: 'failed',
      message: describe(error),
      advice: 'Check REDIS_URL, and that it runs.',
    }
  } finally {
    client.disconnect()
  }
}

function version(found: string): Finding {
  const good = Number(found.split('.')[0]) >= OLDEST_MAJOR
  return good
    ? { check: 'Redis', status: 'ok', message: found }
    : { check: 'Redis', status: 'failed', message: found, advice: `Use ${OLDEST_MAJOR} or newer.` }
}

const field = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
