import { describe, expect, it } from 'vitest'
import { Catalogue } from './catalogue/catalogue.ts'
import { Market } from './catalogue/market.ts'
import { upcOf } from './catalogue/numbering.ts'
import type { ItemOffers, Offer } from './catalogue/offers.ts'
import type { Simulator } from './server.ts'
import { modelsPresent, validator } from './test-model.ts'
import { type Call, control, type Reply, request, signInToCall, startForTest, US } from './testing.ts'

const JP = 'A1VC38T7YXB528'
const ITEM_OFFERS = '/batches/products/pricing/v0/itemOffers'
const SUMMARY = '/batches/products/pricing/2022-05-01/items/competitiveSummary'
const PLENTY = { operation: '*', rate: 1_000, burst: 1_000 }

/** A simulator without quotas to speak of, a caller, and the same market beside it. */
async function start(options: Parameters<typeof startForTest>[0] = {}) {
  const simulator = await startForTest({ seed: 3, notFound: 0, ...options })
  simulator.setPlan(PLENTY)
  const market = new Market(new Catalogue(simulator.catalogue.options))
  return { simulator, market, call: await signInToCall(simulator) }
}

const asinsOf = ({ catalogue }: Simulator | Market, count: number, marketplaceId = US): string[] =>
  Array.from({ length: count }, (_, i) => catalogue.lookup(marketplaceId, Number(upcOf(i))).match).filter(
    (asin) => asin !== null,
  )

const competitive = (call: Call, asins: readonly string[], more: Record<string, string> = {}) =>
  call('GET', '/products/pricing/v0/competitivePrice', {
    query: { MarketplaceId: US, ItemType: 'Asin', Asins: asins.join(), ...more },
  })

const itemOffers = (asin: string, more: object = {}) => ({
  uri: `/products/pricing/v0/items/${asin}/offers`,
  method: 'GET',
  MarketplaceId: US,
  ItemCondition: 'New',
  ...more,
})

const summaryOf = (asin: string, more: object = {}) => ({
  asin,
  marketplaceId: US,
  includedData: ['featuredBuyingOptions', 'referencePrices', 'lowestPricedOffers', 'similarItems'],
  method: 'GET',
  uri: '/products/pricing/2022-05-01/items/competitiveSummary',
  ...more,
})

/** What the model allows: it has no empty list of offers, and Amazon answers with them. */
const withoutEmptyOffers = (body: Reply['body']) => ({
  responses: body.responses.map((part: Reply['body']) => ({
    ...part,
    body: {
      ...part.body,
      ...(part.body.lowestPricedOffers?.[0].offers.length === 0 ? { lowestPricedOffers: [] } : {}),
    },
  })),
})

const errorOf = ({ status, body }: Reply) => [status, body.errors[0].code, body.errors[0].message]
const amount = (item: ItemOffers, value: number) => item.money.toNumber(value)
const find = (item: ItemOffers, test: (offer: Offer) => boolean) => item.offers.filter(test)

