/** `GET /sales/v1/orderMetrics` (model `sales`, operation `getOrderMetrics`): sums of the seller's orders over time. */

import { ok } from '../answer.ts'
import type { Marketplace } from '../marketplaces.ts'
import { DAY_MS } from '../seller/assortment.ts'
import { type Money, toText } from '../seller/money.ts'
import type { Order, OrderLine } from '../seller/orders.ts'
import { Sales } from '../seller/sales.ts'
import { sellerOf } from '../seller/seller.ts'
import { type Operation, Refusal } from './operation.ts'
import { oneOf, readMarketplaces, required, single } from './parameters.ts'
import { nextBoundary, offsetOf, UNITS, type Unit } from './time-zone.ts'

const TWO_YEARS_MS = 2 * 366 * DAY_MS

interface Interval {
  readonly start: number
  readonly end: number
}

export const getOrderMetrics: Operation = {
  name: 'getOrderMetrics',
  method: 'GET',
  path: '/sales/v1/orderMetrics',
  plan: { rate: 0.5, burst: 15, appRate: null },
  answer({ query, caller }, world) {
    const now = world.date().getTime()
    const [marketplace] = readMarketplaces(query, 1) as [Marketplace]
    const whole = readInterval(required(query, 'interval'))
    const unit = oneOf(query, 'granularity', [...UNITS, 'Total'] as const)
    if (unit === null) throw new Refusal("Missing required 'granularity'.")
    const reach = unit === 'Hour' ? 30 * DAY_MS : TWO_YEARS_MS
    if (now - whole.start > reach)
      throw new Refusal("Invalid 'interval' provided.", 'It begins too long ago for this granularity.')
    const zone = readZone(query, unit, whole)
    const firstDay = oneOf(query, 'firstDayOfWeek', ['Monday', 'Sunday'] as const) ?? 'Monday'
    const isMeant = readFilter(query)
    const { orders } = sellerOf(caller, world)
    const payload = split(whole, unit, zone, firstDay).map((interval) => {
      const sales = new Sales(marketplace.currency)
      for (const order of orders.created(marketplace, interval.start, interval.end - 1, now))
        if (order.status !== 'CANCELLED')
          sales.add(
            order,
            order.lines.filter((line) => isMeant(order, line)),
          )
      return metrics(interval, sales, zone)
    })
    return ok({ payload })
  },
}

const money = (value: Money) => ({ amount: toText(value), currencyCode: value.currency })

function metrics({ start, end }: Interval, sales: Sales, zone: string): object {
  return {
    interval: `${localTime(start, zone)}--${localTime(end, zone)}`,
    unitCount: sales.units,
    orderItemCount: sales.items,
    orderCount: sales.orders,
    averageUnitPrice: money(sales.each(sales.units)),
    totalSales: money(sales.ordered),
  }
}

/** Such as `2018-09-01T00:00-07:00`. */
function localTime(ms: number, zone: string): string {
  const offset = offsetOf(zone, ms)
  const minutes = Math.abs(offset) / 60_000
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const sign = offset < 0 ? '-' : '+'
  const local = new Date(ms + offset).toISOString().slice(0, 16)
  return offset === 0 ? `${local}Z` : `${local}${sign}${two(minutes / 60)}:${two(minutes % 60)}`
}

/** Two dates with their offsets, the second one exclusive. */
function readInterval(text: string): Interval {
  const [from = '', to = '', ...more] = text.split('--')
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const absolute = [from, to].every((date) => /T.*(Z|[+-]\d\d:\d\d)$/.test(date))
  if (more.length > 0 || !absolute || !(start < end)) throw new Refusal("Invalid 'interval' provided.")
  return { start, end }
}

/** The zone of day boundaries; for anything longer than an hour it must be given, and agree with the interval's offset. */
function readZone(query: URLSearchParams, unit: Unit | 'Total', { start }: Interval): string {
  const zone = single(query, 'granularityTimeZone')
  if (zone === null) {
    if (unit !== 'Hour' && unit !== 'Total') throw new Refusal("Missing required 'granularityTimeZone'.")
    return 'UTC'
  }
  const given = /([+-])(\d\d):(\d\d)--/.exec(required(query, 'interval'))
  const minutes = given === null ? 0 : Number(`${given[1]}1`) * (Number(given[2]) * 60 + Number(given[3]))
  let offset: number
  try {
    offset = offsetOf(zone, start)
  } catch {
    throw new Refusal("Invalid 'granularityTimeZone' provided.")
  }
  if (offset !== minutes * 60_000)
    throw new Refusal("Invalid 'granularityTimeZone' provided.", "It does not match the interval's offset.")
  return zone
}

function readFilter(query: URLSearchParams): (order: Order, line: OrderLine) => boolean {
  const buyer = oneOf(query, 'buyerType', ['B2B', 'B2C', 'All'] as const)
  const channel = oneOf(query, 'fulfillmentNetwork', ['AFN', 'MFN'] as const)
  const program = oneOf(query, 'amazonProgram', ['AmazonHaul'] as const)
  const [asin, sku] = [single(query, 'asin'), single(query, 'sku')]
  if (asin !== null && sku !== null) throw new Refusal("Only one of 'asin' or 'sku' may be provided.")
  return (order, { offering }) =>
    program === null &&
    (buyer === null || buyer === 'All' || order.business === (buyer === 'B2B')) &&
    (channel === null || order.channel === channel) &&
    (asin === null || offering.asin === asin) &&
    (sku === null || offering.sku === sku)
}

/** The parts of an interval; the first and the last one may be shorter than the unit. */
function split(
  whole: Interval,
  unit: Unit | 'Total',
  zone: string,
  firstDay: 'Monday' | 'Sunday',
): Interval[] {
  if (unit === 'Total') return [whole]
  const parts: Interval[] = []
  for (let { start } = whole; start < whole.end; ) {
    const end = Math.min(whole.end, nextBoundary(start, unit, zone, firstDay))
    parts.push({ start, end })
    start = end
  }
  return parts
}
