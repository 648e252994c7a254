import { describe, expect, it } from 'vitest'
import { moneyOf } from './catalogue/money.ts'
import { sellerName } from './lwa.ts'
import { marketplaces } from './marketplaces.ts'
import { Assortment, type Offering } from './seller/assortment.ts'
import { modelsPresent, validator } from './test-model.ts'
import { control, type Reply, sellerGrant, signInToCall, startForTest, US } from './testing.ts'

const LISTING_OFFERS = '/batches/products/pricing/v0/listingOffers'
const EXPECTED_PRICES = '/batches/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice'
const usd = moneyOf('USD').toNumber

async function start() {
  const simulator = await startForTest({ seed: 3, notFound: 0 })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  const seller = sellerName(sellerGrant.refresh_token)
  const assortment = new Assortment(simulator.catalogue, seller, 200)
  const offerings = [...assortment.all(marketplaces.get(US)!)]
  const call = await signInToCall(simulator)
  const price = (path: string, query: Record<string, string>) =>
    call('GET', `/products/pricing/v0/${path}`, { query: { MarketplaceId: US, ...query } })
  return { simulator, offerings, call, price }
}

const listingOffers = (sku: string, more: object = {}) => ({
  uri: `/products/pricing/v0/listings/${encodeURIComponent(sku)}/offers`,
  method: 'GET',
  MarketplaceId: US,
  ItemCondition: 'New',
  ...more,
})

const expectedPrice = (sku: string, more: object = {}) => ({
  marketplaceId: US,
  sku,
  method: 'GET',
  uri: '/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice',
  ...more,
})

/** A SKU that must be encoded in a URL. */
const awkward = (offerings: readonly Offering[]) => offerings.find(({ sku }) => sku.includes('/'))!

describe('getPricing', () => {
  it('has the caller’s own offers by SKU, each wrong one with a status of its own', async () => {
    const { offerings, price } = await start()
    const [one] = offerings as [Offering]
    const other = awkward(offerings)
    const { body } = await price('price', { ItemType: 'Sku', Skus: [one.sku, 'NONE', other.sku].join() })
    expect(body.payload.map(({ status }: Reply['body']) => status)).toEqual([
      'Success',
      'ClientError',
      'Success',
    ])
    expect(body.payload[0].Product).toMatchObject({
      Identifiers: { MarketplaceASIN: { ASIN: one.asin }, SKUIdentifier: { SellerSKU: one.sku } },
      Offers: [
        {
          SellerSKU: one.sku,
          RegularPrice: { CurrencyCode: 'USD', Amount: usd(one.price.amount) },
          FulfillmentChannel: one.channel === 'AFN' ? 'AMAZON' : 'MERCHANT',
          ItemCondition: 'New',
          ItemSubCondition: 'New',
        },
      ],
    })
    expect(body.payload[2].SellerSKU).toBe(other.sku)
  })

  it('has them by ASIN, and none for what others sell', async () => {
    const { simulator, offerings, price } = await start()
    const [one] = offerings as [Offering]
    const foreign = simulator.catalogue.lookup(US, one.gtin).match
    const elsewhere = simulator.catalogue.lookup(US, 12_345_678_905).match
    expect(foreign).toBe(one.asin)
    const { body } = await price('price', {
      ItemType: 'Asin',
      Asins: [one.asin, elsewhere, 'B0ZZZZZZZZ'].join(),
    })
    expect(body.payload.map(({ status }: Reply['body']) => status)).toEqual([
      'Success',
      'Success',
      'ClientError',
    ])
    expect(body.payload[0].Product.Offers.map((offer: Reply['body']) => offer.SellerSKU)).toEqual([one.sku])
    expect(body.payload[1].Product).toEqual({
      Identifiers: { MarketplaceASIN: { MarketplaceId: US, ASIN: elsewhere } },
    })
    const used = await price('price', { ItemType: 'Asin', Asins: one.asin, ItemCondition: 'Used' })
    expect(used.body.payload[0].Product.Offers).toBeUndefined()
  })
})

describe('getCompetitivePricing by SKU', () => {
  it('says which featured offer is the caller’s', async () => {
    const { offerings, price } = await start()
    const belongs: boolean[] = []
    for (let from = 0; from < 200; from += 20) {
      const Skus = offerings.slice(from, from + 20).map(({ sku }) => sku)
      const { body } = await price('competitivePrice', { ItemType: 'Sku', Skus: Skus.join() })
      expect(body.payload.map(({ SellerSKU }: Reply['body']) => SellerSKU)).toEqual(Skus)
      for (const { Product } of body.payload)
        for (const one of Product.CompetitivePricing.CompetitivePrices) belongs.push(one.belongsToRequester)
    }
    expect(new Set(belongs)).toEqual(new Set([true, false]))
    const { body } = await price('competitivePrice', { ItemType: 'Sku', Skus: 'NONE' })
    expect(body.payload).toEqual([{ status: 'ClientError', SellerSKU: 'NONE' }])
  })
})

