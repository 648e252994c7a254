/** Reports in rows: tab-separated, a header of column names, nothing quoted. */

import type { Marketplace } from '../../marketplaces.ts'
import { toText } from '../../seller/money.ts'
import type { Order, OrderLine } from '../../seller/orders.ts'
import type { Charset } from '../documents/charset.ts'
import { withOffset } from '../times.ts'
import type { ReportRequest } from './report-request.ts'
import { listedTitle } from './titles.ts'

export type Column<T> = readonly [name: string, value: (row: T) => string | number]

/** Japan's flat files are in Shift_JIS, all others in Windows-1252. */
export const flatCharset = (marketplace: Marketplace): Charset =>
  marketplace.countryCode === 'JP' ? 'shift_jis' : 'windows-1252'

/** The lines of a table. A tab or a line break inside a value would break the row, so Amazon has neither there. */
export function* table<T>(columns: readonly Column<T>[], rows: Iterable<T>, end: string): Generator<string> {
  yield columns.map(([name]) => name).join('\t') + end
  for (const row of rows) yield columns.map(([, value]) => value(row)).join('\t') + end
}

export const none = () => ''

export interface Ordered {
  readonly order: Order
  readonly line: OrderLine
}

/** The lines of the orders of a window, by creation or by last change. */
export function* orderLines(
  { seller, marketplaces, start, end, asOf }: ReportRequest,
  by: 'created' | 'updated',
): Generator<Ordered> {
  for (const marketplace of marketplaces)
    for (const order of seller.orders[by](marketplace, start, end, asOf))
      for (const line of order.lines) yield { order, line }
}

/** Order statuses as flat files and XML write them. */
export const orderStatus = ({ status }: Order): string =>
  ({ PENDING: 'Pending', UNSHIPPED: 'Unshipped', SHIPPED: 'Shipped', CANCELLED: 'Cancelled' })[status]

/** Amounts are empty while an order is pending, as Amazon leaves them. */
const settled = (value: (row: Ordered) => string) => (row: Ordered) =>
  row.order.status === 'PENDING' ? '' : value(row)

export const orderColumns: readonly Column<Ordered>[] = [
  ['amazon-order-id', ({ order }) => order.id],
  ['merchant-order-id', none],
  ['purchase-date', ({ order }) => withOffset(order.createdAt)],
  ['last-updated-date', ({ order }) => withOffset(order.lastUpdatedAt)],
  ['order-status', ({ order }) => orderStatus(order)],
  ['fulfillment-channel', ({ order }) => (order.channel === 'AFN' ? 'Amazon' : 'Merchant')],
  ['sales-channel', ({ order }) => order.marketplace.name],
  ['order-channel', none],
  ['ship-service-level', ({ order }) => (order.prime ? 'Expedited' : 'Standard')],
  ['product-name', ({ order, line }) => listedTitle(line.offering, order.marketplace)],
  ['sku', ({ line }) => line.offering.sku],
  ['asin', ({ line }) => line.offering.asin],
  ['item-status', ({ order }) => orderStatus(order)],
  ['quantity', ({ order, line }) => (order.status === 'CANCELLED' ? 0 : line.quantity)],
  ['currency', settled(({ line }) => line.price.currency)],
  ['item-price', settled(({ line }) => toText(line.price))],
  ['item-tax', settled(({ line }) => toText(line.tax))],
  ['shipping-price', none],
  ['shipping-tax', none],
  ['gift-wrap-price', none],
  ['gift-wrap-tax', none],
  ['item-promotion-discount', none],
  ['ship-promotion-discount', none],
  ['ship-city', ({ order }) => order.buyer.city],
  ['ship-state', ({ order }) => order.buyer.region],
  ['ship-postal-code', ({ order }) => order.buyer.postalCode],
  ['ship-country', ({ order }) => order.buyer.countryCode],
  ['promotion-ids', none],
  ['is-business-order', ({ order }) => String(order.business)],
  ['purchase-order-number', none],
  ['price-designation', ({ order }) => (order.business ? 'Business Price' : '')],
]

/** What a seller needs to send an order: it names the buyer, so that only a restricted data token opens it. */
export const shippingColumns: readonly Column<Ordered>[] = [
  ['order-id', ({ order }) => order.id],
  ['order-item-id', ({ line }) => line.orderItemId],
  ['purchase-date', ({ order }) => withOffset(order.createdAt)],
  ['payments-date', ({ order }) => withOffset(order.createdAt)],
  ['buyer-email', ({ order }) => order.buyer.email],
  ['buyer-name', ({ order }) => order.buyer.name],
  ['buyer-phone-number', ({ order }) => order.buyer.phone],
  ['sku', ({ line }) => line.offering.sku],
  ['product-name', ({ order, line }) => listedTitle(line.offering, order.marketplace)],
  ['quantity-purchased', ({ line }) => line.quantity],
  ['currency', ({ line }) => line.price.currency],
  ['item-price', ({ line }) => toText(line.price)],
  ['item-tax', ({ line }) => toText(line.tax)],
  ['shipping-price', none],
  ['shipping-tax', none],
  ['ship-service-level', () => 'Standard'],
  ['recipient-name', ({ order }) => order.buyer.name],
  ['ship-address-1', ({ order }) => order.buyer.street],
  ['ship-address-2', none],
  ['ship-address-3', none],
  ['ship-city', ({ order }) => order.buyer.city],
  ['ship-state', ({ order }) => order.buyer.region],
  ['ship-postal-code', ({ order }) => order.buyer.postalCode],
  ['ship-country', ({ order }) => order.buyer.countryCode],
  ['ship-phone-number', ({ order }) => order.buyer.phone],
]

const REASONS = ['UNWANTED_ITEM', 'DEFECTIVE', 'ORDERED_WRONG_ITEM', 'NOT_AS_DESCRIBED', 'DAMAGED_BY_CARRIER']

/** Lines of orders that Amazon sent and that came back within the window. */
export function* returnedLines(request: ReportRequest): Generator<Ordered> {
  const { seller, marketplaces, start, end, asOf } = request
  for (const marketplace of marketplaces)
    for (const order of seller.orders.returned(marketplace, start, end, asOf))
      if (order.channel === 'AFN') for (const line of order.lines) yield { order, line }
}

export const returnColumns: readonly Column<Ordered>[] = [
  ['return-date', ({ order }) => withOffset(order.returnedAt ?? 0)],
  ['order-id', ({ order }) => order.id],
  ['sku', ({ line }) => line.offering.sku],
  ['asin', ({ line }) => line.offering.asin],
  ['fnsku', ({ line }) => line.offering.fnsku ?? ''],
  ['product-name', ({ order, line }) => listedTitle(line.offering, order.marketplace)],
  ['quantity', ({ line }) => line.quantity],
  ['fulfillment-center-id', ({ order }) => `SIM${order.hash % 9}`],
  ['detailed-disposition', ({ order }) => (order.hash % 3 === 0 ? 'CUSTOMER_DAMAGED' : 'SELLABLE')],
  ['reason', ({ order }) => REASONS[order.hash % REASONS.length] as string],
  ['status', () => 'Unit returned to inventory'],
  ['license-plate-number', ({ order }) => `LPN${order.hash.toString(36).toUpperCase()}`],
  ['customer-comments', none],
]