describe('the market', () => {
  const market = new Market(new Catalogue({ seed: 3, notFound: 0, asinsPerUpc: 1.3 }))
  const items = asinsOf(market, 2_000).map((asin) => market.offersOf(US, asin) as ItemOffers)

  it('has items of every kind', () => {
    const share = (test: (item: ItemOffers) => boolean) => items.filter(test).length / items.length
    expect(share(({ offers }) => offers.length === 0)).toBeCloseTo(0.06, 1)
    expect(share(({ featured }) => featured === null)).toBeGreaterThan(0.1)
    expect(share(({ featured }) => featured?.channel === 'AFN')).toBeGreaterThan(0.2)
    expect(share(({ featured }) => featured?.channel === 'MFN')).toBeGreaterThan(0.1)
    expect(share(({ featuredForPrime }) => featuredForPrime !== null)).toBeGreaterThan(0.01)
    expect(share(({ featuredUsed }) => featuredUsed !== null)).toBeGreaterThan(0.05)
    expect(share(({ ranks }) => ranks === null)).toBeGreaterThan(0.01)
    expect(share(({ listPrice }) => listPrice === null)).toBeGreaterThan(0.1)
    expect(Math.max(...items.map(({ offers }) => offers.length))).toBeGreaterThan(20)
  })

  it('has at most thirty offers, each of another seller, cheapest first, in whole cents', () => {
    for (const { offers, featured } of items) {
      expect(offers.length).toBeLessThanOrEqual(30)
      expect(new Set(offers.map(({ sellerId }) => sellerId)).size).toBe(offers.length)
      expect(offers.map(({ landedPrice }) => landedPrice)).toEqual(
        offers.map(({ landedPrice }) => landedPrice).sort((a, b) => a - b),
      )
      for (const { listingPrice, shipping, landedPrice, channel } of offers) {
        expect(Number.isInteger(listingPrice) && listingPrice > 0).toBe(true)
        expect(landedPrice).toBe(listingPrice + shipping)
        if (channel === 'AFN') expect(shipping).toBe(0)
      }
      if (featured !== null) expect(offers).toContain(featured)
    }
  })

  it('is the same for the same seed, another for another, and has prices of each marketplace', () => {
    const again = new Market(new Catalogue({ seed: 3, notFound: 0, asinsPerUpc: 1.3 }))
    const asin = items.find(({ offers }) => offers.length > 3)?.asin as string
    expect(again.offersOf(US, asin)).toEqual(market.offersOf(US, asin))
    const japan = market.offersOf(JP, asin) as ItemOffers
    expect([japan.money.currency, japan.money.digits]).toEqual(['JPY', 0])
    const levels = (item: ItemOffers) => (item.offers[0]?.listingPrice ?? 0) / 10 ** item.money.digits
    if (japan.offers.length > 0)
      expect(levels(japan)).toBeGreaterThan(20 * levels(market.offersOf(US, asin) as ItemOffers))
  })

  it('sells no variation parent', () => {
    const several = new Market(new Catalogue({ seed: 3, notFound: 0, asinsPerUpc: 2 }))
    let parents = 0
    for (let i = 0; i < 50; i++) {
      for (const { asin, role } of several.catalogue.lookup(US, Number(upcOf(i))).listings) {
        if (role !== 'parent') continue
        parents++
        expect(several.offersOf(US, asin)).toMatchObject({ offers: [], featured: null, ranks: null })
      }
    }
    expect(parents).toBeGreaterThan(0)
  })

  it('changes with its steps, by hand, and by what sellers set; the past stays what it was', () => {
    const moving = new Market(new Catalogue({ seed: 3, notFound: 0 }))
    const asins = asinsOf(moving, 400)
    const prices = (at?: number) => asins.map((asin) => moving.offersOf(US, asin, at)?.offers)
    const before = prices()
    moving.goTo(1, 0.25)
    const changed = prices().filter(
      (offers, i) => JSON.stringify(offers) !== JSON.stringify(before[i]),
    ).length
    expect(changed / asins.length).toBeGreaterThan(0.15)
    expect(changed / asins.length).toBeLessThan(0.32)
    expect(prices(0)).toEqual(before)
    moving.goTo(2, 1)
    expect(prices(1)).not.toEqual(before)
    expect(prices(1).filter((offers, i) => JSON.stringify(offers) !== JSON.stringify(before[i])).length).toBe(
      changed,
    )
    expect(() => prices(3)).toThrow(/has not come to step 3/)
    moving.goTo(0)
    const item = asins
      .map((asin) => moving.offersOf(US, asin) as ItemOffers)
      .find(({ offers }) => offers.length > 2)!
    moving.change(US, item.asin)
    expect(moving.offersOf(US, item.asin)?.offers).not.toEqual(item.offers)
    const [cheapest] = moving.offersOf(US, item.asin)!.offers as [Offer]
    moving.setPrice(US, item.asin, cheapest, 1)
    expect(moving.offersOf(US, item.asin)?.offers[0]).toMatchObject({
      sellerId: cheapest.sellerId,
      listingPrice: 1,
    })
    moving.setPrice(US, item.asin, cheapest, null)
    expect(moving.offersOf(US, item.asin)?.offers.map(({ sellerId }) => sellerId)).not.toContain(
      cheapest.sellerId,
    )
    moving.setPrice(US, item.asin, cheapest, undefined)
    expect(moving.offersOf(US, item.asin)?.offers).toContainEqual(cheapest)
  })
})

