import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { DEFAULT_OFFERS_POLICY, type OffersPolicy, parseOffersPolicy } from '#libs/offers/policy.ts'
import type { OffersResult } from '#schemas/generated/offers-result.ts'
import { OFFERS_RESULTS } from '#schemas/topics.ts'
import { absurdity, namesItsRow, toOutcome, unusable } from './offers-outcome.ts'
import { decideOfferTransition } from './offers-retry-policy.ts'

const NOW = 1_792_000_000_500
const examples = new URL(`../../schemas/${OFFERS_RESULTS}/`, import.meta.url)
const example = (name: string): OffersResult =>
  JSON.parse(readFileSync(new URL(`v1.example-${name}.json`, examples), 'utf8'))
const names = readdirSync(examples).flatMap((name) => /^v1\.example-(.+)\.json$/.exec(name)?.[1] ?? [])
const policy = parseOffersPolicy(DEFAULT_OFFERS_POLICY) as OffersPolicy
const retries = { maxAttempts: 2, baseDelayMs: 1_000, maxDelayMs: 60_000, random: () => 0 }

it.each(names)('takes the example %s, and knows what follows from it', (name) => {
  const result = example(name)
  expect(absurdity(result, NOW)).toBeNull()
  expect(namesItsRow(result)).toBe(true)
  const outcome = toOutcome(result)
  const answered = ['priced', 'no_price', 'not_found'].includes(result.outcome)
  expect(outcome.observation !== null).toBe(answered)
  const { state, nextInMs } = decideOfferTransition(outcome, 0, policy.of(result.level), retries)
  expect(state).toBe(answered ? result.outcome : 'pending')
  if (answered) expect(nextInMs).toBe(policy.of(result.level)?.staleAfterMs)
})

it('gives up on what fails again and again until it would be stale, and on no outage', () => {
  const level = policy.of('price')
  const after = (result: OffersResult['outcome'], failures: number) =>
    decideOfferTransition({ result, retryAfterMs: null }, failures, level, retries)
  expect(after('failed', 1)).toEqual({ state: 'error', failures: 2, nextInMs: 86_400_000 })
  expect(after('unavailable', 1)).toEqual({ state: 'pending', failures: 1, nextInMs: 500 })
  expect(
    decideOfferTransition({ result: 'throttled', retryAfterMs: 90_000 }, 0, level, retries).nextInMs,
  ).toBe(90_000)
})

it.each<[string, Partial<OffersResult>]>([
  ['no ASIN', { asin: 'nonsense' }],
  ['no marketplace', { marketplaceId: '' }],
  ['an attempt that was never made', { attempt: 0 }],
  ['a time before there was one', { observedAt: 5 }],
  ['a price in words', { featuredOffer: { ...example('offers').featuredOffer!, price: 'a lot' } }],
  ['a price with an exponent', { featuredOffer: { ...example('offers').featuredOffer!, price: '1e9' } }],
  [
    'a currency that is none',
    { featuredOffer: { ...example('offers').featuredOffer!, currency: 'dollars' } },
  ],
  [
    'a channel that is none',
    { lowestPrices: [{ ...example('offers').lowestPrices![0]!, fulfillmentChannel: 'DHL' }] },
  ],
  ['fewer offers than none', { offerCounts: [{ condition: 'new', fulfillmentChannel: null, count: -1 }] }],
  [
    'a seller of megabytes',
    { featuredOffer: { ...example('offers').featuredOffer!, sellerId: 'x'.repeat(1e6) } },
  ],
  ['half a character', { lowestPrices: [{ ...example('offers').lowestPrices![0]!, condition: '\ud800' }] }],
  ['a rank below none', { salesRank: -1 }],
])('refuses %s', (_, bad) => {
  const result = { ...example('offers'), ...bad }
  expect(absurdity(result, NOW)).toBeTypeOf('string')
  expect(unusable(result, 'why', NOW)).toMatchObject({ result: 'failed', observation: null })
})
