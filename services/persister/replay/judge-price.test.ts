import { expect, it } from 'vitest'
import type { Observation } from '#libs/db/offers/observation.ts'
import { NONE_TOLD } from '#libs/db/offers/testing.ts'
import type { HistoryRow, PriceStanding, RecordedPrice, StandingPrice } from '#libs/db/replay/prices.ts'
import { judgePrice, missingNews } from './judge-price.ts'

const AT = Date.UTC(2026, 10, 20)

const featured = (price: string, more: Partial<NonNullable<Observation['featured']>> = {}) => ({
  price,
  shipping: null,
  currency: 'USD',
  sellerId: null,
  fulfillmentChannel: null,
  prime: null,
  ...more,
})
const priced = (
  price: string,
  more: Partial<RecordedPrice['outcome']> = {},
  observation: Partial<Observation> = {},
): RecordedPrice => ({
  loggedAt: (more.observedAt ?? AT) + 100,
  outcome: {
    asin: 'B000000001',
    marketplaceId: 'm',
    level: 'price',
    attempt: 4,
    result: 'priced',
    reason: null,
    observedAt: AT,
    operation: 'getCompetitivePricing',
    salesRank: null,
    observation: { ...NONE_TOLD, featured: featured(price), ...observation },
    ...more,
  },
})
const row = (more: Partial<StandingPrice> = {}): StandingPrice => ({
  state: 'priced',
  attempt: 4,
  observedAt: AT,
  lastResult: 'priced',
  same: true,
  ...more,
})
const standing = (more: Partial<PriceStanding> = {}): PriceStanding => ({
  row: row(),
  matched: true,
  before: [],
  from: null,
  ...more,
})

it.each<[string, string, Partial<StandingPrice> | null]>([
  ['what is stored', 'same', {}],
  ['what was stored, and is gone', 'missing', null],
  ['what is stored otherwise', 'differs', { same: false }],
  ['what is stored under another state', 'differs', { state: 'error' }],
  ['what a later failure left', 'same', { state: 'error', attempt: 5 }],
  ['what is stored otherwise and asked for just now', 'in_flight', { same: false, state: 'queued' }],
  ['what is stored and asked for just now', 'same', { state: 'queued', attempt: 5 }],
  ['an earlier answer', 'older', { observedAt: AT + 5_000, attempt: 5 }],
  ['what came too late', 'uncounted', { observedAt: AT - 5_000, attempt: 5 }],
  ['the second record of an attempt', 'uncounted', { observedAt: AT - 5_000 }],
  ['an attempt that a restored database does not know', 'differs', { observedAt: AT - 5_000, attempt: 2 }],
  ['what its attempt told and is lost', 'differs', { observedAt: null }],
  ['what came too late for a row that was told nothing', 'uncounted', { observedAt: null, attempt: 5 }],
  [
    'what came too late for a row that waits',
    'in_flight',
    { observedAt: null, attempt: 5, state: 'pending' },
  ],
])('tells %s', (_, judgement, of) => {
  const at = standing({ row: of === null ? null : row(of) })
  expect(judgePrice(priced('10.00'), at, true)).toBe(judgement)
})

it('makes no row of a price that nobody has matched, or that the policy leaves out', () => {
  expect(judgePrice(priced('10.00'), standing({ row: null, matched: false }), true)).toBe('gone')
  expect(judgePrice(priced('10.00'), standing({ row: null }), false)).toBe('gone')
  expect(judgePrice(priced('10.00', { observation: null, result: 'timeout' }), standing(), true)).toBe(
    'failed',
  )
})

const history = (observedAt: number, price: string | null, more: Partial<HistoryRow> = {}): HistoryRow => ({
  level: 'price',
  observedAt,
  price,
  shipping: null,
  currency: price === null ? null : 'USD',
  sellerId: null,
  fulfillmentChannel: null,
  prime: null,
  lowestPrice: null,
  lowestShipping: null,
  offerCount: null,
  ...more,
})

it.each<[string, boolean, readonly HistoryRow[], HistoryRow | null]>([
  ['the first price', true, [], null],
  ['its own row', false, [], history(AT, '10.00')],
  ['its own row, at the time of the claim', false, [], history(AT + 90_000, '10.00')],
  ['a price that was known', false, [history(AT - 9_000, '10.00')], null],
  ['another price', true, [history(AT - 9_000, '11.00')], null],
  ['another price, and back', true, [history(AT - 9_000, '11.00')], history(AT + 86_400_000, '10.00')],
  ['another one after it', true, [history(AT - 9_000, '11.00')], history(AT + 5_000, '12.00')],
  ['a featured offer after none', true, [history(AT - 9_000, null)], null],
])('misses news in the history: %s', (_, missing, before, from) => {
  const told = missingNews(priced('9.999'), standing({ before, from }))
  expect(told !== null).toBe(missing)
  if (told) expect(told.price).toBe('9.999')
})

it('knows of a row only what its level told', () => {
  const dear = history(AT - 9_000, '10.00', {
    level: 'offers',
    fulfillmentChannel: 'AFN',
    prime: 'NATIONAL',
    lowestPrice: '9.00',
  })
  const cheap = history(AT - 5_000, '10.00')
  const again = priced(
    '10',
    { level: 'offers' },
    {
      featured: featured('10', { fulfillmentChannel: 'AFN', prime: 'NATIONAL' }),
      lowestPrices: [
        { condition: 'new', fulfillmentChannel: 'AFN', price: '9', shipping: null, currency: 'USD' },
      ],
    },
  )
  expect(missingNews(again, standing({ before: [dear, cheap] }))).toBeNull()
  const other = { ...dear, prime: 'NONE' }
  expect(missingNews(again, standing({ before: [other, cheap] }))).not.toBeNull()
})
