import { Redis, type RedisOptions } from 'ioredis'

/** How the bucket talks to Redis: fail fast, queue nothing, come back by itself. */
export interface RedisConnectionOptions {
  /** `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. */
  readonly url: string
  /** A command without an answer for so long has failed. */
  readonly commandTimeoutMs: number
  /** Anything else that ioredis knows (TLS, Sentinel). */
  readonly redis?: RedisOptions
}

export interface RedisConnection {
  readonly client: Redis
  /** An error of the client in words that hold no credentials. */
  describe(error: unknown): string
}

/**
 * How to find a Redis through its Sentinels: they are asked for the master that the URL names in the place of its host.
 * User, password, database and TLS are those of the URL; the Sentinels themselves take neither password nor TLS.
 * @param sentinels `host:port` of each
 */
export function sentinelOptions(url: string, sentinels: readonly string[]): RedisOptions {
  return {
    sentinels: sentinels.map((sentinel) => {
      const [, host, port] = /^(.+):(\d+)$/.exec(sentinel) ?? []
      if (!host) throw new TypeError(`a Sentinel must look like host:26379, not ${sentinel}`)
      return { host, port: Number(port) }
    }),
    name: new URL(url).hostname,
    // Without an answer the next Sentinel is asked.
    sentinelCommandTimeout: 2000,
    sentinelRetryStrategy: (times) => Math.min(50 * times, 1000),
    enableTLSForSentinelMode: new URL(url).protocol === 'rediss:',
  }
}

/** @throws TypeError when the URL is none. The connection is made at once and again whenever it breaks. */
export function connectRedis(options: RedisConnectionOptions): RedisConnection {
  const where = checkUrl(options.url)
  const settings: RedisOptions = {
    connectTimeout: 2000,
    // A partitioned peer never closes its connection; a new one is due then.
    socketTimeout: Math.max(3000, 4 * options.commandTimeoutMs),
    // As often as a probe of a connection that stands: how soon everybody knows of a Redis that is back.
    retryStrategy: (times) => Math.min(50 * times, 250),
    // A master that became a replica keeps the connection: leave it for the new master.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...options.redis,
    commandTimeout: options.commandTimeoutMs,
    // A slot that is asked for now is worth nothing later, and a queue would grow as long as Redis is gone.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  }
  const client = new Redis(options.url, { ...settings, replyMapping: 'legacy' })
  let lastError = 'there is no connection'
  client.on('error', (error: Error) => {
    lastError = words(error)
  })
  const words = (error: unknown): string => {
    const message = error instanceof Error ? error.message || codeOf(error) : String(error)
    if (/NOAUTH|WRONGPASS|invalid password/i.test(message))
      return 'it refused the credentials: check the user and the password in the URL'
    if (/timed out/i.test(message)) return `no answer within ${options.commandTimeoutMs} ms`
    if (/enableOfflineQueue|max retries|connection is closed/i.test(message)) return lastError
    return message
  }
  return { client, describe: (error) => `Redis at ${where}: ${words(error)}` }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

function checkUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !['redis:', 'rediss:'].includes(parsed.protocol))
    throw new TypeError('the Redis URL must look like redis://host:6379 (or rediss:// for TLS)')
  return parsed.host
}
