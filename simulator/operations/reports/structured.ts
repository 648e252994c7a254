/** Reports that are no tables: JSON (sales and traffic) and XML (all orders). */

import { combine } from '../../catalogue/hash.ts'
import type { Marketplace } from '../../marketplaces.ts'
import { DAY_MS, type Offering } from '../../seller/assortment.ts'
import { type Money, toNumber, toText } from '../../seller/money.ts'
import type { Order } from '../../seller/orders.ts'
import { Sales } from '../../seller/sales.ts'
import { withOffset } from '../times.ts'
import { orderStatus } from './flat-files.ts'
import type { ReportRequest } from './report-request.ts'
import { listedTitle } from './titles.ts'

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

/** `GET_SALES_AND_TRAFFIC_REPORT` (schema `sellerSalesAndTrafficReport`), by day and by child ASIN. */
export function* salesAndTraffic(request: ReportRequest): Generator<string> {
  const { seller, marketplaces, start, end, asOf, options } = request
  const { asinGranularity = 'PARENT' } = options
  const marketplace = marketplaces[0] as Marketplace
  const days = new Map<string, Sales>()
  for (let at = start; at <= end; at += DAY_MS) days.set(day(at), new Sales(marketplace.currency))
  const products = new Map<string, { offering: Offering; sales: Sales }>()
  for (const order of seller.orders.created(marketplace, start, end, asOf)) {
    const date = days.get(day(order.createdAt))
    if (order.status === 'CANCELLED' || date === undefined) continue
    date.add(order, order.lines)
    for (const line of order.lines) {
      const { offering } = line
      const product = products.get(offering.sku) ?? { offering, sales: new Sales(marketplace.currency) }
      products.set(offering.sku, product)
      product.sales.add(order, [line])
    }
  }
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
  const seen = traffic(Date.parse(date) / DAY_MS, sales.units)
  return {
    date,
    salesByDate: {
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
    },
    trafficByDate: {
      ...seen,
      orderItemSessionPercentage: share(sales.items, seen.sessions),
      unitSessionPercentage: share(sales.units, seen.sessions),
      averageOfferCount: 100,
      averageParentItems: 60,
      feedbackReceived: 0,
      negativeFeedbackReceived: 0,
      receivedNegativeFeedbackRate: 0,
    },
  }
}

function byAsin(offering: Offering, sales: Sales, { asinGranularity }: ReportRequest['options']): object {
  const seen = traffic(offering.hash, sales.units)
  return {
    parentAsin: offering.asin,
    ...(asinGranularity === 'CHILD' || asinGranularity === 'SKU' ? { childAsin: offering.asin } : {}),
    ...(asinGranularity === 'SKU' ? { sku: offering.sku } : {}),
    salesByAsin: {
      unitsOrdered: sales.units,
      orderedProductSales: amount(sales.ordered),
      totalOrderItems: sales.items,
    },
    trafficByAsin: {
      ...seen,
      browserSessionPercentage: share(seen.browserSessions, seen.sessions),
      mobileAppSessionPercentage: share(seen.mobileAppSessions, seen.sessions),
      sessionPercentage: 100,
      browserPageViewsPercentage: share(seen.browserPageViews, seen.pageViews),
      mobileAppPageViewsPercentage: share(seen.mobileAppPageViews, seen.pageViews),
      pageViewsPercentage: 100,
      unitSessionPercentage: share(sales.units, seen.sessions),
    },
  }
}

const escapes: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' }
const text = (value: string) => value.replace(/[<>&"]/g, (letter) => escapes[letter] as string)

/** `GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL`: the orders of `orders` in Amazon's envelope. */
export function* allOrdersXml(orders: Iterable<Order>): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="amzn-envelope.xsd">\n<Header><DocumentVersion>1.00</DocumentVersion></Header>\n<MessageType>AllOrdersReport</MessageType>\n'
  for (const order of orders) {
    yield `<Message>\n<Order>\n<AmazonOrderID>${order.id}</AmazonOrderID>\n<PurchaseDate>${withOffset(order.createdAt)}</PurchaseDate>\n<LastUpdatedDate>${withOffset(order.lastUpdatedAt)}</LastUpdatedDate>\n<OrderStatus>${orderStatus(order)}</OrderStatus>\n<SalesChannel>${order.marketplace.name}</SalesChannel>\n<FulfillmentData><FulfillmentChannel>${order.channel === 'AFN' ? 'Amazon' : 'Merchant'}</FulfillmentChannel><ShipServiceLevel>Standard</ShipServiceLevel><Address><City>${text(order.buyer.city)}</City><State>${text(order.buyer.region)}</State><PostalCode>${order.buyer.postalCode}</PostalCode><Country>${order.buyer.countryCode}</Country></Address></FulfillmentData>\n`
    for (const { offering, quantity, price, tax, orderItemId } of order.lines) {
      yield `<OrderItem><AmazonOrderItemCode>${orderItemId}</AmazonOrderItemCode><ASIN>${offering.asin}</ASIN><SKU>${text(offering.sku)}</SKU><ItemStatus>${orderStatus(order)}</ItemStatus><ProductName>${text(listedTitle(offering, order.marketplace))}</ProductName><Quantity>${quantity}</Quantity><ItemPrice><Component><Type>Principal</Type><Amount currency="${price.currency}">${toText(price)}</Amount></Component><Component><Type>Tax</Type><Amount currency="${tax.currency}">${toText(tax)}</Amount></Component></ItemPrice></OrderItem>\n`
    }
    yield '</Order>\n</Message>\n'
  }
  yield '</AmazonEnvelope>\n'
}