describe('getCompetitivePricing', () => {
  it('has the featured prices, the counts and the rank of twenty items', async () => {
    const { market, call } = await start()
    const asins = asinsOf(market, 20)
    const { status, body } = await competitive(call, asins)
    expect(status).toBe(200)
    expect(body.payload.map(({ ASIN }: { ASIN: string }) => ASIN)).toEqual(asins)
    for (const { ASIN, Product } of body.payload) {
      const item = market.offersOf(US, ASIN) as ItemOffers
      const prices = new Map(
        Product.CompetitivePricing.CompetitivePrices.map((price: Reply['body']) => [
          price.CompetitivePriceId,
          price,
        ]),
      )
      expect(prices.has('1')).toBe(item.featured !== null)
      expect(prices.has('2')).toBe(item.featuredUsed !== null)
      if (item.featured !== null) {
        const { listingPrice, shipping, landedPrice, sellerId } = item.featured
        expect(prices.get('1')).toMatchObject({
          sellerId,
          condition: 'New',
          Price: {
            ListingPrice: { CurrencyCode: 'USD', Amount: amount(item, listingPrice) },
            Shipping: { Amount: amount(item, shipping) },
            LandedPrice: { Amount: amount(item, landedPrice) },
          },
        })
      }
      const counts = Product.CompetitivePricing.NumberOfOfferListings as {
        condition: string
        Count: number
      }[]
      expect(counts.find(({ condition }) => condition === 'Any')?.Count ?? 0).toBe(item.offers.length)
      expect(Product.SalesRankings[0]?.Rank).toBe(item.ranks?.displayGroupRank)
    }
  })

  it('fails alone for an ASIN that is none, and collapses those that are there twice', async () => {
    const { market, call } = await start()
    const [asin] = asinsOf(market, 1) as [string]
    const { body } = await competitive(call, ['B0ZZZZZZZZ', asin, asin])
    expect(body.payload).toMatchObject([
      { status: 'ClientError', ASIN: 'B0ZZZZZZZZ' },
      { status: 'Success', ASIN: asin },
    ])
  })

  it.each([
    [{ MarketplaceId: 'US' }, "Invalid 'MarketplaceId' provided."],
    [{ ItemType: 'UPC' }, "Invalid 'ItemType' provided."],
    [{ ItemType: '' }, "Missing required 'ItemType'."],
    [{ Asins: '' }, "Missing required 'Asins'."],
    [
      { Asins: Array.from({ length: 21 }, (_, i) => `B0000000${i + 10}`).join() },
      "Invalid 'Asins' provided.",
    ],
  ])('refuses %j', async (change, message) => {
    const { call } = await start()
    expect(errorOf(await competitive(call, ['B000000000'], change))).toEqual([400, 'InvalidInput', message])
  })
})

