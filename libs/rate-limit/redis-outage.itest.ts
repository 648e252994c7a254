import { setTimeout as sleep } from 'node:timers/promises'
import { Redis as IoRedis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Redis, startRedis } from '#deploy/stack/redis.ts'
import { describeWith, scratchFolder } from '#tests/support/backing.ts'
import { waitFor } from '#tests/support/wait-for.ts'
import type { BucketKey, BucketPlans } from './port.ts'
import { createRedisTokenBucket, type RedisTokenBucket, type RedisTokenBucketOptions } from './redis.ts'
import { rejections } from './server-model.ts'

const JITTER_MS = 200

describeWith(['redis'], 'Redis goes away and comes back', () => {
  let redis: Redis
  let serial = 0
  beforeAll(async () => {
    redis = await startRedis({ dir: scratchFolder('outage') })
  })
  beforeEach(async () => {
    await redis.restart()
  })
  afterAll(() => redis.stop())

  const open = (options: Partial<RedisTokenBucketOptions> = {}) =>
    createRedisTokenBucket({
      url: redis.url,
      share: 2,
      jitterMs: JITTER_MS,
      commandTimeoutMs: 300,
      probeMs: 100,
      ...options,
    })
  const newKey = (): BucketKey => ({ application: `outage-${serial++}`, seller: 'A1', operation: 'op' })

  /** Callers that use every slot; stopped by the function that comes back, which gives the arrivals. */
  function load(
    buckets: readonly RedisTokenBucket[],
    key: BucketKey,
    plans: BucketPlans,
    callers: number,
    queueing = false,
  ) {
    const arrivals: number[] = []
    let stopped = false
    const done = Promise.all(
      Array.from({ length: callers }, async (_, who) => {
        while (!stopped) {
          const asked = performance.now()
          const answer = await buckets[who % buckets.length]!.reserve({
            key,
            plans,
            slots: 1,
            priority: 'background',
            maxWaitMs: 60_000,
            ...(queueing && { ticket: `${who}` }),
          })
          if (!answer.granted && answer.askAgainMs !== null) {
            await sleep(answer.askAgainMs)
            continue
          }
          if (!answer.granted) throw new Error('refused')
          const waitMs = answer.waitsMs[0]!
          // Any way that jitter allows for, the answer's own included.
          const answered = performance.now()
          const left = Math.max(0, JITTER_MS - (answered - asked))
          arrivals.push(answered + Math.random() * left + waitMs)
          await sleep(waitMs)
        }
      }),
    )
    return {
      arrivals,
      async stop() {
        stopped = true
        await done
        return arrivals
      },
    }
  }

  it('goes on with its safe share and says so, and comes back by itself', async () => {
    const said: string[] = []
    const bucket = open({
      onDegraded: (reason) => said.push(reason),
      onRecovered: () => said.push('recovered'),
      random: () => 0,
    })
    const key = newKey()
    const plans = { seller: { ratePerSecond: 40, burst: 20 } }
    const wanted = { key, plans, slots: 10, priority: 'background' as const, maxWaitMs: 60_000 }
    await bucket.reserve(wanted)
    await bucket.ping()
    expect(bucket.degraded).toBeNull()
    await redis.kill()
    await waitFor(() => bucket.degraded, { what: 'the bucket notices that Redis is gone' })
    await expect(bucket.ping()).rejects.toThrow(/ECONNREFUSED|connection/)
    const alone = await bucket.reserve(wanted)
    if (!alone.granted) throw new Error('refused')
    // One of two processes: every second slot, no burst, after what was promised.
    const gaps = alone.waitsMs.slice(1).map((wait, i) => wait - alone.waitsMs[i]!)
    for (const gap of gaps) expect(gap).toBeGreaterThan(49)
    expect(alone.waitsMs[0]!).toBeGreaterThan(0)
    await bucket.learnRate(key, plans, 20)
    await bucket.throttled(key, plans)
    expect((await bucket.state(key, plans)).ratePerSecond).toBe(10)
    await redis.restart()
    await waitFor(() => bucket.degraded === null, { what: 'Redis is in charge again' })
    await bucket.ping()
    expect(said).toHaveLength(2)
    expect(said[0]).toContain('Redis at 127.0.0.1')
    expect(said[1]).toBe('recovered')
    // What was promised meanwhile comes first.
    const back = await bucket.reserve(wanted)
    expect(back.granted && back.waitsMs[0]! > 0).toBe(true)
    await bucket.close()
  })

  it('keeps to the plan with more processes than its burst', { timeout: 60_000 }, async () => {
    const plans = { seller: { ratePerSecond: 10, burst: 4 } }
    const key = newKey()
    const processes = 6
    // Nothing is left to luck: processes that count on random moments come together.
    const buckets = Array.from({ length: processes }, () =>
      open({ share: processes, leaseMs: 1000, random: () => 0 }),
    )
    const { arrivals, stop } = load(buckets, key, plans, 2 * processes, true)
    await waitFor(() => buckets.every((bucket) => bucket.hasTurns(key)), { what: 'turns', timeoutMs: 30_000 })
    for (let outage = 0; outage < 2; outage++) {
      await redis.kill()
      await waitFor(() => buckets.every((bucket) => bucket.degraded !== null), { what: 'all are alone' })
      const alone = arrivals.length
      await waitFor(() => arrivals.length > alone + 30, { what: 'load without Redis' })
      await redis.restart()
      await waitFor(() => buckets.every((bucket) => bucket.degraded === null), { what: 'all are back' })
      const after = arrivals.length
      await waitFor(() => arrivals.length > after + 20, { what: 'load after the outage' })
    }
    const all = await stop()
    for (const bucket of buckets) await bucket.close()
    expect(rejections(plans.seller, all)).toBe(0)
  })

  it("gives each process a turn of its own, and a dead one's to its successor", async () => {
    const key = newKey()
    const plans = { seller: { ratePerSecond: 10, burst: 1 } }
    const [one, other] = [open({ leaseMs: 1000 }), open({ leaseMs: 1000 })]
    const reserve = (bucket: RedisTokenBucket) =>
      bucket.reserve({ key, plans, slots: 1, priority: 'background', maxWaitMs: 60_000 })
    await Promise.all([one, other].map(reserve))
    await waitFor(() => one.hasTurns(key) && other.hasTurns(key), { what: 'turns' })
    const third = open({ leaseMs: 1000 })
    await reserve(third)
    // Two turns are all that there are, and both are renewed again and again.
    await waitFor(async () => (await places(key)).length === 2, { what: 'two places' })
    expect(third.hasTurns(key)).toBe(false)
    await other.close()
    await waitFor(() => third.hasTurns(key), { what: 'the turn of the one that left' })
    expect(one.hasTurns(key)).toBe(true)
    await redis.kill()
    await waitFor(() => one.degraded && third.degraded, { what: 'both are alone' })
    await redis.restart()
    await waitFor(() => one.degraded === null && third.degraded === null, { what: 'both are back' })
    // A Redis that has forgotten them gives them what they had at once.
    expect(one.hasTurns(key) && third.hasTurns(key)).toBe(true)
    await Promise.all([one.close(), third.close()])
  })

  async function places(key: BucketKey): Promise<string[]> {
    const admin = new IoRedis(redis.url)
    try {
      const fields = await admin.hkeys(`asinstream:bucket:{${key.application}/${key.operation}}`)
      return fields.filter((field) => field.startsWith('member:'))
    } finally {
      admin.disconnect()
    }
  }

  it('starts alone when Redis is not there, and joins it when it comes', async () => {
    await redis.kill()
    const reasons: string[] = []
    const bucket = open({ onDegraded: (reason) => reasons.push(reason) })
    const key = newKey()
    const plans = { seller: { ratePerSecond: 10, burst: 5 } }
    const answer = await bucket.reserve({ key, plans, slots: 1, priority: 'background', maxWaitMs: 10_000 })
    expect(answer.granted).toBe(true)
    expect(reasons).toHaveLength(1)
    expect(reasons[0]).toContain('ECONNREFUSED')
    await redis.restart()
    await waitFor(() => bucket.degraded === null, { what: 'Redis is in charge' })
    expect((await bucket.state(key, plans)).nextSlotMs).toBeGreaterThan(0)
    await bucket.close()
  })

  it('is not overrun when Redis is killed under load and comes back having forgotten everything', async () => {
    const plans = { seller: { ratePerSecond: 50, burst: 20 } }
    const buckets = [open(), open()]
    const { arrivals, stop } = load(buckets, newKey(), plans, 20)
    await waitFor(() => arrivals.length > 60, { what: 'load' })
    await redis.restart()
    await waitFor(() => buckets.every((bucket) => bucket.degraded === null), { what: 'both are back' })
    const before = arrivals.length
    await waitFor(() => arrivals.length > before + 100, { what: 'load after the restart' })
    await redis.kill()
    await waitFor(() => buckets.every((bucket) => bucket.degraded !== null), { what: 'both are alone' })
    const alone = arrivals.length
    await waitFor(() => arrivals.length > alone + 60, { what: 'load without Redis' })
    await redis.restart()
    await waitFor(() => buckets.every((bucket) => bucket.degraded === null), { what: 'both are back again' })
    const after = arrivals.length
    await waitFor(() => arrivals.length > after + 100, { what: 'load after the outage' })
    const all = await stop()
    for (const bucket of buckets) await bucket.close()
    expect(rejections(plans.seller, all)).toBe(0)
  })

  it('is not overrun when Redis freezes and thaws', async () => {
    const plans = { seller: { ratePerSecond: 50, burst: 20 } }
    const buckets = [open(), open()]
    const { arrivals, stop } = load(buckets, newKey(), plans, 20)
    await waitFor(() => arrivals.length > 60, { what: 'load' })
    redis.pause()
    try {
      await waitFor(() => buckets.every((bucket) => bucket.degraded), {
        what: 'both notice the frozen Redis',
      })
      expect(buckets[0]!.degraded).toContain('no answer within 300 ms')
      const frozen = arrivals.length
      await waitFor(() => arrivals.length > frozen + 80, { what: 'load while Redis is frozen' })
    } finally {
      redis.resume()
    }
    await waitFor(() => buckets.every((bucket) => bucket.degraded === null), { what: 'both are back' })
    const after = arrivals.length
    await waitFor(() => arrivals.length > after + 100, { what: 'load after the freeze' })
    const all = await stop()
    for (const bucket of buckets) await bucket.close()
    expect(rejections(plans.seller, all)).toBe(0)
  })

  it('drops slots that it would give back to a Redis that has forgotten them', async () => {
    const bucket = open()
    const key = newKey()
    const plans = { seller: { ratePerSecond: 10, burst: 1 } }
    const wanted = { key, plans, slots: 20, priority: 'background' as const, maxWaitMs: 60_000 }
    const old = await bucket.reserve(wanted)
    if (!old.granted) throw new Error('refused')
    await redis.restart()
    await waitFor(() => bucket.degraded === null, { what: 'back' })
    await bucket.reserve({ ...wanted, slots: 1 })
    const before = await bucket.state(key, plans)
    await old.giveBack(20)
    const after = await bucket.state(key, plans)
    // No slot became free earlier than time alone explains.
    expect(after.nextSlotMs).toBeGreaterThan(before.nextSlotMs - 1000)
    await bucket.close()
  })
})
