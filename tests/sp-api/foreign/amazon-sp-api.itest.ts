/** The npm package amazon-sp-api on the simulator, so that this is not our own echo. */
import { describe, expect, it } from 'vitest'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import { foreignClient } from './clients.ts'
import { simulatorForForeigners } from './simulator.ts'
import { asinsOf, offeredAsins, US } from './truth.ts'

// biome-ignore lint/suspicious/noExplicitAny: its own types know the half of its operations.
const library: any = await foreignClient('amazon-sp-api')
const simulatorOf = simulatorForForeigners()

function client(seller = 'seller') {
  return new library.SellingPartner({
    region: 'na',
    refresh_token: seller,
    credentials: { SELLING_PARTNER_APP_CLIENT_ID: 'app', SELLING_PARTNER_APP_CLIENT_SECRET: 'secret' },
  })
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as by a program without types.
type Json = any

describe.skipIf(library === null)('amazon-sp-api', () => {
  it('looks codes up', async () => {
    const upcs = Array.from({ length: 10 }, (_, number) => upcOf(number + 100))
    const { items } = await client().callAPI({
      operation: 'searchCatalogItems',
      endpoint: 'catalogItems',
      query: {
        identifiers: upcs,
        identifiersType: 'UPC',
        marketplaceIds: [US],
        includedData: ['identifiers'],
        pageSize: 20,
      },
      options: { version: '2022-04-01' },
    })
    const found = new Set(items.map(({ asin }: Json) => asin))
    expect(found).toEqual(new Set(upcs.flatMap((upc) => asinsOf(simulatorOf(), upc))))
  })

  it('reads competitive prices, and offers in a batch', async () => {
    const offered = offeredAsins(simulatorOf(), 10)
    const prices = await client().callAPI({
      operation: 'getCompetitivePricing',
      endpoint: 'productPricing',
      query: { MarketplaceId: US, ItemType: 'Asin', Asins: offered.map(({ asin }) => asin) },
      options: { version: 'v0' },
    })
    expect(prices.map(({ ASIN, status }: Json) => [ASIN, status])).toEqual(
      offered.map(({ asin }) => [asin, 'Success']),
    )
    const { responses } = await client().callAPI({
      operation: 'getItemOffersBatch',
      endpoint: 'productPricing',
      body: {
        requests: offered.map(({ asin }) => ({
          uri: `/products/pricing/v0/items/${asin}/offers`,
          method: 'GET',
          MarketplaceId: US,
          ItemCondition: 'New',
        })),
      },
      options: { version: 'v0' },
    })
    expect(responses.map(({ request }: Json) => request.Asin)).toEqual(offered.map(({ asin }) => asin))
  })

  it('asks for a report and has its rows, in the character set that its document names', async () => {
    const rows = await client().downloadReport({
      body: { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: [US] },
      version: '2021-06-30',
      interval: 100,
      download: {},
    })
    const [head, ...lines] = rows.trimEnd().split('\n')
    expect(head.split('\t')).toContain('seller-sku')
    expect(lines.length).toBeGreaterThan(100)
    expect(rows).toContain('™')
  })

  it('opens a report that names buyers with a restricted data token', async () => {
    const seller = client()
    const { reportId } = await seller.callAPI({
      operation: 'createReport',
      endpoint: 'reports',
      body: {
        reportType: 'GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING',
        marketplaceIds: [US],
        dataStartTime: new Date(Date.now() - 20 * 86_400_000).toISOString(),
      },
    })
    const { reportDocumentId } = await seller.callAPI({
      operation: 'getReport',
      endpoint: 'reports',
      path: { reportId },
    })
    const read = { operation: 'getReportDocument', endpoint: 'reports', path: { reportDocumentId } }
    await expect(seller.callAPI(read)).rejects.toMatchObject({ code: 'Unauthorized' })
    const { restrictedDataToken } = await seller.callAPI({
      operation: 'createRestrictedDataToken',
      endpoint: 'tokens',
      body: {
        restrictedResources: [{ method: 'GET', path: `/reports/2021-06-30/documents/${reportDocumentId}` }],
      },
    })
    const document = await seller.callAPI({ ...read, restricted_data_token: restrictedDataToken })
    expect(await seller.download(document)).toContain('recipient-name')
  })

  it('reads stock, orders and the buyer of one with a restricted token', async () => {
    const seller = client()
    const stock = await seller.callAPI({
      operation: 'getInventorySummaries',
      endpoint: 'fbaInventory',
      query: { granularityType: 'Marketplace', granularityId: US, marketplaceIds: [US], details: true },
    })
    expect(stock.inventorySummaries.length).toBeGreaterThan(10)
    const { Orders } = await seller.callAPI({
      operation: 'getOrders',
      endpoint: 'orders',
      query: { MarketplaceIds: [US], CreatedAfter: new Date(Date.now() - 86_400_000).toISOString() },
      options: { version: 'v0' },
    })
    const { AmazonOrderId } = Orders.find(({ OrderStatus }: Json) => OrderStatus === 'Unshipped')
    const { restrictedDataToken } = await seller.callAPI({
      operation: 'createRestrictedDataToken',
      endpoint: 'tokens',
      body: {
        restrictedResources: [{ method: 'GET', path: '/orders/v0/orders/{orderId}/buyerInfo' }],
      },
    })
    const { BuyerEmail } = await seller.callAPI({
      operation: 'getOrderBuyerInfo',
      endpoint: 'orders',
      path: { orderId: AmazonOrderId },
      options: { version: 'v0' },
      restricted_data_token: restrictedDataToken,
    })
    expect(BuyerEmail).toContain('@')
  })

  it('uploads a feed', async () => {
    const seller = client()
    const contentType = 'application/json; charset=UTF-8'
    const details = await seller.callAPI({
      operation: 'createFeedDocument',
      endpoint: 'feeds',
      body: { contentType },
    })
    const content = JSON.stringify({ header: { sellerId: 'A1', version: '2.0' }, messages: [] })
    expect(await seller.upload(details, { content, contentType })).toEqual({ success: true })
    const { feedId } = await seller.callAPI({
      operation: 'createFeed',
      endpoint: 'feeds',
      body: {
        feedType: 'JSON_LISTINGS_FEED',
        marketplaceIds: [US],
        inputFeedDocumentId: details.feedDocumentId,
      },
    })
    const feed = await seller.callAPI({ operation: 'getFeed', endpoint: 'feeds', path: { feedId } })
    expect(feed).toMatchObject({ feedId, feedType: 'JSON_LISTINGS_FEED' })
  })

  it('renews a token that has expired, told so by a 403', async () => {
    simulatorOf().setLwa({ tokenTtlSeconds: 0.001 })
    const seller = client('expiring')
    const call = { operation: 'getMarketplaceParticipations', endpoint: 'sellers' }
    await seller.refreshAccessToken()
    simulatorOf().setLwa({ tokenTtlSeconds: 3_600 })
    const participations = await seller.callAPI(call)
    expect(participations.map(({ marketplace }: Json) => marketplace.id)).toContain(US)
  })

  it('waits after a 429 and asks again', async () => {
    simulatorOf().setPlan({ operation: 'getMarketplaceParticipations', rate: 2, burst: 1 })
    const seller = client('throttled')
    const call = {
      operation: 'getMarketplaceParticipations',
      endpoint: 'sellers',
      options: { restore_rate: 1 },
    }
    await seller.callAPI(call)
    expect(await seller.callAPI(call)).toHaveLength((await seller.callAPI(call)).length)
    expect(simulatorOf().stats().requests.getMarketplaceParticipations![429]).toBeGreaterThan(0)
  })
})
