import { describe, expect, it } from 'vitest'
import { upcOf } from '../../catalogue/numbering.ts'
import { modelsPresent, validator } from '../../test-model.ts'
import { type Call, clock, control, type Reply, signInToCall, startForTest, US } from '../../testing.ts'

const DE = 'A1PA6795UKMFR9'
const JP = 'A1VC38T7YXB528'
const EVERYTHING =
  'summaries,attributes,issues,offers,fulfillmentAvailability,procurement,relationships,productTypes'

async function start(options: Parameters<typeof startForTest>[0] = {}) {
  const { now, pass } = clock()
  const simulator = await startForTest({ seed: 3, notFound: 0, now, tokenTtlSeconds: 86_400, ...options })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  const call = await signInToCall(simulator)
  const { sellerId } = (await control(simulator, 'seller', { refreshToken: 'seller-one' })).body
  const at = (sku?: string) =>
    `/listings/2021-08-01/items/${sellerId}${sku === undefined ? '' : `/${encodeURIComponent(sku)}`}`
  const get = (sku: string, more: Record<string, string> = {}) =>
    call('GET', at(sku), { query: { marketplaceIds: US, ...more } })
  const search = (query: Record<string, string> = {}) =>
    call('GET', at(), { query: { marketplaceIds: US, ...query } })
  const write = (method: 'PUT' | 'PATCH', sku: string, body: object, query: Record<string, string> = {}) =>
    call(method, at(sku), { query: { marketplaceIds: US, ...query }, body })
  return { simulator, pass, call, at, get, search, write }
}

const priceOf = (amount: number) => [
  { currency: 'USD', our_price: [{ schedule: [{ value_with_tax: amount }] }], marketplace_id: US },
]
const offerOf = (asin: string, amount: number, quantity: number) => ({
  productType: 'PRODUCT',
  requirements: 'LISTING_OFFER_ONLY',
  attributes: {
    merchant_suggested_asin: [{ value: asin, marketplace_id: US }],
    condition_type: [{ value: 'used_good', marketplace_id: US }],
    purchasable_offer: priceOf(amount),
    fulfillment_availability: [{ fulfillment_channel_code: 'DEFAULT', quantity }],
  },
})
const newPrice = (value: object[], op = 'replace') => ({
  productType: 'PRODUCT',
  patches: [{ op, path: '/attributes/purchasable_offer', value }],
})

const errorOf = ({ status, body }: Reply) => [status, body.errors[0].code, body.errors[0].message]

describe('getListingsItem', () => {
  it('has the data sets asked for, in each marketplace, with money in decimal texts', async () => {
    const { get } = await start()
    expect(Object.keys((await get('SKU-00001')).body)).toEqual(['sku', 'summaries'])
    const includedData = 'summaries,offers,fulfillmentAvailability,productTypes'
    const { body } = await get('SKU-00001', { marketplaceIds: `${DE},${US},${JP}`, includedData })
    expect(body.summaries.map(({ marketplaceId }: Reply['body']) => marketplaceId)).toEqual([DE, US, JP])
    expect(body.offers.map(({ price }: Reply['body']) => price.currencyCode)).toEqual(['EUR', 'USD', 'JPY'])
    expect(body.offers[0].price.amount).toMatch(/^\d+\.\d\d$/)
    expect(body.offers[2].price.amount).toMatch(/^\d+$/)
    expect(body.fulfillmentAvailability[0].fulfillmentChannelCode).toMatch(/^(AMAZON_EU|DEFAULT)$/)
  })

  it('takes a SKU that must be encoded', async () => {
    const { get } = await start()
    const sku = 'A/B 50%+ #00016'
    expect((await get(sku)).body.sku).toBe(sku)
  })

  it('knows no SKU of nobody, and no seller but the caller', async () => {
    const { get, call, at } = await start()
    expect(errorOf(await get('NONE'))).toEqual([
      404,
      'NOT_FOUND',
      `SKU 'NONE' not found in marketplace ${US}`,
    ])
    const query = { marketplaceIds: US }
    const other = await call('GET', '/listings/2021-08-01/items/A1SOMEBODYELSE/SKU-00001', { query })
    expect(errorOf(other)[0]).toBe(403)
    expect(errorOf(await call('GET', at('SKU-00001')))).toEqual([
      400,
      'InvalidInput',
      "Missing required 'marketplaceIds'.",
    ])
    expect((await get('SKU-00001', { includedData: 'everything' })).status).toBe(400)
  })
})

