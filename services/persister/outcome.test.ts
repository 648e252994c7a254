import { describe, expect, it } from 'vitest'
import type { Candidate, SyncResult } from '#schemas/generated/sync-result.ts'
import { absurdity, toOutcome } from './outcome.ts'

const NOW = Date.UTC(2026, 10, 22)

const candidate: Candidate = {
  asin: 'B00EXAMPLE',
  chosen: true,
  score: 0.9,
  reasons: ['exact code'],
  title: 'Title',
  brand: null,
  productType: null,
  itemClassification: null,
  packageQuantity: null,
  salesRank: 1,
  salesRankCategory: null,
  imageUrl: null,
  dimensions: '{"item":null}',
}
const result: SyncResult = {
  productId: '018f4a56-7e2c-7c3b-9d1a-2b6f5e4d3c2b',
  marketplaceId: 'ATVPDKIKX0DER',
  attempt: 1,
  outcome: 'success',
  reason: null,
  gtin14: '00036000291452',
  repair: null,
  candidates: [candidate],
  operation: 'searchCatalogItems',
  observedAt: NOW,
  responseTimeMs: 100,
  amazonRequestId: 'r',
  httpStatus: 200,
  retryAfterMs: null,
}

describe('absurdity', () => {
  it('takes a sound result', () => {
    expect(absurdity(result, NOW)).toBeNull()
  })

  it.each<[string, Partial<SyncResult>]>([
    ['productId', { productId: 'not-a-uuid' }],
    ['marketplaceId', { marketplaceId: 'x'.repeat(21) }],
    ['attempt', { attempt: 0 }],
    ['observedAt', { observedAt: NOW + 2 * 86_400_000 }],
    ['observedAt', { observedAt: 0 }],
    ['gtin14', { gtin14: '123' }],
    ['time', { responseTimeMs: -1 }],
    ['chosen', { candidates: [candidate, { ...candidate, asin: 'B00EXAMPL2' }] }],
    ['twice', { candidates: [candidate, { ...candidate, chosen: false }] }],
    ['ASIN', { candidates: [{ ...candidate, asin: "'; drop--" }] }],
    ['score', { candidates: [{ ...candidate, score: Number.NaN }] }],
    ['score', { candidates: [{ ...candidate, score: 1.5 }] }],
    ['rank', { candidates: [{ ...candidate, salesRank: -5 }] }],
    ['dimensions', { candidates: [{ ...candidate, dimensions: '{' }] }],
  ])('names what is wrong: %s', (what, wrong) => {
    expect(absurdity({ ...result, ...wrong }, NOW)).toMatch(new RegExp(what, 'i'))
  })
})

describe('toOutcome', () => {
  it('drops what PostgreSQL can not hold and keeps the rest', () => {
    const outcome = toOutcome({ ...result, reason: 'a\0b', candidates: [{ ...candidate, title: '\0T' }] })
    expect(outcome).toMatchObject({ reason: 'ab', answered: true, candidates: [{ title: 'T' }] })
  })

  it.each([
    'timeout',
    'throttled',
    'unavailable',
    'unauthorized',
    'failed',
    'invalid_upc',
    'restricted',
  ] as const)('%s says nothing about what Amazon holds', (outcome) => {
    expect(toOutcome({ ...result, outcome }).answered).toBe(false)
  })
})
