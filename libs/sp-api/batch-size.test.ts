import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AdaptiveBatchSize, bestBatchSize, expectedPages } from './batch-size.ts'

/** Weights of 0, 1, 2 … items per identifier. */
const distributions: Record<string, number[]> = {
  'always one': [0, 1],
  'one in three not found': [1, 2],
  'mean 1.5': [0, 1, 1],
  'always two': [0, 0, 1],
  'mean 3, wide': [1, 2, 2, 2, 2, 1, 0, 0, 1],
  'always three': [0, 0, 0, 1],
  'rarely very many': [0, 97, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3],
}

/** Identifiers per request over many searches, drawn by a small generator of its own. */
function simulate(weights: readonly number[], n: number, searches: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let state = 42
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const draw = () => {
    let left = random() * total
    return weights.findIndex((weight) => {
      left -= weight
      return left < 0
    })
  }
  let requests = 0
  for (let search = 0; search < searches; search++) {
    let items = 0
    for (let i = 0; i < n; i++) items += draw()
    requests += Math.max(1, Math.ceil(items / 20))
  }
  return (n * searches) / requests
}

describe('the best batch size', () => {
  it('is twenty when no identifier brings more than one item', () => {
    expect(bestBatchSize([0, 1])).toBe(20)
    expect(bestBatchSize([1, 1])).toBe(20)
    expect(bestBatchSize([1])).toBe(20)
  })

  it('keeps a known number of items on one page', () => {
    expect(bestBatchSize([0, 0, 1])).toBe(10) // 10 on one page or 20 on two: the same, so the one without pages
    expect(bestBatchSize([0, 0, 0, 1])).toBe(20) // 20 on three pages: 6.67 a request; 6 on one: 6
    expect(bestBatchSize([0, 0, 0, 0, 0, 1])).toBe(4)
  })

  it.each(Object.entries(distributions))('is the best of all twenty by brute force: %s', (_name, weights) => {
    const perRequest = Array.from({ length: 20 }, (_, i) => simulate(weights, i + 1, 4_000))
    const best = bestBatchSize(weights)
    expect(perRequest[best - 1]).toBeGreaterThanOrEqual(Math.max(...perRequest) * 0.99)
  })

  it('costs at least one page and never less for more identifiers', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 12 }), (weights) => {
        fc.pre(weights.some((weight) => weight > 0))
        const pages = expectedPages(weights)
        expect(pages).toHaveLength(20)
        for (const [i, expected] of pages.entries())
          expect(expected).toBeGreaterThanOrEqual((pages[i - 1] ?? 1) - 1e-9)
        const best = bestBatchSize(weights)
        for (const [i, expected] of pages.entries())
          expect(best / pages[best - 1]!).toBeGreaterThanOrEqual(((i + 1) / expected) * (1 - 1e-6))
      }),
    )
  })
})

describe('the adaptive batch size', () => {
  it('starts at twenty and stays there while identifiers bring one item', () => {
    const batch = new AdaptiveBatchSize()
    expect(batch.size).toBe(20)
    for (let i = 0; i < 500; i++)
      batch.observe(Array.from({ length: batch.size }, (_, k) => (k + i) % 3 && 1))
    expect(batch.size).toBe(20)
  })

  it('settles near the best size for what it sees, and returns when that ends', () => {
    const batch = new AdaptiveBatchSize()
    const seen = [1, 1, 1, 2, 1, 1, 2, 1, 1, 1]
    for (let i = 0; i < 400; i++) batch.observe(Array.from({ length: 20 }, (_, k) => seen[(i * 7 + k) % 10]!))
    const best = bestBatchSize([0, 8, 2])
    expect(best).toBeLessThan(20)
    expect(Math.abs(batch.size - best)).toBeLessThanOrEqual(1)
    for (let i = 0; i < 2_000; i++) batch.observe(Array.from({ length: 20 }, () => 1))
    expect(batch.size).toBe(20)
  })

  it('takes more items than an identifier can be counted with', () => {
    const batch = new AdaptiveBatchSize()
    for (let i = 0; i < 50; i++) batch.observe([1_000, 0, 0])
    expect(batch.size).toBeGreaterThanOrEqual(1)
  })
})
