import fc from 'fast-check'
import { expect, it } from 'vitest'
import { acquire, SlotRefusedError } from './acquire.ts'
import { type BucketHome, chance, EXACT, granted, newKey, request, withBucket } from './contract-tools.ts'
import { ABSENT_MS } from './queue.ts'
import { createServerModel } from './server-model.ts'

/** Callers that queue up, and answers that say when a call arrived. */
export function queueContract(home: () => BucketHome, fast: boolean): void {
  const tools = () => ({ now: home().now, sleep: home().sleep })

  it('gives an urgent caller the very next slot, whoever waits', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const plans = { seller: { ratePerSecond: 10, burst: 1 } }
      const { slots: _, ...wanted } = request(newKey(), plans)
      const order: string[] = []
      const wait = async (name: string, priority: 'urgent' | 'background') => {
        await acquire(bucket, { ...wanted, priority }, tools())
        order.push(name)
      }
      await acquire(bucket, wanted, tools())
      const bulk = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => wait(name, 'background'))
      await home().sleep(120)
      await Promise.all([...bulk, wait('urgent', 'urgent')])
      // The slot that is due within moments may have been handed out already.
      expect(order.indexOf('urgent')).toBeLessThanOrEqual(2)
      expect(order.filter((name) => name !== 'urgent')).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    }))

  it('keeps nothing for a caller that gives up, or that waits no longer', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = newKey()
      const plans = { seller: { ratePerSecond: 0.2, burst: 1 } }
      const { slots: _, ...wanted } = request(key, plans)
      await acquire(bucket, wanted, tools())
      const abort = new AbortController()
      const gone = acquire(bucket, wanted, { ...tools(), signal: abort.signal })
      const refused = acquire(bucket, { ...wanted, maxWaitMs: 20 }, tools())
      await expect(refused).rejects.toBeInstanceOf(SlotRefusedError)
      abort.abort(new Error('enough'))
      await expect(gone).rejects.toThrow('enough')
      const last = await bucket.reserve({ ...wanted, slots: 1, ticket: 'next' })
      if (last.granted) throw new Error('granted too soon')
      expect(last.waitMs).toBeLessThan(5010)
    }))

  it('does not wait for a caller that never asks again', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = newKey()
      const plans = { seller: { ratePerSecond: 20, burst: 1 } }
      const { slots: _, ...wanted } = request(key, plans)
      await granted(bucket, request(key, plans))
      const dead = await bucket.reserve({ ...wanted, slots: 1, ticket: 'dead' })
      expect(dead).toMatchObject({ granted: false, askAgainMs: expect.any(Number) })
      const started = home().now()
      await acquire(bucket, wanted, tools())
      expect(home().now() - started).toBeLessThan(ABSENT_MS + 1000)
    }))

  it('rejects a ticket that is none', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const wanted = request(newKey(), { seller: { ratePerSecond: 20, burst: 1 } })
      await expect(bucket.reserve({ ...wanted, ticket: 'a b' })).rejects.toThrow('a ticket is')
      await expect(bucket.reserve({ ...wanted, ticket: '' })).rejects.toThrow('a ticket is')
      await expect(bucket.reserve({ ...wanted, ticket: 'a', slots: 2 })).rejects.toThrow('a ticket is')
    }))

  it('lets the next call go as soon as the answer to the one before says that it may', () =>
    withBucket(home(), { jitterMs: 400 }, async (bucket) => {
      const key = newKey()
      const plans = { seller: { ratePerSecond: 2, burst: 1 } }
      const blind = await granted(bucket, request(key, plans))
      expect((await bucket.state(key, plans)).nextSlotMs).toBeGreaterThan(850)
      // So early nothing is known about the way: the call may have arrived as late as its answer came.
      await blind.answered({ sentAgoMs: 50, answeredAgoMs: 0 })
      const { nextSlotMs } = await bucket.state(key, plans)
      expect(nextSlotMs).toBeGreaterThan(470)
      expect(nextSlotMs).toBeLessThan(502)
      // An answer to a slot that is not the latest any more changes nothing.
      await granted(bucket, request(key, plans, { slots: 2 }))
      const before = await bucket.state(key, plans)
      await blind.answered({ sentAgoMs: 50, answeredAgoMs: 0 })
      const after = await bucket.state(key, plans)
      expect(after.nextSlotMs).toBeGreaterThan(before.nextSlotMs - 100)
    }))

  it.runIf(fast)('never sends too much with a burst of 1, however the ways there and back vary', async () => {
    const run = fc.record({
      ratePerSecond: fc.constantFrom(0.0167, 0.033, 0.1, 0.5, 1),
      callers: fc.constantFrom(1, 3, 10),
      out: fc.record({ shortest: fc.integer({ min: 0, max: 80 }), jitter: fc.integer({ min: 0, max: 300 }) }),
      back: fc.record({
        shortest: fc.integer({ min: 0, max: 80 }),
        jitter: fc.integer({ min: 0, max: 300 }),
      }),
      seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
    })
    const property = fc.asyncProperty(run, ({ ratePerSecond, callers, out, back, seed }) =>
      withBucket(home(), { jitterMs: 400 }, async (bucket) => {
        const plan = { ratePerSecond, burst: 1 }
        const { slots: _, ...wanted } = request(newKey(), { seller: plan }, { maxWaitMs: 1e12 })
        const until = home().now() + 600_000 / ratePerSecond
        const server = createServerModel(plan)
        const random = chance(seed)
        const delay = (way: typeof out): number => way.shortest + way.jitter * random()
        let [refused, excess, calls] = [0, 0, 0]
        const caller = async () => {
          while (home().now() < until) {
            const slot = await acquire(bucket, wanted, tools())
            const sent = home().now()
            await home().sleep(delay(out))
            if (!server.arrive(home().now())) refused++
            await home().sleep(delay(back))
            excess += home().now() - sent - out.shortest - back.shortest
            calls++
            await slot.answered(sent, home().now())
          }
        }
        const started = home().now()
        await Promise.all(Array.from({ length: callers }, caller))
        const used = calls / (((home().now() - started) / 1000) * ratePerSecond)
        expect(refused).toBe(0)
        // What no policy can beat with certainty, less what it takes to learn the ways, or the jitter allowed for.
        const bound = 1 / (1 + (ratePerSecond * Math.min(400, excess / calls)) / 1000)
        expect(used).toBeGreaterThan(bound - 0.06)
      }),
    )
    await fc.assert(property, { numRuns: 30 })
  })
}
