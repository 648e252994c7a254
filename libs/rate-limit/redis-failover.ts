import type { Redis } from 'ioredis'
import type { TokenBucket } from './port.ts'
import type { Membership } from './redis-membership.ts'
import type { Roster } from './redis-roster.ts'
import { type RedisStore, StoreError } from './redis-store.ts'

/**
 * Who is in charge: Redis, or while it is gone the bucket of this process alone. One change at a time, and none that a
 * caller could see half-done.
 */
export interface FailoverOptions {
  readonly client: Redis
  /** An error of the client in words that hold no credentials. */
  readonly describe: (error: unknown) => string
  readonly store: RedisStore
  readonly roster: Roster
  readonly membership: Membership
  /** A bucket for an outage that begins now. */
  readonly aloneBucket: () => TokenBucket
  readonly commandTimeoutMs: number
  /** How often to look for a Redis that is gone. */
  readonly probeMs: number
  readonly leaseMs: number
  readonly onDegraded: (reason: string) => void
  readonly onRecovered: () => void
}

export interface Failover {
  /** Why Redis is not in charge; null when it is. */
  readonly reason: string | null
  readonly closed: boolean
  /** Resolves when it is certain who is in charge. */
  settled(): Promise<void>
  /** Asks Redis, or the bucket that takes its place. What Redis did not answer is answered alone. */
  either<T>(shared: () => Promise<T>, single: (bucket: TokenBucket) => Promise<T>): Promise<T>
  /** Tells Redis something that does not matter when it is gone. */
  tell(what: () => Promise<void>): Promise<void>
  /** Idempotent. */
  close(): Promise<void>
}

export function createFailover(options: FailoverOptions): Failover {
  const { client, describe, store, roster, membership, probeMs, commandTimeoutMs, leaseMs } = options
  let alone: { readonly reason: string; readonly bucket: TokenBucket } | null = null
  let closed = false
  let probe: NodeJS.Timeout | undefined
  let joining: Promise<void> | null = null
  /** While Redis is told what was promised without it, nobody promises more. */
  let handover: Promise<void> | null = null
  const connected = Promise.withResolvers<void>()

  function goAlone(reason: string): void {
    connected.resolve()
    if (alone || closed) return
    alone = { reason, bucket: options.aloneBucket() }
    roster.distrust()
    scheduleProbe()
    options.onDegraded(reason)
  }

  /** What only a Redis that is gone keeps from being done; anything else is thrown. */
  async function tell(what: () => Promise<void>): Promise<void> {
    if (alone || closed) return
    try {
      await what()
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      goAlone(error.message)
    }
  }

  // Redis is told that this process lives, and tells its place and the time.
  const heartbeat = setInterval(() => void tell(() => membership.renewAll(roster.run)), leaseMs / 5)
  heartbeat.unref()

  function scheduleProbe(): void {
    clearTimeout(probe)
    if (closed || !alone) return
    probe = setTimeout(() => void join(), probeMs)
    probe.unref()
  }

  /** Back to Redis, or to it for the first time. */
  function join(): Promise<void> {
    joining ??= tryToJoin().finally(() => {
      joining = null
      scheduleProbe()
    })
    return joining
  }

  async function tryToJoin(): Promise<void> {
    if (closed || client.status !== 'ready') return
    try {
      const run = await store.runId()
      handover = roster.rejoin(run).then(() => membership.renewAll(run))
      await handover
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      goAlone(error.message)
      return
    } finally {
      handover = null
    }
    const wasAlone = alone !== null
    alone = null
    connected.resolve()
    if (wasAlone) options.onRecovered()
  }

  client.on('ready', () => void join())
  client.on('close', () => goAlone(describe(new Error('connection is closed'))))
  const patience = setTimeout(
    () => goAlone(describe(new Error('timed out'))),
    Math.max(1000, 2 * commandTimeoutMs),
  )
  patience.unref()
  void connected.promise.then(() => clearTimeout(patience))

  function checkOpen(): void {
    if (closed) throw new Error('the token bucket is closed')
  }

  async function settled(): Promise<void> {
    checkOpen()
    await connected.promise
    // A handover that fails leaves the bucket alone, as it was.
    if (handover) await joining
    checkOpen()
  }

  return {
    get reason() {
      return alone?.reason ?? null
    },
    get closed() {
      return closed
    },
    settled,
    async either(shared, single) {
      await settled()
      if (!alone) {
        try {
          return await shared()
        } catch (error) {
          if (!(error instanceof StoreError)) throw error
          goAlone(error.message)
        }
      }
      if (!alone) throw new Error('the token bucket is closed')
      return single(alone.bucket)
    },
    tell,
    async close() {
      if (closed) return
      closed = true
      clearInterval(heartbeat)
      clearTimeout(probe)
      clearTimeout(patience)
      connected.resolve()
      try {
        if (!alone && client.status === 'ready') await membership.release(roster.run)
      } catch (error) {
        // The lease ends by itself.
        if (!(error instanceof StoreError)) throw error
      }
      client.disconnect()
      await joining
    },
  }
}
