import { describe, expect, it } from 'vitest'
import { upcOf } from './catalogue/numbering.ts'
import { codesQuery, control, ITEMS, type Reply, signIn, startForTest, US } from './testing.ts'

const upcs = (from: number, count: number) => Array.from({ length: count }, (_, i) => upcOf(from + i))
const gtinsOf = (item: Reply['body']): string[] =>
  item.identifiers[0].identifiers.map(({ identifier }: { identifier: string }) =>
    identifier.padStart(14, '0'),
  )

describe('searchCatalogItems', () => {
  it('answers twenty codes with their items, found by GTIN-14 and no other way', async () => {
    const simulator = await startForTest({ notFound: 0.2 })
    const get = await signIn(simulator)
    const codes = upcs(0, 20)
    const { status, headers, body } = await get(ITEMS, codesQuery(codes))
    expect(status).toBe(200)
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
    const expected = codes.map((code) => simulator.catalogue.lookup(US, Number(code)))
    const found = expected.filter(({ outcome }) => outcome === 'success')
    expect(found.length).toBeLessThan(20)
    expect(body.numberOfResults).toBe(found.length)
    expect(new Set(body.items.flatMap(gtinsOf))).toEqual(new Set(found.map(({ gtin14 }) => gtin14)))
    for (const item of body.items) {
      expect(item.asin).toBe(found.find(({ gtin14 }) => gtin14 === gtinsOf(item)[0])?.match)
      expect(Object.keys(item)).toEqual(['asin', 'identifiers'])
    }
    expect(body.items.map((item: Reply['body']) => item.asin)).not.toEqual(found.map(({ match }) => match))
  })

  it('shows codes as UPC, EAN and GTIN, whatever was asked for', async () => {
    const get = await signIn(await startForTest())
    const { body } = await get(ITEMS, codesQuery(upcs(0, 20), { identifiersType: 'EAN' }))
    const types = body.items.flatMap((item: Reply['body']) =>
      item.identifiers[0].identifiers.map((i: Reply['body']) => i.identifierType),
    )
    expect(new Set(types)).toEqual(new Set(['UPC', 'EAN', 'GTIN']))
  })

  it('collapses codes that are one GTIN', async () => {
    const simulator = await startForTest({ notFound: 0 })
    const get = await signIn(simulator)
    const code = upcOf(1)
    const { body } = await get(ITEMS, codesQuery([code, code, `0${code}`, `00${code}`]))
    expect(body.numberOfResults).toBe(1)
    expect(simulator.stats().searchCatalogItems).toMatchObject({
      firstPages: { calls: 1, identifiers: 4, identifiersPerCall: 4 },
      distinctIdentifiers: 1,
    })
  })

  it('has ten items a page unless told otherwise, and pages to the end', async () => {
    const simulator = await startForTest({ asinsPerUpc: 3, notFound: 0 })
    const get = await signIn(simulator)
    const { pageSize: _, ...query } = codesQuery(upcs(0, 20))
    const seen: string[] = []
    let token: string | undefined
    do {
      const { body } = await get(ITEMS, { ...query, ...(token ? { pageToken: token } : {}) })
      expect(body.items.length).toBe(10)
      expect(body.numberOfResults).toBe(60)
      expect(body.pagination.previousToken === undefined).toBe(token === undefined)
      seen.push(...body.items.map((item: Reply['body']) => item.asin))
      token = body.pagination.nextToken
    } while (token)
    expect(new Set(seen).size).toBe(60)
    expect(simulator.stats().searchCatalogItems).toMatchObject({
      firstPages: { calls: 1 },
      furtherPages: { calls: 5 },
    })
  })

  it('ends at a thousand items', async () => {
    const get = await signIn(await startForTest({ asinsPerUpc: 60, notFound: 0 }))
    const query = codesQuery(upcs(0, 20))
    let items = 0
    let token: string | undefined
    do {
      const { body } = await get(ITEMS, { ...query, ...(token ? { pageToken: token } : {}) })
      items += body.items.length
      expect(body.numberOfResults).toBe(1200)
      token = body.pagination?.nextToken
    } while (token)
    expect(items).toBe(1000)
  })

  it('takes a page token for its own query only, and only as it was given', async () => {
    const get = await signIn(await startForTest({ asinsPerUpc: 2, notFound: 0 }))
    const first = await get(ITEMS, codesQuery(upcs(0, 20)))
    const pageToken: string = first.body.pagination.nextToken
    expect((await get(ITEMS, codesQuery(upcs(0, 20), { pageToken }))).status).toBe(200)
    const bad = [
      codesQuery(upcs(1, 20), { pageToken }),
      codesQuery(upcs(0, 20), { pageToken, pageSize: '10' }),
      codesQuery(upcs(0, 20), { pageToken: `${pageToken}x` }),
      codesQuery(upcs(0, 20), { pageToken: 'nonsense' }),
    ]
    for (const query of bad)
      expect((await get(ITEMS, query)).body.errors[0].message).toBe("Invalid 'pageToken' provided.")
  })

  it('fails the whole call for one malformed code and does not say which', async () => {
    const get = await signIn(await startForTest())
    for (const damaged of ['036000291453', '36000291452', '8.85E+11', "'614141007349"]) {
      const { status, headers, body } = await get(ITEMS, codesQuery([...upcs(0, 19), damaged]))
      expect(status).toBe(400)
      expect(body).toEqual({
        errors: [{ code: 'InvalidInput', message: "Invalid 'upc' provided.", details: '' }],
      })
      expect(headers.get('x-amzn-ratelimit-limit')).toBe('1000.0')
    }
  })

  it('finds what the caller’s SKUs sell, and nobody else’s', async () => {
    const simulator = await startForTest({ notFound: 0 })
    const get = await signIn(simulator)
    const { sellerId } = (await control(simulator, 'seller', { refreshToken: 'seller-one' })).body
    const find = async (seller: string) => {
      const query = codesQuery(['SKU-00001', 'NONE'], { identifiersType: 'SKU', sellerId: seller })
      return (await get(ITEMS, query)).body.items.map((item: Reply['body']) => item.asin)
    }
    const listing = await get(`/listings/2021-08-01/items/${sellerId}/SKU-00001`, { marketplaceIds: US })
    expect(await find(sellerId)).toEqual([listing.body.summaries[0].asin])
    expect(await find('A1SOMEBODYELSE')).toEqual([])
  })

  it('finds by ASIN and ISBN, and no SKU of anybody', async () => {
    const simulator = await startForTest({ notFound: 0 })
    const get = await signIn(simulator)
    const { match } = simulator.catalogue.lookup(US, Number(upcOf(3)))
    const byAsin = await get(ITEMS, codesQuery([match!, 'B0ZZZZZZZZ'], { identifiersType: 'ASIN' }))
    expect(byAsin.body.items.map((item: Reply['body']) => item.asin)).toContain(match)
    const byIsbn = await get(ITEMS, codesQuery(['080442957X'], { identifiersType: 'ISBN' }))
    expect(gtinsOf(byIsbn.body.items[0])).toContain('09780804429573')
    const bySku = await get(ITEMS, codesQuery(['any'], { identifiersType: 'SKU', sellerId: 'me' }))
    expect(bySku.body).toEqual({ numberOfResults: 0, items: [] })
    expect((await get(ITEMS, codesQuery(['20DOMINANT'], { identifiersType: 'ASIN' }))).status).toBe(400)
  })

  it.each([
    ['no marketplace', { marketplaceIds: '' }, "Missing required 'marketplaceIds'."],
    ['two marketplaces', { marketplaceIds: `${US},A2EUQ1WTGCTBG2` }, "Invalid 'marketplaceIds' provided."],
    ['an unknown marketplace', { marketplaceIds: 'NOWHERE' }, "Invalid 'marketplaceIds' provided."],
    ['no identifiers', { identifiers: '' }, "Missing required 'identifiers' or 'keywords'."],
    ['an empty identifier', { identifiers: '036000291452,' }, "Invalid 'identifiers' provided."],
    ['21 identifiers', { identifiers: upcs(0, 21).join() }, "Invalid 'identifiers' provided."],
    ['no type', { identifiersType: '' }, "Missing required 'identifiersType'."],
    ['an unknown type', { identifiersType: 'upc' }, "Invalid 'identifiersType' provided."],
    ['a SKU without its seller', { identifiersType: 'SKU' }, "Missing required 'sellerId'."],
    [
      'keywords beside identifiers',
      { keywords: 'shoes' },
      "Only one of 'identifiers' or 'keywords' may be provided.",
    ],
    ['unknown data', { includedData: 'prices' }, "Invalid 'includedData' provided."],
    ['a page of 21', { pageSize: '21' }, "Invalid 'pageSize' provided."],
    ['a page of none', { pageSize: '0' }, "Invalid 'pageSize' provided."],
    [
      'brands beside identifiers',
      { brandNames: 'Norwell' },
      "'brandNames' cannot be used with 'identifiers'.",
    ],
  ])('refuses %s', async (_, change, message) => {
    const get = await signIn(await startForTest())
    const { status, body } = await get(ITEMS, codesQuery(['036000291452'], change as Record<string, string>))
    expect([status, body.errors[0].code, body.errors[0].message]).toEqual([400, 'InvalidInput', message])
  })
})