describe('submissions', () => {
  it('put a listing that was not there, patch it, and delete it', async () => {
    const { simulator, get, write, call, at } = await start()
    const asin = simulator.catalogue.lookup(US, Number(upcOf(5_000))).match as string
    const { status, body } = await write('PUT', 'NEW/1', offerOf(asin, 12.5, 4))
    expect([status, body.status, body.issues]).toEqual([200, 'ACCEPTED', []])
    expect(body.submissionId).toMatch(/^[0-9a-f]{32}$/)
    const includedData = 'summaries,offers,fulfillmentAvailability'
    const look = async () => (await get('NEW/1', { includedData })).body
    expect(await look()).toMatchObject({
      summaries: [{ asin, conditionType: 'used_good', status: ['BUYABLE', 'DISCOVERABLE'] }],
      offers: [{ price: { currencyCode: 'USD', amount: '12.50' } }],
      fulfillmentAvailability: [{ fulfillmentChannelCode: 'DEFAULT', quantity: 4 }],
    })
    await write('PATCH', 'NEW/1', newPrice(priceOf(13)))
    expect((await look()).offers[0].price.amount).toBe('13.00')
    await write('PATCH', 'NEW/1', {
      productType: 'PRODUCT',
      patches: [{ op: 'delete', path: '/attributes/purchasable_offer' }],
    })
    expect(await look()).toMatchObject({ offers: [], summaries: [{ status: ['DISCOVERABLE'] }] })
    const gone = await call('DELETE', at('NEW/1'), { query: { marketplaceIds: US } })
    expect([gone.status, gone.body.status]).toEqual([200, 'ACCEPTED'])
    expect((await get('NEW/1')).status).toBe(404)
  })

  it('are seen by the operations of prices', async () => {
    const { simulator, call, write } = await start()
    const asin = simulator.catalogue.lookup(US, Number(upcOf(5_000))).match as string
    await write('PUT', 'NEW', offerOf(asin, 0.01, 4))
    const { body } = await call('GET', '/products/pricing/v0/price', {
      query: { MarketplaceId: US, ItemType: 'Asin', Asins: asin },
    })
    expect(body.payload[0].Product.Offers).toMatchObject([
      { SellerSKU: 'NEW', ItemCondition: 'Used', ItemSubCondition: 'Good', RegularPrice: { Amount: 0.01 } },
    ])
    const offers = await call('GET', '/products/pricing/v0/listings/NEW/offers', {
      query: { MarketplaceId: US, ItemCondition: 'Used' },
    })
    expect(offers.body.payload.Offers[0]).toMatchObject({ MyOffer: true, SubCondition: 'good' })
  })

  it('are seen when they have been processed', async () => {
    const { simulator, pass, get, write } = await start()
    expect((await control(simulator, 'listings', { delaySeconds: 60 })).status).toBe(200)
    const amount = async () =>
      (await get('SKU-00001', { includedData: 'offers' })).body.offers[0].price.amount
    const before = await amount()
    await write('PATCH', 'SKU-00001', newPrice(priceOf(1.5)))
    pass(59_999)
    expect(await amount()).toBe(before)
    pass(1)
    expect(await amount()).toBe('1.50')
    expect((await control(simulator, 'listings', { delaySeconds: -1 })).body.error).toMatch(/from 0 to 86400/)
  })

  it('merge values of the same marketplace, and keep others', async () => {
    const { get, write } = await start()
    const business = {
      currency: 'USD',
      audience: 'B2B',
      our_price: [{ schedule: [{ value_with_tax: 5 }] }],
      marketplace_id: US,
    }
    await write('PATCH', 'SKU-00001', newPrice([business], 'merge'))
    await write('PATCH', 'SKU-00001', newPrice([{ ...priceOf(8)[0], audience: 'ALL' }], 'merge'))
    const { attributes } = (await get('SKU-00001', { includedData: 'attributes' })).body
    expect(attributes.purchasable_offer.map(({ audience }: Reply['body']) => audience)).toEqual([
      'ALL',
      'B2B',
    ])
    expect(attributes.purchasable_offer[0].our_price[0].schedule[0].value_with_tax).toBe(8)
  })

  it.each([
    ['a missing attribute', { ...offerOf('B000000000', 1, 1), attributes: {} }, '90220'],
    ['an unknown product type', { ...offerOf('B000000000', 1, 1), productType: 'ANYTHING' }, '4000001'],
    ['an ASIN that is none', offerOf('B0ZZZZZZZZ', 1, 1), '8560'],
    ['a price that is none', offerOf('B0ZZZZZZZZ', -1, 1), '90244'],
    ['a quantity that is none', offerOf('B0ZZZZZZZZ', 1, 0.5), '90226'],
    ['values that are no list', { productType: 'PRODUCT', attributes: { ...offerOf('B0ZZZZZZZZ', 1, 1).attributes, brand: 'x' } }, '90000900'],
  ])('with %s are INVALID, with a 200, and change nothing', async (_, body, code) => {
    const { get, write } = await start()
    const reply = await write('PUT', 'NEW', body)
    expect([reply.status, reply.body.status]).toEqual([200, 'INVALID'])
    expect(reply.body.issues.map((issue: Reply['body']) => issue.code)).toContain(code)
    expect((await get('NEW')).status).toBe(404)
  }) // biome-ignore format: a table

  it('patch top-level attributes, and nothing else', async () => {
    const { write } = await start()
    const patches = [{ op: 'replace', path: '/attributes/purchasable_offer/0/currency', value: [{}] }]
    const { body } = await write('PATCH', 'SKU-00001', { productType: 'PRODUCT', patches })
    expect([body.status, body.issues[0].code]).toEqual(['INVALID', '4000003'])
  })

  it('patch a SKU that is not there without a word, and it can not be bought', async () => {
    const { get, write } = await start()
    expect((await write('PATCH', 'NONE', newPrice(priceOf(1)))).body).toMatchObject({
      status: 'ACCEPTED',
      issues: [],
    })
    const { body } = await get('NONE', { includedData: 'summaries,offers' })
    expect(body).toMatchObject({ summaries: [{ status: [] }], offers: [{ price: { amount: '1.00' } }] })
    expect(body.summaries[0].asin).toBeUndefined()
  })

  it('are only looked at when a preview is asked for', async () => {
    const { simulator, get, write } = await start()
    const asin = simulator.catalogue.lookup(US, Number(upcOf(5_000))).match as string
    const query = { mode: 'VALIDATION_PREVIEW', includedData: 'identifiers,issues' }
    const { body } = await write('PUT', 'NEW', offerOf(asin, 1, 1), query)
    expect(body).toMatchObject({ status: 'VALID', identifiers: [{ marketplaceId: US, asin }] })
    expect((await get('NEW')).status).toBe(404)
    const refused = await write('PUT', 'NEW', offerOf(asin, 1, 1), { includedData: 'identifiers' })
    expect(refused.status).toBe(400)
  })

  it.each([
    ['PUT', { attributes: {} }],
    ['PUT', { productType: 'PRODUCT' }],
    ['PUT', { productType: 'PRODUCT', attributes: {}, requirements: 'ALL' }],
    ['PATCH', { productType: 'PRODUCT', patches: [] }],
    ['PATCH', { productType: 'PRODUCT', patches: [{ op: 'move', path: '/attributes/brand' }] }],
    ['PATCH', { productType: 'PRODUCT', patches: [{ op: 'replace', path: '/attributes/brand' }] }],
  ] as const)('%s %j is refused', async (method, body) => {
    const { write } = await start()
    expect(errorOf(await write(method, 'SKU-00001', body)).slice(0, 2)).toEqual([400, 'InvalidInput'])
  })

  it('above their plan are told so in words of their own', async () => {
    const { simulator, write } = await start()
    simulator.setPlan({ operation: 'patchListingsItem', rate: 0.01, burst: 1 })
    const messages: string[] = []
    for (let i = 0; i < 12; i++) {
      const { status, body } = await write('PATCH', 'SKU-00001', newPrice(priceOf(1)))
      if (status === 429) messages.push(body.errors[0].message)
    }
    expect(messages.length).toBe(11)
    for (const message of messages) expect(message).toMatch(/greater than what is allowed for /)
    expect(new Set(messages).size).toBeGreaterThan(1)
    await control(simulator, 'faults', { 429: 1 })
    const fault = await write('PUT', 'SKU-00001', {})
    expect(errorOf(fault)).toEqual([
      429,
      'QuotaExceeded',
      expect.stringMatching(/greater than what is allowed/),
    ])
  })
})

