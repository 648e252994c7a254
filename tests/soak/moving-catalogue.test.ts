import { expect, it } from 'vitest'
import { MovingCatalogue } from './moving-catalogue.ts'

it('keeps a product’s sku while everything else about it changes, and knows what it must come to', () => {
  const catalogue = new MovingCatalogue({ seed: 3, count: 50, notFound: 0.2, damaged: 0.2 })
  const before = catalogue.row(7)
  const next = catalogue.next(7)
  catalogue.move(7)
  expect(catalogue.row(7)).toEqual(next)
  expect(catalogue.row(7).sku).toBe(before.sku)
  expect(catalogue.row(7).upc).not.toBe(before.upc)
  const expected = [...catalogue.expectations()]
  expect(expected).toHaveLength(50)
  expect(expected[7]).toMatchObject({ sku: before.sku, state: next.expected, asin: next.expectedAsin })
})

it('tells codes that nobody has any more from those that somebody has', () => {
  const catalogue = new MovingCatalogue({ seed: 3, count: 20 })
  expect(catalogue.formerCodes().size).toBe(0)
  const [first] = catalogue.expectations()
  catalogue.move(0)
  expect([...catalogue.formerCodes()]).toEqual([first?.gtin14])
  catalogue.move(0)
  expect(catalogue.formerCodes()).not.toContain(first?.gtin14)
  expect(catalogue.formerCodes().size).toBe(1)
})
