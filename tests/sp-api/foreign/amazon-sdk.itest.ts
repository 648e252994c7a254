/** Amazon's own SDK for JavaScript on the simulator, so that this is not our own echo. */
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import { waitFor } from '#tests/support/wait-for.ts'
import { foreignClient } from './clients.ts'
import { simulatorForForeigners } from './simulator.ts'
import { asinsOf, offeredAsins, US } from './truth.ts'

// biome-ignore lint/suspicious/noExplicitAny: Amazon's SDK has no types for what its index exports.
const sdk: any = await foreignClient('@amazon-sp-api-release/amazon-sp-api-sdk-js')
const simulatorOf = simulatorForForeigners()

/** One of its APIs, with tokens as its README has them: the seller's, or with a scope the application's own. */
function api(section: string, name: string, { scope = null, seller = 'seller' }: Grant = {}) {
  const { ApiClient, [name]: Api } = sdk[section]
  const client = new ApiClient('https://sellingpartnerapi-na.amazon.com')
  client.enableAutoRetrievalAccessToken('app', 'secret', scope === null ? seller : null, scope)
  return new Api(client)
}

interface Grant {
  readonly scope?: string | null
  readonly seller?: string
}

describe.skipIf(sdk === null)("Amazon's SDK", () => {
  it('looks codes up, page by page', async () => {
    const upcs = Array.from({ length: 20 }, (_, number) => upcOf(number))
    const catalog = api('CatalogitemsSpApi', 'CatalogApi')
    const found = new Map<string, Set<string>>()
    let pageToken: string | undefined
    do {
      const page = await catalog.searchCatalogItems([US], {
        identifiers: upcs,
        identifiersType: 'UPC',
        includedData: ['identifiers', 'summaries'],
        pageSize: 10,
        ...(pageToken && { pageToken }),
      })
      for (const { asin, identifiers, summaries } of page.items) {
        expect(summaries[0].itemName).toEqual(expect.any(String))
        for (const { identifier } of identifiers[0].identifiers) {
          const key = identifier.padStart(14, '0')
          found.set(key, (found.get(key) ?? new Set()).add(asin))
        }
      }
      pageToken = page.pagination?.nextToken
    } while (pageToken)
    for (const upc of upcs)
      expect(found.get(upc.padStart(14, '0'))).toEqual(new Set(asinsOf(simulatorOf(), upc)))
  })

  it('reads an item with what was asked for', async () => {
    const [asin] = asinsOf(simulatorOf(), upcOf(1))
    const includedData = ['attributes', 'dimensions', 'identifiers', 'images', 'productTypes', 'salesRanks']
    const item = await api('CatalogitemsSpApi', 'CatalogApi').getCatalogItem(asin, [US], { includedData })
    expect(item.asin).toBe(asin)
    expect(item.dimensions[0].item.height.value).toEqual(expect.any(Number))
    expect(item.images[0].images[0].link).toMatch(/^https:/)
  })

  it('reads the competitive prices that are true', async () => {
    const offered = offeredAsins(simulatorOf(), 20)
    const { payload } = await api('Pricing_v0SpApi', 'ProductPricingApi').getCompetitivePricing(US, 'Asin', {
      asins: offered.map(({ asin }) => asin),
    })
    // The SDK has names of its own for v0's capitals.
    const read = payload.map(({ ASIN, product }: Json) => {
      const price = product.competitivePricing.competitivePrices.find(
        ({ competitivePriceId }: Json) => competitivePriceId === '1',
      )?.price
      return { asin: ASIN, price: price?.listingPrice.amount, shipping: price?.shipping.amount }
    })
    expect(read).toEqual(
      offered.map(({ asin, money, featured }) => ({
        asin,
        price: featured === null ? undefined : money.toNumber(featured.listingPrice),
        shipping: featured === null ? undefined : money.toNumber(featured.shipping),
      })),
    )
  })

  it('reads offers one by one and in a batch', async () => {
    const pricing = api('Pricing_v0SpApi', 'ProductPricingApi')
    const offered = offeredAsins(simulatorOf(), 5)
    const { payload } = await pricing.getItemOffers(US, 'New', offered[0]!.asin)
    expect(payload.offers).toHaveLength(countOfNew(offered[0]!))
    const { responses } = await pricing.getItemOffersBatch({
      requests: offered.map(({ asin }) => ({
        uri: `/products/pricing/v0/items/${asin}/offers`,
        method: 'GET',
        MarketplaceId: US,
        ItemCondition: 'New',
      })),
    })
    expect(
      responses.map(({ status, body }: Json) => [status.statusCode, body.payload.offers.length]),
    ).toEqual(offered.map((item) => [200, countOfNew(item)]))
  })

  it('reads the competitive summary', async () => {
    const offered = offeredAsins(simulatorOf(), 5)
    const { responses } = await api('PricingSpApi', 'ProductPricingApi').getCompetitiveSummary({
      requests: offered.map(({ asin }) => ({
        asin,
        marketplaceId: US,
        includedData: ['featuredBuyingOptions'],
        method: 'GET',
        uri: '/products/pricing/2022-05-01/items/competitiveSummary',
      })),
    })
    const read = responses.map(({ body }: Json) => [
      body.asin,
      body.featuredBuyingOptions[0]?.segmentedFeaturedOffers[0]?.fulfillmentType,
    ])
    expect(read).toEqual(offered.map(({ asin, featured }) => [asin, featured?.channel]))
  })

  it('asks for a report, waits for it and reads its document', async () => {
    const reports = api('ReportsSpApi', 'ReportsApi')
    const { reportId } = await reports.createReport({
      reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA',
      marketplaceIds: [US],
    })
    const documentId = await waitFor(async () => (await reports.getReport(reportId)).reportDocumentId, {
      what: 'the report',
    })
    const { url, compressionAlgorithm } = await reports.getReportDocument(documentId)
    expect(compressionAlgorithm).toBe('GZIP')
    const text = gunzipSync(Buffer.from(await (await fetch(here(url))).arrayBuffer())).toString('latin1')
    expect(text.split('\n')[0]).toContain('seller-sku')
    const { reports: known } = await reports.getReports({ reportTypes: ['GET_MERCHANT_LISTINGS_ALL_DATA'] })
    expect(known.map((one: Json) => one.reportId)).toContain(reportId)
  })

  it('gets a restricted data token', async () => {
    const path = '/reports/2021-06-30/documents/amzn1.spdoc.1'
    const { restrictedDataToken, expiresIn } = await api(
      'TokensSpApi',
      'TokensApi',
    ).createRestrictedDataToken({
      restrictedResources: [{ method: 'GET', path }],
    })
    expect([typeof restrictedDataToken, expiresIn]).toEqual(['string', 3_600])
  })

  it('learns where the seller sells', async () => {
    const { payload } = await api('SellersSpApi', 'SellersApi').getMarketplaceParticipations()
    expect(payload.map(({ marketplace }: Json) => marketplace.id)).toContain(US)
  })

  it('is throttled as by Amazon', async () => {
    simulatorOf().setPlan({ operation: 'getMarketplaceParticipations', rate: 0.01, burst: 1 })
    const sellers = api('SellersSpApi', 'SellersApi', { seller: 'throttled' })
    await sellers.getMarketplaceParticipations()
    const error = await sellers.getMarketplaceParticipations().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      status: 429,
      response: { body: { errors: [{ code: 'QuotaExceeded' }] } },
    })
    expect(error.response.headers).toHaveProperty('x-amzn-requestid')
    expect(error.response.headers).not.toHaveProperty('x-amzn-ratelimit-limit')
  })

  it('is told when its grant is taken back', async () => {
    simulatorOf().revoke({ refreshToken: 'gone' })
    const call = api('SellersSpApi', 'SellersApi', { seller: 'gone' }).getMarketplaceParticipations()
    await expect(call).rejects.toMatchObject({ status: 400, response: { body: { error: 'invalid_grant' } } })
  })
})

/** A presigned URL, for `fetch`, whose way leads nowhere else. */
function here(url: string): URL {
  const { pathname, search } = new URL(url)
  return new URL(pathname + search, simulatorOf().url)
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as by a program without types.
type Json = any

/** Offers that an answer holds: no more than twenty. */
function countOfNew({ offers }: { offers: ReadonlyArray<{ condition: string }> }): number {
  return Math.min(20, offers.filter(({ condition }) => condition === 'New').length)
}
