import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acquire, SlotRefusedError } from './acquire.ts'
import { pace } from './plan.ts'
import type { BucketKey, BucketPlans, Reservation, ReserveRequest, TokenBucket, UsagePlan } from './port.ts'
import { rejections } from './server-model.ts'

/** One home of the bucket, with the time that passes for it. */
export interface BucketHome {
  create(options: { jitterMs: number; urgentShare?: number }): TokenBucket
  now(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Runs a test; a home with a clock of its own moves it meanwhile. */
  run<T>(test: Promise<T>): Promise<T>
  close(): Promise<void>
}

/** A slot as it left: asked and answered at these times of the home's clock, to be used `waitMs` after the answer. */
interface Slot {
  readonly asked: number
  readonly answered: number
  readonly waitMs: number
}

const FAST: UsagePlan = { ratePerSecond: 200, burst: 20 }
/** Burst is free of jitter in most tests, so that what they count is exact. */
const EXACT = { jitterMs: 0, urgentShare: 0 }

/** What every home of the token bucket must do. `fast`: its time costs nothing, so tests may take minutes of it. */
export function tokenBucketContract(name: string, open: () => Promise<BucketHome>, fast: boolean): void {
  describe(`token bucket contract: ${name}`, () => {
    let home: BucketHome
    let serial = 0
    beforeAll(async () => {
      home = await open()
    })
    afterAll(() => home.close())

    const newKey = (): BucketKey => ({
      application: `app {${process.pid}}:${Date.now()}-${serial++}`,
      seller: 'A1',
      operation: 'op',
    })
    const request = (
      key: BucketKey,
      plans: BucketPlans,
      more: Partial<ReserveRequest> = {},
    ): ReserveRequest => ({
      key,
      plans,
      slots: 1,
      priority: 'background',
      maxWaitMs: 3_600_000,
      ...more,
    })

    async function granted(bucket: TokenBucket, wanted: ReserveRequest): Promise<Reservation> {
      const answer = await bucket.reserve(wanted)
      if (!answer.granted) throw new Error(`refused: the next slot is ${answer.waitMs} ms away`)
      return answer
    }

    /** Reserves and keeps the times. */
    async function slots(bucket: TokenBucket, wanted: ReserveRequest): Promise<Slot[]> {
      const asked = home.now()
      const { waitsMs } = await granted(bucket, wanted)
      const answered = home.now()
      return waitsMs.map((waitMs) => ({ asked, answered, waitMs }))
    }

    /** Time for a bucket to fill up. */
    const fill = (plan: UsagePlan) => home.sleep((plan.burst / plan.ratePerSecond) * 1100 + 20)

    /** When calls arrive that take up to `jitterMs` longer than the shortest, the answer's own way included. */
    function arrivals(taken: readonly Slot[], jitterMs: number, random: () => number): number[] {
      return taken.map(({ asked, answered, waitMs }) => {
        const onTheWay = Math.min(answered - asked, jitterMs)
        return asked + onTheWay + waitMs + random() * (jitterMs - onTheWay)
      })
    }

    async function withBucket<T>(
      options: { jitterMs: number; urgentShare?: number },
      test: (bucket: TokenBucket) => Promise<T>,
    ): Promise<T> {
      const bucket = home.create(options)
      try {
        return await home.run(test(bucket))
      } finally {
        await bucket.close()
      }
    }

    it('starts with its burst spent: one slot at once, then one a period', () =>
      withBucket(EXACT, async (bucket) => {
        const plan = { ratePerSecond: 2, burst: 10 }
        const taken = await granted(bucket, request(newKey(), { seller: plan }, { slots: 4 }))
        expect(taken.waitsMs.map((wait) => Math.round(wait / 10))).toEqual([0, 50, 100, 150])
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
      withBucket({ jitterMs: 0 }, async (bucket) => {
        const taken = await granted(
          bucket,
          request(newKey(), { seller: { ratePerSecond, burst } }, { slots: 5, maxWaitMs: 1e9 }),
        )
        expect(taken.waitsMs).toHaveLength(5)
        const periodMs = 1000 / 0.999 / ratePerSecond
        for (let i = 1; i < 5; i++) {
          const gap = taken.waitsMs[i]! - taken.waitsMs[i - 1]!
          expect(gap).toBeGreaterThan(periodMs - 0.01)
          expect(gap).toBeLessThan(periodMs + 0.01)
        }
      }),
    )

    it('gives the whole burst at once when the bucket is full, and no more', () =>
      withBucket(EXACT, async (bucket) => {
        const plan = { ratePerSecond: 20, burst: 8 }
        const key = newKey()
        await slots(bucket, request(key, { seller: plan }))
        await fill(plan)
        const { waitsMs } = await granted(bucket, request(key, { seller: plan }, { slots: 12 }))
        expect(waitsMs.filter((wait) => wait === 0)).toHaveLength(8)
      }))

    it('never lets a server with any jitter up to J see more than the plan', async () => {
      const plans = fc.record({
        ratePerSecond: fc.double({ min: 20, max: 1000, noNaN: true }),
        burst: fc.integer({ min: 1, max: 30 }),
      })
      const trips = fc.array(
        fc.record({
          slots: fc.integer({ min: 1, max: 8 }),
          pauseMs: fast ? fc.integer({ min: 0, max: 3000 }) : fc.integer({ min: 0, max: 8 }),
          priority: fc.constantFrom('urgent' as const, 'background' as const),
          giveBack: fc.integer({ min: 0, max: 3 }),
        }),
        { minLength: 5, maxLength: 40 },
      )
      const jitters = fc.integer({ min: 50, max: 400 })
      await fc.assert(
        fc.asyncProperty(
          plans,
          trips,
          jitters,
          fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
          (plan, steps, jitterMs, random) =>
            withBucket({ jitterMs }, async (bucket) => {
              const key = newKey()
              const taken: Slot[] = []
              for (const step of steps) {
                const asked = home.now()
                const wanted = request(
                  key,
                  { seller: plan },
                  { slots: step.slots, priority: step.priority, maxWaitMs: 1e7 },
                )
                const answer = await granted(bucket, wanted)
                const answered = home.now()
                const kept = step.giveBack >= step.slots ? 1 : step.slots - step.giveBack
                for (const waitMs of answer.waitsMs.slice(0, kept)) taken.push({ asked, answered, waitMs })
                await answer.giveBack(step.slots - kept)
                if (step.pauseMs > 0) await home.sleep(step.pauseMs)
              }
              expect(
                rejections(
                  plan,
                  arrivals(taken, jitterMs, () => random.next().value as number),
                ),
              ).toBe(0)
            }),
        ),
        { numRuns: fast ? 300 : 25 },
      )
    })

    it('uses at least 99 % of the rate under backlog, for several callers', () =>
      withBucket({ jitterMs: 50 }, async (bucket) => {
        const key = newKey()
        const callers = 10
        const each = 60
        const started = home.now()
        const all = await Promise.all(
          Array.from({ length: callers }, async () => {
            const own: number[] = []
            for (let i = 0; i < each; i++) {
              const [slot] = await slots(bucket, request(key, { seller: FAST }, { maxWaitMs: 60_000 }))
              own.push(slot!.answered + slot!.waitMs)
              // Callers that sleep until their slot would measure this machine's timers, not the bucket.
              if (i % 20 === 19) await home.sleep(1)
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
      }))

    it('hands out again what was given back, once', () =>
      withBucket(EXACT, async (bucket) => {
        const key = newKey()
        const plan = { ratePerSecond: 1, burst: 1 }
        const wanted = request(key, { seller: plan }, { slots: 6 })
        const first = await granted(bucket, wanted)
        await first.giveBack(2)
        await first.giveBack(0)
        const again = await granted(bucket, { ...wanted, slots: 3 })
        const rounded = again.waitsMs.map((wait) => Math.round(wait / 100))
        expect(rounded).toEqual([40, 50, 60])
        await first.giveBack(9)
        await first.giveBack(9)
        const rest = await granted(bucket, { ...wanted, slots: 5 })
        // Four of the first reservation were left, the first of which may be past its time.
        expect(rest.waitsMs.map((wait) => Math.round(wait / 100)).slice(-2)).toEqual(
          rest.waitsMs[0]! < 500 ? [30, 70] : [70, 80],
        )
      }))

    it('reserves nothing beyond maxWaitMs', () =>
      withBucket(EXACT, async (bucket) => {
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
      withBucket({ jitterMs: 0, urgentShare: 0.3 }, async (bucket) => {
        const plan = { ratePerSecond: 20, burst: 10 }
        const key = newKey()
        await granted(bucket, request(key, { seller: plan }))
        await fill(plan)
        const background = await granted(bucket, request(key, { seller: plan }, { slots: 10 }))
        expect(background.waitsMs.filter((wait) => wait === 0)).toHaveLength(7)
        // Three slots of background work wait already, and the urgent one still comes before them.
        const urgent = await granted(bucket, request(key, { seller: plan }, { priority: 'urgent' }))
        expect(urgent.waitsMs[0]!).toBeLessThan(background.waitsMs[8]!)
      }))

    it('takes two levels in one step: the application binds across sellers', () =>
      withBucket(EXACT, async (bucket) => {
        const key = newKey()
        const plans = {
          seller: { ratePerSecond: 10, burst: 1 },
          application: { ratePerSecond: 12, burst: 1 },
        }
        const waits: number[] = []
        for (let i = 0; i < 12; i++) {
          const seller = `S${i % 3}`
          const [slot] = await slots(bucket, request({ ...key, seller }, plans))
          waits.push(slot!.answered + slot!.waitMs)
        }
        const gaps = waits.slice(1).map((at, i) => at - waits[i]!)
        const average = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
        expect(average).toBeGreaterThan(83.3 * 0.9)
        expect(average).toBeLessThan(83.5 * 1.1)
        // A seller alone is bound by its own plan.
        const single = newKey()
        const own = await granted(bucket, request(single, plans, { slots: 3 }))
        expect(Math.round(own.waitsMs[2]! / 10)).toBe(20)
      }))

    it('gives back to both levels', () =>
      withBucket(EXACT, async (bucket) => {
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

    it('cuts to a lower announced rate at once, and stretches what is owed', () =>
      withBucket(EXACT, async (bucket) => {
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
      withBucket(EXACT, async (bucket) => {
        const key = newKey()
        const plans = { seller: { ratePerSecond: 10, burst: 1 } }
        await bucket.learnRate(key, plans, 10.5)
        const { ratePerSecond } = await bucket.state(key, plans)
        expect(ratePerSecond).toBeGreaterThanOrEqual(10)
        expect(ratePerSecond).toBeLessThan(10.4)
        if (!fast) return
        await home.sleep(30_000)
        const rising = (await bucket.state(key, plans)).ratePerSecond
        expect(rising).toBeCloseTo(10 * 1.05 ** 0.5, 3)
        await home.sleep(120_000)
        expect((await bucket.state(key, plans)).ratePerSecond).toBe(10.5)
      }))

    it('holds the bucket after a 429: Retry-After, else one slot', () =>
      withBucket(EXACT, async (bucket) => {
        const plan = { ratePerSecond: 10, burst: 10 }
        const key = newKey()
        await granted(bucket, request(key, { seller: plan }))
        await fill(plan)
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
      withBucket(EXACT, async (bucket) => {
        const key = newKey()
        const plans = { seller: { ratePerSecond: 0.5, burst: 1 } }
        await bucket.throttled(key, plans)
        await bucket.throttled(key, plans)
        expect((await bucket.state(key, plans)).ratePerSecond).toBe(0.5)
        await bucket.throttled(key, plans)
        expect((await bucket.state(key, plans)).ratePerSecond).toBe(0.25)
        if (!fast) return
        await home.sleep(59_000)
        expect((await bucket.state(key, plans)).ratePerSecond).toBe(0.25)
        await home.sleep(31_000)
        expect((await bucket.state(key, plans)).ratePerSecond).toBeCloseTo(0.25 * 2 ** 0.5, 3)
        await home.sleep(31_000)
        expect((await bucket.state(key, plans)).ratePerSecond).toBe(0.5)
      }))

    it('acquires: waits for its slot, gives it back when aborted, refuses what is too far away', () =>
      withBucket(EXACT, async (bucket) => {
        const key = newKey()
        const plans = { seller: { ratePerSecond: 10, burst: 1 } }
        const { slots: _, ...wanted } = request(key, plans)
        const tools = { now: home.now, sleep: home.sleep }
        const started = home.now()
        await acquire(bucket, wanted, tools)
        await acquire(bucket, wanted, tools)
        expect(home.now() - started).toBeGreaterThan(95)
        await granted(bucket, request(key, plans, { slots: 20 }))
        await expect(acquire(bucket, { ...wanted, maxWaitMs: 100 }, tools)).rejects.toBeInstanceOf(
          SlotRefusedError,
        )
        const abort = new AbortController()
        const waiting = acquire(bucket, wanted, { ...tools, signal: abort.signal })
        await home.sleep(20)
        abort.abort(new Error('enough'))
        await expect(waiting).rejects.toThrow('enough')
        // The slot that was given back is the next one again.
        const { nextSlotMs } = await bucket.state(key, plans)
        expect(nextSlotMs).toBeLessThan(2110)
      }))

    it('takes another slot when its own has passed while the process stood still', () =>
      withBucket(EXACT, async (bucket) => {
        const plans = { seller: { ratePerSecond: 10, burst: 1 } }
        const { slots: _, ...wanted } = request(newKey(), plans)
        await acquire(bucket, wanted, { now: home.now, sleep: home.sleep })
        let sleeps = 0
        const tools = {
          now: home.now,
          sleep: (ms: number) => home.sleep(sleeps++ === 0 ? ms + 600 : ms),
        }
        await Promise.all([acquire(bucket, wanted, tools)])
        expect(sleeps).toBeGreaterThanOrEqual(1)
        const state = await bucket.state(wanted.key, plans)
        // A slot taken late would leave the bucket with one to spare; a new one is spent now.
        expect(state.nextSlotMs).toBeGreaterThan(50)
      }))

    it('rejects what can not be reserved', () =>
      withBucket(EXACT, async (bucket) => {
        const plans = { seller: FAST }
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

    it('answers a ping', () => withBucket(EXACT, (bucket) => bucket.ping()))

    it('agrees with the arithmetic on how much burst jitter leaves', () =>
      withBucket({ jitterMs: 300, urgentShare: 0 }, async (bucket) => {
        const plan = { ratePerSecond: 10, burst: 10 }
        const key = newKey()
        await granted(bucket, request(key, { seller: plan }))
        await fill(plan)
        const { waitsMs } = await granted(bucket, request(key, { seller: plan }, { slots: 12 }))
        const { toleranceMs, periodMs } = pace(plan, { jitterMs: 300, urgentShare: 0 })
        expect(waitsMs.filter((wait) => wait === 0)).toHaveLength(Math.floor(toleranceMs / periodMs) + 1)
      }))
  })
}