describe('getItemOffers', () => {
  it('has the cheapest twenty of a condition, and a summary of all', async () => {
    const { market, call } = await start()
    const items = asinsOf(market, 400).map((asin) => market.offersOf(US, asin) as ItemOffers)
    const item = items.find((one) => find(one, ({ condition }) => condition === 'New').length >= 20)!
    const { body } = await call('GET', `/products/pricing/v0/items/${item.asin}/offers`, {
      query: { MarketplaceId: US, ItemCondition: 'New' },
    })
    const news = find(item, ({ condition }) => condition === 'New')
    expect(body.payload).toMatchObject({ ASIN: item.asin, status: 'Success', ItemCondition: 'New' })
    expect(
      body.payload.Offers.map((offer: Reply['body']) => [
        offer.SellerId,
        offer.ListingPrice.Amount,
        offer.Shipping.Amount,
        offer.IsFulfilledByAmazon,
        offer.PrimeInformation.IsPrime,
      ]),
    ).toEqual(
      news
        .slice(0, 20)
        .map((offer) => [
          offer.sellerId,
          amount(item, offer.listingPrice),
          amount(item, offer.shipping),
          offer.channel === 'AFN',
          offer.prime !== 'NONE',
        ]),
    )
    const { Summary } = body.payload
    expect(Summary.TotalOfferCount).toBe(item.offers.length)
    for (const lowest of Summary.LowestPrices) {
      const channel = lowest.fulfillmentChannel === 'Amazon' ? 'AFN' : 'MFN'
      const [cheapest] = find(
        item,
        (o) => o.channel === channel && o.condition.toLowerCase() === lowest.condition,
      )
      expect(lowest.LandedPrice.Amount).toBe(amount(item, cheapest!.landedPrice))
    }
    expect(
      body.payload.Offers.filter((offer: Reply['body']) => offer.IsBuyBoxWinner).length,
    ).toBeLessThanOrEqual(2)
  })

  it('tells an item that nobody offers from an ASIN that is none', async () => {
    const { market, call } = await start()
    const none = asinsOf(market, 400).find((asin) => market.offersOf(US, asin)?.offers.length === 0)
    const query = { MarketplaceId: US, ItemCondition: 'New' }
    const { body } = await call('GET', `/products/pricing/v0/items/${none}/offers`, { query })
    expect(body.payload).toMatchObject({
      status: 'NoBuyableOffers',
      Offers: [],
      Summary: { TotalOfferCount: 0 },
    })
    const wrong = await call('GET', '/products/pricing/v0/items/B0ZZZZZZZZ/offers', { query })
    expect(errorOf(wrong)).toEqual([
      400,
      'InvalidInput',
      `B0ZZZZZZZZ is an invalid ASIN for marketplace ${US}`,
    ])
  })

  it('has points in Japan, taken off the landed price, and tiers for businesses', async () => {
    const { market, call } = await start()
    const items = asinsOf(market, 100, JP).map((asin) => market.offersOf(JP, asin) as ItemOffers)
    const item = items.find(({ featured }) => featured?.channel === 'AFN' && featured.points > 0)!
    const { body } = await call('GET', `/products/pricing/v0/items/${item.asin}/offers`, {
      query: { MarketplaceId: JP, ItemCondition: 'New', CustomerType: 'Business' },
    })
    const { points, listingPrice, shipping } = item.featured!
    const [box] = body.payload.Summary.BuyBoxPrices
    expect(box.Points.PointsNumber).toBe(points)
    expect(box.LandedPrice).toEqual({ CurrencyCode: 'JPY', Amount: listingPrice + shipping - points })
    expect(body.payload.Summary.LowestPrices).toContainEqual(
      expect.objectContaining({
        offerType: 'B2B',
        quantityTier: 5,
        quantityDiscountType: 'QUANTITY_DISCOUNT',
      }),
    )
  })

  it('is too soon on demand', async () => {
    const { simulator, market, call } = await start()
    const [asin] = asinsOf(market, 1) as [string]
    const ask = () =>
      call('GET', `/products/pricing/v0/items/${asin}/offers`, {
        query: { MarketplaceId: US, ItemCondition: 'New' },
      })
    expect((await control(simulator, 'offers', { tooSoon: 1 })).body).toEqual({ step: 0, tooSoon: 1 })
    const { payload } = (await ask()).body
    expect(payload).toMatchObject({ status: 'ActiveButTooSoonForProcessing', Offers: [] })
    expect(Date.parse(payload.Summary.OffersAvailableTime)).toBeGreaterThan(Date.now())
    await control(simulator, 'offers', { tooSoon: 0 })
    expect((await ask()).body.payload.status).not.toBe('ActiveButTooSoonForProcessing')
    expect((await control(simulator, 'offers', { tooSoon: 2 })).body.error).toMatch(/share from 0 to 1/)
  })
})

