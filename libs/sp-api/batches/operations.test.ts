import { describe, expect, it } from 'vitest'
import { testClock } from '../test-support.ts'
import { competitiveSummary, featuredOfferExpectedPrice } from './competitive-summary.ts'
import { feesEstimate } from './fees.ts'
import { listingOffers } from './offers.ts'
import { competitivePrices, competitivePricesOfSkus, ownPrices } from './prices.ts'
import { type Settled, settleBatch } from './settle.ts'
import { asin, askedFor, itemOffersAnswer, type SentRequest, testCaller } from './test-caller.ts'

const US = 'ATVPDKIKX0DER'
const clock = testClock()
const kinds = (settled: readonly Settled<unknown, unknown>[]) =>
  settled.map((one) => (one.kind === 'answered' ? 'answered' : one.error.kind))

describe('competitiveSummary', () => {
  it('joins by the ASIN of the answer, which repeats no request', async () => {
    const api = testCaller((request) => ({
      body: {
        responses: askedFor(request)
          .toReversed()
          .map((one) =>
            one === asin(2)
              ? {
                  status: { statusCode: 400 },
                  body: { asin: one, marketplaceId: US, errors: [{ code: 'INVALID_ASIN', message: 'no' }] },
                }
              : {
                  status: { statusCode: 200 },
                  body: {
                    asin: one,
                    marketplaceId: US,
                    referencePrices: [{ name: one, price: { amount: 18.11, currencyCode: 'USD' } }],
                  },
                },
          ),
      },
    }))
    const some = [1, 2, 3].map((number) => ({ asin: asin(number) }))
    const settled = await settleBatch(api, competitiveSummary, 'US', some, { clock })
    expect(kinds(settled)).toEqual(['answered', 'rejected', 'answered'])
    expect(settled[2]).toMatchObject({ body: { asin: asin(3), referencePrices: [{ name: asin(3) }] } })
    expect(api.requests[0]!.parameters).toMatchObject({
      body: {
        requests: [
          { asin: asin(1), marketplaceId: US, includedData: ['featuredBuyingOptions', 'referencePrices'] },
          {},
          { method: 'GET', uri: '/products/pricing/2022-05-01/items/competitiveSummary' },
        ],
      },
    })
  })
})

describe('featuredOfferExpectedPrice', () => {
  it('takes forty SKUs in a request, and an error that names another SKU when it is the only one left', async () => {
    const skus = ({ parameters }: SentRequest) =>
      (parameters.body as { requests: ReadonlyArray<{ sku: string }> }).requests.map(({ sku }) => sku)
    const api = testCaller((request) => ({
      body: {
        responses: skus(request).map((sku) => ({
          request: { marketplaceId: US, sku: sku === 'bad' ? 'MY_NONEXISTENT_SKU' : sku },
          headers: {},
          status: { statusCode: sku === 'bad' ? 400 : 200 },
          body:
            sku === 'bad'
              ? { errors: [{ code: 'INVALID_SKU', message: 'The requested SKU does not exist' }] }
              : { featuredOfferExpectedPriceResults: [{ resultStatus: 'NO_COMPETING_OFFERS' }] },
        })),
      },
    }))
    const some = [...Array.from({ length: 40 }, (_, index) => ({ sku: `S/${index}` })), { sku: 'bad' }]
    const settled = await settleBatch(api, featuredOfferExpectedPrice, 'US', some, { clock })
    expect(kinds(settled)).toEqual([...Array(40).fill('answered'), 'rejected'])
    expect(api.requests.map((request) => skus(request).length)).toEqual([40, 1])
  })
})

describe('listingOffers', () => {
  it('encodes SKUs in their uris once, and joins by what was asked', async () => {
    const sku = 'A B/C%20,1'
    const api = testCaller(() => {
      const answer = itemOffersAnswer({ asin: asin(1) }) as { request: object }
      return { body: { responses: [{ ...answer, request: { SellerSKU: sku } }] } }
    })
    const settled = await settleBatch(api, listingOffers, 'US', [{ sku }], { clock })
    expect(kinds(settled)).toEqual(['answered'])
    expect(api.requests[0]!.parameters).toMatchObject({
      body: { requests: [{ uri: '/products/pricing/v0/listings/A%20B%2FC%2520%2C1/offers' }] },
    })
  })
})

