import type { Redis } from 'ioredis'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { BRAKE_MS, REJECTION_WINDOW_SLOTS, REJECTIONS_TO_BRAKE } from './learning.ts'
import type { PaceOptions } from './plan.ts'
import type { BucketKey, BucketPlans, BucketState, Refusal, ReserveRequest } from './port.ts'
import * as scripts from './redis-scripts.ts'
import { readState } from './redis-state.ts'
import { MAX_SLOTS } from './requests.ts'

/** Buckets in Redis as typed calls; it knows no fallback. Every call rejects with a `StoreError` when Redis does not answer. */
export interface RedisStore {
  /** Null when Redis does not know the bucket's plan. */
  reserve(bucket: string, request: StoreRequest): Promise<StoreAnswer | null>
  leave(bucket: string, ticket: string): Promise<void>
  setup(bucket: string, setup: BucketSetup): Promise<void>
  /** False when Redis does not know the bucket's plan; so with the next two. */
  learn(bucket: string, ratePerSecond: number): Promise<boolean>
  throttle(bucket: string, retryAfterMs: number | undefined): Promise<boolean>
  state(bucket: string): Promise<BucketState | null>
  /** The names of all buckets that were set up, those as well that Redis has forgotten. */
  names(): Promise<readonly string[]>
  forget(bucket: string): Promise<void>
  /** Does nothing when Redis has forgotten the bucket, or was restarted since `run`. */
  giveBack(bucket: string, run: string, slots: readonly StoreSlot[]): Promise<void>
  /** The same; the slot's call arrived at the latest so long ago. */
  arrived(bucket: string, run: string, slot: StoreSlot, agoMs: number): Promise<void>
  /** Renews a place among the processes that share the bucket's application and operation, or asks for one. */
  renewPlace(bucket: string, request: PlaceRequest): Promise<{ index: number | null; redisNow: number }>
  releasePlace(bucket: string, request: Pick<PlaceRequest, 'token' | 'run' | 'count'>): Promise<void>
  /** The run id of the Redis that answers: another one may have forgotten anything. */
  runId(): Promise<string>
}

export type StoreRequest = Pick<ReserveRequest, 'slots' | 'priority' | 'maxWaitMs' | 'ticket'>

export interface BucketSetup {
  readonly plans: BucketPlans
  readonly pace: PaceOptions
  readonly run: string
  /** The burst is spent, and no slot is free before so many milliseconds from now. */
  readonly spentMs?: number
  /** A rate that Amazon announced, for a Redis that never heard of it. */
  readonly learnedRate?: number
}

export interface PlaceRequest {
  /** Names the process. */
  readonly token: string
  readonly run: string
  /** How many places there are. */
  readonly count: number
  readonly leaseMs: number
  /** The place that it had, also in a Redis that has forgotten. */
  readonly had: number | null
}

/** A slot and what it takes to give it back. */
export interface StoreSlot {
  readonly waitMs: number
  readonly seller: string
  readonly application: string
}

export type StoreAnswer =
  | {
      readonly granted: true
      readonly slots: readonly StoreSlot[]
      readonly ratePerSecond: number
      /** The next slot depends on when this call arrives. */
      readonly inDoubt: boolean
    }
  | Refusal

/** Redis did not do what it was asked. The message carries no command and no credentials. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/** The name of the seller's bucket. The part in braces is what a Redis cluster places keys by. */
export function bucketName(prefix: string, key: BucketKey): string {
  const [application, operation, seller] = [key.application, key.operation, key.seller].map(
    encodeURIComponent,
  )
  return `${prefix}:{${application}/${operation}}:${seller}`
}

/** The key of a bucket by its name; null when it is the name of something else. */
export function bucketKey(prefix: string, name: string): BucketKey | null {
  if (!name.startsWith(`${prefix}:`)) return null
  const [, ...parts] = /^\{([^/]*)\/([^}]*)\}:([^:]*)$/.exec(name.slice(prefix.length + 1)) ?? []
  if (parts.length === 0) return null
  const [application, operation, seller] = parts.map(decodeURIComponent) as [string, string, string]
  return { application, operation, seller }
}

/** A custom script's answer has more than a counter and a time; this is where the library reads it. */
class SlotLimiter extends RateLimiterRedis {
  _getRateLimiterRes(_key: string, _points: number, answer: Raw): SlotAnswer {
    return new SlotAnswer(answer)
  }
}

class SlotAnswer extends RateLimiterRes {
  readonly answer: Raw
  constructor(answer: Raw) {
    super(0, Number(answer[1]), Number(answer[0]))
    this.answer = answer
  }
}

type Raw = readonly (string | number)[]

interface Commands {
  bucketSetup(key: string, ...args: (string | number)[]): Promise<unknown>
  bucketLearn(key: string, rate: number): Promise<unknown>
  bucketThrottle(key: string, ...args: (string | number)[]): Promise<unknown>
  bucketGiveBack(key: string, ...args: string[]): Promise<unknown>
  bucketArrived(key: string, ...args: (string | number)[]): Promise<unknown>
  bucketLeave(key: string): Promise<unknown>
  bucketState(key: string): Promise<unknown>
  bucketMember(key: string, ...args: (string | number)[]): Promise<[number, string]>
}

/**
 * @param client a connection of its own: the library registers its script per client under one name
 * @param prefix what the names of all buckets start with
 */
