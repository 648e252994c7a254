import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, it, vi } from 'vitest'
import { backing, describeWith } from '#tests/support/backing.ts'
import { acquire } from './acquire.ts'
import { tokenBucketContract } from './contract.ts'
import type { BucketKey } from './port.ts'
import { createRedisTokenBucket, type RedisTokenBucketOptions } from './redis.ts'
import { rejections } from './server-model.ts'

const failing = (reason: string): never => {
  throw new Error(`Redis was there all the time, but: ${reason}`)
}
const open = (options: Partial<RedisTokenBucketOptions> = {}) =>
  createRedisTokenBucket({
    url: backing('redis'),
    share: 2,
    // A slow machine is not what these tests are about.
    commandTimeoutMs: 10_000,
    onDegraded: failing,
    ...options,
  })
let serial = 0
const newKey = (): BucketKey => ({
  application: `itest-${process.pid}-${Date.now()}-${serial++}`,
  seller: 'A1',
  operation: 'op',
})

describeWith(['redis'], 'Redis', () => {
  tokenBucketContract(
    'redis',
    async () => ({
      create: open,
      now: () => performance.now(),
      sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }),
      run: (test) => test,
      close: async () => {},
    }),
    false,
  )

  it('is one bucket for two processes with twenty callers each, within the plan and fair', async () => {
    const plan = { ratePerSecond: 100, burst: 30 }
    // Generous, since it has to cover this machine's pauses too.
    const buckets = [open({ jitterMs: 200 }), open({ jitterMs: 200 })]
    const key = newKey()
    const slots: { at: number; who: number }[] = []
    await Promise.all(
      Array.from({ length: 40 }, async (_, who) => {
        for (let i = 0; i < 5; i++) {
          const asked = performance.now()
          const answer = await buckets[who % 2]!.reserve({
            key,
            plans: { seller: plan },
            slots: 1,
            priority: 'background',
            maxWaitMs: 60_000,
          })
          if (!answer.granted) throw new Error('refused')
          const waitMs = answer.waitsMs[0]!
          const late = Math.min(200, performance.now() - asked)
          slots.push({ at: asked + late + waitMs, who })
          await sleep(waitMs)
        }
      }),
    )
    for (const bucket of buckets) await bucket.close()
    const ats = slots.map((slot) => slot.at)
    expect(rejections(plan, ats)).toBe(0)
    const firstAt = Math.min(...ats)
    const lastAt = Math.max(...ats)
    const each = Array.from({ length: 40 }, (_, who) => slots.filter((slot) => slot.who === who))
    // Fair: nobody's last slot is far behind, since all took turns.
    for (const own of each) expect(own.at(-1)!.at).toBeGreaterThan((firstAt + lastAt) / 2)
  })

  it('shares what one process learned, and its 429s', async () => {
    const [one, other] = [open(), open()]
    const key = newKey()
    const plans = { seller: { ratePerSecond: 2, burst: 2 } }
    await one.reserve({ key, plans, slots: 1, priority: 'background', maxWaitMs: 0 })
    await one.learnRate(key, plans, 1)
    expect((await other.state(key, plans)).ratePerSecond).toBe(1)
    await one.throttled(key, plans)
    await other.throttled(key, plans)
    await one.throttled(key, plans, 5000)
    const state = await other.state(key, plans)
    expect(state.ratePerSecond).toBe(0.5)
    expect(state.nextSlotMs).toBeGreaterThan(3000)
    await Promise.all([one.close(), other.close()])
  })

  it('goes on with what was learned when every process starts anew', async () => {
    const key = newKey()
    const plans = { seller: { ratePerSecond: 2, burst: 2 } }
    const before = open()
    await before.learnRate(key, plans, 0.5)
    await before.throttled(key, plans)
    await before.close()
    const after = open()
    await after.reserve({ key, plans, slots: 1, priority: 'background', maxWaitMs: 60_000 })
    expect(await after.state(key, plans)).toMatchObject({
      ratePerSecond: 0.5,
      announcedRatePerSecond: 0.5,
      throttled: 1,
      learned: true,
    })
    await after.close()
  })

  it('shows every bucket to a process that spends from none', async () => {
    const key = newKey()
    const plans = { seller: { ratePerSecond: 2, burst: 2 }, application: { ratePerSecond: 5, burst: 5 } }
    const [spender, reader] = [open(), open()]
    await spender.reserve({ key, plans, slots: 1, priority: 'background', maxWaitMs: 60_000 })
    await spender.throttled(key, plans)
    const survey = await reader.survey()
    expect(survey.scope).toBe('shared')
    expect(survey.buckets.find((bucket) => bucket.key.application === key.application)).toMatchObject({
      key,
      state: { ratePerSecond: 2, granted: 1, throttled: 1, application: { ratePerSecond: 5, granted: 1 } },
    })
    const admin = new Redis(backing('redis'))
    await admin.del(...(await admin.keys(`*${key.application}*`)))
    const forgotten = await reader.survey()
    expect(forgotten.buckets.filter((bucket) => bucket.key.application === key.application)).toEqual([])
    admin.disconnect()
    await Promise.all([spender.close(), reader.close()])
  })

  it('is not held up by a clock of Redis that was set back', async () => {
    const HOUR = 3_600_000
    const key = newKey()
    const plans = { seller: { ratePerSecond: 20, burst: 2 }, application: { ratePerSecond: 50, burst: 5 } }
    const bucket = open({ jitterMs: 0 })
    const request = { key, plans, slots: 3, priority: 'background' as const, maxWaitMs: 60_000 }
    await bucket.reserve(request)
    // A caller that has died waits for its turn.
    await bucket.reserve({ ...request, slots: 1, ticket: 'dead' })
    await bucket.throttled(key, plans)
    // What a clock that was an hour ahead would have left behind.
    const admin = new Redis(backing('redis'))
    for (const name of await admin.keys(`*${key.application}*`)) {
      const fields = await admin.hgetall(name)
      for (const field of ['next', 'seen', 'since', 'brake_until', 'throttled_at'])
        if (fields[field]) await admin.hset(name, field, String(Number(fields[field]) + HOUR))
      if (fields.rejections) await admin.hset(name, 'rejections', String(Number(fields.rejections) + HOUR))
      const later = (fields.queue ?? '').replace(/[^,]+$/, (at) => String(Number(at) + HOUR))
      if (fields.queue) await admin.hset(name, 'queue', later)
    }
    const state = await bucket.state(key, plans)
    expect(state.nextSlotMs).toBeLessThan(10_000)
    expect(state.queueWaitMs).toBeLessThan(10_000)
    const slot = await acquire(bucket, { key, plans, priority: 'background', maxWaitMs: 30_000 })
    expect(slot.waitedMs).toBeLessThan(30_000)
    const [now] = await admin.time()
    for (const name of await admin.keys(`*${key.application}*`)) {
      expect(Number(await admin.hget(name, 'rejections'))).toBeLessThanOrEqual((Number(now) + 1) * 1000)
      expect(Number(await admin.hget(name, 'seen'))).toBeLessThanOrEqual((Number(now) + 1) * 1000)
    }
    admin.disconnect()
    await bucket.close()
  })

  it('asks Redis once for the same announced rate', async () => {
    const bucket = open()
    const key = newKey()
    const plans = { seller: { ratePerSecond: 2, burst: 2 } }
    await bucket.learnRate(key, plans, 2)
    const admin = new Redis(backing('redis'))
    // Others use this Redis as well: only what concerns this bucket counts.
    const monitor = await admin.duplicate().monitor()
    const seen: string[] = []
    monitor.on('monitor', (_time: string, command: readonly string[]) => seen.push(command.join(' ')))
    const calls = async () => {
      const marker = `marker-${key.application}-${seen.length}`
      await admin.echo(marker)
      await vi.waitFor(() => expect(seen.join('\n')).toContain(marker), 10_000)
      return seen.filter((command) => command.startsWith('evalsha') && command.includes(key.application))
        .length
    }
    for (let i = 0; i < 20; i++) await bucket.learnRate(key, plans, 2)
    expect(await calls()).toBe(0)
    await bucket.learnRate(key, plans, 3)
    expect(await calls()).toBe(1)
    await bucket.close()
    monitor.disconnect()
    admin.disconnect()
  })

  it('loads its scripts again when Redis dropped them, and its plans when they are gone', async () => {
    const bucket = open()
    const key = newKey()
    const request = {
      key,
      plans: { seller: { ratePerSecond: 50, burst: 10 }, application: { ratePerSecond: 100, burst: 10 } },
      slots: 1,
      priority: 'background' as const,
      maxWaitMs: 1000,
    }
    expect((await bucket.reserve(request)).granted).toBe(true)
    const admin = new Redis(backing('redis'))
    await admin.script('FLUSH')
    expect((await bucket.reserve(request)).granted).toBe(true)
    const names = await admin.keys(`*${key.application}*`)
    expect(names).toHaveLength(2)
    await admin.del(...names)
    // Forgotten: no burst, and nothing before the slots that were promised.
    const again = await Promise.all(Array.from({ length: 6 }, () => bucket.reserve({ ...request, slots: 2 })))
    const waits = again.flatMap((answer) => (answer.granted ? answer.waitsMs : [])).sort((a, b) => a - b)
    expect(waits).toHaveLength(12)
    expect(waits.at(-1)! - waits[0]!).toBeGreaterThan(200)
    await bucket.close()
    admin.disconnect()
  })

  it('names a broken address, refused credentials and a closed bucket, without the password', async () => {
    expect(() => open({ url: 'http://x:secret@y' })).toThrow('must look like redis://')
    const url = new URL(backing('redis'))
    url.password = 'secret'
    url.username = 'nobody'
    const reasons: string[] = []
    const refused = open({ url: url.href, onDegraded: (reason) => reasons.push(reason) })
    await refused.reserve({
      key: newKey(),
      plans: { seller: { ratePerSecond: 1, burst: 1 } },
      slots: 1,
      priority: 'urgent',
      maxWaitMs: 60_000,
    })
    const error = await refused.ping().then(
      () => null,
      (reason: Error) => reason,
    )
    expect(JSON.stringify([reasons, error?.message, { ...error }])).not.toContain('secret')
    expect(refused.degraded).toContain('credentials')
    expect(error?.message).toContain('credentials')
    await refused.close()
    await expect(refused.state(newKey(), { seller: { ratePerSecond: 1, burst: 1 } })).rejects.toThrow(
      'is closed',
    )
    await refused.close()
  })

  it('acquires through Redis', async () => {
    const bucket = open({ jitterMs: 0 })
    const started = performance.now()
    const request = {
      key: newKey(),
      plans: { seller: { ratePerSecond: 20, burst: 1 } },
      priority: 'background' as const,
      maxWaitMs: 5000,
    }
    for (let i = 0; i < 4; i++) await acquire(bucket, request, { maxLateMs: 10_000 })
    expect(performance.now() - started).toBeGreaterThan(140)
    await bucket.close()
  })
})
