import { randomUUID } from 'node:crypto'
import type { Redis, RedisOptions } from 'ioredis'
import { connectRedis } from '#libs/rate-limit/redis-connection.ts'
import { type Claim, type TokenStore, TokenStoreError } from './store.ts'

export interface RedisTokenStoreOptions {
  /** `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. */
  readonly url: string
  /** Redis is gone when it takes longer to answer than this; default 500. */
  readonly commandTimeoutMs?: number
  /** The claim of a process that has died ends after so long; default 5000. One that lives renews it. */
  readonly leaseMs?: number
  /** What all keys start with; default `asinstream:token`. */
  readonly keyPrefix?: string
  /** Anything else that ioredis knows (TLS, Sentinel). */
  readonly redis?: RedisOptions
  /** Redis is gone, for this reason: from now on this process fetches its own tokens. Once per outage. */
  readonly onDegraded?: (reason: string) => void
  /** Tokens are shared again. */
  readonly onRecovered?: () => void
}

/** Text and remaining time of one moment. KEYS: text. */
const READ = `
local text = redis.call('GET', KEYS[1])
if not text then return nil end
return {text, redis.call('PTTL', KEYS[1])}`

/** Whoever has lost the claim changes nothing. KEYS: claim, text. ARGV: holder, text, its time in ms. */
const PUBLISH = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return redis.call('DEL', KEYS[1])`

/** KEYS: claim. ARGV: holder. */
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

/** KEYS: claim. ARGV: holder, lease in ms. */
const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`

interface Commands {
  tokenRead(text: string): Promise<[text: string, ttl: number] | null>
  tokenPublish(claim: string, text: string, ...args: (string | number)[]): Promise<unknown>
  tokenRelease(claim: string, holder: string): Promise<unknown>
  tokenRenew(claim: string, holder: string, leaseMs: number): Promise<unknown>
}

/** Tokens that processes share through Redis, sealed before they come here. */
export function createRedisTokenStore(options: RedisTokenStoreOptions): TokenStore {
  const { commandTimeoutMs = 500, leaseMs = 5_000, keyPrefix = 'asinstream:token' } = options
  const { client, describe } = connectRedis({
    url: options.url,
    commandTimeoutMs,
    ...(options.redis && { redis: options.redis }),
  })
  const commands = withScripts(client)
  const held = new Set<NodeJS.Timeout>()
  let closed = false
  let gone = false

  const degrade = (reason: string): void => {
    connected.resolve()
    if (gone || closed) return
    gone = true
    options.onDegraded?.(reason)
  }
  const recover = (): void => {
    connected.resolve()
    if (gone && !closed) options.onRecovered?.()
    gone = false
  }
  // The first question waits for the first connection, or for its failure.
  const connected = Promise.withResolvers<void>()
  client.on('ready', recover)
  client.on('close', () => degrade(describe(new Error('connection is closed'))))
  const patience = setTimeout(
    () => degrade(describe(new Error('timed out'))),
    Math.max(1_000, 2 * commandTimeoutMs),
  )
  patience.unref()
  void connected.promise.then(() => clearTimeout(patience))

  async function ask<T>(question: () => Promise<T>): Promise<T> {
    await connected.promise
    if (closed) throw new TokenStoreError('the token store is closed')
    try {
      const answer = await question()
      recover()
      return answer
    } catch (error) {
      // Errors of the client carry the command with its arguments: only words go on.
      const reason = describe(error)
      degrade(reason)
      throw new TokenStoreError(reason)
    }
  }

  // Both keys of a name in one slot of a cluster.
  const textKey = (name: string) => `${keyPrefix}:{${name}}`
  const claimKey = (name: string) => `${keyPrefix}:{${name}}:claim`

  function claimOf(name: string, holder: string): Claim {
    const key = claimKey(name)
    // A renewal that fails is told by `ask`, and the claim then ends by itself.
    const renew = () => void ask(() => commands.tokenRenew(key, holder, leaseMs)).catch(() => {})
    const timer = setInterval(renew, leaseMs / 3)
    timer.unref()
    held.add(timer)
    const end = () => {
      clearInterval(timer)
      held.delete(timer)
    }
    return {
      async publish(text, ttlMs) {
        end()
        await ask(() => commands.tokenPublish(key, textKey(name), holder, text, Math.ceil(ttlMs)))
      },
      async release() {
        end()
        await ask(() => commands.tokenRelease(key, holder))
      },
    }
  }

  return {
    async read(name) {
      const found = await ask(() => commands.tokenRead(textKey(name)))
      return found && { text: found[0], remainingMs: found[1] }
    },
    async claim(name) {
      const holder = randomUUID()
      const taken = await ask(() => client.set(claimKey(name), holder, 'PX', leaseMs, 'NX'))
      return taken === null ? null : claimOf(name, holder)
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(patience)
      connected.resolve()
      for (const timer of held) clearInterval(timer)
      client.disconnect()
    },
  }
}

/** @param client a connection of its own */
function withScripts(client: Redis): Commands {
  client.defineCommand('tokenRead', { numberOfKeys: 1, lua: READ })
  client.defineCommand('tokenPublish', { numberOfKeys: 2, lua: PUBLISH })
  client.defineCommand('tokenRelease', { numberOfKeys: 1, lua: RELEASE })
  client.defineCommand('tokenRenew', { numberOfKeys: 1, lua: RENEW })
  return client as unknown as Commands
}
