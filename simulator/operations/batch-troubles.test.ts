import { describe, expect, it } from 'vitest'
import { upcOf } from '../catalogue/numbering.ts'
import { modelsPresent, validator } from '../test-model.ts'
import { control, type Reply, signInToCall, startForTest, US } from '../testing.ts'

const ITEM_OFFERS = '/products/pricing/v0/items'
const SUMMARY = '/products/pricing/2022-05-01/items/competitiveSummary'
const EXPECTED_PRICE = '/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice'

async function start() {
  const simulator = await startForTest({ seed: 3, notFound: 0 })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  const call = await signInToCall(simulator)
  const asins = Array.from(
    { length: 20 },
    (_, i) => simulator.catalogue.lookup(US, Number(upcOf(i))).match as string,
  )
  const skus = Array.from({ length: 15 }, (_, i) => `SKU-000${10 + i}`).filter((sku) => sku !== 'SKU-00016')
  const post = (path: string, body: unknown) => call('POST', path, { body })
  const batches: Record<string, () => Promise<Reply>> = {
    getItemOffersBatch: () => {
      const one = (asin: string) => ({ uri: `${ITEM_OFFERS}/${asin}/offers`, method: 'GET', MarketplaceId: US, ItemCondition: 'New' })
      return post('/batches/products/pricing/v0/itemOffers', { requests: asins.map(one) })
    },
    getCompetitiveSummary: () => {
      const one = (asin: string) => ({ asin, marketplaceId: US, includedData: ['lowestPricedOffers'], method: 'GET', uri: SUMMARY })
      return post(`/batches${SUMMARY}`, { requests: asins.map(one) })
    },
    getFeaturedOfferExpectedPriceBatch: () => {
      const one = (sku: string) => ({ sku, marketplaceId: US, method: 'GET', uri: EXPECTED_PRICE })
      return post(`/batches${EXPECTED_PRICE}`, { requests: skus.map(one) })
    },
  } // biome-ignore format: requests
  const fees = () =>
    post(
      '/products/fees/v0/feesEstimate',
      asins.map((IdValue) => ({
        FeesEstimateRequest: {
          MarketplaceId: US,
          PriceToEstimateFees: { ListingPrice: { CurrencyCode: 'USD', Amount: 10 } },
          Identifier: IdValue,
        },
        IdType: 'ASIN',
        IdValue,
      })),
    )
  return { simulator, asins, skus, batches, fees }
}

const idOf = ({ request, body }: Reply['body']): string => request?.Asin ?? request?.sku ?? body.asin

describe('parts of a batch', () => {
  it.each(['getItemOffersBatch', 'getCompetitiveSummary', 'getFeaturedOfferExpectedPriceBatch'])(
    '%s fails in parts, each with the status of its own',
    async (name) => {
      const { simulator, batches } = await start()
      await control(simulator, 'batches', { 429: 0.3, 500: 0.2 })
      const statuses = new Map<number, number>()
      for (let i = 0; i < 5; i++) {
        const { status, body } = await batches[name]!()
        expect(status).toBe(200)
        for (const part of body.responses) {
          const { statusCode } = part.status
          statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
          if (statusCode === 429) expect(part.body.errors[0].code).toBe('QuotaExceeded')
          if (statusCode === 500) expect(part.body.errors[0].code).toBe('InternalFailure')
        }
      }
      expect(new Set(statuses.keys())).toEqual(new Set([200, 429, 500]))
      await control(simulator, 'batches', {})
      const { body } = await batches[name]!()
      for (const part of body.responses) expect(part.status.statusCode).toBe(200)
    },
  )

  it('of fees fail with ServiceError', async () => {
    const { simulator, fees } = await start()
    await control(simulator, 'batches', { 503: 0.5 })
    const { body } = await fees()
    expect(new Set(body.map((result: Reply['body']) => result.Status))).toEqual(
      new Set(['Success', 'ServiceError']),
    )
    if (modelsPresent) validator('productFeesV0.json', 'GetMyFeesEstimatesResponse')(body)
  })

  it('come in any order, when told so', async () => {
    const { simulator, asins, skus, batches, fees } = await start()
    const ids = async (name: string) => (await batches[name]!()).body.responses.map(idOf) as string[]
    for (const [name, asked] of [['getItemOffersBatch', asins], ['getCompetitiveSummary', asins], ['getFeaturedOfferExpectedPriceBatch', skus]] as const) {
      await control(simulator, 'batches', {})
      expect(await ids(name)).toEqual(asked)
      await control(simulator, 'batches', { shuffle: true })
      const shuffled = await ids(name)
      expect(shuffled).not.toEqual(asked)
      expect(new Set(shuffled)).toEqual(new Set(asked))
    } // biome-ignore format: a table
    const order = (await fees()).body.map(
      (one: Reply['body']) => one.FeesEstimateIdentifier.SellerInputIdentifier,
    )
    expect(order).not.toEqual(asins)
    expect(new Set(order)).toEqual(new Set(asins))
  })

  it.each([
    [{ 404: 1 }, '"404" is not among 429, 500, 503.'],
    [{ 429: 2 }, 'the share of 429 must be from 0 to 1, not 2.'],
    [{ shuffle: 'yes' }, 'shuffle must be true or false, not yes.'],
  ])('refuses %j', async (body, message) => {
    const { simulator } = await start()
    expect((await control(simulator, 'batches', body)).body.error).toBe(message)
  })
})
