import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { toCandidate } from './candidate.ts'
import { parseSearchPage } from './catalog-answer.ts'

const US = 'ATVPDKIKX0DER'
const model = new URL('../../../shared/sp-api/models/catalogItems_2022-04-01.json', import.meta.url)

const full = {
  asin: 'B012345678',
  identifiers: [
    {
      marketplaceId: US,
      identifiers: [
        { identifierType: 'EAN', identifier: '0036000291452' },
        { identifierType: 'UPC', identifier: '036000291452' },
      ],
    },
  ],
  summaries: [
    { marketplaceId: 'A1PA6795UKMFR9', itemName: 'Anderes', brand: 'Andere' },
    {
      marketplaceId: US,
      itemName: 'Coffee, 2-pack',
      brand: 'Acme',
      itemClassification: 'BASE_PRODUCT',
      packageQuantity: 2,
      partNumber: 'C-2',
      websiteDisplayGroup: 'grocery_display_on_website',
    },
  ],
  salesRanks: [
    {
      marketplaceId: US,
      displayGroupRanks: [
        { websiteDisplayGroup: 'kitchen_display_on_website', title: 'Kitchen', rank: 7 },
        { websiteDisplayGroup: 'grocery_display_on_website', title: 'Grocery', rank: 1_234 },
      ],
      classificationRanks: [{ classificationId: '1', title: 'Coffee', rank: 3 }],
    },
  ],
  images: [
    {
      marketplaceId: US,
      images: [
        { variant: 'PT01', link: 'https://images/pt.jpg', height: 2_000, width: 2_000 },
        { variant: 'MAIN', link: 'https://images/small.jpg', height: 75, width: 75 },
        { variant: 'MAIN', link: 'https://images/large.jpg', height: 500, width: 500 },
        { variant: 'MAIN', link: 'javascript:alert(1)', height: 5_000, width: 5_000 },
      ],
    },
  ],
  dimensions: [
    {
      marketplaceId: US,
      item: { height: { unit: 'inches', value: 1.5 }, weight: { unit: 'pounds', value: 0.3 } },
      package: {},
    },
  ],
  productTypes: [{ marketplaceId: US, productType: 'COFFEE' }],
  relationships: [
    {
      marketplaceId: US,
      relationships: [
        { type: 'VARIATION', parentAsins: ['B0PARENT00'] },
        { type: 'PACKAGE_HIERARCHY', childAsins: ['B0CASE0000'] },
      ],
    },
  ],
  somethingNew: { from: 2027 },
}

const parse = (item: object) => parseSearchPage({ numberOfResults: 1, items: [item] }).items[0]!

describe('a candidate', () => {
  it('is what the asked marketplace tells', () => {
    expect(toCandidate(parse(full), US)).toEqual({
      asin: 'B012345678',
      title: 'Coffee, 2-pack',
      brand: 'Acme',
      itemClassification: 'BASE_PRODUCT',
      packageQuantity: 2,
      salesRank: 1_234,
      salesRankCategory: 'Grocery',
      productType: 'COFFEE',
      imageUrl: 'https://images/large.jpg',
      dimensions: {
        item: {
          height: { unit: 'inches', value: 1.5 },
          length: null,
          width: null,
          weight: { unit: 'pounds', value: 0.3 },
        },
        package: null,
      },
      gtin14s: ['00036000291452'],
      partNumber: 'C-2',
      parentAsins: ['B0PARENT00'],
      childAsins: [],
    })
  })

  const nothing = {
    title: null,
    brand: null,
    itemClassification: null,
    packageQuantity: null,
    salesRank: null,
    salesRankCategory: null,
    productType: null,
    imageUrl: null,
    dimensions: null,
    partNumber: null,
    parentAsins: [],
    childAsins: [],
  }

  it('is empty where Amazon does not tell, or tells of another marketplace', () => {
    expect(toCandidate(parse({ asin: 'B012345678' }), US)).toEqual({
      asin: 'B012345678',
      gtin14s: [],
      ...nothing,
    })
    expect(toCandidate(parse(full), 'A1F83G8C2ARO7P')).toMatchObject(nothing)
  })

  it('is empty where what Amazon tells is not what its API says', () => {
    const odd = {
      asin: 'B012345678',
      summaries: [{ marketplaceId: US, itemName: null, brand: 7, packageQuantity: 0 }, 'nonsense'],
      salesRanks: [{ marketplaceId: US, displayGroupRanks: [{ title: 'x', rank: 'first' }] }],
      images: 'none',
      dimensions: [{ marketplaceId: US, item: { height: { value: 3 } } }],
      relationships: null,
    }
    expect(toCandidate(parse(odd), US)).toEqual({ asin: 'B012345678', gtin14s: [], ...nothing })
  })

  it('has the best leaf rank when Amazon tells no root rank', () => {
    const classificationRanks = [
      { classificationId: '1', title: 'Coffee', rank: 30 },
      { classificationId: '2', title: 'Beans', rank: 4 },
    ]
    const leaf = parse({ ...full, salesRanks: [{ marketplaceId: US, classificationRanks }] })
    expect(toCandidate(leaf, US)).toMatchObject({ salesRank: 4, salesRankCategory: 'Beans' })
  })
})

describe('an answer', () => {
  it.each([
    [{}],
    [{ items: null }],
    [{ items: [{ asin: 'too short' }] }],
    [{ items: [{ asin: 'B012345678', identifiers: [{ identifiers: [{ identifier: 12 }] }] }] }],
    [{ items: [], pagination: 'next' }],
  ])('is refused when what items are known by is wrong: %j', (body) => {
    expect(() => parseSearchPage(body)).toThrow(/^unexpected [\w.]+/)
  })

  test.skipIf(!existsSync(model))("of Amazon's own example is understood", () => {
    const { paths } = JSON.parse(readFileSync(model, 'utf8'))
    const responses = paths['/catalog/2022-04-01/items'].get.responses['200']
    const examples = [
      ...Object.values(responses.examples ?? {}),
      ...responses['x-amzn-api-sandbox'].static.map((one: { response: unknown }) => one.response),
    ] as object[]
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      const { items, nextToken } = parseSearchPage(example)
      expect(nextToken === null || nextToken.length > 0).toBe(true)
      const candidate = toCandidate(items[0]!, US)
      expect(candidate).toMatchObject({
        title: expect.any(String),
        brand: expect.any(String),
        imageUrl: expect.stringMatching(/^https:/),
        salesRank: expect.any(Number),
        gtin14s: ['00887276302195'],
      })
      expect(candidate.dimensions?.package?.weight).toMatchObject({ value: expect.any(Number) })
    }
  })
})
