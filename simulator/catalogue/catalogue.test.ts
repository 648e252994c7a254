import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ASIN_PATTERN, asinOf, itemOf } from './asin.ts'
import { Catalogue } from './catalogue.ts'
import { checkDigit, parseGtin, parseIsbn } from './gtin.ts'
import { indexOf, PRODUCTS, upcOf } from './numbering.ts'

const US = 'ATVPDKIKX0DER'
const gtinOf = (body: number) => body * 10 + checkDigit(body.toString())

describe('codes', () => {
  it.each([
    ['036000291452', 36000291452],
    ['4006381333931', 4006381333931],
    ['10012345678902', 10012345678902],
    ['96385074', 96385074],
    ['036000291453', null],
    ['36000291452', null],
    ['03600029145X', null],
    ['', null],
  ])('reads %s as %s', (code, gtin) => expect(parseGtin(code)).toBe(gtin))

  it.each([
    ['0306406152', 9780306406157],
    ['080442957X', 9780804429573],
    ['9780306406157', 9780306406157],
    ['0306406153', null],
    ['4006381333931', null],
  ])('reads ISBN %s as %s', (code, gtin) => expect(parseIsbn(code)).toBe(gtin))
})

describe('numbering', () => {
  it('makes valid UPC-As that lead back to their index', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: PRODUCTS - 1 }), (index) => {
        const upc = upcOf(index)
        expect(upc).toMatch(/^[0678]\d{11}$/)
        expect(upc).not.toMatch(/^00/)
        expect(parseGtin(upc)).not.toBeNull()
        expect(indexOf(Number(upc))).toBe(index)
      }),
    )
  })

  it('refuses an index outside the scheme', () => {
    expect(() => upcOf(PRODUCTS)).toThrow(RangeError)
    expect(() => upcOf(-1)).toThrow(/ask for fewer/)
  })

  it('does not take other codes for its own', () => {
    for (const code of ['4006381333931', '10012345678902', '96385074', '212345678992', '000050097425']) {
      expect(indexOf(Number(code))).toBeNull()
    }
  })
})

describe('ASINs', () => {
  it('are well formed and lead back to code and ordinal, of the scheme or not', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: 0, max: PRODUCTS - 1 }).map((index) => Number(upcOf(index))),
          fc.maxSafeNat().map((n) => gtinOf(n % 1e13)),
        ),
        fc.integer({ min: 0, max: 63 }),
        fc.integer({ min: 0, max: 1e9 }),
        (gtin, ordinal, seed) => {
          const asin = asinOf({ gtin, ordinal }, seed)
          expect(asin).toMatch(ASIN_PATTERN)
          expect(itemOf(asin, seed)).toEqual({ gtin, ordinal })
        },
      ),
      { examples: [[0, 0, 0]] },
    )
  })

  it('are distinct', () => {
    const asins = new Set<string>()
    for (let index = 0; index < 5_000; index++) {
      for (const ordinal of [0, 1]) asins.add(asinOf({ gtin: Number(upcOf(index)), ordinal }, 7))
    }
    expect(asins.size).toBe(10_000)
  })
})

describe('the catalogue', () => {
  const counts = (catalogue: Catalogue, marketplaceId = US, n = 20_000) =>
    Array.from({ length: n }, (_, index) => catalogue.countOf(marketplaceId, Number(upcOf(index))))
  const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length

  it('gives every found code exactly one item at a mean of 1', () => {
    const found = counts(new Catalogue({ seed: 3, notFound: 0.1 }))
    expect(new Set(found)).toEqual(new Set([0, 1]))
    expect(1 - mean(found)).toBeCloseTo(0.1, 1)
  })

  it.each([1.15, 1.9, 3.4, 20])('has %s items for a found code in the mean', (asinsPerUpc) => {
    const found = counts(new Catalogue({ asinsPerUpc, notFound: 0.05 })).filter((count) => count > 0)
    expect(mean(found) / asinsPerUpc).toBeCloseTo(1, 1)
  })

  it('differs between marketplaces and seeds, and is the same when asked again', () => {
    const catalogue = new Catalogue({ seed: 3, asinsPerUpc: 1.5, notFound: 0.2 })
    expect(counts(catalogue)).toEqual(counts(new Catalogue({ seed: 3, asinsPerUpc: 1.5, notFound: 0.2 })))
    expect(counts(catalogue)).not.toEqual(counts(catalogue, 'A1PA6795UKMFR9'))
    expect(counts(catalogue)).not.toEqual(counts(new Catalogue({ seed: 4, asinsPerUpc: 1.5, notFound: 0.2 })))
  })

  it('never has items for restricted codes', () => {
    const catalogue = new Catalogue({ notFound: 0 })
    for (const code of ['212345678992', '2012345678900', '412345678903', '512345678900']) {
      expect(catalogue.countOf(US, Number(code))).toBe(0)
    }
    expect(catalogue.countOf(US, 4006381333931)).toBe(1)
  })

  it('has no item beyond those that a code has', () => {
    const catalogue = new Catalogue({ notFound: 0 })
    const gtin = Number(upcOf(5))
    expect(catalogue.item(US, gtin, 0)).not.toBeNull()
    expect(catalogue.item(US, gtin, 1)).toBeNull()
    expect(catalogue.itemByAsin(US, asinOf({ gtin, ordinal: 1 }, 1))).toBeNull()
  })
})
