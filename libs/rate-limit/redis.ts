import type { RedisOptions } from 'ioredis'
import { createAloneBucket } from './alone.ts'
import { createMemoryTokenBucket } from './memory.ts'
import {
  checkPaceOptions,
  checkPlan,
  DEFAULT_JITTER_MS,
  DEFAULT_URGENT_SHARE,
  type PaceOptions,
} from './plan.ts'
import type {
  BucketKey,
  BucketPlans,
  BucketSurvey,
  Refusal,
  Reservation,
  ReserveRequest,
  TokenBucket,
} from './port.ts'
import { connectRedis } from './redis-connection.ts'
import { createFailover } from './redis-failover.ts'
import { createMembership } from './redis-membership.ts'
import { createRoster, type Member } from './redis-roster.ts'
import { bucketKey, bucketName, createRedisStore } from './redis-store.ts'
import { checkRate, checkRequest, compareKeys, pushMs } from './requests.ts'

export interface RedisTokenBucketOptions extends Partial<PaceOptions> {
  /** `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. */
  readonly url: string
  /**
   * How many processes share the plan at most, the same in each. While Redis is gone, this one spends one part in so many
   * of it.
   */
  readonly share: number
  /** Redis is gone when it takes longer to answer than this; default 500. */
  readonly commandTimeoutMs?: number
  /** How often to look for a Redis that is gone; default 250. */
  readonly probeMs?: number
  /** A process that Redis has not heard of for so long loses its turn to the next one that asks; default 5000. */
  readonly leaseMs?: number
  /** What all keys start with; default `asinstream:bucket`. Processes that share a plan share it. */
  readonly keyPrefix?: string
  /** Anything else that ioredis knows (TLS, Sentinel). */
  readonly redis?: RedisOptions
  /** Redis is gone, for this reason; from now on this process keeps to its safe share. Once per outage. */
  readonly onDegraded?: (reason: string) => void
  /** Redis is in charge again. */
  readonly onRecovered?: () => void
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
  /** 0 to below 1: spreads processes that have never seen Redis. */
  readonly random?: () => number
}

export interface RedisTokenBucket extends TokenBucket {
  /** Why Redis is not in charge; null when it is. */
  readonly degraded: string | null
  /** Whether this process would have its turns in this bucket if Redis were gone now. */
  hasTurns(key: BucketKey): boolean
}

/**
 * The token bucket that processes share through Redis.
 *
 * Redis' clock is the only one, and every answer is relative to it. Without Redis the processes take turns by that clock
 * as they last knew it (`alone.ts`). The bucket never trusts a Redis that comes back: whatever happened meanwhile, a bucket used during an
 * outage continues with its burst spent, and after every slot that was promised before.
 */
