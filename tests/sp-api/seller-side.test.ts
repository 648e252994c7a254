/** The connector's pages and answers of a seller's own affairs, over HTTP: what it validates is what the simulator says. */

import { describe, expect, it } from 'vitest'
import { createQuery, getQueries } from '#libs/sp-api/operations/generated/data-kiosk-2023-11-15.ts'
import {
  createFeed,
  createFeedDocument,
  getFeeds,
} from '#libs/sp-api/operations/generated/feeds-2021-06-30.ts'
import {
  listBalances,
  listSummary,
  listTransactions,
} from '#libs/sp-api/operations/generated/finances-2024-06-19.ts'
import {
  getInboundPlan,
  getShipment,
  listInboundPlanItems,
  listInboundPlans,
} from '#libs/sp-api/operations/generated/fulfillment-inbound-2024-03-20.ts'
import { getShipmentItems, getShipments } from '#libs/sp-api/operations/generated/fulfillment-inbound-v0.ts'
import {
  createDestination,
  createSubscription,
  getDestinations,
  getSubscriptions,
} from '#libs/sp-api/operations/generated/notifications-v1.ts'
import { getOrder, searchOrders } from '#libs/sp-api/operations/generated/orders-2026-01-01.ts'
import { getOrderItems, getOrders } from '#libs/sp-api/operations/generated/orders-v0.ts'
import { createReport, getReport, getReports } from '#libs/sp-api/operations/generated/reports-2021-06-30.ts'
import { getOrderMetrics } from '#libs/sp-api/operations/generated/sales-v1.ts'
import { getAccount } from '#libs/sp-api/operations/generated/sellers-v1.ts'
import { connector, US } from './connector.ts'

const DE = 'A1PA6795UKMFR9'
const DAY = 86_400_000
const ago = (ms: number) => new Date(Date.now() - ms).toISOString()

/** How many rows all pages have, and how many pages there are. */
async function countOf<A>(
  pages: AsyncIterable<{ body: A }>,
  rowsOf: (body: A) => readonly unknown[] | undefined,
) {
  const count = { pages: 0, rows: 0 }
  for await (const { body } of pages) {
    count.pages++
    count.rows += rowsOf(body)?.length ?? 0
  }
  return count
}

describe('all pages', () => {
  it('of orders, new and old, are the same orders', async () => {
    const { api } = await connector()
    const window = { createdAfter: ago(3 * DAY), createdBefore: ago(DAY), maxResultsPerPage: 20 }
    const found = await countOf(
      api.pages(searchOrders, { ...window, marketplaceIds: [US], includedData: ['FULFILLMENT', 'BUYER'] }),
      ({ orders }) => orders,
    )
    expect(found.pages).toBeGreaterThan(3)
    const old = {
      CreatedAfter: window.createdAfter,
      CreatedBefore: window.createdBefore,
      MaxResultsPerPage: 20,
    }
    const same = await countOf(
      api.pages(getOrders, { ...old, MarketplaceIds: [US] }),
      ({ payload }) => payload?.Orders,
    )
    expect(same).toEqual(found)
  })

  it('of transactions, some of them empty', async () => {
    const { api } = await connector({ ordersPerDay: 2 })
    const window = { postedAfter: ago(20 * DAY), postedBefore: ago(10 * DAY), marketplaceId: DE }
    const found = await countOf(api.pages(listTransactions, window), ({ payload }) => payload?.transactions)
    expect(found.rows).toBeGreaterThan(10)
    expect(found.pages).toBeGreaterThan(found.rows)
  })

  it('of reports and feeds, whose token stands alone', async () => {
    const { api, control } = await connector()
    await control('processing', { queueSeconds: 0, processingSeconds: 0 })
    const reportType = 'GET_MERCHANT_LISTINGS_ALL_DATA'
    for (let i = 0; i < 5; i++) await api.call(createReport, { body: { reportType, marketplaceIds: [US] } })
    const reports = api.pages(getReports, { reportTypes: [reportType], pageSize: 2 })
    expect(await countOf(reports, (body) => body.reports)).toEqual({ pages: 3, rows: 5 })
    const feedType = 'JSON_LISTINGS_FEED'
    for (let i = 0; i < 3; i++) {
      const made = await api.call(createFeedDocument, { body: { contentType: 'application/json' } })
      const { feedDocumentId: inputFeedDocumentId } = made.body
      await api.call(createFeed, { body: { feedType, marketplaceIds: [US], inputFeedDocumentId } })
    }
    const feeds = api.pages(getFeeds, { feedTypes: [feedType], pageSize: 2 })
    expect(await countOf(feeds, (body) => body.feeds)).toEqual({ pages: 2, rows: 3 })
  })

  it('of queries and of summaries', async () => {
    const { api } = await connector()
    const query = `{ analytics_salesAndTraffic_2024_04_24 { salesAndTrafficByDate(aggregateBy: DAY, startDate: "2026-01-01", endDate: "2026-01-02", marketplaceIds: ["${US}"]) { startDate } } }`
    for (let i = 0; i < 3; i++) await api.call(createQuery, { body: { query } })
    expect(await countOf(api.pages(getQueries, { pageSize: 2 }), (body) => body.queries)).toEqual({
      pages: 2,
      rows: 3,
    })
    const period = { marketplaceIds: [DE], periodStart: ago(200 * DAY), periodEnd: ago(20 * DAY) }
    const summaries = await countOf(api.pages(listSummary, period), (body) => body.summaries)
    expect(summaries.rows).toBeGreaterThan(12)
    expect(summaries.pages).toBe(2)
  })

  it('of inbound plans and of the shipments of v0', async () => {
    const { api } = await connector()
    const plans = await countOf(api.pages(listInboundPlans, { pageSize: 30 }), (body) => body.inboundPlans)
    expect(plans.pages).toBeGreaterThan(2)
    const range = { LastUpdatedAfter: '2025-01-01T00:00:00Z', LastUpdatedBefore: ago(0) }
    const wish = { ...range, QueryType: 'DATE_RANGE', MarketplaceId: US } as const
    const shipments = await countOf(api.pages(getShipments, wish), ({ payload }) => payload?.ShipmentData)
    const items = await countOf(api.pages(getShipmentItems, wish), ({ payload }) => payload?.ItemData)
    expect(items.rows).toBeGreaterThan(shipments.rows)
    expect(items.pages).toBeGreaterThan(1)
  })
})