describe('competitivePrices', () => {
  const product = (one: string) => ({
    Identifiers: { MarketplaceASIN: { MarketplaceId: US, ASIN: one } },
    CompetitivePricing: { CompetitivePrices: [], NumberOfOfferListings: [] },
  })

  it('has an outcome for each ASIN of one GET', async () => {
    const api = testCaller((request, count) => ({
      body: {
        payload: askedFor(request).map((one) =>
          one === asin(2)
            ? { status: 'ClientError', ASIN: one }
            : one === asin(3) && count === 1
              ? { status: 'ServerError', ASIN: one }
              : { status: 'Success', ASIN: one, Product: product(one) },
        ),
      },
    }))
    const some = [1, 2, 3].map((number) => ({ asin: asin(number) }))
    const settled = await settleBatch(api, competitivePrices({ CustomerType: 'Consumer' }), 'US', some, {
      clock,
    })
    expect(kinds(settled)).toEqual(['answered', 'rejected', 'answered'])
    expect(api.requests.map(askedFor)).toEqual([some.map((ask) => ask.asin), [asin(3)]])
    expect(api.requests[0]!.parameters).toEqual({
      MarketplaceId: US,
      ItemType: 'Asin',
      Asins: some.map((ask) => ask.asin),
      CustomerType: 'Consumer',
    })
  })

  it('never sends a SKU that holds a comma, which Amazon would take for two', async () => {
    const api = testCaller(() => ({
      body: { payload: [{ status: 'Success', SellerSKU: 'plain', Product: product(asin(1)) }] },
    }))
    const some = [{ sku: 'plain' }, { sku: 'with, comma' }]
    const settled = await settleBatch(api, competitivePricesOfSkus(), 'US', some, { clock })
    expect(kinds(settled)).toEqual(['answered', 'rejected'])
    expect(api.requests[0]!.parameters).toMatchObject({ ItemType: 'Sku', Skus: ['plain'] })
  })

  it('are asked by another operation for own offers', async () => {
    const api = testCaller(() => ({
      body: { payload: [{ status: 'Success', ASIN: asin(1), Product: product(asin(1)) }] },
    }))
    await settleBatch(api, ownPrices({ ItemCondition: 'Used' }), 'US', [{ asin: asin(1) }], { clock })
    expect(api.requests).toMatchObject([{ operation: 'getPricing', parameters: { ItemCondition: 'Used' } }])
  })
})

describe('feesEstimate', () => {
  const ask = (amount: number, IsAmazonFulfilled: boolean) => ({
    asin: asin(1),
    IsAmazonFulfilled,
    PriceToEstimateFees: { ListingPrice: { CurrencyCode: 'USD', Amount: amount } },
  })
  type Body = ReadonlyArray<{ FeesEstimateRequest: { Identifier: string } }>
  const identifiers = ({ parameters }: SentRequest) =>
    (parameters.body as Body).map(({ FeesEstimateRequest }) => FeesEstimateRequest.Identifier)

  it('joins many asks about one ASIN by their identifiers', async () => {
    const api = testCaller((request, count) => ({
      body: identifiers(request)
        .toReversed()
        .map((SellerInputIdentifier) => ({
          Status:
            SellerInputIdentifier === '2'
              ? 'ClientError'
              : SellerInputIdentifier === '3' && count === 1
                ? 'ServiceError'
                : 'Success',
          FeesEstimateIdentifier: { SellerInputIdentifier },
          Error: { Type: 'Sender', Code: 'InvalidParameterValue', Message: 'no', Detail: [] },
          FeesEstimate: {
            TimeOfFeesEstimation: '2026-01-01T00:00:00Z',
            TotalFeesEstimate: { CurrencyCode: 'USD', Amount: Number(SellerInputIdentifier) },
          },
        })),
    }))
    const some = [ask(10, true), ask(10, false), ask(20, true), ask(10, true)]
    const settled = await settleBatch(api, feesEstimate, 'US', some, { clock })
    expect(kinds(settled)).toEqual(['answered', 'rejected', 'answered'])
    expect(settled[2]).toMatchObject({ body: { TotalFeesEstimate: { Amount: 3 } } })
    expect(settled[1]).toMatchObject({
      error: { message: expect.stringContaining('InvalidParameterValue: no') },
    })
    expect(api.requests.map(identifiers)).toEqual([['1', '2', '3'], ['3']])
  })
})