export function createRedisTokenBucket(options: RedisTokenBucketOptions): RedisTokenBucket {
  const pace: PaceOptions = {
    jitterMs: options.jitterMs ?? DEFAULT_JITTER_MS,
    urgentShare: options.urgentShare ?? DEFAULT_URGENT_SHARE,
  }
  checkPaceOptions(pace)
  if (!(Number.isInteger(options.share) && options.share >= 1))
    throw new RangeError(`share must be the number of processes, 1 or more, got ${options.share}`)
  const { commandTimeoutMs = 500, probeMs = 250, keyPrefix = 'asinstream:bucket' } = options
  const { leaseMs = 5000 } = options
  const clock = options.now ?? (() => performance.now())
  const random = options.random ?? Math.random
  const connection = connectRedis({
    url: options.url,
    commandTimeoutMs,
    ...(options.redis && { redis: options.redis }),
  })
  const { client, describe } = connection
  const store = createRedisStore(client, describe, keyPrefix)
  const roster = createRoster(store, {
    pace,
    clock,
    nameOf: (key) => bucketName(keyPrefix, key),
    // Others notice that Redis is back within a probe and an answer; until then they spend their own shares.
    holdOffMs: options.share > 1 ? probeMs + commandTimeoutMs : 0,
  })
  const membership = createMembership(store, { count: options.share, leaseMs, clock })
  const failover = createFailover({
    client,
    describe,
    store,
    roster,
    membership,
    aloneBucket,
    commandTimeoutMs,
    probeMs,
    leaseMs,
    onDegraded: options.onDegraded ?? (() => {}),
    onRecovered: options.onRecovered ?? (() => {}),
  })

  function aloneBucket(): TokenBucket {
    const { promisedUntil } = roster
    if (options.share === 1)
      return createMemoryTokenBucket({ ...pace, now: clock, firstSlotAt: promisedUntil })
    const lostAt = clock()
    return createAloneBucket({
      pace,
      clock,
      processes: options.share,
      lostAt,
      // A connection breaks for everyone at once. One that stands and is silent may have answered others a moment ago.
      holdMs: client.status === 'ready' ? probeMs + commandTimeoutMs : 0,
      promisedUntil,
      timeShare: (key) => membership.timeShare(key, lostAt),
      askAgainMs: probeMs,
      random,
    })
  }

  /** Asks Redis about a bucket, or the bucket that takes its place, with the rate that was last in force. */
  async function either<T>(
    shared: (member: Member) => Promise<T>,
    single: (bucket: TokenBucket, plans: BucketPlans, member: Member) => Promise<T>,
    key: BucketKey,
    plans: BucketPlans,
  ): Promise<T> {
    checkPlan(plans.seller)
    if (plans.application) checkPlan(plans.application)
    await failover.settled()
    const member = roster.member(key, plans)
    return failover.either(
      () => shared(member),
      (bucket) => {
        const ratePerSecond = Math.min(
          plans.seller.ratePerSecond,
          member.ratePerSecond ?? Number.POSITIVE_INFINITY,
        )
        return single(bucket, { ...plans, seller: { ...plans.seller, ratePerSecond } }, member)
      },
    )
  }

  async function reserveShared(member: Member, request: ReserveRequest): Promise<Reservation | Refusal> {
    const { answer, run } = await roster.known(member, async () => {
      const answer = await store.reserve(member.name, request)
      return answer && { answer, run: roster.run }
    })
    if (options.share > 1 && !membership.knows(member.key))
      void failover.tell(() => membership.join(member.key, member.name, roster.run))
    if (!answer.granted) return answer
    roster.promised(member, answer.slots.at(-1)!.waitMs, answer.ratePerSecond)
    const held = [...answer.slots]
    return {
      granted: true,
      waitsMs: answer.slots.map((slot) => slot.waitMs),
      giveBack: async (count) => {
        const returned = held.splice(Math.max(0, held.length - count))
        // Alone, or after a restart of Redis, they are lost: a slot that nobody uses harms nobody.
        if (returned.length === 0 || run !== roster.run) return
        await failover.tell(() => store.giveBack(member.name, run, returned))
      },
      answered: async ({ sentAgoMs, answeredAgoMs }) => {
        const shortestMs = member.roundTrips.observe(sentAgoMs - answeredAgoMs)
        if (!answer.inDoubt || run !== roster.run) return
        await failover.tell(() =>
          store.arrived(member.name, run, answer.slots[0]!, answeredAgoMs + shortestMs),
        )
      },
    }
  }

  async function surveyShared(): Promise<BucketSurvey> {
    const names = await store.names()
    const buckets = await Promise.all(
      names.map(async (name) => {
        const key = bucketKey(keyPrefix, name)
        const state = key && (await store.state(name))
        if (state === null) await store.forget(name)
        return key && state ? [{ key, state }] : []
      }),
    )
    return { scope: 'shared', buckets: buckets.flat().sort((a, b) => compareKeys(a.key, b.key)) }
  }

  return {
    get degraded() {
      return failover.reason
    },
    hasTurns: (key) => options.share === 1 || membership.timeShare(key, clock()) !== null,
    async reserve(request) {
      checkRequest(request)
      return either(
        (member) => reserveShared(member, request),
        async (bucket, plans, member) => {
          const answer = await bucket.reserve({ ...request, plans })
          if (answer.granted) roster.promised(member, answer.waitsMs.at(-1)!)
          return answer
        },
        request.key,
        request.plans,
      )
    },
    async leave(key, plans, ticket) {
      return either(
        (member) => store.leave(member.name, ticket),
        (bucket, shares) => bucket.leave(key, shares, ticket),
        key,
        plans,
      )
    },
    async learnRate(key, plans, ratePerSecond) {
      checkRate(ratePerSecond)
      return either(
        (member) => roster.learn(member, ratePerSecond),
        (bucket, shares) => bucket.learnRate(key, shares, ratePerSecond),
        key,
        plans,
      )
    },
    async throttled(key, plans, retryAfterMs) {
      const holdMs = retryAfterMs === undefined ? undefined : pushMs(plans.seller.ratePerSecond, retryAfterMs)
      return either(
        async (member) => {
          await roster.known(member, async () => (await store.throttle(member.name, holdMs)) || null)
        },
        (bucket, shares) => bucket.throttled(key, shares, holdMs),
        key,
        plans,
      )
    },
    async state(key, plans) {
      return either(
        (member) => roster.known(member, () => store.state(member.name)),
        (bucket, shares) => bucket.state(key, shares),
        key,
        plans,
      )
    },
    survey: () => failover.either(surveyShared, (bucket) => bucket.survey()),
    async ping() {
      await failover.settled()
      await store.runId()
    },
    close: () => failover.close(),
  }
}
