/** The report types that the simulator makes: their form, their rules, their contents. */

import type { Marketplace } from '../../marketplaces.ts'
import type { Charset } from '../documents/charset.ts'
import { allOrdersXml } from './all-orders-xml.ts'
import * as flat from './flat-files.ts'
import { fbaInventoryColumns, listingColumns } from './listing-rows.ts'
import type { ReportRequest } from './report-request.ts'
import { salesAndTraffic } from './sales-and-traffic.ts'

export interface ReportType {
  /** Without the character set. */
  readonly mediaType: string
  charset(marketplace: Marketplace): Charset
  /** Names buyers: its document opens with a restricted data token only. */
  readonly restricted?: boolean
  /** Asked for again sooner than this, it is CANCELLED. */
  readonly cooldownSeconds: number
  /** The document, or null when there is nothing to report: such a report is CANCELLED. */
  lines(request: ReportRequest): (() => Iterable<string>) | null
}

const TSV = 'text/tab-separated-values'
const utf8 = (): Charset => 'utf-8'
/** How long Amazon keeps a report of stock in "near real time", and one that it makes daily. */
const NEAR_REAL_TIME = 1_800
const DAILY = 14_400

function ordersBy(by: 'created' | 'updated'): ReportType {
  return {
    mediaType: TSV,
    charset: utf8,
    cooldownSeconds: 0,
    lines: (request) =>
      whenAny(flat.orderLines(request, by), () =>
        flat.table(flat.orderColumns, flat.orderLines(request, by), '\r\n'),
      ),
  }
}

/** A document when there is a first row. */
function whenAny(rows: Iterator<unknown>, lines: () => Iterable<string>): (() => Iterable<string>) | null {
  return rows.next().done ? null : lines
}

function listings(): ReportType {
  return {
    mediaType: TSV,
    charset: flat.flatCharset,
    cooldownSeconds: 0,
    lines: (request) =>
      whenAny(request.listings()[Symbol.iterator](), () =>
        flat.table(listingColumns, request.listings(), '\n'),
      ),
  }
}

function fbaInventory(): ReportType {
  const rows = function* (request: ReportRequest) {
    for (const row of request.listings()) if (row.channel === 'AFN') yield row
  }
  return {
    mediaType: TSV,
    charset: flat.flatCharset,
    cooldownSeconds: NEAR_REAL_TIME,
    lines: (request) => whenAny(rows(request), () => flat.table(fbaInventoryColumns, rows(request), '\r\n')),
  }
}

export const reportTypes: Readonly<Record<string, ReportType>> = {
  GET_MERCHANT_LISTINGS_ALL_DATA: listings(),
  GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL: ordersBy('created'),
  GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL: ordersBy('updated'),
  GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING: {
    mediaType: TSV,
    charset: flat.flatCharset,
    restricted: true,
    cooldownSeconds: 0,
    lines(request) {
      const rows = function* () {
        for (const row of flat.orderLines(request, 'created'))
          if (row.order.channel === 'MFN' && row.order.status === 'UNSHIPPED') yield row
      }
      return whenAny(rows(), () => flat.table(flat.shippingColumns, rows(), '\r\n'))
    },
  },
  GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA: fbaInventory(),
  GET_FBA_MYI_ALL_INVENTORY_DATA: fbaInventory(),
  GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA: {
    mediaType: TSV,
    charset: utf8,
    cooldownSeconds: DAILY,
    lines: (request) =>
      whenAny(flat.returnedLines(request), () =>
        flat.table(flat.returnColumns, flat.returnedLines(request), '\n'),
      ),
  },
  GET_SALES_AND_TRAFFIC_REPORT: {
    mediaType: 'application/json',
    charset: utf8,
    cooldownSeconds: 0,
    lines: (request) => () => salesAndTraffic(request),
  },
  GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL: {
    mediaType: 'text/xml',
    charset: utf8,
    cooldownSeconds: 0,
    lines(request) {
      const orders = function* () {
        for (const marketplace of request.marketplaces)
          yield* request.seller.orders.created(marketplace, request.start, request.end, request.asOf)
      }
      return whenAny(orders(), () => allOrdersXml(orders()))
    },
  },
}
