import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  arrivals,
  type BucketHome,
  EXACT,
  fill,
  granted,
  newKey,
  request,
  type Slot,
  slotsOf,
  withBucket,
} from './contract-tools.ts'
import { pace } from './plan.ts'
import type { UsagePlan } from './port.ts'
import { rejections } from './server-model.ts'

const FAST: UsagePlan = { ratePerSecond: 200, burst: 20 }

/** Which slots a bucket gives, to whom and when. */
export function slotsContract(home: () => BucketHome, fast: boolean): void {
  it('starts with its burst spent: one slot at once, then one a period', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const plan = { ratePerSecond: 2, burst: 10 }
      const taken = await granted(bucket, request(newKey(), { seller: plan }, { slots: 4 }))
      const [first, second, ...more] = taken.waitsMs as readonly number[] as [number, number]
      expect(Math.round(first)).toBe(0)
      // A slow machine takes time from the first period, not from the others.
      expect(second).toBeLessThanOrEqual(501)
      expect(more.map((wait) => Math.round((wait - second) / 10))).toEqual([50, 100])
    }))

  it.each([
    [0.0056, 20],
    [0.033, 1],
    [0.5, 1],
    [0.5, 30],
    [2, 2],
    [5, 10],
    [1000, 30],
  ])('gives slots at %d/s with a burst of %d, ascending, a period apart', (ratePerSecond, burst) =>
    withBucket(home(), { jitterMs: 0 }, async (bucket) => {
      const taken = await granted(
        bucket,
        request(newKey(), { seller: { ratePerSecond, burst } }, { slots: 5, maxWaitMs: 1e9 }),
      )
      expect(taken.waitsMs).toHaveLength(5)
      const periodMs = 1000 / 0.999 / ratePerSecond
      for (let i = 1; i < 5; i++) {
        const gap = taken.waitsMs[i]! - taken.waitsMs[i - 1]!
        // The first slot is free since the bucket was made, and a slow machine comes for it later.
        if (i > 1) expect(gap).toBeGreaterThan(periodMs - 0.01)
        expect(gap).toBeLessThan(periodMs + 0.01)
      }
    }),
  )

  it('gives the whole burst at once when the bucket is full, and no more', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const plan = { ratePerSecond: 20, burst: 8 }
      const key = newKey()
      await slotsOf(home(), bucket, request(key, { seller: plan }))
      await fill(home(), plan)
      const { waitsMs } = await granted(bucket, request(key, { seller: plan }, { slots: 12 }))
      expect(waitsMs.filter((wait) => wait === 0)).toHaveLength(8)
    }))

  it('never lets a server with any jitter up to J see more than the plan, on either level', async () => {
    const plan = fc.record({
      ratePerSecond: fc.double({ min: 20, max: 1000, noNaN: true }),
      burst: fc.integer({ min: 1, max: 30 }),
    })
    const trip = fc.record({
      seller: fc.constantFrom('A1', 'B2'),
      slots: fc.integer({ min: 1, max: 8 }),
      pauseMs: fc.integer({ min: 0, max: fast ? 3000 : 8 }),
      priority: fc.constantFrom('urgent' as const, 'background' as const),
      kept: fc.integer({ min: 1, max: 8 }),
    })
    const run = fc.record({
      seller: plan,
      application: fc.option(plan, { nil: undefined }),
      trips: fc.array(trip, { minLength: 5, maxLength: 40 }),
      jitterMs: fc.integer({ min: 50, max: 400 }),
      delays: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    })
    const property = fc.asyncProperty(run, ({ seller, application, trips, jitterMs, delays }) =>
      withBucket(home(), { jitterMs }, async (bucket) => {
        const key = newKey()
        const plans = { seller, ...(application && { application }) }
        const taken = new Map<string, Slot[]>([
          ['A1', []],
          ['B2', []],
        ])
        for (const step of trips) {
          const { slots, priority } = step
          const asked = home().now()
          const wanted = request({ ...key, seller: step.seller }, plans, { slots, priority, maxWaitMs: 1e9 })
          const answer = await granted(bucket, wanted)
          const answered = home().now()
          for (const waitMs of answer.waitsMs.slice(0, step.kept))
            taken.get(step.seller)!.push({ asked, answered, waitMs })
          await answer.giveBack(Math.max(0, slots - step.kept))
          if (step.pauseMs > 0) await home().sleep(step.pauseMs)
        }
        const seen = [...taken.values()].map((own) =>
          arrivals(own, jitterMs, () => delays.next().value as number),
        )
        for (const own of seen) expect(rejections(seller, own)).toBe(0)
        if (application) expect(rejections(application, seen.flat())).toBe(0)
      }),
    )
    await fc.assert(property, { numRuns: fast ? 500 : 25 })
  })

  // Where time is real, a pause of the machine is quota that nobody could have used: `bench/quota-matrix.ts` measures it.
  it.runIf(fast)('uses at least 99 % of the rate under backlog, for several callers', () =>
    withBucket(home(), { jitterMs: 50 }, async (bucket) => {
      const key = newKey()
      const callers = 10
      const each = 60
      const started = home().now()
      const all = await Promise.all(
        Array.from({ length: callers }, async () => {
          const own: number[] = []
          for (let i = 0; i < each; i++) {
            const [slot] = await slotsOf(
              home(),
              bucket,
              request(key, { seller: FAST }, { maxWaitMs: 60_000 }),
            )
            own.push(slot!.answered + slot!.waitMs)
            // Callers that sleep until their slot would measure this machine's timers, not the bucket.
            if (i % 20 === 19) await home().sleep(1)
          }
          return own
        }),
      )
      const last = Math.max(...all.flat())
      const spent = (last - started) * (FAST.ratePerSecond / 1000)
      expect(callers * each).toBeGreaterThanOrEqual(spent * 0.99 - 1)
      // Nobody is left behind: each caller had its share of the first half.
      const half = (started + last) / 2
      for (const own of all) expect(own.filter((at) => at < half).length).toBeGreaterThan(each / 6)
    }),
  )

  it('hands out again what was given back, once', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = newKey()
      const plan = { ratePerSecond: 1, burst: 1 }
      const wanted = request(key, { seller: plan }, { slots: 6 })
      const asked = home().now()
      const first = await granted(bucket, wanted)
      await first.giveBack(2)
      await first.giveBack(0)
      const again = await granted(bucket, { ...wanted, slots: 3 })
      const passed = home().now() - asked
      // The same slots and the next one, nearer by the time that has passed.
      for (const [i, wait] of again.waitsMs.entries()) {
        expect(wait).toBeLessThan((4 + i) * 1000 + 10)
        expect(wait).toBeGreaterThan((4 + i) * 1000 - passed - 10)
      }
      await first.giveBack(9)
      await first.giveBack(9)
      const rest = await granted(bucket, { ...wanted, slots: 5 })
      // What is left of the first reservation, which ended with 3, and then what comes after 6; each once.
      const gaps = rest.waitsMs.slice(1).map((wait, k) => Math.round((wait - rest.waitsMs[k]!) / 1000))
      expect(gaps.sort((a, b) => a - b)).toEqual([1, 1, 1, 4])
    }))

  it('reserves nothing beyond maxWaitMs', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const plans = { seller: { ratePerSecond: 0.1, burst: 1 } }
      const key = newKey()
      await granted(bucket, request(key, plans))
      for (let i = 0; i < 5; i++) {
        const refused = await bucket.reserve(request(key, plans, { maxWaitMs: 1000 }))
        expect(refused).toMatchObject({ granted: false })
        expect(refused.granted || refused.waitMs).toBeGreaterThan(5000)
      }
      const { nextSlotMs } = await bucket.state(key, plans)
      expect(nextSlotMs).toBeLessThan(10_020)
    }))

  it('keeps a share of the burst for urgent callers', () =>
    withBucket(home(), { jitterMs: 0, urgentShare: 0.3 }, async (bucket) => {
      const plan = { ratePerSecond: 20, burst: 10 }
      const key = newKey()
      await granted(bucket, request(key, { seller: plan }))
      await fill(home(), plan)
      const background = await granted(bucket, request(key, { seller: plan }, { slots: 10 }))
      expect(background.waitsMs.filter((wait) => wait === 0)).toHaveLength(7)
      // Three slots of background work wait already, and the urgent one still comes before them.
      const urgent = await granted(bucket, request(key, { seller: plan }, { priority: 'urgent' }))
      expect(urgent.waitsMs[0]!).toBeLessThan(background.waitsMs[8]!)
    }))

  it('takes two levels in one step: the application binds across sellers', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = newKey()
      const plans = {
        seller: { ratePerSecond: 10, burst: 1 },
        application: { ratePerSecond: 12, burst: 1 },
      }
      const sellers = ['S0', 'S1', 'S2'].map((seller) => ({ ...key, seller }))
      // So far ahead that no pause leaves the application's plan unused.
      for (const seller of sellers) await granted(bucket, request(seller, plans, { slots: 20 }))
      const asked = home().now()
      const waits: number[] = []
      for (let i = 0; i < 12; i++)
        waits.push((await granted(bucket, request(sellers[i % 3]!, plans))).waitsMs[0]!)
      const passed = home().now() - asked
      const spread = waits.at(-1)! - waits[0]!
      expect(spread).toBeLessThan((11 * 1000) / 12 / 0.999 + 1)
      expect(spread).toBeGreaterThan((11 * 1000) / 12 - passed - 1)
      // A seller alone is bound by its own plan.
      const single = newKey()
      const own = await granted(bucket, request(single, plans, { slots: 3 }))
      expect(Math.round(own.waitsMs[2]! / 10)).toBe(20)
    }))

  it('gives back to both levels', () =>
    withBucket(home(), EXACT, async (bucket) => {
      const key = newKey()
      const plans = {
        seller: { ratePerSecond: 1, burst: 1 },
        application: { ratePerSecond: 0.5, burst: 1 },
      }
      const first = await granted(bucket, request(key, plans, { slots: 3 }))
      expect(first.waitsMs.map((wait) => Math.round(wait / 1000))).toEqual([0, 2, 4])
      await first.giveBack(2)
      const other = await granted(bucket, request({ ...key, seller: 'B2' }, plans, { slots: 2 }))
      expect(other.waitsMs.map((wait) => Math.round(wait / 1000))).toEqual([2, 4])
    }))

  it('agrees with the arithmetic on how much burst jitter leaves', () =>
    withBucket(home(), { jitterMs: 300, urgentShare: 0 }, async (bucket) => {
      const plan = { ratePerSecond: 10, burst: 10 }
      const key = newKey()
      await granted(bucket, request(key, { seller: plan }))
      await fill(home(), plan)
      const { waitsMs } = await granted(bucket, request(key, { seller: plan }, { slots: 12 }))
      const { toleranceMs, periodMs } = pace(plan, { jitterMs: 300, urgentShare: 0 })
      expect(waitsMs.filter((wait) => wait === 0)).toHaveLength(Math.floor(toleranceMs / periodMs) + 1)
    }))
}
