/** Amazon's own SDK for JavaScript on the simulator: a seller's orders, listings, stock, feeds and notifications. */
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { waitFor } from '#tests/support/wait-for.ts'
import { foreignClient } from './clients.ts'
import { simulatorForForeigners } from './simulator.ts'
import { US } from './truth.ts'

// biome-ignore lint/suspicious/noExplicitAny: Amazon's SDK has no types for what its index exports.
const sdk: any = await foreignClient('@amazon-sp-api-release/amazon-sp-api-sdk-js')
const simulatorOf = simulatorForForeigners()

/** One of its APIs, with tokens as its README has them: the seller's, or with a scope the application's own. */
function api(section: string, name: string, scope: string | null = null) {
  const { ApiClient, [name]: Api } = sdk[section]
  const client = new ApiClient('https://sellingpartnerapi-na.amazon.com')
  // Its own would drop what comes too fast; how wide the plans are here it does not know.
  client.disableRateLimiter()
  client.enableAutoRetrievalAccessToken('app', 'secret', scope === null ? 'seller' : null, scope)
  return new Api(client)
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as by a program without types.
type Json = any

/** A presigned URL, for `fetch`, whose way leads nowhere else. */
function here(url: string): URL {
  const { pathname, search } = new URL(url)
  return new URL(pathname + search, simulatorOf().url)
}

async function merchantId(): Promise<string> {
  const response = await fetch(`${simulatorOf().url}/_simulator/seller`, {
    method: 'POST',
    body: JSON.stringify({ refreshToken: 'seller' }),
  })
  return ((await response.json()) as { sellerId: string }).sellerId
}

describe.skipIf(sdk === null)("Amazon's SDK, for a seller", () => {
  it('searches orders, page by page, and reads one', async () => {
    const search = api('Orders_v2026SpApi', 'SearchOrdersApi')
    const found: string[] = []
    let paginationToken: string | undefined
    do {
      const page = await search.searchOrders({
        marketplaceIds: [US],
        createdAfter: new Date(Date.now() - 3 * 86_400_000).toISOString(),
        maxResultsPerPage: 50,
        ...(paginationToken && { paginationToken }),
      })
      found.push(...page.orders.map(({ orderId }: Json) => orderId))
      paginationToken = page.pagination?.nextToken
    } while (paginationToken)
    expect(found.length).toBeGreaterThan(50)
    expect(new Set(found).size).toBe(found.length)
    const { order } = await api('Orders_v2026SpApi', 'GetOrderApi').getOrder(found[0])
    expect(order.orderId).toBe(found[0])
    expect(order.orderItems.length).toBeGreaterThan(0)
  })

  it('searches listings, reads one and changes it', async () => {
    const listings = api('ListingsitemsSpApi', 'ListingsApi')
    const sellerId = await merchantId()
    const { items } = await listings.searchListingsItems(sellerId, [US], { pageSize: 20 })
    expect(items).toHaveLength(20)
    // Their slashes, spaces and per cent signs are encoded by the SDK.
    const awkward = 'A/B 50%+ #00016'
    expect((await listings.getListingsItem(sellerId, awkward, [US])).sku).toBe(awkward)
    const { status, submissionId } = await listings.patchListingsItem(sellerId, items[0].sku, [US], {
      productType: 'PRODUCT',
      patches: [
        {
          op: 'replace',
          path: '/attributes/list_price',
          value: [{ marketplace_id: US, currency: 'USD', value: 20 }],
        },
      ],
    })
    expect([status, typeof submissionId]).toEqual(['ACCEPTED', 'string'])
  })

  it('reads the stock in Amazon’s warehouses, page by page', async () => {
    const inventory = api('FbainventorySpApi', 'FbaInventoryApi')
    const skus: string[] = []
    let nextToken: string | undefined
    do {
      const { payload, pagination } = await inventory.getInventorySummaries('Marketplace', US, [US], {
        details: true,
        ...(nextToken && { nextToken }),
      })
      skus.push(...payload.inventorySummaries.map(({ sellerSku }: Json) => sellerSku))
      nextToken = pagination?.nextToken
    } while (nextToken)
    expect(skus.length).toBeGreaterThan(50)
    expect(new Set(skus).size).toBe(skus.length)
  })

  it('submits a feed and reads what became of it', async () => {
    const feeds = api('FeedsSpApi', 'FeedsApi')
    const contentType = 'application/json; charset=UTF-8'
    const { feedDocumentId, url } = await feeds.createFeedDocument({ contentType })
    const messages = [
      {
        messageId: 1,
        sku: 'SKU-00001',
        operationType: 'PATCH',
        productType: 'PRODUCT',
        patches: [{ op: 'delete', path: '/attributes/list_price', value: [{ marketplace_id: US }] }],
      },
    ]
    const body = JSON.stringify({ header: { sellerId: await merchantId(), version: '2.0' }, messages })
    const uploaded = await fetch(here(url), { method: 'PUT', headers: { 'content-type': contentType }, body })
    expect(uploaded.status).toBe(200)
    const { feedId } = await feeds.createFeed({
      feedType: 'JSON_LISTINGS_FEED',
      marketplaceIds: [US],
      inputFeedDocumentId: feedDocumentId,
    })
    const resultId = await waitFor(async () => (await feeds.getFeed(feedId)).resultFeedDocumentId, {
      what: 'the feed',
    })
    const result = await feeds.getFeedDocument(resultId)
    const bytes = Buffer.from(await (await fetch(here(result.url))).arrayBuffer())
    const report = JSON.parse(gunzipSync(bytes).toString())
    expect(report.summary).toMatchObject({ messagesProcessed: 1, messagesAccepted: 1 })
  })

  it('makes a destination as the application, and a subscription as the seller', async () => {
    const scope = sdk.ScopeConstants.SCOPE_NOTIFICATION_API
    const grantless = api('NotificationsSpApi', 'NotificationsApi', scope)
    const { payload: destination } = await grantless.createDestination({
      name: 'tests',
      resourceSpecification: { sqs: { arn: 'arn:aws:sqs:us-east-1:123456789012:tests' } },
    })
    const own = api('NotificationsSpApi', 'NotificationsApi')
    const { payload: subscription } = await own.createSubscription('REPORT_PROCESSING_FINISHED', {
      payloadVersion: '2020-09-04',
      destinationId: destination.destinationId,
    })
    expect(subscription.destinationId).toBe(destination.destinationId)
    // The application alone may list destinations.
    await expect(own.getDestinations()).rejects.toMatchObject({ status: 403 })
    const { payload: all } = await grantless.getDestinations()
    expect(all.map(({ destinationId }: Json) => destinationId)).toEqual([destination.destinationId])
  })
})
