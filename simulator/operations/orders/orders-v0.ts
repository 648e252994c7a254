/** Orders v0 (model `ordersV0`): the reads, which Amazon has deprecated and everybody still uses, and confirmShipment. */

import { noContent, ok, unauthorized } from '../../answer.ts'
import { dataElementsOf } from '../../restricted-data.ts'
import type { Order, OrderStatus } from '../../seller/orders.ts'
import { sellerOf } from '../../seller/seller.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import * as fields from '../fields.ts'
import { type Operation, type OperationRequest, Refusal } from '../operation.ts'
import { isObject, list, readMarketplaces, readObject, single, whole } from '../parameters.ts'
import { onOrder, readPlan } from './on-order.ts'
import { type OrderQuery, orderPage, type Position } from './order-page.ts'
import { addressFields, buyerFields, lineFields, orderFields, v0Statuses } from './order-v0.ts'
import { readWindow } from './orders-2026.ts'
import { getOrderRegulatedInfo, updateVerificationStatus } from './regulated.ts'

const ORDER = '/orders/v0/orders/{orderId}'
const MAX_PAGE_SIZE = 100
const MAX_IDS = 50
const TOKEN_LIFE_MS = 86_400_000
/** Of the model; those that these orders never have find none. */
const OTHER_STATUSES = ['PartiallyShipped', 'Unfulfillable', 'InvoiceUnconfirmed', 'PendingAvailability']

interface Cursor {
  readonly query: OrderQuery
  readonly from: Position
}

const getOrders: Operation = {
  name: 'getOrders',
  method: 'GET',
  path: '/orders/v0/orders',
  plan: { rate: 0.0167, burst: 20, appRate: null },
  answer(request, world) {
    const { query, caller } = request
    const now = world.date().getTime()
    const { orders: book } = sellerOf(caller, world)
    const elements = dataElementsOf(caller)
    const show = (order: Order) => orderFields(order, elements)
    readMarketplaces(query, MAX_IDS, 'MarketplaceIds')
    const ids = list(query, 'AmazonOrderIds', MAX_IDS)
    if (ids.length > 0) {
      const orders = ids.map((id) => book.byId(id, now)).filter((order) => order !== null)
      return ok({ payload: { Orders: orders.map(show) } })
    }
    const token = single(query, 'NextToken')
    const cursor =
      token === null
        ? null
        : openCursor<Cursor>('getOrders', token, 'NextToken', { now, lifeMs: TOKEN_LIFE_MS })
    const wanted = cursor?.query ?? readQuery(query, now)
    const { orders, end } = orderPage(book, wanted, cursor?.from ?? null, now)
    const bound = new Date(wanted.before).toISOString()
    return ok({
      payload: {
        Orders: orders.map(show),
        ...(end === null ? {} : { NextToken: sealCursor('getOrders', { query: wanted, from: end }, now) }),
        ...(wanted.by === 'created' ? { CreatedBefore: bound } : { LastUpdatedBefore: bound }),
      },
    })
  },
}

function readQuery(query: URLSearchParams, now: number): OrderQuery {
  const window = readWindow(query, now, {
    created: ['CreatedAfter', 'CreatedBefore'],
    updated: ['LastUpdatedAfter', 'LastUpdatedBefore'],
  })
  const known = new Map(Object.entries(v0Statuses).map(([status, name]) => [name, status as OrderStatus]))
  const names = list(query, 'OrderStatuses', 8)
  if (!names.every((name) => known.has(name) || OTHER_STATUSES.includes(name)))
    throw new Refusal("Invalid 'OrderStatuses' provided.")
  const channels = list(query, 'FulfillmentChannels', 2)
  if (!channels.every((channel) => channel === 'AFN' || channel === 'MFN'))
    throw new Refusal("Invalid 'FulfillmentChannels' provided.")
  return {
    ...window,
    marketplaceIds: readMarketplaces(query, MAX_IDS, 'MarketplaceIds').map(({ id }) => id),
    statuses: names.map((name) => known.get(name) ?? (name as OrderStatus)),
    channels,
    pageSize: whole(query, 'MaxResultsPerPage', { min: 1, max: MAX_PAGE_SIZE, absent: MAX_PAGE_SIZE }),
  }
}

/** Restricted as a whole: without a restricted data token there is nothing to see. */
function restricted(show: (order: Order) => object) {
  return (order: Order, { caller }: OperationRequest) =>
    caller.restricted === null ? unauthorized('') : ok({ payload: show(order) })
}

const read = (name: string, tail: string) => ({
  name,
  method: 'GET' as const,
  path: `${ORDER}${tail}`,
  plan: readPlan,
})

