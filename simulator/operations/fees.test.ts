import { describe, expect, it } from 'vitest'
import { upcOf } from '../catalogue/numbering.ts'
import { modelsPresent, validator } from '../test-model.ts'
import { type Reply, signInToCall, startForTest, US } from '../testing.ts'

const JP = 'A1VC38T7YXB528'
const BATCH = '/products/fees/v0/feesEstimate'

async function start() {
  const simulator = await startForTest({ seed: 3, notFound: 0 })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  const asin = (i: number, marketplaceId = US) =>
    simulator.catalogue.lookup(marketplaceId, Number(upcOf(i))).match as string
  const call = await signInToCall(simulator)
  const post = (path: string, body: unknown) => call('POST', path, { body })
  return { simulator, asin, post }
}

const feesRequest = (Identifier: string, Amount: number, more: object = {}) => ({
  MarketplaceId: US,
  IsAmazonFulfilled: false,
  PriceToEstimateFees: { ListingPrice: { CurrencyCode: 'USD', Amount } },
  Identifier,
  ...more,
})
const byId = (IdValue: string, Identifier: string, more: object = {}) => ({
  FeesEstimateRequest: feesRequest(Identifier, 20),
  IdType: 'ASIN',
  IdValue,
  ...more,
})
const total = (result: Reply['body']) => result.FeesEstimate.TotalFeesEstimate.Amount
const errorOf = ({ status, body }: Reply) => [status, body.errors[0].code, body.errors[0].message]

describe('getMyFeesEstimateForASIN', () => {
  it('adds up its fees, more for what Amazon sends', async () => {
    const { asin, post } = await start()
    const path = `/products/fees/v0/items/${asin(0)}/feesEstimate`
    const own = await post(path, { FeesEstimateRequest: feesRequest('one', 20) })
    const { FeesEstimateResult: result } = own.body.payload
    expect([own.status, result.Status]).toEqual([200, 'Success'])
    expect(result.FeesEstimateIdentifier).toMatchObject({
      SellerInputIdentifier: 'one',
      IdType: 'ASIN',
      IdValue: asin(0),
    })
    const cents = (amount: number) => Math.round(amount * 100)
    const sum = result.FeesEstimate.FeeDetailList.reduce(
      (all: number, fee: Reply['body']) => all + cents(fee.FinalFee.Amount),
      0,
    )
    expect(cents(total(result))).toBe(sum)
    const amazons = await post(path, {
      FeesEstimateRequest: feesRequest('two', 20, { IsAmazonFulfilled: true }),
    })
    expect(total(amazons.body.payload.FeesEstimateResult)).toBeGreaterThan(total(result))
  })

  it('says in its result what is wrong with an item, under status 200', async () => {
    const { asin, post } = await start()
    const ask = async (asked: string, body: object) =>
      (await post(`/products/fees/v0/items/${asked}/feesEstimate`, { FeesEstimateRequest: body })).body
        .payload
    const yen = { PriceToEstimateFees: { ListingPrice: { CurrencyCode: 'JPY', Amount: 20 } } }
    for (const { FeesEstimateResult } of [
      await ask('B0ZZZZZZZZ', feesRequest('one', 20)),
      await ask(asin(0), feesRequest('one', 20, yen)),
      await ask(asin(0), feesRequest('one', 0)),
    ]) {
      expect(FeesEstimateResult).toMatchObject({
        Status: 'ClientError',
        Error: { Type: 'Sender', Code: 'InvalidParameterValue' },
      })
    }
  })

  it.each([
    [{}, "Missing required 'FeesEstimateRequest'."],
    [
      { FeesEstimateRequest: feesRequest('one', 1, { MarketplaceId: 'US' }) },
      'Incorrect Marketplace identifier.',
    ],
    [
      { FeesEstimateRequest: feesRequest('one', 1, { Identifier: undefined }) },
      "Missing required 'Identifier'.",
    ],
    [
      { FeesEstimateRequest: feesRequest('one', 1, { PriceToEstimateFees: {} }) },
      "Missing required 'PriceToEstimateFees'.",
    ],
  ])('refuses %j', async (body, message) => {
    const { asin, post } = await start()
    const reply = await post(`/products/fees/v0/items/${asin(0)}/feesEstimate`, body)
    expect(errorOf(reply)).toEqual([400, 'InvalidInput', message])
  })
})

describe('getMyFeesEstimates', () => {
  it('takes twenty ASINs and SKUs, and answers each by itself', async () => {
    const { asin, post, simulator } = await start()
    const requests = [
      ...Array.from({ length: 18 }, (_, i) => byId(asin(i), `n${i}`)),
      byId('SKU-00001', 'sku', { IdType: 'SellerSKU' }),
      byId('B0ZZZZZZZZ', 'wrong'),
    ]
    const { status, body } = await post(BATCH, requests)
    expect([status, body.length]).toEqual([200, 20])
    const statuses = body.map((result: Reply['body']) => result.Status)
    expect(statuses).toEqual([...Array(19).fill('Success'), 'ClientError'])
    expect(body[19].FeesEstimateIdentifier.SellerInputIdentifier).toBe('wrong')
    expect(simulator.stats().batches.getMyFeesEstimates).toMatchObject({ calls: 1, items: 20 })
  })

  it.each([
    [[]],
    [Array.from({ length: 21 }, (_, i) => byId('B000000000', `n${i}`))],
    [[byId('B000000000', 'one', { IdType: 'UPC' })]],
    [[byId('B000000000', 'one', { IdValue: undefined })]],
    [{ requests: [] }],
  ])('refuses what is wrong as a whole: %#', async (body) => {
    const { post } = await start()
    expect(errorOf(await post(BATCH, body)).slice(0, 2)).toEqual([400, 'InvalidInput'])
  })
})

describe.skipIf(!modelsPresent)("answers fit Amazon's model", () => {
  it('of Product Fees', async () => {
    const { asin, post } = await start()
    const check = (name: string, { body }: Reply) => validator('productFeesV0.json', name)(body)
    const inJapan = {
      MarketplaceId: JP,
      IsAmazonFulfilled: true,
      PriceToEstimateFees: { ListingPrice: { CurrencyCode: 'JPY', Amount: 2_000 } },
    }
    const one = { FeesEstimateRequest: feesRequest('one', 20, inJapan) }
    check('GetMyFeesEstimateResponse', await post(`/products/fees/v0/items/${asin(1, JP)}/feesEstimate`, one))
    check('GetMyFeesEstimateResponse', await post('/products/fees/v0/listings/SKU-00001/feesEstimate', one))
    check('GetMyFeesEstimateResponse', await post('/products/fees/v0/listings/NONE/feesEstimate', one))
    check('GetMyFeesEstimatesResponse', await post(BATCH, [byId(asin(0), 'one'), byId('B0ZZZZZZZZ', 'two')]))
    check('GetMyFeesEstimatesErrorList', await post(BATCH, []))
  })
})
