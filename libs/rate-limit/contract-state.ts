import { expect, it } from 'vitest'
import { type BucketHome, EXACT, granted, newKey, request, withBucket } from './contract-tools.ts'

/** What a bucket tells about itself. */
export function stateContract(home: () => BucketHome): void {
  it('tells tokens, counts, the latest 429 and the learned rate of both levels', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = newKey()
      const plans = {
        seller: { ratePerSecond: 0.02, burst: 3 },
        application: { ratePerSecond: 0.05, burst: 5 },
      }
      expect(await bucket.state(key, plans)).toMatchObject({
        ratePerSecond: 0.02,
        planRatePerSecond: 0.02,
        announcedRatePerSecond: 0.02,
        burst: 3,
        brake: 1,
        granted: 0,
        throttled: 0,
        throttledAgoMs: null,
        learned: false,
        queued: 0,
        application: { ratePerSecond: 0.05, planRatePerSecond: 0.05, burst: 5, granted: 0 },
      })
      const reservation = await granted(bucket, request(key, plans, { slots: 3 }))
      await reservation.giveBack(2)
      const spent = await bucket.state(key, plans)
      expect(spent).toMatchObject({ granted: 1, application: { granted: 1 } })
      // One was free at the start and is gone; those that came back are still to come.
      expect(Math.floor(spent.tokens)).toBe(2)
      for (let i = 0; i < 3; i++) await bucket.throttled(key, plans)
      await bucket.learnRate(key, plans, 0.01)
      const after = await bucket.state(key, plans)
      expect(after).toMatchObject({
        announcedRatePerSecond: 0.01,
        brake: 0.5,
        ratePerSecond: 0.005,
        learned: true,
        tokens: 0,
        throttled: 3,
        application: { announcedRatePerSecond: 0.05, tokens: 0, throttled: 3 },
      })
      expect(after.throttledAgoMs).toBeLessThan(30_000)
      expect(after.nextSlotMs).toBeGreaterThan(0)
    }))

  it('tells who queues up, and how long one more would wait', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = newKey()
      const plans = { seller: { ratePerSecond: 0.1, burst: 1 } }
      await granted(bucket, request(key, plans))
      await bucket.reserve(request(key, plans, { ticket: 'one' }))
      await bucket.reserve(request(key, plans, { ticket: 'two', priority: 'urgent' }))
      const waiting = await bucket.state(key, plans)
      expect(waiting.queued).toBe(2)
      // Behind both of them, whose slots come ten and twenty seconds after the first.
      expect(Math.round(waiting.queueWaitMs / 10_000)).toBe(3)
      expect(Math.round(waiting.nextSlotMs / 10_000)).toBe(1)
      await bucket.leave(key, plans, 'one')
      expect(await bucket.state(key, plans)).toMatchObject({ queued: 1 })
    }))

  it('surveys every bucket in use', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = { ...newKey(), operation: 'search/ä {b}:c', seller: 'shop: #1' }
      const other = { ...key, seller: '' }
      const plans = { seller: { ratePerSecond: 3, burst: 4 } }
      await granted(bucket, request(key, plans))
      await granted(bucket, request(other, plans))
      const { buckets } = await bucket.survey()
      const own = buckets.filter(({ key: { application } }) => application === key.application)
      expect(own.map((each) => each.key)).toEqual([other, key])
      expect(own[1]!.state).toMatchObject({ ratePerSecond: 3, burst: 4, granted: 1 })
    }))

  it.each([
    [0.0056, 20],
    [0.0167, 15],
    [0.0222, 10],
    [0.5, 30],
    [5, 30],
  ])(
    'that is new lets background callers begin within half a minute at %d a second, burst %d',
    (rate, burst) =>
      withBucket(home(), { jitterMs: 400, urgentShare: 0.2 }, async (bucket) => {
        const plans = { seller: { ratePerSecond: rate, burst } }
        const { waitsMs } = await granted(bucket, request(newKey(), plans))
        expect(waitsMs[0]!).toBeLessThanOrEqual(30_000)
      }),
  )
}
