/** What orders bring and cost: a payment when an order is sent, a refund when it comes back. A function of the orders. */

import { combine } from '../catalogue/hash.ts'
import type { Marketplace } from '../marketplaces.ts'
import { DAY_MS } from './assortment.ts'
import { type Money, times } from './money.ts'
import { LONGEST_LIFE_MS, type Order, type OrderBook } from './orders.ts'

export interface TransactionLine {
  readonly asin: string
  readonly sku: string
  readonly quantity: number
  /** What the buyer paid for it, without tax; negative in a refund. */
  readonly product: Money
  /** What Amazon keeps; negative, or positive in a refund. */
  readonly commission: Money
  readonly fulfilment: Money
}

export interface Transaction {
  readonly id: string
  readonly type: 'Shipment' | 'Refund'
  readonly order: Order
  readonly postedAt: number
  /** Business orders are paid later. */
  readonly deferredUntil: number | null
  readonly lines: readonly TransactionLine[]
  readonly total: Money
}

const SALT = { id: 101, late: 102 }
const COMMISSION = 0.15
const FULFILMENT = 0.12
const DEFERRED_MS = 7 * DAY_MS
/** "Financial events might not include orders from the last 48 hours." */
const LATEST_MS = 2 * DAY_MS

/**
 * The transactions that were posted from `after` until before `before` and can be seen at `now`, oldest first. One can be
 * seen up to 48 hours after it was posted, so that they do not appear in the order of their times.
 */
export function transactionsOf(
  book: OrderBook,
  marketplace: Marketplace,
  { after, before, now }: { readonly after: number; readonly before: number; readonly now: number },
): Transaction[] {
  const found: Transaction[] = []
  for (const order of book.created(marketplace, after - LONGEST_LIFE_MS, before, now))
    if (order.shipment !== null) found.push(transaction(order, 'Shipment', order.shipment.at, 1))
  for (const order of book.returned(marketplace, after, before, now))
    if (order.returnedAt !== null) found.push(transaction(order, 'Refund', order.returnedAt, -1))
  const seen = found.filter((one) => one.postedAt >= after && one.postedAt < before && seenAt(one) <= now)
  return seen.sort((a, b) => a.postedAt - b.postedAt || (a.id < b.id ? -1 : 1))
}

const seenAt = ({ postedAt, order }: Transaction) =>
  postedAt + (combine(order.hash, SALT.late) % (LATEST_MS / 60_000)) * 60_000

function transaction(order: Order, type: Transaction['type'], postedAt: number, sign: 1 | -1): Transaction {
  const lines = order.lines.map(({ offering, quantity, price }): TransactionLine => {
    return {
      asin: offering.asin,
      sku: offering.sku,
      quantity,
      product: times(price, sign),
      commission: times(price, -sign * COMMISSION),
      // What was spent on sending it does not come back.
      fulfilment: times(price, type === 'Shipment' && order.channel === 'AFN' ? -FULFILMENT : 0),
    }
  })
  const amount = lines.reduce(
    (all, line) => all + line.product.amount + line.commission.amount + line.fulfilment.amount,
    0,
  )
  return {
    id: `${type.toLowerCase()}-${combine(order.hash, SALT.id).toString(36)}${order.number.toString(36)}`,
    type,
    order,
    postedAt,
    deferredUntil: order.business && type === 'Shipment' ? postedAt + DEFERRED_MS : null,
    lines,
    total: { currency: order.marketplace.currency, amount },
  }
}
