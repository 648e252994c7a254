import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideTransition, type RetryPolicy } from './retry-policy.ts'

const policy = (random = 0.5): RetryPolicy => ({
  maxAttempts: 4,
  baseDelayMs: 1_000,
  maxDelayMs: 3_000,
  random: () => random,
})

describe('decideTransition', () => {
  it.each([
    ['success', 'success'],
    ['not_found', 'not_found'],
    ['ambiguous', 'ambiguous'],
    ['invalid_upc', 'invalid'],
    ['restricted', 'restricted'],
  ] as const)('%s is final and forgets earlier failures', (result, state) => {
    expect(decideTransition(result, 3, null, policy())).toEqual({ state, failures: 0, retryInMs: null })
  })

  it('backs failures off exponentially up to the longest delay, then gives up', () => {
    const delays = [0, 1, 2].map((failures) => decideTransition('timeout', failures, null, policy(1)))
    expect(delays).toEqual([
      { state: 'pending', failures: 1, retryInMs: 1_000 },
      { state: 'pending', failures: 2, retryInMs: 2_000 },
      { state: 'pending', failures: 3, retryInMs: 3_000 },
    ])
    expect(decideTransition('failed', 3, null, policy())).toEqual({
      state: 'error',
      failures: 4,
      retryInMs: null,
    })
  })

  it.each(['throttled', 'unavailable', 'unauthorized'] as const)('%s uses up no attempt, ever', (result) => {
    expect(decideTransition(result, 3, null, policy())).toMatchObject({ state: 'pending', failures: 3 })
  })

  it('spreads delays and is never earlier than Amazon asked for', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('timeout', 'failed', 'throttled', 'unavailable', 'unauthorized' as const),
        fc.integer({ min: 0, max: 2 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: 600_000 })),
        (result, failures, random, notBefore) => {
          const { retryInMs } = decideTransition(result, failures, notBefore, policy(random))
          expect(retryInMs).toBeGreaterThanOrEqual(Math.max(500, notBefore ?? 0))
          expect(retryInMs).toBeLessThanOrEqual(Math.max(3_000, notBefore ?? 0))
        },
      ),
    )
  })
})
