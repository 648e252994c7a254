/** Sales and traffic as JSON: `GET_SALES_AND_TRAFFIC_REPORT` (schema `sellerSalesAndTrafficReport`), and Data Kiosk's rows. */

import { combine } from '../../catalogue/hash.ts'
import type { Marketplace } from '../../marketplaces.ts'
import { DAY_MS, type Offering } from '../../seller/assortment.ts'
import { type Money, toNumber } from '../../seller/money.ts'
import type { OrderBook } from '../../seller/orders.ts'
import { Sales } from '../../seller/sales.ts'
import type { ReportRequest } from './report-request.ts'

const SALT = { views: 95, mobile: 96 }
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
const amount = (money: Money) => ({ amount: toNumber(money), currencyCode: money.currency })
const share = (part: number, whole: number) => (whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100)

/** Views of a product's page: more than it sells. */
function traffic(hash: number, units: number) {
  const sessions = units * 8 + (combine(hash, SALT.views) % 40)
  const mobileAppSessions = Math.floor((sessions * (30 + (combine(hash, SALT.mobile) % 40))) / 100)
  const [pageViews, mobileAppPageViews] = [sessions * 2, mobileAppSessions * 2]
  return {
    browserPageViews: pageViews - mobileAppPageViews,
    mobileAppPageViews,
    pageViews,
    browserSessions: sessions - mobileAppSessions,
    mobileAppSessions,
    sessions,
    buyBoxPercentage: 60 + (hash % 40),
  }
}

/** What was sold in a window: by key of `dayOf` (a day unless told otherwise), and by SKU. Cancelled orders do not count. */
export function collectSales(
  orders: OrderBook,
  marketplace: Marketplace,
  { start, end, asOf }: { readonly start: number; readonly end: number; readonly asOf: number },
  dayOf: (ms: number) => string = day,
) {
  const days = new Map<string, Sales>()
  const first = Math.floor(start / DAY_MS) * DAY_MS
  for (let at = first; at <= end; at += DAY_MS)
    if (!days.has(dayOf(at))) days.set(dayOf(at), new Sales(marketplace.currency))
  const products = new Map<string, { offering: Offering; sales: Sales }>()
  for (const order of orders.created(marketplace, start, end, asOf)) {
    if (order.status === 'CANCELLED') continue
    days.get(dayOf(order.createdAt))?.add(order, order.lines)
    for (const line of order.lines) {
      const { offering } = line
      const product = products.get(offering.sku) ?? { offering, sales: new Sales(marketplace.currency) }
      products.set(offering.sku, product)
      product.sales.add(order, [line])
    }
  }
  return { days, products }
}

/** The report, by day and by child ASIN. */
export function* salesAndTraffic(request: ReportRequest): Generator<string> {
  const { seller, marketplaces, start, end, options } = request
  const { asinGranularity = 'PARENT' } = options
  const { days, products } = collectSales(seller.orders, marketplaces[0] as Marketplace, request)
  const reportSpecification = {
    reportType: 'GET_SALES_AND_TRAFFIC_REPORT',
    reportOptions: { dateGranularity: 'DAY', asinGranularity },
    dataStartTime: day(start),
    dataEndTime: day(end),
    marketplaceIds: marketplaces.map(({ id }) => id),
  }
  yield `{"reportSpecification":${JSON.stringify(reportSpecification)},"salesAndTrafficByDate":[`
  yield* joined([...days].map(([date, sales]) => byDate(date, sales)))
  yield '],"salesAndTrafficByAsin":['
  yield* joined([...products.values()].map(({ offering, sales }) => byAsin(offering, sales, options)))
  yield ']}'
}

function* joined(values: readonly object[]): Generator<string> {
  for (const [i, value] of values.entries()) yield `${i === 0 ? '' : ','}${JSON.stringify(value)}`
}

function byDate(date: string, sales: Sales): object {
  return { date, salesByDate: salesByDate(sales), trafficByDate: trafficByDate(date, sales) }
}

export const salesByDate = (sales: Sales) => ({
  orderedProductSales: amount(sales.ordered),
  unitsOrdered: sales.units,
  totalOrderItems: sales.items,
  averageSalesPerOrderItem: amount(sales.each(sales.items)),
  averageUnitsPerOrderItem: sales.items === 0 ? 0 : Math.round((sales.units / sales.items) * 100) / 100,
  averageSellingPrice: amount(sales.each(sales.units)),
  unitsRefunded: 0,
  refundRate: 0,
  claimsGranted: 0,
  claimsAmount: amount({ ...sales.ordered, amount: 0 }),
  shippedProductSales: amount(sales.shipped),
  unitsShipped: sales.shippedUnits,
  ordersShipped: sales.ordersShipped,
})

export function trafficByDate(date: string, sales: Sales) {
  const seen = traffic(Date.parse(date) / DAY_MS, sales.units)
  return {
    ...seen,
    orderItemSessionPercentage: share(sales.items, seen.sessions),
    unitSessionPercentage: share(sales.units, seen.sessions),
    averageOfferCount: 100,
    averageParentItems: 60,
    feedbackReceived: 0,
    negativeFeedbackReceived: 0,
    receivedNegativeFeedbackRate: 0,
  }
}

function byAsin(offering: Offering, sales: Sales, { asinGranularity }: ReportRequest['options']): object {
  return {
    ...asinFields(offering, asinGranularity ?? 'PARENT'),
    salesByAsin: {
      unitsOrdered: sales.units,
      orderedProductSales: amount(sales.ordered),
      totalOrderItems: sales.items,
    },
    trafficByAsin: trafficByAsin(offering, sales),
  }
}

/** Items have no variations here, so that each is its own parent. */
export const asinFields = ({ asin, sku }: Offering, granularity: string) => ({
  parentAsin: asin,
  ...(granularity === 'PARENT' ? {} : { childAsin: asin }),
  ...(granularity === 'SKU' ? { sku } : {}),
})

export function trafficByAsin({ hash }: Offering, sales: Sales) {
  const seen = traffic(hash, sales.units)
  return {
    ...seen,
    browserSessionPercentage: share(seen.browserSessions, seen.sessions),
    mobileAppSessionPercentage: share(seen.mobileAppSessions, seen.sessions),
    sessionPercentage: 100,
    browserPageViewsPercentage: share(seen.browserPageViews, seen.pageViews),
    mobileAppPageViewsPercentage: share(seen.mobileAppPageViews, seen.pageViews),
    pageViewsPercentage: 100,
    unitSessionPercentage: share(sales.units, seen.sessions),
  }
}