describe('several items for one code', () => {
  it('tell themselves apart by pack, brand or classification, and twins by nothing', async () => {
    const simulator = await startForTest({ asinsPerUpc: 2, notFound: 0 })
    const get = await signIn(simulator)
    const seen = new Set<string>()
    for (const code of upcs(0, 60)) {
      const { kind, match } = simulator.catalogue.lookup(US, Number(code))
      seen.add(kind)
      const query = codesQuery([code], {
        includedData: 'summaries,identifiers,relationships,salesRanks,images',
      })
      const { body } = await get(ITEMS, query)
      const items = body.items.toSorted(
        (a: Reply['body'], b: Reply['body']) => Number(b.asin === match) - Number(a.asin === match),
      )
      expect(items).toHaveLength(2)
      const [one, other] = items.map((item: Reply['body']) => item.summaries[0])
      if (kind === 'multipack') {
        expect(other.packageQuantity % one.packageQuantity).toBe(0)
        expect(other.itemName).toContain(`(Pack of ${other.packageQuantity})`)
        expect(other.brand).toBe(one.brand)
      } else if (kind === 'variation') {
        expect([one.itemClassification, other.itemClassification]).toEqual([
          'BASE_PRODUCT',
          'VARIATION_PARENT',
        ])
        expect(items[0].relationships[0].relationships[0].parentAsins).toEqual([items[1].asin])
        expect(items[1].relationships[0].relationships[0].childAsins).toEqual([items[0].asin])
      } else if (kind === 'other_brand') {
        expect(other.brand).not.toBe(one.brand)
        expect(other.itemName.startsWith(other.brand)).toBe(true)
      } else {
        const rankOf = (item: Reply['body']) => item.salesRanks[0].displayGroupRanks[0].rank
        expect(Math.abs(rankOf(items[0]) - rankOf(items[1]))).toBe(1)
        const plain = items.map(({ asin: _a, salesRanks: _r, ...rest }: Reply['body']) => rest)
        expect(plain[0]).toEqual(plain[1])
      }
    }
    expect(seen).toEqual(new Set(['multipack', 'variation', 'other_brand', 'twins']))
  })
})