describe('getItemOffersBatch', () => {
  it('answers each of twenty by itself: one ASIN that is none fails alone', async () => {
    const { simulator, market, call } = await start()
    const asins = [...asinsOf(market, 19), 'B0ZZZZZZZZ']
    const { status, body } = await call('POST', ITEM_OFFERS, {
      body: { requests: asins.map((asin) => itemOffers(asin)) },
    })
    expect([status, body.responses.length]).toEqual([200, 20])
    expect(body.responses.map((one: Reply['body']) => one.request.Asin)).toEqual(asins)
    expect(body.responses.map((one: Reply['body']) => one.status.statusCode)).toEqual([
      ...Array(19).fill(200),
      400,
    ])
    expect(body.responses[0].body.payload.ASIN).toBe(asins[0])
    expect(body.responses[0].headers['x-amzn-RequestId']).toMatch(/^[0-9a-f-]{36}$/)
    expect(body.responses[19].body.errors[0].code).toBe('InvalidInput')
    expect(simulator.stats().batches).toEqual({
      getItemOffersBatch: { calls: 1, items: 20, itemsPerCall: 20 },
    })
  })

  it.each([
    ['duplicates', [itemOffers('B000000000'), itemOffers('B000000000')], 'Duplicate requests submitted. Cannot run batch request.'],
    ['none', [], "Missing required 'requests'."],
    ['too many', Array.from({ length: 21 }, (_, i) => itemOffers(`B0000000${i + 10}`)), 'Invalid Input'],
    ['queryParams', [{ uri: '/products/pricing/v0/items/B000000000/offers', method: 'GET', queryParams: { MarketplaceId: US } }], 'Invalid Input'],
    ['another method', [itemOffers('B000000000', { method: 'POST' })], "Invalid 'method' provided."],
    ['another URI', [itemOffers('B000000000', { uri: '/products/pricing/v0/listings/A/offers' })], "Invalid 'uri' provided."],
  ] as const)('refuses %s as a whole', async (_, requests, message) => {
    const { call } = await start()
    expect(errorOf(await call('POST', ITEM_OFFERS, { body: { requests } }))).toEqual([400, 'InvalidInput', message])
  }) // biome-ignore format: a table

  it('takes the same ASIN in two conditions', async () => {
    const { market, call } = await start()
    const [asin] = asinsOf(market, 1) as [string]
    const requests = [
      itemOffers(asin),
      itemOffers(asin, { ItemCondition: 'Used' }),
      itemOffers(asin, { ItemCondition: 'Old' }),
    ]
    const { body } = await call('POST', ITEM_OFFERS, { body: { requests } })
    expect(body.responses.map((one: Reply['body']) => one.status.statusCode)).toEqual([200, 200, 400])
  })

  it('has the smallest plan of its kind, and Amazon’s shape above it', async () => {
    const simulator = await startForTest()
    const call = await signInToCall(simulator)
    const body = { requests: [itemOffers('B0ZZZZZZZZ')] }
    const first = await call('POST', ITEM_OFFERS, { body })
    expect([first.status, first.headers.get('x-amzn-ratelimit-limit')]).toEqual([200, '0.1'])
    expect(errorOf(await call('POST', ITEM_OFFERS, { body }))).toEqual([
      429,
      'QuotaExceeded',
      'You exceeded your quota for the requested resource.',
    ])
  })
})

