/** ORDER_CHANGE: what has become of a seller's orders (schema `OrderChangeNotification`). */

import { type Marketplace, marketplaces } from '../../marketplaces.ts'
import type { Order } from '../../seller/orders.ts'
import type { Seller } from '../../seller/seller.ts'
import { v0Statuses } from '../orders/order-v0.ts'
import type { Happening, Subscription } from './notification-store.ts'

/** Further back nobody is told: Amazon does not send again what was not fetched either. */
const LONGEST_MS = 86_400_000

/** The orders that changed after a time, until `now`. One that changed twice is told of once, as it is. */
export function orderChanges(
  { directive }: Pick<Subscription, 'directive'>,
  seller: Seller,
  after: number,
  now: number,
): Happening[] {
  const wanted = wantedMarketplaces(directive)
  const from = Math.max(after + 1, now - LONGEST_MS)
  const changed = wanted.flatMap((marketplace) => [...seller.orders.updated(marketplace, from, now, now)])
  changed.sort((a, b) => a.lastUpdatedAt - b.lastUpdatedAt)
  return changed.map((order) => ({
    type: 'ORDER_CHANGE',
    seller: seller.name,
    at: order.lastUpdatedAt,
    payload: { OrderChangeNotification: changeOf(order, seller.merchantId) },
  }))
}

/** Those of the subscription's event filter, or all. */
function wantedMarketplaces(directive: object | null): readonly Marketplace[] {
  const { eventFilter } = (directive ?? {}) as { eventFilter?: { marketplaceIds?: readonly unknown[] } }
  const ids = eventFilter?.marketplaceIds
  const all = [...marketplaces.values()]
  return ids === undefined ? all : all.filter(({ id }) => ids.includes(id))
}

function changeOf(order: Order, sellerId: string): object {
  const { status, lines } = order
  const shipped = status === 'SHIPPED'
  const units = lines.reduce((all, { quantity }) => all + quantity, 0)
  return {
    NotificationLevel: 'OrderLevel',
    SellerId: sellerId,
    AmazonOrderId: order.id,
    OrderChangeType: 'OrderStatusChange',
    OrderChangeTrigger: {
      TimeOfOrderChange: new Date(order.lastUpdatedAt).toISOString(),
      ChangeReason: 'Order Status Change',
    },
    Summary: {
      MarketplaceId: order.marketplace.id,
      OrderStatus: v0Statuses[status],
      PurchaseDate: new Date(order.createdAt).toISOString(),
      DestinationPostalCode: order.buyer.postalCode,
      FulfillmentType: order.channel,
      OrderType: 'StandardOrder',
      NumberOfItemsShipped: shipped ? units : 0,
      NumberOfItemsUnshipped: shipped || status === 'CANCELLED' ? 0 : units,
      OrderItems: lines.map(({ orderItemId, offering, quantity }) => ({
        OrderItemId: orderItemId,
        SellerSKU: offering.sku,
        SupplySourceId: null,
        OrderItemStatus: shipped ? 'Shipped' : 'Unshipped',
        Quantity: quantity,
        QuantityShipped: shipped ? quantity : 0,
      })),
    },
  }
}
