/**
 * The dataset `analytics_salesAndTraffic_2024_04_24` (Data Kiosk's schema of that name): sales and traffic by date and by
 * ASIN. The others are not simulated.
 */

import { marketplaces } from '../../marketplaces.ts'
import { DAY_MS } from '../../seller/assortment.ts'
import { Sales } from '../../seller/sales.ts'
import type { Seller } from '../../seller/seller.ts'
import {
  asinFields,
  collectSales,
  salesByDate,
  trafficByAsin,
  trafficByDate,
} from '../reports/sales-and-traffic.ts'
import { type Field, parseQuery, QueryError, type Value } from './graphql.ts'

const ROOT = 'analytics_salesAndTraffic_2024_04_24'
const BY_DATE = ['DAY', 'WEEK', 'MONTH'] as const
const BY_ASIN = ['PARENT', 'CHILD', 'SKU'] as const

export interface DatasetQuery {
  readonly name: 'salesAndTrafficByDate' | 'salesAndTrafficByAsin'
  readonly aggregateBy: string
  readonly start: number
  /** The end of the last day. */
  readonly end: number
  readonly marketplaceIds: readonly string[]
  readonly fields: readonly Field[]
}

type Row = Readonly<Record<string, unknown>>

/** What a query asks for. Throws a QueryError when it makes no sense. */
export function readDatasetQuery(text: string): DatasetQuery {
  const [root, ...others] = parseQuery(text)
  if (root?.name !== ROOT || others.length > 0) throw new QueryError(`The query must be about ${ROOT} alone.`)
  const [query, ...more] = root.fields
  if (query === undefined || more.length > 0) throw new QueryError(`${ROOT} takes one query.`)
  const { name, fields } = query
  if (name !== 'salesAndTrafficByDate' && name !== 'salesAndTrafficByAsin')
    throw new QueryError(`${ROOT} has no "${name}".`)
  const given = query.arguments
  const aggregateBy = String(given.aggregateBy)
  const levels: readonly string[] = name === 'salesAndTrafficByDate' ? BY_DATE : BY_ASIN
  if (!levels.includes(aggregateBy)) throw new QueryError(`aggregateBy must be one of ${levels.join(', ')}.`)
  const [start, last] = [dateOf(given.startDate, 'startDate'), dateOf(given.endDate, 'endDate')]
  if (last < start) throw new QueryError('endDate is before startDate.')
  const ids = given.marketplaceIds
  if (!Array.isArray(ids) || ids.length === 0 || !ids.every((id) => marketplaces.has(String(id))))
    throw new QueryError('marketplaceIds must be ids of marketplaces.')
  if (fields.length === 0) throw new QueryError(`${name} must say which fields.`)
  const end = last + DAY_MS - 1
  const wish = { name, aggregateBy, start, end, marketplaceIds: ids.map(String), fields } as const
  project(sample(wish), fields)
  return wish
}

function dateOf(value: Value | undefined, name: string): number {
  const ms = Date.parse(String(value))
  if (!/^\d{4}-\d\d-\d\d$/.test(String(value)) || Number.isNaN(ms))
    throw new QueryError(`${name} must be a date.`)
  return ms
}

/** A row with every field that there is. */
function sample({ name }: Pick<DatasetQuery, 'name'>): Row {
  const sales = new Sales('USD')
  const offering = { asin: '', sku: '', hash: 0 } as never
  return name === 'salesAndTrafficByDate'
    ? dateRow('', '', '', sales)
    : asinRow({ start: 0, end: 0, aggregateBy: 'SKU' } as DatasetQuery, '', offering, sales)
}

/** The rows of the answer, with what was selected of each. */
export function* rowsOf(query: DatasetQuery, { orders }: Seller, asOf: number): Generator<Row> {
  for (const id of query.marketplaceIds) {
    const marketplace = marketplaces.get(id)
    if (marketplace === undefined) continue
    const dayOf = (ms: number) => periodOf(ms, query.aggregateBy)
    const { days, products } = collectSales(orders, marketplace, { ...query, asOf }, dayOf)
    if (query.name === 'salesAndTrafficByDate')
      for (const [period, sales] of days) yield project(rowOfPeriod(query, id, period, sales), query.fields)
    else
      for (const { offering, sales } of products.values())
        yield project(asinRow(query, id, offering, sales), query.fields)
  }
}

const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** The first day of the unit: weeks begin on Sunday. */
function periodOf(ms: number, unit: string): string {
  const date = new Date(ms)
  if (unit === 'MONTH') return `${isoDay(ms).slice(0, 7)}-01`
  return isoDay(unit === 'WEEK' ? ms - date.getUTCDay() * DAY_MS : ms)
}

function rowOfPeriod({ aggregateBy, end }: DatasetQuery, id: string, first: string, sales: Sales): Row {
  const start = Date.parse(first)
  const date = new Date(start)
  const last =
    aggregateBy === 'DAY'
      ? start
      : aggregateBy === 'WEEK'
        ? start + 6 * DAY_MS
        : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)
  return dateRow(id, first, isoDay(Math.min(last, end)), sales)
}

const dateRow = (marketplaceId: string, startDate: string, endDate: string, sales: Sales): Row => ({
  startDate,
  endDate,
  marketplaceId,
  sales: salesByDate(sales),
  traffic: trafficByDate(startDate, sales),
})

function asinRow(
  { start, end, aggregateBy }: DatasetQuery,
  marketplaceId: string,
  offering: Parameters<typeof trafficByAsin>[0],
  sales: Sales,
): Row {
  const { orderedProductSales, unitsOrdered, totalOrderItems, ...rest } = salesByDate(sales)
  const { unitsRefunded, refundRate, shippedProductSales, unitsShipped, ordersShipped } = rest
  return {
    startDate: isoDay(start),
    endDate: isoDay(end),
    marketplaceId,
    ...asinFields(offering, aggregateBy),
    sales: {
      orderedProductSales,
      unitsOrdered,
      totalOrderItems,
      unitsRefunded,
      refundRate,
      shippedProductSales,
      unitsShipped,
      ordersShipped,
    },
    traffic: trafficByAsin(offering, sales),
  }
}

/** The selected fields of a row. Those of Amazon Business (…B2B) are null. Throws a QueryError for one that is not there. */
function project(row: Row, fields: readonly Field[]): Row {
  const entries = fields.map(({ name, fields: inner }): [string, unknown] => {
    if (name.endsWith('B2B') || (name === 'childAsin' && 'parentAsin' in row) || name === 'sku')
      return [name, row[name] ?? null]
    if (!(name in row)) throw new QueryError(`There is no field "${name}".`)
    const value = row[name]
    const isObject = typeof value === 'object' && value !== null
    if (isObject !== inner.length > 0)
      throw new QueryError(`"${name}" ${isObject ? 'must say which fields' : 'has no fields'}.`)
    return [name, isObject ? project(value as Row, inner) : value]
  })
  return Object.fromEntries(entries)
}
