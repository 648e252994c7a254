/** Pages of orders: in the order of their time, however many there are, with nothing kept between pages. */

import { type Marketplace, marketplaces } from '../../marketplaces.ts'
import type { Order, OrderBook, OrderStatus } from '../../seller/orders.ts'

export interface OrderQuery {
  readonly by: 'created' | 'updated'
  /** Milliseconds since 1970, both included. */
  readonly after: number
  readonly before: number
  readonly marketplaceIds: readonly string[]
  /** Empty for all. */
  readonly statuses: readonly OrderStatus[]
  readonly channels: readonly string[]
  readonly pageSize: number
}

/** The last order of a page. */
export interface Position {
  readonly at: number
  readonly id: string
}

export interface OrderPage {
  readonly orders: readonly Order[]
  /** After which the next page begins; null when there is none. */
  readonly end: Position | null
}

const HOUR = 3_600_000
const MONTH = 30 * 24 * HOUR

/** The page after a position. Orders change while one reads: one that did meanwhile stands where it then belongs. */
export function orderPage(book: OrderBook, query: OrderQuery, from: Position | null, now: number): OrderPage {
  const markets = query.marketplaceIds.map((id) => marketplaces.get(id) as Marketplace)
  const step = Math.min(MONTH, Math.max(HOUR, (query.pageSize * book.intervalMs) / markets.length))
  const timeOf = (order: Order) => (query.by === 'created' ? order.createdAt : order.lastUpdatedAt)
  const found: Order[] = []
  for (let start = from?.at ?? query.after; start <= query.before && found.length <= query.pageSize; ) {
    const end = Math.min(start + step, query.before)
    const window = markets.flatMap((market) => [...book[query.by](market, start, end, now)])
    const wanted = window.filter((order) => matches(order, query) && isBehind(timeOf(order), order.id, from))
    wanted.sort((a, b) => timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : 1))
    found.push(...wanted)
    start = end + 1
  }
  const orders = found.slice(0, query.pageSize)
  const last = orders.at(-1)
  const more = found.length > query.pageSize && last !== undefined
  return { orders, end: more ? { at: timeOf(last), id: last.id } : null }
}

const isBehind = (at: number, id: string, from: Position | null) =>
  from === null || at > from.at || (at === from.at && id > from.id)

const matches = ({ status, channel }: Order, { statuses, channels }: OrderQuery) =>
  (statuses.length === 0 || statuses.includes(status)) &&
  (channels.length === 0 || channels.includes(channel))
