import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acquire, SlotRefusedError } from './acquire.ts'
import { createAloneBucket } from './alone.ts'
import { chance, newKey, request } from './contract-tools.ts'
import { createMemoryTokenBucket } from './memory.ts'
import type { BucketKey, Refusal, Reservation, ReserveRequest, TokenBucket, UsagePlan } from './port.ts'
import { LEAD_MS } from './queue.ts'
import { rejections } from './server-model.ts'
import { CLOCK_SKEW_MS, sharedPeriodMs, type TimeShare } from './time-division.ts'
import { createVirtualClock } from './virtual-clock.ts'

/** How far apart processes notice an outage, and its end. */
const NOTICED_MS = 1000

interface Outage {
  readonly plan: UsagePlan
  readonly processes: number
  /** Of them, how many know their index and the time. */
  readonly placed: number
  readonly jitterMs: number
  /** In periods of the plan: work before, without and after Redis. */
  readonly before: number
  readonly alone: number
  readonly after: number
  readonly outages: number
  readonly seed: number
}

/** When calls arrive at Amazon, of processes with more work than quota, while Redis goes and comes back. */
async function arrivalsThrough(outage: Outage) {
  const { plan, processes, placed, jitterMs } = outage
  const clock = createVirtualClock()
  const random = chance(outage.seed)
  const pace = { jitterMs, urgentShare: 0.2 }
  const periodMs = 1000 / plan.ratePerSecond
  const key = newKey()
  const wanted = { key, plans: { seller: plan }, maxWaitMs: 1e12 }
  const arrivals: number[] = []
  let roundFrom = 0
  let aloneUntil = 0
  const sharedMs = sharedPeriodMs(plan, pace)
  /** What Redis would be told by whoever comes back. */
  let promisedUntil = Number.NEGATIVE_INFINITY
  let together = createMemoryTokenBucket({ ...pace, now: clock.now })
  let stopped = false

  function createProcess(index: number) {
    let alone: TokenBucket | null = null
    const origin = random() * CLOCK_SKEW_MS
    const share: TimeShare | null = index < placed ? { index, count: processes, originMs: origin } : null
    const bucket = {
      async reserve(asked: ReserveRequest): Promise<Reservation | Refusal> {
        const answer = await (alone ?? together).reserve(asked)
        if (answer.granted)
          promisedUntil = Math.max(promisedUntil, clock.now() + answer.waitsMs.at(-1)! + sharedMs)
        return answer
      },
    }
    return {
      async outage(start: number, end: number): Promise<void> {
        await clock.sleep(start + random() * NOTICED_MS - clock.now())
        alone = createAloneBucket({
          pace,
          clock: clock.now,
          processes,
          lostAt: clock.now(),
          holdMs: NOTICED_MS,
          promisedUntil: () => clock.now(),
          timeShare: () => share,
          askAgainMs: 500,
          random,
        })
        await clock.sleep(end + random() * (NOTICED_MS - LEAD_MS) - clock.now())
        alone = null
        const spentUntil = Math.max(promisedUntil, clock.now() + NOTICED_MS + sharedMs)
        together = createMemoryTokenBucket({ ...pace, now: clock.now, firstSlotAt: () => spentUntil })
      },
      async work(): Promise<void> {
        await clock.sleep(random() * periodMs * 2)
        while (!stopped) {
          const priority = random() < 0.3 ? 'urgent' : 'background'
          await acquire(
            { ...together, ...bucket },
            { ...wanted, priority },
            { now: clock.now, sleep: clock.sleep },
          )
          // A timer is up to a millisecond late: that is part of the jitter.
          const arrival = clock.now() + random() * (jitterMs - 1)
          arrivals.push(arrival)
          await clock.sleep(arrival - clock.now())
        }
      },
    }
  }

  async function run(): Promise<void> {
    // A bucket that nobody has used for long: the whole burst may come just before the outage.
    await together.reserve(request(key, { seller: plan }))
    await clock.sleep(plan.burst * periodMs * 1.1)
    const all = Array.from({ length: processes }, (_, index) => createProcess(index))
    const working = all.flatMap((each) => [each.work(), each.work()])
    for (let outages = 0; outages < outage.outages; outages++) {
      const start = clock.now() + outage.before * periodMs
      const end = start + NOTICED_MS + outage.alone * periodMs
      roundFrom = start + 2 * NOTICED_MS + LEAD_MS + (processes + 1) * sharedMs
      aloneUntil = end
      await Promise.all(all.map((each) => each.outage(start, end)))
    }
    await clock.sleep(NOTICED_MS + outage.after * periodMs)
    stopped = true
    await Promise.all(working)
  }
  await clock.run(run())
  const used = arrivals.filter((at) => at >= roundFrom && at < aloneUntil).length
  return { arrivals, shareUsed: (used * sharedMs) / (aloneUntil - roundFrom), calls: used }
}

const plan = fc
  .constantFrom(
    [0.0056, 20],
    [0.0167, 1],
    [0.5, 1],
    [0.5, 30],
    [1, 2],
    [2, 2],
    [2, 6],
    [5, 5],
    [5, 10],
    [5, 30],
  )
  .map(([ratePerSecond, burst]) => ({ ratePerSecond: ratePerSecond!, burst: burst! }))