describe('getCatalogItem', () => {
  it('answers the item for the marketplaces that have it', async () => {
    const simulator = await startForTest({ notFound: 0 })
    simulator.setPlan({ operation: 'getCatalogItem', rate: 100, burst: 100 })
    const get = await signIn(simulator)
    const { match } = simulator.catalogue.lookup(US, Number(upcOf(3)))
    const { status, body } = await get(`${ITEMS}/${match}`, { marketplaceIds: `${US},A1PA6795UKMFR9` })
    expect(status).toBe(200)
    expect(body.asin).toBe(match)
    expect(Object.keys(body)).toEqual(['asin', 'summaries'])
    expect(body.summaries.map((summary: Reply['body']) => summary.marketplaceId)).toEqual([
      US,
      'A1PA6795UKMFR9',
    ])
    const missing = await get(`${ITEMS}/B0ZZZZZZZZ`, { marketplaceIds: US })
    expect([missing.status, missing.body.errors[0].code]).toEqual([404, 'NOT_FOUND'])
    expect(missing.headers.get('x-amzn-ratelimit-limit')).toBe('100.0')
    expect((await get(`${ITEMS}/b0`, { marketplaceIds: US })).status).toBe(400)
    expect((await get(`${ITEMS}/${match}`)).status).toBe(400)
  })

  it('shows the unlisted parent of a variation child', async () => {
    const simulator = await startForTest({ notFound: 0 })
    simulator.setPlan({ operation: 'getCatalogItem', rate: 100, burst: 100 })
    const get = await signIn(simulator)
    const { body } = await get(ITEMS, codesQuery(upcs(0, 20), { includedData: 'relationships' }))
    const child = body.items.find((item: Reply['body']) => item.relationships[0].relationships.length > 0)
    const parentAsin = child.relationships[0].relationships[0].parentAsins[0]
    const parent = await get(`${ITEMS}/${parentAsin}`, {
      marketplaceIds: US,
      includedData: 'summaries,relationships',
    })
    expect(parent.body.summaries[0].itemClassification).toBe('VARIATION_PARENT')
    expect(parent.body.relationships[0].relationships[0].childAsins).toEqual([child.asin])
  })
})