it('answers of single calls pass the connector’s checks', async () => {
  const { api } = await connector()
  const { body: account } = await api.call(getAccount, {})
  expect(account.payload?.marketplaceParticipationList).toHaveLength(23)
  const interval = `${ago(2 * DAY)}--${ago(DAY)}`
  const metrics = await api.call(getOrderMetrics, { marketplaceIds: [US], interval, granularity: 'Total' })
  expect(metrics.body.payload?.[0]?.orderCount).toBeGreaterThan(10)
  const search = { createdAfter: ago(DAY), marketplaceIds: [US], maxResultsPerPage: 1 }
  const { orderId = '' } = (await api.call(searchOrders, search)).body.orders[0] ?? {}
  expect((await api.call(getOrder, { orderId, includedData: ['PROCEEDS', 'TAX'] })).body.order.orderId).toBe(
    orderId,
  )
  expect((await api.call(getOrderItems, { orderId })).body.payload?.AmazonOrderId).toBe(orderId)
  expect((await api.call(listBalances, { marketplaceIds: [US] })).body.balances).toHaveLength(5)
  const { inboundPlans = [] } = (await api.call(listInboundPlans, {})).body
  const inboundPlanId = inboundPlans[0]?.inboundPlanId ?? ''
  const plan = (await api.call(getInboundPlan, { inboundPlanId })).body
  const shipmentId = plan.shipments?.[0]?.shipmentId ?? ''
  expect((await api.call(getShipment, { inboundPlanId, shipmentId })).body.shipmentId).toBe(shipmentId)
  expect((await api.call(listInboundPlanItems, { inboundPlanId })).body.items.length).toBeGreaterThan(0)
  const report = { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: [US] }
  const { reportId } = (await api.call(createReport, { body: report })).body
  expect((await api.call(getReport, { reportId })).body.processingStatus).toBe('IN_QUEUE')
})

it('notifications are set up with the two kinds of tokens, by the connector itself', async () => {
  const { api } = await connector()
  const resourceSpecification = { sqs: { arn: 'arn:aws:sqs:us-east-2:444455556666:offers' } }
  const made = await api.call(createDestination, { body: { name: 'mine', resourceSpecification } })
  const destinationId = made.body.payload?.destinationId ?? ''
  const body = { payloadVersion: '1.0', destinationId }
  await api.call(createSubscription, { notificationType: 'ANY_OFFER_CHANGED', body })
  const listed = await api.call(getSubscriptions, { notificationTypes: ['ANY_OFFER_CHANGED'] })
  expect(listed.body.payload?.subscriptions).toHaveLength(1)
  expect((await api.call(getDestinations, {})).body.payload).toHaveLength(1)
})