describe('getCompetitiveSummary', () => {
  it('tells answers apart by their body alone', async () => {
    const { market, call } = await start()
    const items = asinsOf(market, 400).map((asin) => market.offersOf(US, asin) as ItemOffers)
    const item = items.find(({ featuredForPrime }) => featuredForPrime !== null)!
    const { status, body } = await call('POST', SUMMARY, {
      body: { requests: [summaryOf('B0ZZZZZZZZ'), summaryOf(item.asin)] },
    })
    expect(status).toBe(200)
    const [wrong, right] = body.responses
    expect(wrong).toEqual({
      status: { statusCode: 400, reasonPhrase: 'Client Error' },
      body: {
        asin: 'B0ZZZZZZZZ',
        marketplaceId: US,
        errors: [{ code: 'INVALID_ASIN', message: 'B0ZZZZZZZZ is not a valid ASIN' }],
      },
    })
    expect(Object.keys(right)).toEqual(['status', 'body'])
    const [{ segmentedFeaturedOffers }] = right.body.featuredBuyingOptions
    expect(segmentedFeaturedOffers.map((offer: Reply['body']) => offer.sellerId)).toEqual([
      item.featured!.sellerId,
      item.featuredForPrime!.sellerId,
    ])
    const [{ offers }] = right.body.lowestPricedOffers
    expect(offers.map((offer: Reply['body']) => [offer.fulfillmentType, offer.listingPrice.amount])).toEqual(
      find(item, ({ condition }) => condition === 'New')
        .slice(0, 20)
        .map((offer) => [offer.channel, amount(item, offer.listingPrice)]),
    )
  })

  it('has what was asked for and no more', async () => {
    const { market, call } = await start()
    const asin = asinsOf(market, 50).find((one) => market.offersOf(US, one)?.featuredUsed !== null) as string
    const inputs = [{ itemCondition: 'Used', offerType: 'Consumer' }]
    const requests = [
      summaryOf(asin, { includedData: ['lowestPricedOffers'], lowestPricedOffersInputs: inputs }),
    ]
    const { body } = await call('POST', SUMMARY, { body: { requests } })
    expect(Object.keys(body.responses[0].body)).toEqual(['asin', 'marketplaceId', 'lowestPricedOffers'])
    expect(body.responses[0].body.lowestPricedOffers[0].lowestPricedOffersInput).toEqual(inputs[0])
  })

  it('is refused as a whole when nothing in it is right', async () => {
    const { call } = await start()
    const reply = await call('POST', SUMMARY, { body: { requests: [summaryOf('11_AABB_123')] } })
    expect(errorOf(reply)).toEqual([400, 'INVALID_ASIN', '11_AABB_123 is not a valid ASIN'])
  })

  it.each([
    ['duplicates', [summaryOf('B000000000'), summaryOf('B000000000')]],
    ['too many', Array.from({ length: 21 }, (_, i) => summaryOf(`B0000000${i + 10}`))],
    ['unknown data', [summaryOf('B000000000', { includedData: ['everything'] })]],
    ['six inputs', [summaryOf('B000000000', { lowestPricedOffersInputs: Array(6).fill({ itemCondition: 'New', offerType: 'Consumer' }) })]],
    ['inputs for what was not asked for', [summaryOf('B000000000', { includedData: ['referencePrices'], lowestPricedOffersInputs: [] })]],
    ['offers for businesses', [summaryOf('B000000000', { lowestPricedOffersInputs: [{ itemCondition: 'New', offerType: 'Business' }] })]],
    ['another URI', [summaryOf('B000000000', { uri: '/products/pricing/v0/items/B000000000/offers' })]],
    ['no marketplace', [summaryOf('B000000000', { marketplaceId: 'US' })]],
  ])('refuses %s', async (_, requests) => {
    const { call } = await start()
    expect((await call('POST', SUMMARY, { body: { requests } })).status).toBe(400)
  }) // biome-ignore format: a table
})