describe('processes without Redis', () => {
  it('never bring a 429, however many they are and whenever it goes and comes', { timeout: 120_000 }, () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          plan,
          processes: fc.integer({ min: 2, max: 12 }),
          unplaced: fc.constantFrom(0, 0, 1, 12),
          jitterMs: fc.constantFrom(1, 100, 400),
          before: fc.double({ min: 0, max: 6, noNaN: true }),
          alone: fc.double({ min: 0, max: 30, noNaN: true }),
          after: fc.integer({ min: 1, max: 10 }),
          outages: fc.integer({ min: 1, max: 2 }),
          seed: fc.integer({ min: 1, max: 0x7fff_fffe }),
        }),
        async ({ unplaced, ...outage }) => {
          const placed = Math.max(0, outage.processes - unplaced)
          const { arrivals } = await arrivalsThrough({ ...outage, placed })
          expect(rejections(outage.plan, arrivals)).toBe(0)
        },
      ),
      { numRuns: 300 },
    ),
  )

  it.each([
    [2, 2, 3],
    [2, 2, 10],
    [5, 5, 10],
    [5, 30, 10],
    [0.0056, 20, 3],
  ])(
    'keep the whole rate among them: %d/s, burst %d, %d processes',
    async (ratePerSecond, burst, processes) => {
      const { shareUsed, calls } = await arrivalsThrough({
        plan: { ratePerSecond, burst },
        processes,
        placed: processes,
        jitterMs: 400,
        before: 3,
        alone: 200,
        after: 1,
        outages: 1,
        seed: 7,
      })
      expect(calls).toBeGreaterThan(150)
      // Of the pace; a call may be missing at each end.
      expect(shareUsed).toBeGreaterThan(1 - 2 / calls)
    },
  )

  const aloneWith = (seller: UsagePlan, timeShare: TimeShare | null, key: BucketKey = newKey()) => {
    const clock = createVirtualClock()
    const bucket = createAloneBucket({
      pace: { jitterMs: 400, urgentShare: 0 },
      clock: clock.now,
      processes: 3,
      lostAt: clock.now(),
      holdMs: 0,
      promisedUntil: clock.now,
      timeShare: () => timeShare,
      askAgainMs: 500,
      random: () => 0,
    })
    return { bucket, clock, key, plans: { seller } }
  }

  it('refuse what only luck would save from a 429, and say when to ask again', async () => {
    const { bucket, clock, key, plans } = aloneWith({ ratePerSecond: 2, burst: 2 }, null)
    const wanted = request(key, plans, { ticket: 'a' })
    expect(await bucket.reserve(wanted)).toEqual({ granted: false, waitMs: 500, askAgainMs: 500 })
    expect(await bucket.reserve({ ...wanted, maxWaitMs: 400 })).toMatchObject({ askAgainMs: null })
    expect((await bucket.state(key, plans)).nextSlotMs).toBe(500)
    const tools = { now: clock.now, sleep: clock.sleep }
    const waiting = acquire(bucket, { key, plans, priority: 'urgent', maxWaitMs: 1200 }, tools)
    await expect(clock.run(waiting)).rejects.toBeInstanceOf(SlotRefusedError)
  })

  it('spend at times of their own where the burst has room for all, after a round of everybody', async () => {
    const { bucket, key, plans } = aloneWith({ ratePerSecond: 5, burst: 10 }, null)
    const answer = await bucket.reserve(request(key, plans, { slots: 3 }))
    if (!answer.granted) throw new Error('refused')
    expect(answer.waitsMs[0]!).toBeGreaterThan(600)
    expect(answer.waitsMs[2]! - answer.waitsMs[0]!).toBeCloseTo(1200 / 0.999, 1)
  })

  it('go on in their turns at the rate that Amazon announces', async () => {
    const share = { index: 1, count: 3, originMs: 0 }
    const { bucket, key, plans } = aloneWith({ ratePerSecond: 2, burst: 2 }, share)
    const first = await bucket.reserve(request(key, plans, { slots: 4 }))
    if (!first.granted) throw new Error('refused')
    await first.giveBack(2)
    await bucket.learnRate(key, plans, 1)
    expect((await bucket.state(key, plans)).ratePerSecond).toBeCloseTo(1 / 3, 9)
    const answer = await bucket.reserve(request(key, plans, { slots: 2 }))
    if (!answer.granted) throw new Error('refused')
    const round = 3000 / 0.999
    for (const waitMs of answer.waitsMs) {
      // The virtual clock stands at its start.
      const turns = (1_000_000 + waitMs - 1000 / 0.999) / round
      expect(Math.abs(turns - Math.round(turns))).toBeLessThan(1e-6)
    }
  })

  it('keep an application plan across sellers', async () => {
    const share = { index: 0, count: 3, originMs: 0 }
    const { bucket, key } = aloneWith({ ratePerSecond: 2, burst: 2 }, share)
    const plans = { seller: { ratePerSecond: 2, burst: 2 }, application: { ratePerSecond: 1, burst: 3 } }
    const times: number[] = []
    for (const seller of ['A', 'B', 'C']) {
      const answer = await bucket.reserve(request({ ...key, seller }, plans))
      if (!answer.granted) throw new Error('refused')
      times.push(answer.waitsMs[0]!)
    }
    expect(times[1]! - times[0]!).toBeCloseTo(3000 / 0.999, 1)
    expect(times[2]! - times[1]!).toBeCloseTo(3000 / 0.999, 1)
  })
})