export function createRedisStore(
  client: Redis,
  describe: (error: unknown) => string,
  prefix: string,
): RedisStore {
  // The names of buckets that were set up. It is no bucket's: those go on with a colon.
  const index = `${prefix}s`
  for (const [name, lua] of Object.entries({
    bucketSetup: scripts.SETUP,
    bucketLearn: scripts.LEARN,
    bucketThrottle: scripts.THROTTLE,
    bucketGiveBack: scripts.GIVE_BACK,
    bucketArrived: scripts.ARRIVED,
    bucketLeave: scripts.LEAVE,
    bucketState: scripts.STATE,
    bucketMember: scripts.MEMBER,
  }))
    client.defineCommand(name, { numberOfKeys: 1, lua })
  const commands = client as unknown as Commands
  const limiter = (duration: number): SlotLimiter =>
    new SlotLimiter({
      storeClient: client,
      // The bucket's name is the whole key: the script finds the application's level in it.
      keyPrefix: '',
      points: MAX_SLOTS,
      duration,
      customIncrTtlLuaScript: scripts.RESERVE,
    })
  const limiters = { urgent: limiter(1), background: limiter(2) }

  async function ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question()
    } catch (error) {
      // Errors of the client carry the command with its arguments, AUTH's too: only words go on.
      throw new StoreError(describe(error))
    }
  }

  return {
    async reserve(bucket, { slots, priority, maxWaitMs, ticket }) {
      const raw = await ask(async () => {
        // The library passes whole numbers on, and takes 0 for "no expiry".
        const customDuration = 1 + Math.min(Math.floor(maxWaitMs), 1e12)
        const answered = await limiters[priority]
          .consume(ticket === undefined ? bucket : ticketKey(bucket, ticket), slots, { customDuration })
          .catch((refused) => {
            if (refused instanceof RateLimiterRes) return refused
            throw refused
          })
        return (answered as SlotAnswer).answer
      })
      if (Number(raw[0]) <= MAX_SLOTS) return { granted: true, ...slotsOf(raw) }
      const waitMs = Number(raw[1])
      if (waitMs < 0) return null
      return { granted: false, waitMs, askAgainMs: raw[2] ? Number(raw[2]) : null }
    },
    async leave(bucket, ticket) {
      await ask(() => commands.bucketLeave(ticketKey(bucket, ticket)))
    },
    async setup(bucket, { plans, pace, run, spentMs, learnedRate }) {
      const levels = plans.application ? [plans.seller, plans.application] : [plans.seller]
      const numbers = levels.flatMap((plan) => [plan.ratePerSecond, plan.burst])
      await ask(() =>
        commands.bucketSetup(
          bucket,
          run,
          pace.jitterMs,
          pace.urgentShare,
          spentMs ?? '',
          learnedRate ?? '',
          ...numbers,
        ),
      )
      await ask(() => client.sadd(index, bucket))
    },
    learn: async (bucket, ratePerSecond) =>
      (await ask(() => commands.bucketLearn(bucket, ratePerSecond))) === 1,
    async throttle(bucket, retryAfterMs) {
      const rule = [REJECTION_WINDOW_SLOTS, REJECTIONS_TO_BRAKE, BRAKE_MS]
      return (await ask(() => commands.bucketThrottle(bucket, retryAfterMs ?? '', ...rule))) === 1
    },
    async giveBack(bucket, run, slots) {
      const names = slots.flatMap((slot) => [slot.seller, slot.application])
      await ask(() => commands.bucketGiveBack(bucket, run, ...names))
    },
    async arrived(bucket, run, { seller, application }, agoMs) {
      await ask(() => commands.bucketArrived(bucket, run, agoMs, seller, application))
    },
    async state(bucket) {
      const answer = await ask(() => commands.bucketState(bucket))
      return Array.isArray(answer) ? readState(answer as Raw) : null
    },
    names: () => ask(() => client.smembers(index)),
    async forget(bucket) {
      await ask(() => client.srem(index, bucket))
    },
    async renewPlace(bucket, { token, run, count, leaseMs, had }) {
      const [index, now] = await ask(() =>
        commands.bucketMember(bucket, token, run, count, leaseMs, had ?? ''),
      )
      return { index: index < 0 ? null : index, redisNow: Number(now) }
    },
    async releasePlace(bucket, { token, run, count }) {
      await ask(() => commands.bucketMember(bucket, token, run, count, 0, ''))
    },
    async runId() {
      const info = await ask(() => client.info('server'))
      const run = /^run_id:(\w+)/m.exec(info)?.[1]
      if (!run) throw new StoreError('Redis does not tell its run id: allow the command INFO to this user')
      return run
    },
  }
}

/** What stands behind the mark is in no bucket's name. */
const ticketKey = (bucket: string, ticket: string): string => `${bucket}#${ticket}`

function slotsOf(raw: Raw): { slots: StoreSlot[]; ratePerSecond: number; inDoubt: boolean } {
  const slots: StoreSlot[] = []
  for (let at = 4; at < raw.length; at += 3)
    slots.push({ waitMs: Number(raw[at]), seller: String(raw[at + 1]), application: String(raw[at + 2]) })
  return { slots, ratePerSecond: Number(raw[2]), inDoubt: raw[3] === '1' }
}
