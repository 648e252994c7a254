import { describe, expect, it } from 'vitest'
import { Catalogue } from './catalogue.ts'
import { csvHeader, csvLine } from './csv.ts'
import { generateProducts, type ProductRow, sampleCatalogue, sampleOptions } from './generate-products.ts'
import { parseGtin } from './gtin.ts'

const messy = {
  seed: 7,
  count: 20_000,
  duplicates: 0.05,
  damaged: 0.1,
  restricted: 0.02,
  asinsPerUpc: 1.2,
  notFound: 0.05,
}
const rows = [...generateProducts(messy)]
const share = (test: (row: ProductRow) => boolean) => rows.filter(test).length / rows.length

describe('generated products', () => {
  it('come one at a time: a million and one cost no more than the ones taken', () => {
    const many = generateProducts({ ...messy, count: 1_000_001 })
    expect(many.next().value).toEqual(rows[0])
  })

  it('have distinct SKUs and the shares asked for', () => {
    expect(new Set(rows.map((row) => row.sku)).size).toBe(rows.length)
    expect(share((row) => row.damage !== null)).toBeCloseTo(0.1, 1)
    expect(share((row) => row.expected === 'restricted')).toBeCloseTo(0.02, 2)
    const clean = rows
      .filter((row) => row.damage === null && row.expected !== 'restricted')
      .map((row) => row.upc)
    expect(1 - new Set(clean).size / clean.length).toBeCloseTo(0.05 / 0.88, 2)
  })

  it('have valid codes unless they are damaged, and no valid ones where they are invalid', () => {
    for (const row of rows) {
      if (row.damage === null) expect(parseGtin(row.upc), row.upc).not.toBeNull()
      if (row.expected !== 'invalid') continue
      expect(parseGtin(row.upc), row.upc).toBeNull()
      if (/^\d+$/.test(row.upc)) expect(parseGtin(row.upc.padStart(14, '0')), row.upc).toBeNull()
    }
    expect(new Set(rows.map((row) => row.damage)).size).toBe(8)
  })

  it('expect what the catalogue holds for the code when it is repaired', () => {
    const catalogue = new Catalogue(messy)
    for (const row of rows.filter(({ expected }) => expected !== 'invalid' && expected !== 'restricted')) {
      const gtin = parseGtin(row.upc.replace(/^'|\.0$/g, '').padStart(12, '0'))
      expect(gtin, row.upc).not.toBeNull()
      const content = catalogue.lookup('ATVPDKIKX0DER', gtin!)
      expect([content.outcome, content.match]).toEqual([row.expected, row.expectedAsin])
    }
  })

  it('refuse shares that make no sense', () => {
    expect(() => generateProducts({ count: 1, damaged: 2 }).next()).toThrow(
      /damaged must be a share from 0 to 1/,
    )
    expect(() => generateProducts({ count: 1, damaged: 0.6, duplicates: 0.6 }).next()).toThrow(/more than 1/)
    expect(() => generateProducts({ count: -1 }).next()).toThrow(/whole number/)
  })
})

describe('the sample catalogue', () => {
  it('has every outcome, duplicates and damage among its 2,000 products', () => {
    const sample = [...sampleCatalogue()]
    expect(sample).toHaveLength(sampleOptions.count)
    expect(new Set(sample.map((row) => row.expected)).size).toBe(5)
    expect(new Set(sample.map((row) => row.damage)).size).toBe(8)
    expect(new Set(sample.map((row) => row.upc)).size).toBeLessThan(1_980)
  })
})

describe('CSV', () => {
  it('has the header of an import and quotes what needs it', () => {
    const row = { ...rows[0]!, title: 'A "big", one', upc: '012345678905', expected: 'success' as const }
    expect(csvHeader(false)).toBe('sku,upc,title,brand,supplier,category,pack_quantity\n')
    expect(csvLine(row, false)).toContain(',012345678905,"A ""big"", one",')
    expect(csvLine(row, true)).toMatch(/,success\n$/)
  })
})