const getOrder = onOrder(read('ordersV0.getOrder', ''), (order, { caller }) =>
  ok({ payload: orderFields(order, dataElementsOf(caller)) }),
)

const getOrderBuyerInfo = onOrder(
  read('getOrderBuyerInfo', '/buyerInfo'),
  restricted((order) => ({ AmazonOrderId: order.id, ...buyerFields(order) })),
)

const getOrderAddress = onOrder(
  read('getOrderAddress', '/address'),
  restricted((order) => ({ AmazonOrderId: order.id, ShippingAddress: addressFields(order, true) })),
)

const getOrderItems = onOrder(read('getOrderItems', '/orderItems'), (order) =>
  ok({
    payload: { AmazonOrderId: order.id, OrderItems: order.lines.map((line) => lineFields(order, line)) },
  }),
)

const getOrderItemsBuyerInfo = onOrder(
  read('getOrderItemsBuyerInfo', '/orderItems/buyerInfo'),
  restricted((order) => ({
    AmazonOrderId: order.id,
    OrderItems: order.lines.map(({ orderItemId }) => ({ OrderItemId: orderItemId })),
  })),
)

const confirmShipment = onOrder(
  {
    name: 'confirmShipment',
    method: 'POST',
    path: `${ORDER}/shipmentConfirmation`,
    plan: { rate: 2, burst: 10, appRate: null },
  },
  (order, request, world) => {
    const body = readObject(request)
    if (fields.text(body, 'marketplaceId') !== order.marketplace.id)
      throw new Refusal("Invalid 'marketplaceId' provided.")
    const { packageDetail } = body
    if (!isObject(packageDetail)) throw new Refusal("Missing required 'packageDetail'.")
    if (order.channel === 'AFN') throw new Refusal('The order is fulfilled by Amazon.')
    if (order.status === 'CANCELLED') throw new Refusal('The order was cancelled.')
    checkItems(packageDetail.orderItems, order)
    fields.text(packageDetail, 'shipDate')
    sellerOf(request.caller, world).orders.confirm(order.id, {
      at: world.date().getTime(),
      packageReferenceId: fields.text(packageDetail, 'packageReferenceId'),
      carrierCode: fields.text(packageDetail, 'carrierCode'),
      shippingMethod: fields.optionalText(packageDetail, 'shippingMethod') ?? '',
      trackingNumber: fields.text(packageDetail, 'trackingNumber'),
    })
    return noContent()
  },
)

/** For orders that the buyer comes for: one that was picked up is sent. */
const updateShipmentStatus = onOrder(
  {
    name: 'updateShipmentStatus',
    method: 'POST',
    path: `${ORDER}/shipment`,
    plan: { rate: 5, burst: 15, appRate: null },
  },
  (order, request, world) => {
    const body = readObject(request)
    if (fields.text(body, 'marketplaceId') !== order.marketplace.id)
      throw new Refusal("Invalid 'marketplaceId' provided.")
    const status = fields.text(body, 'shipmentStatus')
    if (!['ReadyForPickup', 'PickedUp', 'RefusedPickup'].includes(status))
      throw new Refusal("Invalid 'shipmentStatus' provided.")
    if (body.orderItems !== undefined) checkItems(body.orderItems, order)
    if (order.channel === 'AFN') throw new Refusal('The order is fulfilled by Amazon.')
    if (order.status === 'CANCELLED') throw new Refusal('The order was cancelled.')
    if (status === 'PickedUp') {
      const shipment = {
        packageReferenceId: '1',
        carrierCode: 'Self',
        shippingMethod: 'Pickup',
        trackingNumber: '',
      }
      const { orders } = sellerOf(request.caller, world)
      orders.confirm(order.id, { at: world.date().getTime(), ...shipment })
    }
    return noContent()
  },
)

function checkItems(items: unknown, { lines }: Order): void {
  if (!Array.isArray(items) || items.length === 0) throw new Refusal("Missing required 'orderItems'.")
  for (const item of items as unknown[]) {
    const { orderItemId, quantity } = isObject(item) ? item : {}
    const line = lines.find((one) => one.orderItemId === orderItemId)
    if (line === undefined) throw new Refusal("Invalid 'orderItemId' provided.")
    if (!(Number.isInteger(quantity) && Number(quantity) >= 1 && Number(quantity) <= line.quantity))
      throw new Refusal("Invalid 'quantity' provided.")
  }
}

export const ordersV0Operations: readonly Operation[] = [
  getOrders,
  getOrder,
  getOrderBuyerInfo,
  getOrderAddress,
  getOrderItems,
  getOrderItemsBuyerInfo,
  confirmShipment,
  updateShipmentStatus,
  getOrderRegulatedInfo,
  updateVerificationStatus,
]
