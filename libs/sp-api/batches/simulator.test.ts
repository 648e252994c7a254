/** Batches against the simulator's truth, over HTTP. */
import { expect, it } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { parseGtin } from '#simulator/catalogue/gtin.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import type { ItemOffers } from '#simulator/catalogue/offers.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { createSpApi, RegionalEndpointManager } from '../index.ts'
import { getMyFeesEstimateForSKU } from '../operations/generated/product-fees-v0.ts'
import {
  competitivePrices,
  competitivePricesOfSkus,
  competitiveSummary,
  decimalOf,
  featuredOfferExpectedPrice,
  feesEstimate,
  itemOffers,
  listingOffers,
  moneyOf,
  ownPricesOfSkus,
  settleBatch,
} from './index.ts'

const plan = { seller: { ratePerSecond: 1_000, burst: 1_000 } }
const OPERATIONS = [
  'getCompetitivePricing',
  'getCompetitiveSummary',
  'getFeaturedOfferExpectedPriceBatch',
  'getItemOffersBatch',
  'getListingOffersBatch',
  'getMyFeesEstimateForSKU',
  'getMyFeesEstimates',
  'getPricing',
]
/** Two places after the point, or none in Japan: prices of all kinds. */
const US = 'ATVPDKIKX0DER'
const MARKETPLACES = [US, 'A1VC38T7YXB528', 'A1PA6795UKMFR9']

async function start(): Promise<{ simulator: Simulator; api: ReturnType<typeof createSpApi> }> {
  const simulator = await startSimulator({ seed: 11, notFound: 0 })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  const api = createSpApi({
    application: { clientId: 'app', clientSecret: 'secret-of-app' },
    refreshToken: 'seller',
    sellerKey: 'seller',
    bucket: createMemoryTokenBucket({ jitterMs: 0 }),
    endpoints: new RegionalEndpointManager({ spApiEndpoint: simulator.url, lwaEndpoint: simulator.url }),
    usagePlans: Object.fromEntries(OPERATIONS.map((operation) => [operation, plan])),
  })
  return { simulator, api }
}

function truth(simulator: Simulator, marketplaceId: string, count: number): ItemOffers[] {
  const items: ItemOffers[] = []
  for (let number = 0; items.length < count; number++) {
    const [listing] = simulator.catalogue.lookup(marketplaceId, parseGtin(upcOf(number))!).listings
    const item = listing === undefined ? null : simulator.market.offersOf(marketplaceId, listing.asin)
    if (item !== null) items.push(item)
  }
  return items
}

it.each(MARKETPLACES)('every price of %s is the truth, to the last digit', async (marketplaceId) => {
  const { simulator, api } = await start()
  try {
    const items = truth(simulator, marketplaceId, 60)
    // Not in the simulator's catalogue, so each of them fails, and alone.
    const strangers = ['B0ZZZZZZZ1', 'B0ZZZZZZZ2']
    const asks = [...items, ...strangers.map((asin) => ({ asin }))].map(({ asin }) => ({ asin }))
    const money = ({ money: { currency, toText } }: ItemOffers, amount: number | undefined) =>
      amount === undefined ? null : { currency, amount: decimalOf(toText(amount)) }

    const prices = await settleBatch(api, competitivePrices(), marketplaceId, asks)
    const offers = await settleBatch(api, itemOffers, marketplaceId, asks)
    const summaries = await settleBatch(api, competitiveSummary, marketplaceId, asks)
    for (const settled of [prices, offers, summaries])
      expect(settled.slice(items.length)).toMatchObject([
        { kind: 'failed', error: { kind: 'rejected' } },
        { kind: 'failed', error: { kind: 'rejected' } },
      ])
    for (const [index, item] of items.entries()) {
      const [price, offer, summary] = [prices[index]!, offers[index]!, summaries[index]!]
      if (price.kind === 'failed' || offer.kind === 'failed' || summary.kind === 'failed')
        throw new Error(`${item.asin} has no answer`)
      const featured = price.body.CompetitivePricing?.CompetitivePrices.find(
        ({ CompetitivePriceId }) => CompetitivePriceId === '1',
      )
      expect(moneyOf(featured?.Price.ListingPrice)).toEqual(money(item, item.featured?.listingPrice))
      const fresh = item.offers.filter(({ condition }) => condition === 'New').slice(0, 20)
      expect(
        offer.body.Offers.map(({ SellerId, ListingPrice, Shipping }) => [
          SellerId,
          moneyOf(ListingPrice),
          moneyOf(Shipping),
        ]),
      ).toEqual(
        fresh.map(({ sellerId, listingPrice, shipping }) => [
          sellerId,
          money(item, listingPrice),
          money(item, shipping),
        ]),
      )
      const [first] = summary.body.featuredBuyingOptions?.[0]?.segmentedFeaturedOffers ?? []
      expect([first?.sellerId, moneyOf(first?.listingPrice)]).toEqual([
        item.featured?.sellerId,
        money(item, item.featured?.listingPrice),
      ])
    }
  } finally {
    await api.close()
    await simulator.stop()
  }
})

it('SKUs of the seller have their answers, those that a URL has to encode as well; one that is nobody’s fails alone', async () => {
  const { simulator, api } = await start()
  try {
    const skus = ['SKU-00001', 'A/B 50%+ #00016', 'SKU-00003', 'NOBODYS', 'SKU-00005']
    const asks = skus.map((sku) => ({ sku }))
    for (const batch of [
      competitivePricesOfSkus(),
      ownPricesOfSkus(),
      listingOffers,
      featuredOfferExpectedPrice,
    ]) {
      const settled = await settleBatch<{ sku: string }, unknown>(api, batch, 'US', asks)
      expect(
        settled.map(({ ask, kind }) => [ask.sku, kind]),
        batch.operationId,
      ).toEqual(skus.map((sku) => [sku, sku === 'NOBODYS' ? 'failed' : 'answered']))
    }
  } finally {
    await api.close()
    await simulator.stop()
  }
})

it('fees of one SKU at several prices and by both channels are those of a request of its own', async () => {
  const { simulator, api } = await start()
  try {
    const sku = 'A/B 50%+ #00016'
    const asks = [5, 19.99, 250].flatMap((Amount) =>
      [true, false].map((IsAmazonFulfilled) => ({
        sku,
        IsAmazonFulfilled,
        PriceToEstimateFees: { ListingPrice: { CurrencyCode: 'USD', Amount } },
      })),
    )
    const settled = await settleBatch(api, feesEstimate, 'US', asks)
    for (const [index, { sku: _, ...ask }] of asks.entries()) {
      const one = settled[index]!
      const FeesEstimateRequest = { ...ask, MarketplaceId: US, Identifier: 'alone' }
      const { body } = await api.call(getMyFeesEstimateForSKU, {
        SellerSKU: sku,
        body: { FeesEstimateRequest },
      })
      expect(one.kind === 'answered' && moneyOf(one.body.TotalFeesEstimate)).toEqual(
        moneyOf(body.payload?.FeesEstimateResult?.FeesEstimate?.TotalFeesEstimate),
      )
    }
    // They do differ.
    expect(
      new Set(settled.map((one) => one.kind === 'answered' && one.body.TotalFeesEstimate?.Amount)).size,
    ).toBe(6)
  } finally {
    await api.close()
    await simulator.stop()
  }
})