describe('control', () => {
  it('tells the truth, and changes it', async () => {
    const { simulator, market } = await start()
    const items = asinsOf(market, 50).map((asin) => market.offersOf(US, asin) as ItemOffers)
    const { asin, offers } = items.find((one) => one.offers.length > 2)!
    const read = (more = '') =>
      request(`${simulator.url}/_simulator/offers?marketplaceId=${US}&asins=${asin},B0ZZZZZZZZ${more}`)
    const before = (await read()).body
    expect(before).toMatchObject({
      step: 0,
      items: [{ asin, known: true, currency: 'USD' }, { known: false }],
    })
    expect(before.items[0].offers[0].listingPrice).toMatch(/^\d+\.\d\d$/)
    expect((await control(simulator, 'offers', { advance: 1, changes: 1 })).body.step).toBe(1)
    const after = (await read()).body
    expect(after.items[0].offers).not.toEqual(before.items[0].offers)
    expect((await read('&step=0')).body.items[0].offers).toEqual(before.items[0].offers)
    const { sellerId } = after.items[0].offers[0]
    const set = (price: number | null) =>
      control(simulator, 'offers', { set: [{ marketplaceId: US, asin, sellerId, price }] })
    await set(0.5)
    expect((await read()).body.items[0].offers[0]).toMatchObject({ sellerId, listingPrice: '0.50' })
    await set(null)
    expect((await read()).body.items[0].offers.length).toBe(after.items[0].offers.length - 1)
    await control(simulator, 'offers', { step: 0, change: [{ marketplaceId: US, asin }] })
    expect((await read()).body.items[0].offers.length).not.toBe(0)
    expect(offers.length).toBe(before.items[0].offers.length)
  })

  it.each([
    [{ step: -1 }, 'step must be'],
    [{ changes: 2 }, 'changes must be'],
    [{ change: 'all' }, 'change must be a list'],
    [{ change: [{ marketplaceId: 'US' }] }, 'marketplaceId must be one of'],
    [{ set: [{ marketplaceId: US, asin: 'B0ZZZZZZZZ', price: 1 }] }, 'has no item'],
  ])('refuses %j', async (body, message) => {
    const { simulator } = await start()
    const reply = await control(simulator, 'offers', body)
    expect([reply.status, reply.body.error]).toEqual([400, expect.stringContaining(message)])
  })
})

describe.skipIf(!modelsPresent)("answers fit Amazon's models", () => {
  it.each([US, JP])('in %s', async (marketplaceId) => {
    const { market, call } = await start({ asinsPerUpc: 1.5 })
    const asins = asinsOf(market, 60, marketplaceId)
    const pricing = validator('productPricingV0.json', 'GetPricingResponse')
    const offers = validator('productPricingV0.json', 'GetOffersResponse')
    const batches = validator('productPricingV0.json', 'GetItemOffersBatchResponse')
    const summaries = validator('productPricing_2022-05-01.json', 'CompetitiveSummaryBatchResponse')
    for (let from = 0; from < asins.length; from += 19) {
      const some = [...asins.slice(from, from + 19), 'B0ZZZZZZZZ']
      const CustomerType = from % 2 === 0 ? 'Consumer' : 'Business'
      pricing((await competitive(call, some, { MarketplaceId: marketplaceId, CustomerType })).body)
      const requests = some.map((asin) => itemOffers(asin, { MarketplaceId: marketplaceId, CustomerType }))
      batches((await call('POST', ITEM_OFFERS, { body: { requests } })).body)
      const asked = some.map((asin) => summaryOf(asin, { marketplaceId }))
      const { body } = await call('POST', SUMMARY, { body: { requests: asked } })
      for (const part of body.responses) expect(part.body.lowestPricedOffers?.length ?? 1).toBe(1)
      summaries(withoutEmptyOffers(body))
      for (const { asin } of body.responses[0].body.similarItems[0].items)
        expect(market.offersOf(marketplaceId, asin)).not.toBeNull()
      const query = { MarketplaceId: marketplaceId, ItemCondition: 'Used' }
      offers((await call('GET', `/products/pricing/v0/items/${some[0]}/offers`, { query })).body)
    }
    validator('productPricingV0.json', 'Errors')((await call('POST', ITEM_OFFERS, { body: {} })).body)
    validator('productPricingV0.json', 'GetPricingResponse')((await competitive(call, [])).body)
  })
})
