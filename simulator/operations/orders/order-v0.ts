/** An order as Orders v0 shows it (model `ordersV0`). Who bought it is shown for a restricted data token only. */

import { type Money, toText } from '../../seller/money.ts'
import type { Order, OrderLine, OrderStatus } from '../../seller/orders.ts'
import { listedTitle } from '../reports/titles.ts'
import { inUtc as time } from '../times.ts'

const DAY = 86_400_000
const money = (amount: Money) => ({ CurrencyCode: amount.currency, Amount: toText(amount) })

export const v0Statuses: Readonly<Record<OrderStatus, string>> = {
  PENDING: 'Pending',
  UNSHIPPED: 'Unshipped',
  SHIPPED: 'Shipped',
  CANCELLED: 'Canceled',
}

/** The order with what `elements` (of a restricted data token) allow to be seen of its buyer. */
export function orderFields(order: Order, elements: ReadonlySet<string>): object {
  const { status, lines, channel, shipBy, marketplace } = order
  const units = lines.reduce((all, { quantity }) => all + quantity, 0)
  const settled = status !== 'PENDING'
  return {
    AmazonOrderId: order.id,
    PurchaseDate: time(order.createdAt),
    LastUpdateDate: time(order.lastUpdatedAt),
    OrderStatus: v0Statuses[status],
    FulfillmentChannel: channel,
    SalesChannel: marketplace.name,
    ShipServiceLevel: order.prime ? 'Expedited' : 'Std US D2D Dom',
    ...(settled ? { OrderTotal: money(order.total) } : {}),
    NumberOfItemsShipped: status === 'SHIPPED' ? units : 0,
    NumberOfItemsUnshipped: status === 'SHIPPED' || status === 'CANCELLED' ? 0 : units,
    PaymentMethod: 'Other',
    PaymentMethodDetails: ['Standard'],
    MarketplaceId: marketplace.id,
    ShipmentServiceLevelCategory: order.prime ? 'Expedited' : 'Standard',
    OrderType: 'StandardOrder',
    EarliestShipDate: time(order.createdAt),
    LatestShipDate: time(shipBy),
    EarliestDeliveryDate: time(shipBy + DAY),
    LatestDeliveryDate: time(shipBy + 4 * DAY),
    IsBusinessOrder: order.business,
    IsPrime: order.prime,
    IsPremiumOrder: false,
    IsGlobalExpressEnabled: false,
    IsReplacementOrder: false,
    IsSoldByAB: false,
    IsISPU: false,
    IsAccessPointOrder: false,
    HasRegulatedItems: isRegulated(order),
    BuyerInfo: elements.has('buyerInfo') && settled ? buyerFields(order) : {},
    ...(settled ? { ShippingAddress: addressFields(order, elements.has('shippingAddress')) } : {}),
  }
}

/** Few orders are of goods that the seller must look into before it sends them. */
export const isRegulated = ({ channel, hash }: Order): boolean => channel === 'MFN' && hash % 20 === 0

export const buyerFields = ({ buyer: { name, email } }: Order) => ({ BuyerEmail: email, BuyerName: name })

/** Where it goes: the whole address, or the part that names nobody. */
export function addressFields({ buyer }: Order, whole: boolean): object {
  return {
    ...(whole ? { Name: buyer.name, AddressLine1: buyer.street, Phone: buyer.phone } : {}),
    City: buyer.city,
    ...(buyer.region === '' ? {} : { StateOrRegion: buyer.region }),
    PostalCode: buyer.postalCode,
    CountryCode: buyer.countryCode,
  }
}

export function lineFields(order: Order, line: OrderLine): object {
  const { offering, quantity, price, tax, orderItemId } = line
  const settled = order.status !== 'PENDING'
  return {
    ASIN: offering.asin,
    SellerSKU: offering.sku,
    OrderItemId: orderItemId,
    Title: listedTitle(offering, order.marketplace),
    QuantityOrdered: order.status === 'CANCELLED' ? 0 : quantity,
    QuantityShipped: order.status === 'SHIPPED' ? quantity : 0,
    ProductInfo: { NumberOfItems: '1' },
    ...(settled ? { ItemPrice: money(price), ItemTax: money(tax) } : {}),
    IsGift: 'false',
    ConditionId: 'New',
    ConditionSubtypeId: 'New',
    IsTransparency: false,
    SerialNumberRequired: false,
  }
}
