import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { upcOf } from '../catalogue/numbering.ts'
import { modelsPresent, validator } from '../test-model.ts'
import { control, type Reply, signInToCall, startForTest, US } from '../testing.ts'

const DE = 'A1PA6795UKMFR9'
const TYPES = '/definitions/2020-09-01/productTypes'

async function start() {
  const simulator = await startForTest({ seed: 3, notFound: 0.2 })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  const call = await signInToCall(simulator)
  const get = (path: string, query: Record<string, string> = {}) =>
    call('GET', path, { query: { marketplaceIds: US, ...query } })
  const { sellerId } = (await control(simulator, 'seller', { refreshToken: 'seller-one' })).body
  const restrictions = (asin: string, query: Record<string, string> = {}) =>
    get('/listings/2021-08-01/restrictions', { asin, sellerId, ...query })
  return { simulator, get, restrictions }
}

const names = ({ body }: Reply): string[] => body.productTypes.map(({ name }: Reply['body']) => name)

describe('product types', () => {
  it('are searched by keywords, or by the name of an item', async () => {
    const { get } = await start()
    expect(names(await get(TYPES)).length).toBe(12)
    expect(names(await get(TYPES, { keywords: 'stapler' }))).toEqual(['OFFICE_PRODUCTS'])
    expect(names(await get(TYPES, { itemName: 'Deluxe Garlic Press, Teal' }))).toEqual(['KITCHEN'])
    expect(names(await get(TYPES, { keywords: 'zeppelin' }))).toEqual([])
    expect((await get(TYPES, { keywords: 'a', itemName: 'b' })).status).toBe(400)
    expect((await get(TYPES, { marketplaceIds: '' })).status).toBe(400)
  })

  it('have a schema that needs no token, with its checksum', async () => {
    const { get } = await start()
    const { body } = await get(`${TYPES}/KITCHEN`, { requirements: 'LISTING_OFFER_ONLY' })
    expect(body).toMatchObject({
      productType: 'KITCHEN',
      requirements: 'LISTING_OFFER_ONLY',
      locale: 'en_US',
    })
    for (const { link, checksum } of [body.schema, body.metaSchema]) {
      const text = await (await fetch(link.resource)).text()
      expect(createHash('md5').update(text).digest('base64')).toBe(checksum)
    }
    const schema = await (await fetch(body.schema.link.resource)).json()
    expect(schema).toMatchObject({ required: ['condition_type', 'purchasable_offer'] })
    expect((await fetch(body.schema.link.resource.replace('KITCHEN', 'NONE'))).status).toBe(404)
  })

  it('are known or not', async () => {
    const { get } = await start()
    expect((await get(`${TYPES}/NONE`)).status).toBe(404)
    expect((await get(`${TYPES}/KITCHEN`, { requirements: 'ALL' })).status).toBe(400)
    expect((await get(`${TYPES}/KITCHEN`, { marketplaceIds: `${US},${DE}` })).status).toBe(400)
  })
})

describe('getListingsRestrictions', () => {
  it('has none for most items, and reasons for others', async () => {
    const { simulator, restrictions } = await start()
    const codes: string[] = []
    for (let i = 0; i < 120; i++) {
      const asin = simulator.catalogue.lookup(US, Number(upcOf(i))).match
      if (asin === null) continue
      const { body } = await restrictions(asin, { conditionType: 'used_good' })
      codes.push(body.restrictions[0]?.reasons[0].reasonCode ?? 'none')
    }
    expect(new Set(codes)).toEqual(new Set(['none', 'APPROVAL_REQUIRED', 'NOT_ELIGIBLE']))
    expect(codes.filter((code) => code === 'none').length).toBeGreaterThan(codes.length / 2)
  })

  it('has a reason for an ASIN that is none, marketplace by marketplace', async () => {
    const { restrictions } = await start()
    const { body } = await restrictions('B0ZZZZZZZZ', { marketplaceIds: `${US},${DE}` })
    expect(
      body.restrictions.map((one: Reply['body']) => [one.marketplaceId, one.reasons[0].reasonCode]),
    ).toEqual([
      [US, 'ASIN_NOT_FOUND'],
      [DE, 'ASIN_NOT_FOUND'],
    ])
  })

  it('is the caller’s own affair', async () => {
    const { restrictions } = await start()
    expect((await restrictions('B0ZZZZZZZZ', { sellerId: 'A1SOMEBODYELSE' })).status).toBe(403)
    expect((await restrictions('BAD_ASIN')).body.errors[0].message).toBe("Invalid 'asin' provided.")
    expect((await restrictions('B0ZZZZZZZZ', { conditionType: 'old' })).status).toBe(400)
  })
})

describe.skipIf(!modelsPresent)("answers fit Amazon's models", () => {
  it('of definitions and restrictions', async () => {
    const { get, restrictions } = await start()
    const file = 'definitionsProductTypes_2020-09-01.json'
    validator(file, 'ProductTypeList')((await get(TYPES)).body)
    validator(file, 'ProductTypeDefinition')((await get(`${TYPES}/TOOLS`)).body)
    validator(file, 'ErrorList')((await get(`${TYPES}/NONE`)).body)
    const check = validator('listingsRestrictions_2021-08-01.json', 'RestrictionList')
    check((await restrictions('B0ZZZZZZZZ')).body)
  })
})
