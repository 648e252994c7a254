import { expect, it } from 'vitest'
import { boundsOf } from './request-bounds.ts'

const catalogue = { seed: 7, notFound: 0, count: 400 }

it('needs a request for twenty codes of one item each, and nobody needs fewer', () => {
  expect(boundsOf({ ...catalogue, asinsPerUpc: 1 })).toEqual({ codes: 400, bound: 20, blind: 20 })
})

it('counts a code that several products carry once', () => {
  const { codes, bound } = boundsOf({ ...catalogue, asinsPerUpc: 1, duplicates: 0.2 })
  expect(codes).toBeLessThan(350)
  expect(bound).toBe(Math.ceil(codes / 20))
})

it('is bound by what a page shows when codes have several items, and never beaten by a blind choice', () => {
  // Three items each: 6 codes fill a page but for two; 20 codes fill three pages.
  const { bound, blind } = boundsOf({ ...catalogue, asinsPerUpc: 3 })
  expect(bound).toBe(60)
  expect(blind).toBeCloseTo(60)
})