describe('getListingOffers', () => {
  it('has the caller’s offer among the others', async () => {
    const { simulator, offerings, price } = await start()
    const { sku, asin, price: own } = awkward(offerings)
    const { status, body } = await price(`listings/${encodeURIComponent(sku)}/offers`, {
      ItemCondition: 'New',
    })
    expect([status, body.payload.SKU]).toEqual([200, sku])
    expect(body.payload.Summary.TotalOfferCount).toBe(simulator.market.offersOf(US, asin)!.offers.length + 1)
    const mine = body.payload.Offers.filter((offer: Reply['body']) => offer.MyOffer)
    expect(mine.map((offer: Reply['body']) => offer.ListingPrice.Amount)).toEqual([usd(own.amount)])
    const wrong = await price('listings/NONE/offers', { ItemCondition: 'New' })
    expect([wrong.status, wrong.body.errors[0].message]).toEqual([
      400,
      `NONE is an invalid SKU for marketplace ${US}`,
    ])
  })

  it('answers a batch one by one', async () => {
    const { offerings, call } = await start()
    const skus = [...offerings.slice(0, 18).map(({ sku }) => sku), 'NONE']
    const ask = (requests: object[]) => call('POST', LISTING_OFFERS, { body: { requests } })
    const { body } = await ask(skus.map((sku) => listingOffers(sku)))
    expect(body.responses.map((one: Reply['body']) => one.request.SellerSKU)).toEqual(skus)
    expect(body.responses.map((one: Reply['body']) => one.status.statusCode)).toEqual([
      ...Array(18).fill(200),
      400,
    ])
    const twice = await ask([listingOffers('A'), listingOffers('A')])
    expect(twice.body.errors[0].message).toBe('Duplicate requests submitted. Cannot run batch request.')
  })
})

describe('getFeaturedOfferExpectedPriceBatch', () => {
  it('takes forty, and tells prices to win with from reasons why there is none', async () => {
    const { simulator, offerings, call } = await start()
    const statuses = new Set<string>()
    for (let from = 0; from < 200; from += 40) {
      const some = offerings.slice(from, from + 40)
      const { body } = await call('POST', EXPECTED_PRICES, {
        body: { requests: some.map(({ sku }) => expectedPrice(sku)) },
      })
      expect(body.responses.map((one: Reply['body']) => one.request.sku)).toEqual(some.map(({ sku }) => sku))
      for (const [i, response] of body.responses.entries()) {
        const [result] = response.body.featuredOfferExpectedPriceResults
        statuses.add(result.resultStatus)
        if (result.resultStatus !== 'VALID_FOEP') continue
        const rivals = simulator.market.offersOf(US, some[i]!.asin)!.offers
        const cheapest = rivals.find((offer) => offer.condition === 'New' && offer.eligible)!
        expect(result.featuredOfferExpectedPrice.listingPrice.amount).toBe(usd(cheapest.landedPrice - 1))
        expect(result.competingFeaturedOffer.offerIdentifier.sellerId).toBe(cheapest.sellerId)
      }
    }
    expect(statuses).toEqual(
      new Set(['VALID_FOEP', 'NO_COMPETING_OFFER', 'OFFER_NOT_ELIGIBLE', 'ASIN_NOT_ELIGIBLE']),
    )
  })

  it('fails for one SKU alone, and as a whole when all are wrong', async () => {
    const { offerings, call } = await start()
    const [{ sku }] = offerings as [Offering]
    const ask = (requests: object[]) => call('POST', EXPECTED_PRICES, { body: { requests } })
    const segment = {
      segmentDetails: { sampleLocation: { postalCode: { countryCode: 'US', value: '10001' } } },
    }
    const { body } = await ask([expectedPrice('NONE'), expectedPrice(sku, { segment })])
    expect(body.responses.map((one: Reply['body']) => one.status.statusCode)).toEqual([400, 200])
    expect(body.responses[0].body.errors[0].code).toBe('INVALID_SKU')
    expect(body.responses[1].request.segment).toEqual(segment)
    const none = await ask([expectedPrice('NONE')])
    expect([none.status, none.body.errors[0].code]).toEqual([400, 'INVALID_SKU'])
    expect((await ask(Array(41).fill(expectedPrice(sku)))).status).toBe(400)
    expect((await ask([expectedPrice(sku, { uri: '/elsewhere' })])).status).toBe(400)
  })
})

describe('own offers', () => {
  it('meet faults like everything else', async () => {
    const { simulator, price } = await start()
    await control(simulator, 'faults', { 503: 1, only: ['getPricing'] })
    expect((await price('price', { ItemType: 'Sku', Skus: 'NONE' })).status).toBe(503)
    expect((await price('competitivePrice', { ItemType: 'Sku', Skus: 'NONE' })).status).toBe(200)
  })
})

describe.skipIf(!modelsPresent)("answers fit Amazon's models", () => {
  it('for own offers', async () => {
    const { offerings, call, price } = await start()
    const skus = ['NONE', ...offerings.slice(0, 19).map(({ sku }) => sku)]
    const pricing = validator('productPricingV0.json', 'GetPricingResponse')
    for (const path of ['price', 'competitivePrice']) {
      pricing((await price(path, { ItemType: 'Sku', Skus: skus.join() })).body)
      pricing((await price(path, { ItemType: 'Sku', Skus: skus.join(), OfferType: 'B2B' })).body)
    }
    const sku = encodeURIComponent(skus[1] as string)
    const query = { ItemCondition: 'New', CustomerType: 'Business' }
    validator(
      'productPricingV0.json',
      'GetOffersResponse',
    )((await price(`listings/${sku}/offers`, query)).body)
    const offers = await call('POST', LISTING_OFFERS, {
      body: { requests: skus.map((one) => listingOffers(one)) },
    })
    validator('productPricingV0.json', 'GetListingOffersBatchResponse')(offers.body)
    const expected = await call('POST', EXPECTED_PRICES, {
      body: { requests: skus.map((one) => expectedPrice(one)) },
    })
    const check = validator('productPricing_2022-05-01.json', 'GetFeaturedOfferExpectedPriceBatchResponse')
    check(expected.body)
  })
})
