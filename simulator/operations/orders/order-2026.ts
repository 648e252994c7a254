/** An order as Orders 2026-01-01 shows it (model `orders_2026-01-01`, definition `Order`). */

import type { Money } from '../../seller/money.ts'
import { sum, toText } from '../../seller/money.ts'
import type { Order, OrderLine } from '../../seller/orders.ts'
import { listedTitle } from '../reports/titles.ts'
import { inUtc as time } from '../times.ts'

export const DATA_SETS = [
  'BUYER', 'RECIPIENT', 'PROCEEDS', 'EXPENSE', 'PROMOTION', 'CANCELLATION', 'FULFILLMENT', 'PACKAGES', 'TAX',
  'PAYMENT', 'FULFILLMENT_ORDERS',
] as const // biome-ignore format: a table
export type DataSet = (typeof DATA_SETS)[number]

const HOUR = 3_600_000
/** Amounts are decimal texts here. */
const money = (amount: Money) => ({ amount: toText(amount), currencyCode: amount.currency })

/** The order with the data sets asked for. Who bought it is shown by the application's role, without a restricted token. */
export function orderFields(order: Order, include: ReadonlySet<DataSet>): object {
  const { marketplace, lines, status } = order
  const settled = status !== 'PENDING'
  return {
    orderId: order.id,
    createdTime: time(order.createdAt),
    lastUpdatedTime: time(order.lastUpdatedAt),
    programs: [...(order.prime ? ['PRIME'] : []), ...(order.business ? ['AMAZON_BUSINESS'] : [])],
    salesChannel: {
      channelName: 'AMAZON',
      marketplaceId: marketplace.id,
      marketplaceName: marketplace.name,
    },
    ...(include.has('BUYER') && settled ? { buyer: buyer(order) } : {}),
    ...(include.has('RECIPIENT') && settled ? { recipient: { deliveryAddress: address(order) } } : {}),
    ...(include.has('PROCEEDS') && settled ? { proceeds: proceeds(order) } : {}),
    ...(include.has('PAYMENT') && settled
      ? {
          payment: {
            paymentExecutions: [{ paymentMethod: 'CreditCard', paymentAmount: money(order.total) }],
          },
        }
      : {}),
    ...(include.has('FULFILLMENT') ? { fulfillment: fulfillment(order) } : {}),
    orderItems: lines.map((line) => item(order, line, include)),
    ...(include.has('PACKAGES') && order.shipment !== null ? { packages: [packageOf(order)] } : {}),
  }
}

const buyer = ({ buyer: { name, email }, business }: Order) => ({
  buyerName: name,
  buyerEmail: email,
  ...(business ? { buyerCompanyName: `${name} Trading` } : {}),
})

const address = ({ buyer: person }: Order) => ({
  name: person.name,
  addressLine1: person.street,
  city: person.city,
  ...(person.region === '' ? {} : { stateOrRegion: person.region }),
  postalCode: person.postalCode,
  countryCode: person.countryCode,
  phone: person.phone,
  addressType: 'RESIDENTIAL',
})

function proceeds({ lines, total, marketplace }: Order) {
  const of = (amounts: Money[]) => money(sum(amounts, marketplace.currency))
  return {
    grandTotal: money(total),
    breakdowns: [
      { type: 'ITEM', subtotal: of(lines.map(({ price }) => price)) },
      { type: 'TAX', subtotal: of(lines.map(({ tax }) => tax)) },
    ],
  }
}

function fulfillment({ status, channel, createdAt, shipBy, prime }: Order) {
  const range = (from: number, to: number) => ({ earliestDateTime: time(from), latestDateTime: time(to) })
  return {
    fulfillmentStatus: status,
    fulfilledBy: channel === 'AFN' ? 'AMAZON' : 'MERCHANT',
    fulfillmentServiceLevel: prime ? 'EXPEDITED' : 'STANDARD',
    shipByWindow: range(createdAt, shipBy),
    deliverByWindow: range(shipBy + 24 * HOUR, shipBy + 96 * HOUR),
  }
}

function item(
  order: Order,
  { orderItemId, offering, quantity, price, tax }: OrderLine,
  include: ReadonlySet<DataSet>,
) {
  const { currency } = price
  const shipped = order.status === 'SHIPPED' ? quantity : 0
  return {
    orderItemId,
    quantityOrdered: quantity,
    product: {
      asin: offering.asin,
      title: listedTitle(offering, order.marketplace),
      sellerSku: offering.sku,
      condition: { conditionType: 'NEW' },
      ...(order.status === 'PENDING' ? {} : { price: { unitPrice: money(offering.price) } }),
    },
    ...(include.has('PROCEEDS') && order.status !== 'PENDING'
      ? {
          proceeds: {
            proceedsTotal: money(sum([price, tax], currency)),
            breakdowns: [
              { type: 'ITEM', subtotal: money(price) },
              { type: 'TAX', subtotal: money(tax) },
            ],
          },
        }
      : {}),
    ...(include.has('CANCELLATION') && order.status === 'CANCELLED'
      ? { cancellation: { cancellationExecution: { cancelledBy: 'BUYER', cancelReason: 'BUYER_CANCELED' } } }
      : {}),
    ...(include.has('FULFILLMENT')
      ? { fulfillment: { quantityFulfilled: shipped, quantityUnfulfilled: quantity - shipped } }
      : {}),
    ...(include.has('TAX')
      ? { tax: { taxCollections: [{ model: 'MARKETPLACE_FACILITATOR', responsibleParty: 'Amazon' }] } }
      : {}),
  }
}

function packageOf({ shipment, lines }: Order) {
  const { at = 0, packageId = '', carrier, service, trackingNumber } = shipment ?? {}
  return {
    packageReferenceId: packageId,
    createdTime: time(at),
    packageStatus: { status: 'SHIPPED' },
    carrier,
    shipTime: time(at),
    shippingService: service,
    trackingNumber,
    packageItems: lines.map(({ orderItemId, quantity }) => ({ orderItemId, quantity })),
  }
}
