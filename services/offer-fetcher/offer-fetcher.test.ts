import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { loadConfig } from '#libs/service/config.ts'
import { SpApiError, type SpApiFailure, SpApiInputError } from '#libs/sp-api/index.ts'
import { testProcessor } from '#libs/stream/testing.ts'
import { createLocalCodec } from '#schemas/codec.ts'
import type { OffersRequest } from '#schemas/generated/offers-request.ts'
import type { OffersResult } from '#schemas/generated/offers-result.ts'
import { OFFERS_REQUESTS, OFFERS_RESULTS } from '#schemas/topics.ts'
import type { OfferSource } from './ask-sellers.ts'
import { createOfferFetcher } from './offer-fetcher.ts'
import type { Answer } from './questions.ts'
import type { Told, TooSoon } from './told.ts'

const US = 'ATVPDKIKX0DER'
const OBSERVED = 1_792_000_000_250
const meta = { observedAt: OBSERVED, responseTimeMs: 80, amazonRequestId: 'r-1', httpStatus: 200, calls: 1 }
const told: Told = {
  featuredOffer: {
    price: '19.90',
    shipping: '0.00',
    currency: 'USD',
    sellerId: 'A1',
    fulfillmentChannel: null,
    prime: null,
  },
  lowestPrices: null,
  offerCounts: [],
  fulfillmentOptions: null,
  salesRank: 12,
}
const answered = (asin: string, body: Told | TooSoon = told): Answer => ({
  ...meta,
  ask: { asin },
  kind: 'answered',
  body,
})
const failed = (asin: string, kind: SpApiFailure, retryAfterMs = 4_000): Answer => ({
  ...meta,
  ask: { asin },
  kind: 'failed',
  error: new SpApiError({ kind, operation: 'getCompetitivePricing', retryAfterMs }, 'it failed'),
})
const request = (more: Partial<OffersRequest> = {}): OffersRequest => ({
  marketplaceId: US,
  asin: 'B000000001',
  level: 'price',
  attempt: 1,
  requestedAt: 1_792_000_000_000,
  ...more,
})

/** Amazon as far as this service sees it; `calls` has what was asked for. */
function amazon(answer: (asin: string) => Answer) {
  const calls: (readonly [operation: string, marketplaceId: string, asins: readonly string[]])[] = []
  const offers: OfferSource = {
    async ask({ operation, marketplaceId, asins }) {
      if (marketplaceId === 'MOON')
        throw new SpApiInputError('UNKNOWN_MARKETPLACE', 'there is no marketplace "MOON"')
      calls.push([operation, marketplaceId, asins])
      return new Map(asins.map((asin) => [asin, answer(asin)]))
    },
  }
  return { offers, calls }
}

async function fetchAll(offers: OfferSource, values: readonly OffersRequest[], policy?: string) {
  const config = loadConfig({ OFFERS_POLICY: policy })
  const tested = await testProcessor(createOfferFetcher({ offers, config }), values, {
    codec: createLocalCodec(),
  })
  return tested.map(({ verdict, emits }) => ({
    verdict,
    emit: emits[0],
    result: emits[0]?.value as OffersResult,
  }))
}

it.each<[string, Answer, OffersResult['outcome'], number | null]>([
  ['a price', answered('B000000001'), 'priced', null],
  ['no featured offer', answered('B000000001', { ...told, featuredOffer: null }), 'no_price', null],
  [
    'too soon, and when it will not be',
    answered('B000000001', { availableAt: OBSERVED + 90_000 }),
    'unavailable',
    90_000,
  ],
  ['too soon, who knows for how long', answered('B000000001', { availableAt: null }), 'unavailable', 600_000],
  ['an ASIN that is refused alone', failed('B000000001', 'rejected'), 'not_found', 4_000],
  ['an ASIN that is not there', failed('B000000001', 'not_found'), 'not_found', 4_000],
  ['throttled', failed('B000000001', 'throttled'), 'throttled', 4_000],
  ['an outage', failed('B000000001', 'unavailable'), 'unavailable', 4_000],
  ['refused credentials', failed('B000000001', 'unauthorized'), 'unauthorized', 4_000],
  ['a timeout', failed('B000000001', 'timeout'), 'timeout', 4_000],
  ['a failure of its own', failed('B000000001', 'failed'), 'failed', 4_000],
])('reports %s and decides nothing', async (_, answer, outcome, retryAfterMs) => {
  const [{ verdict, result, emit } = {}] = await fetchAll(amazon(() => answer).offers, [request()])
  expect(verdict?.kind).toBe('done')
  expect(emit).toMatchObject({ topic: OFFERS_RESULTS, key: `${US}:B000000001` })
  expect(result).toMatchObject({ outcome, attempt: 1, observedAt: OBSERVED, retryAfterMs })
  expect(result?.featuredOffer).toEqual(outcome === 'priced' ? told.featuredOffer : null)
})

