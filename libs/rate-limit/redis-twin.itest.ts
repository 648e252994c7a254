import fc from 'fast-check'
import { expect, it } from 'vitest'
import { backing, describeWith } from '#tests/support/backing.ts'
import { newKey, request } from './contract-tools.ts'
import { createMemoryTokenBucket } from './memory.ts'
import type { BucketKey, BucketPlans, Reservation, TokenBucket } from './port.ts'
import { createRedisTokenBucket } from './redis.ts'

/** Slots are at least five seconds apart; each cut of the rate doubles the few milliseconds between two questions. */
const TOLERANCE_MS = 2000

/** In hundredths, so that rates differ by something or not at all. */
const rate = fc.integer({ min: 2, max: 20 }).map((hundredths) => hundredths / 100)
const plan = fc.record({
  ratePerSecond: rate,
  burst: fc.integer({ min: 1, max: 30 }),
})
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      slots: fc.integer({ min: 1, max: 6 }),
      priority: fc.constantFrom('urgent' as const, 'background' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('back' as const), count: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('queue' as const),
      ticket: fc.constantFrom('a', 'b', 'c', 'd'),
      priority: fc.constantFrom('urgent' as const, 'background' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('answered' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('throttled' as const),
      retryAfterMs: fc.option(fc.constant(30_000), { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('learn' as const) }),
  },
)
const run = fc.record({
  seller: plan,
  application: fc.option(plan, { nil: undefined }),
  jitterMs: fc.integer({ min: 0, max: 30_000 }),
  urgentShare: fc.constantFrom(0, 0.2, 0.5),
  steps: fc.array(fc.record({ seller: fc.constantFrom('A1', 'B2'), what: step }), {
    minLength: 5,
    maxLength: 40,
  }),
})
type What = typeof step extends fc.Arbitrary<infer T> ? T : never

const PUSH: What = { kind: 'throttled', retryAfterMs: undefined }

/** One step on one home; the numbers that both homes have to agree on. */
async function take(
  bucket: TokenBucket,
  key: BucketKey,
  plans: BucketPlans,
  what: What,
  held: Reservation[],
): Promise<number[]> {
  switch (what.kind) {
    case 'reserve': {
      const { slots, priority } = what
      const answer = await bucket.reserve(request(key, plans, { slots, priority, maxWaitMs: 1e9 }))
      if (!answer.granted) throw new Error('refused')
      held.push(answer)
      return [...answer.waitsMs]
    }
    case 'back':
      await held.at(-1)?.giveBack(what.count)
      break
    case 'queue': {
      const { ticket, priority } = what
      const answer = await bucket.reserve(request(key, plans, { ticket, priority, maxWaitMs: 1e9 }))
      if (answer.granted) return [...answer.waitsMs]
      return [answer.waitMs, answer.askAgainMs ?? -1]
    }
    case 'answered':
      await held.at(-1)?.answered({ sentAgoMs: 100, answeredAgoMs: 0 })
      break
    case 'throttled':
      await bucket.throttled(key, plans, what.retryAfterMs)
      break
    case 'learn':
      // Only down: a rate that rises is a little different whenever it is asked for.
      await bucket.learnRate(key, plans, (await bucket.state(key, plans)).ratePerSecond / 2)
      break
  }
  const { nextSlotMs, queueWaitMs, ratePerSecond, brake, granted, throttled, application } =
    await bucket.state(key, plans)
  return [nextSlotMs, queueWaitMs, ratePerSecond, brake, granted, throttled, application?.granted ?? 0]
}

describeWith(['redis'], 'the script and its twin', () => {
  it('give the same slots, whatever happens to the bucket', { timeout: 120_000 }, () =>
    fc.assert(
      fc.asyncProperty(run, async ({ seller, application, jitterMs, urgentShare, steps }) => {
        const options = { jitterMs, urgentShare }
        const shared = createRedisTokenBucket({
          ...options,
          url: backing('redis'),
          share: 1,
          commandTimeoutMs: 10_000,
        })
        const memory = createMemoryTokenBucket(options)
        const plans = { seller, ...(application && { application }) }
        const key = newKey()
        const held: [Reservation[], Reservation[]] = [[], []]
        try {
          // Puts every slot into the future: a slot that is free at once is free a little later in one of the two.
          const first = ['A1', 'B2'].map((name) => ({ seller: name, what: PUSH }))
          for (const { seller: name, what } of [...first, ...steps]) {
            const own = { ...key, seller: name }
            const before = performance.now()
            const there = await take(shared, own, plans, what, held[0])
            const here = await take(memory, own, plans, what, held[1])
            // A pause of this machine between the two questions makes them different questions.
            fc.pre(performance.now() - before < 50)
            expect(there).toHaveLength(here.length)
            for (const [index, value] of here.entries())
              expect(Math.abs(value - there[index]!)).toBeLessThan(TOLERANCE_MS)
          }
        } finally {
          await shared.close()
        }
      }),
      // One seed: a slot within milliseconds of another could go to either, and a test must not depend on luck.
      { numRuns: 200, seed: 1 },
    ),
  )
})
