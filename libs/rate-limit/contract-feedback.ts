import { expect, it } from 'vitest'
import { acquire, SlotRefusedError } from './acquire.ts'
import { type BucketHome, EXACT, fill, granted, newKey, request, withBucket } from './contract-tools.ts'

/** What a bucket makes of Amazon's answers, of callers that stop, and of requests that make no sense. */
export function feedbackContract(home: () => BucketHome, fast: boolean): void {
  it('cuts to a lower announced rate at once, and stretches what is owed', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = newKey()
      const plans = { seller: { ratePerSecond: 10, burst: 1 } }
      await granted(bucket, request(key, plans, { slots: 10 }))
      await bucket.learnRate(key, plans, 5)
      const state = await bucket.state(key, plans)
      expect(state).toMatchObject({ ratePerSecond: 5, learned: true })
      expect(state.nextSlotMs).toBeGreaterThan(1500)
      const { waitsMs } = await granted(bucket, request(key, plans, { slots: 2 }))
      expect(Math.round((waitsMs[1]! - waitsMs[0]!) / 10)).toBe(20)
    }))

  it('raises to a higher announced rate slowly, and never past it', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = newKey()
      const plans = { seller: { ratePerSecond: 10, burst: 1 } }
      await bucket.learnRate(key, plans, 10.5)
      const { ratePerSecond } = await bucket.state(key, plans)
      expect(ratePerSecond).toBeGreaterThanOrEqual(10)
      expect(ratePerSecond).toBeLessThan(10.4)
      if (!fast) {
        await home().sleep(500)
        expect((await bucket.state(key, plans)).ratePerSecond).toBeGreaterThan(10 * 1.05 ** (0.4 / 60))
        return
      }
      await home().sleep(30_000)
      const rising = (await bucket.state(key, plans)).ratePerSecond
      expect(rising).toBeCloseTo(10 * 1.05 ** 0.5, 3)
      await home().sleep(120_000)
      expect((await bucket.state(key, plans)).ratePerSecond).toBe(10.5)
    }))

  it('holds the bucket after a 429: Retry-After, else one slot', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const plan = { ratePerSecond: 10, burst: 10 }
      const key = newKey()
      await granted(bucket, request(key, { seller: plan }))
      await fill(home(), plan)
      await bucket.throttled(key, { seller: plan })
      const { waitsMs } = await granted(bucket, request(key, { seller: plan }, { slots: 3 }))
      expect(waitsMs[0]!).toBeGreaterThan(50)
      expect(waitsMs[2]! - waitsMs[0]!).toBeGreaterThan(150)
      await bucket.throttled(key, { seller: plan }, 7000)
      const { nextSlotMs } = await bucket.state(key, { seller: plan })
      expect(nextSlotMs).toBeGreaterThan(6500)
      expect(nextSlotMs).toBeLessThan(7600)
    }))

  it('halves the rate on the third 429 in a row, for a minute', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = newKey()
      const plans = { seller: { ratePerSecond: 0.5, burst: 1 } }
      await bucket.throttled(key, plans)
      await bucket.throttled(key, plans)
      expect((await bucket.state(key, plans)).ratePerSecond).toBe(0.5)
      await bucket.throttled(key, plans)
      expect((await bucket.state(key, plans)).ratePerSecond).toBe(0.25)
      if (!fast) return
      await home().sleep(59_000)
      expect((await bucket.state(key, plans)).ratePerSecond).toBe(0.25)
      await home().sleep(31_000)
      expect((await bucket.state(key, plans)).ratePerSecond).toBeCloseTo(0.25 * 2 ** 0.5, 3)
      await home().sleep(31_000)
      expect((await bucket.state(key, plans)).ratePerSecond).toBe(0.5)
    }))

  it('acquires: waits for its slot, gives it back when aborted, refuses what is too far away', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = newKey()
      const plans = { seller: { ratePerSecond: 10, burst: 1 } }
      const { slots: _, ...wanted } = request(key, plans)
      const tools = { now: home().now, sleep: home().sleep }
      const started = home().now()
      await acquire(bucket, wanted, tools)
      await acquire(bucket, wanted, tools)
      expect(home().now() - started).toBeGreaterThan(95)
      await granted(bucket, request(key, plans, { slots: 20 }))
      await expect(acquire(bucket, { ...wanted, maxWaitMs: 100 }, tools)).rejects.toBeInstanceOf(
        SlotRefusedError,
      )
      const abort = new AbortController()
      const waiting = acquire(bucket, wanted, { ...tools, signal: abort.signal })
      await home().sleep(20)
      abort.abort(new Error('enough'))
      await expect(waiting).rejects.toThrow('enough')
      // The slot that was given back is the next one again.
      const { nextSlotMs } = await bucket.state(key, plans)
      expect(nextSlotMs).toBeLessThan(2110)
    }))

  it('takes another slot when its own has passed while the process stood still', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const plans = { seller: { ratePerSecond: 10, burst: 1 } }
      const { slots: _, ...wanted } = request(newKey(), plans)
      await acquire(bucket, wanted, { now: home().now, sleep: home().sleep })
      let sleeps = 0
      const tools = {
        now: home().now,
        sleep: (ms: number) => home().sleep(sleeps++ === 0 ? ms + 600 : ms),
      }
      await Promise.all([acquire(bucket, wanted, tools)])
      expect(sleeps).toBeGreaterThanOrEqual(1)
      const state = await bucket.state(wanted.key, plans)
      // A slot taken late would leave the bucket with one to spare; a new one is spent now.
      expect(state.nextSlotMs).toBeGreaterThan(50)
    }))

  it('rejects what can not be reserved', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const plans = { seller: { ratePerSecond: 200, burst: 20 } }
      const key = newKey()
      await expect(bucket.reserve(request(key, plans, { slots: 0 }))).rejects.toThrow('slots must be')
      await expect(bucket.reserve(request(key, plans, { slots: 1.5 }))).rejects.toThrow('slots must be')
      await expect(bucket.reserve(request(key, plans, { maxWaitMs: Number.NaN }))).rejects.toThrow(
        'maxWaitMs',
      )
      await expect(bucket.learnRate(key, plans, Number.NaN)).rejects.toThrow('learned rate')
      const none = { seller: { ratePerSecond: 0, burst: 1 } }
      await expect(bucket.reserve(request(key, none))).rejects.toThrow('rate must be above 0')
      const low = { seller: { ratePerSecond: 1, burst: 0 } }
      await expect(bucket.reserve(request(key, low))).rejects.toThrow('burst must be at least 1')
    }))

  it('answers a ping', () => withBucket(home(), EXACT, (bucket) => bucket.ping()))
}