it('asks once for an ASIN that several attempts are about, and answers each of them', async () => {
  const { offers, calls } = amazon((asin) => answered(asin))
  const results = await fetchAll(offers, [
    request(),
    request({ attempt: 2 }),
    request({ asin: 'B000000002' }),
  ])
  expect(calls).toEqual([['getCompetitivePricing', US, ['B000000001', 'B000000002']]])
  expect(results.map(({ result }) => [result.asin, result.attempt])).toEqual([
    ['B000000001', 1],
    ['B000000001', 2],
    ['B000000002', 1],
  ])
})

it('never puts two levels or two marketplaces into one call, nor more than twenty ASINs', async () => {
  const { offers, calls } = amazon((asin) => answered(asin))
  const asins = Array.from({ length: 45 }, (_, i) => `B${String(i).padStart(9, '0')}`)
  await fetchAll(offers, [
    ...asins.map((asin) => request({ asin })),
    request({ level: 'offers' }),
    request({ marketplaceId: 'A2EUQ1WTGCTBG2' }),
  ])
  const sizes = calls.map(([operation, marketplace, some]) => `${operation} ${marketplace} ${some.length}`)
  expect(sizes.toSorted((a, b) => a.localeCompare(b))).toEqual([
    'getCompetitivePricing A2EUQ1WTGCTBG2 1',
    `getCompetitivePricing ${US} 20`,
    `getCompetitivePricing ${US} 20`,
    `getCompetitivePricing ${US} 5`,
    `getItemOffersBatch ${US} 1`,
  ])
})

it('asks by the operation that the policy names', async () => {
  const { offers, calls } = amazon((asin) => answered(asin))
  const policy = '{"offers":{"operation":"getCompetitiveSummary"}}'
  const [{ result } = {}] = await fetchAll(offers, [request({ level: 'offers' })], policy)
  expect(calls[0]?.[0]).toBe('getCompetitiveSummary')
  expect(result?.operation).toBe('productPricing_2022-05-01.getCompetitiveSummary')
})

it('rejects what is no ASIN, no attempt or no marketplace, spends no call on it, and keeps the others', async () => {
  const { offers, calls } = amazon((asin) => answered(asin))
  const results = await fetchAll(offers, [
    request({ asin: 'nonsense' }),
    request({ attempt: 0 }),
    request({ marketplaceId: 'MOON' }),
    request({ asin: 'B000000002' }),
  ])
  expect(results.map(({ verdict }) => verdict.kind)).toEqual(['reject', 'reject', 'reject', 'done'])
  expect(calls).toEqual([['getCompetitivePricing', US, ['B000000002']]])
})

const examples = new URL(`../../schemas/${OFFERS_REQUESTS}/`, import.meta.url)
it.each(readdirSync(examples).filter((name) => name.includes('.example-')))(
  'has a result for %s',
  async (name) => {
    const example = JSON.parse(readFileSync(new URL(name, examples), 'utf8')) as OffersRequest
    const [{ verdict, result } = {}] = await fetchAll(amazon((asin) => answered(asin)).offers, [example])
    expect(verdict?.kind).toBe('done')
    expect(result).toMatchObject({ asin: example.asin, level: example.level, attempt: example.attempt })
  },
)
