import { describe, expect, it } from 'vitest'
import { DEFAULT_OFFERS_POLICY, isWanted, OffersPolicy, parseOffersPolicy } from './policy.ts'

const HOUR_MS = 3_600_000

const parsed = (text: string): OffersPolicy => {
  const policy = parseOffersPolicy(text)
  if (policy instanceof OffersPolicy) return policy
  throw new Error(policy.problem)
}

describe('OFFERS_POLICY', () => {
  it('reads levels with their defaults', () => {
    expect(
      parsed('{"price":{},"offers":{"operation":"getCompetitiveSummary","maxRank":500}}').levels,
    ).toEqual([
      {
        level: 'price',
        operation: 'getCompetitivePricing',
        staleAfterMs: 24 * HOUR_MS,
        maxRank: null,
        unranked: true,
      },
      {
        level: 'offers',
        operation: 'getCompetitiveSummary',
        staleAfterMs: 168 * HOUR_MS,
        maxRank: 500,
        unranked: false,
      },
    ])
  })

  it.each(['off', DEFAULT_OFFERS_POLICY, '{"offers":{"staleAfter":"90m","maxRank":10,"unranked":true}}'])(
    'writes %s so that it reads it again',
    (text) => {
      const policy = parsed(text)
      expect(parsed(String(policy)).levels).toEqual(policy.levels)
    },
  )

  it.each([
    ['nonsense', /neither JSON nor off/],
    ['{}', /names no level/],
    ['[]', /must be an object/],
    ['{"prices":{}}', /prices/],
    ['{"price":{"staleAfter":"10s"}}', /price\.staleAfter must be a duration of at least 1m/],
    ['{"price":{"operation":"getItemOffersBatch"}}', /price\.operation must be getCompetitivePricing/],
    ['{"offers":{"maxRank":0}}', /offers\.maxRank must be 1 or more/],
    ['{"offers":{"maxRanks":5}}', /maxRanks/],
    ['{"offers":true}', /offers must be an object/],
  ])('says what is wrong with %s', (text, problem) => {
    expect(parseOffersPolicy(text)).toEqual({ problem: expect.stringMatching(problem) })
  })

  it('leaves out what sells less than it says, and what has no rank', () => {
    const [level] = parsed('{"offers":{"maxRank":100}}').levels
    expect([1, 100, 101, null].map((rank) => isWanted(level!, rank))).toEqual([true, true, false, false])
    expect(isWanted({ ...level!, unranked: true }, null)).toBe(true)
    expect(isWanted({ ...level!, maxRank: null, unranked: true }, null)).toBe(true)
  })
})