describe('searchListingsItems', () => {
  const skus = ({ body }: Reply): string[] => body.items.map(({ sku }: Reply['body']) => sku)

  async function all(
    search: (query: Record<string, string>) => Promise<Reply>,
    query: Record<string, string>,
  ) {
    const seen: string[] = []
    for (let pageToken: string | undefined, pages = 0; pages < 60; pages++) {
      const reply = await search({ ...query, ...(pageToken ? { pageToken } : {}) })
      seen.push(...skus(reply))
      pageToken = reply.body.pagination?.nextToken
      if (pageToken === undefined) break
    }
    return seen
  }

  it('pages through a thousand, however many there are', async () => {
    const { search } = await start({ listings: 1_100 })
    const first = await search({ pageSize: '20' })
    expect(first.body.numberOfResults).toBe(1_100)
    const seen = await all(search, { pageSize: '20' })
    expect([seen.length, new Set(seen).size]).toEqual([1_000, 1_000])
  })

  it('slices by time, and sorts', async () => {
    const { search } = await start({ listings: 100 })
    const middle = '2022-01-15T00:00:00Z'
    const [before, after] = [
      await all(search, { createdBefore: middle, sortBy: 'createdDate', sortOrder: 'ASC' }),
      await all(search, { createdAfter: middle }),
    ]
    expect(before.length).toBeGreaterThan(10)
    expect(new Set([...before, ...after]).size).toBe(100)
    const { body } = await search({ sortBy: 'createdDate', sortOrder: 'ASC', pageSize: '20' })
    const dates = body.items.map((item: Reply['body']) => item.summaries[0].createdDate)
    expect(dates).toEqual(dates.slice().sort((a: string, b: string) => a.localeCompare(b)))
  })

  it('finds by SKU, ASIN, code and FNSKU', async () => {
    const { get, search } = await start()
    const { summaries } = (await get('SKU-00000')).body
    const found = async (identifiersType: string, identifiers: string) =>
      skus(await search({ identifiersType, identifiers }))
    expect(await found('SKU', 'SKU-00000,SKU-00001,NONE')).toHaveLength(2)
    expect(await found('ASIN', summaries[0].asin)).toEqual(['SKU-00000'])
    expect(await found('FNSKU', 'X000000000')).toEqual([])
    const { body } = await search({ pageSize: '20', includedData: 'summaries' })
    const fnsku = body.items.map((item: Reply['body']) => item.summaries[0].fnSku).find(Boolean)
    expect(await found('FNSKU', fnsku)).toHaveLength(1)
  })

  it('filters by status and issues', async () => {
    const { search } = await start()
    const total = (await search()).body.numberOfResults
    const buyable = (await search({ withStatus: 'BUYABLE' })).body.numberOfResults
    const others = (await search({ withoutStatus: 'BUYABLE' })).body.numberOfResults
    expect(buyable + others).toBe(total)
    const warned = await search({ withIssueSeverity: 'WARNING', includedData: 'issues' })
    expect(warned.body.numberOfResults).toBeGreaterThan(0)
    for (const item of warned.body.items) expect(item.issues[0].severity).toBe('WARNING')
  })

  it.each([
    [{ identifiers: 'A' }],
    [{ identifiersType: 'SKU' }],
    [{ identifiers: 'A', identifiersType: 'NAME' }],
    [{ identifiers: '12', identifiersType: 'UPC' }],
    [{ identifiers: 'A', identifiersType: 'SKU', variationParentSku: 'B' }],
    [{ identifiersType: 'SKU', identifiers: Array.from({ length: 21 }, (_, i) => `S${i}`).join() }],
    [{ pageSize: '21' }],
    [{ pageToken: 'x' }],
    [{ createdAfter: 'yesterday' }],
    [{ sortBy: 'price' }],
    [{ withStatus: 'GONE' }],
  ] as Record<string, string>[][])('refuses %j', async (query) => {
    const { search } = await start()
    expect(errorOf(await search(query)).slice(0, 2)).toEqual([400, 'InvalidInput'])
  })

  it('binds tokens to their query', async () => {
    const { search } = await start()
    const { pagination } = (await search()).body
    expect((await search({ pageToken: pagination.nextToken })).status).toBe(200)
    const other = await search({ pageToken: pagination.nextToken, pageSize: '5' })
    expect(errorOf(other)[2]).toBe("Search parameters do not match the provided 'pageToken'.")
    // A parameter that is none is ignored: whoever sends the token as nextToken has the first page again.
    const again = await search({ nextToken: pagination.nextToken })
    expect(skus(again)).toEqual(skus(await search()))
  })
})

describe.skipIf(!modelsPresent)("answers fit Amazon's model", () => {
  const file = 'listingsItems_2021-08-01.json'

  it('of the Listings Items API', async () => {
    const { get, search, write, call, at } = await start()
    const check = (name: string, { body }: Reply) => validator(file, name)(body)
    for (const marketplaceIds of [US, `${JP},${DE}`])
      check(
        'Item',
        await get('SKU-00001', {
          marketplaceIds,
          includedData: EVERYTHING,
        }),
      )
    check('ItemSearchResults', await search({ pageSize: '20', includedData: EVERYTHING }))
    check('ItemSearchResults', await search({ identifiers: 'NONE', identifiersType: 'SKU' }))
    check('ListingsItemSubmissionResponse', await write('PUT', 'A', { productType: 'X', attributes: {} }))
    check('ListingsItemSubmissionResponse', await write('PATCH', 'SKU-00001', newPrice(priceOf(2))))
    const query = { marketplaceIds: US }
    check('ListingsItemSubmissionResponse', await call('DELETE', at('A'), { query }))
    check('ErrorList', await get('NONE'))
    check('ErrorList', await (call as Call)('GET', at('A')))
  })
})
