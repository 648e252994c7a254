/**
 * What is known about types of reports beyond Amazon's API models. Sources: Amazon's "Report Type Values" (what a
 * report is written in, how often it is made) and the schemas of its JSON reports.
 */

/** What the documents of a report are written in. */
export type ReportFormat = 'flat' | 'json' | 'xml'

export interface ReportTraits {
  /** Undefined: the document shows it. */
  readonly format?: ReportFormat
  /** The arrays of a JSON document that hold rows. */
  readonly arrays?: readonly string[]
  /** The element of an XML document that is a row. */
  readonly element?: string
  /** Amazon makes no newer one before this is over, and cancels what is asked for sooner; milliseconds. */
  readonly madeEveryMs: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** "A near real-time FBA report is generated no more than once every 30 minutes." */
const NEAR_REAL_TIME = 30 * MINUTE
/** "A daily FBA report is generated no more than once every four hours." */
const DAILY = 4 * HOUR

const MADE_EVERY: Readonly<Record<string, number>> = {
  GET_AFN_INVENTORY_DATA: NEAR_REAL_TIME,
  GET_AFN_INVENTORY_DATA_BY_COUNTRY: NEAR_REAL_TIME,
  GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL: NEAR_REAL_TIME,
  GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING: NEAR_REAL_TIME,
  GET_AMAZON_FULFILLED_SHIPMENTS_DATA_TAX: NEAR_REAL_TIME,
  GET_EXCESS_INVENTORY_DATA: NEAR_REAL_TIME,
  GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_SALES_DATA: NEAR_REAL_TIME,
  GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA: NEAR_REAL_TIME,
  GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA: NEAR_REAL_TIME,
  GET_FBA_MYI_ALL_INVENTORY_DATA: NEAR_REAL_TIME,
  GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA: NEAR_REAL_TIME,
  GET_RESERVED_INVENTORY_DATA: NEAR_REAL_TIME,
  GET_RESTOCK_INVENTORY_RECOMMENDATIONS_REPORT: NEAR_REAL_TIME,
  GET_STRANDED_INVENTORY_LOADER_DATA: NEAR_REAL_TIME,
  GET_STRANDED_INVENTORY_UI_DATA: NEAR_REAL_TIME,
  GET_LEDGER_DETAIL_VIEW_DATA: DAILY,
  GET_LEDGER_SUMMARY_VIEW_DATA: DAILY,
  GET_REFERRAL_FEE_PREVIEW_REPORT: DAY,
}

/** All others of Fulfillment by Amazon are daily ones, or not known to be better. */
function madeEveryMs(reportType: string): number {
  return MADE_EVERY[reportType] ?? (reportType.startsWith('GET_FBA_') ? DAILY : 0)
}

const JSON_ARRAYS: Readonly<Record<string, readonly string[]>> = {
  GET_B2B_PRODUCT_OPPORTUNITIES_NOT_YET_ON_AMAZON: ['recommendations'],
  GET_B2B_PRODUCT_OPPORTUNITIES_RECOMMENDED_FOR_YOU: ['recommendations'],
  GET_BRAND_ANALYTICS_MARKET_BASKET_REPORT: ['dataByAsin'],
  GET_BRAND_ANALYTICS_REPEAT_PURCHASE_REPORT: ['dataByAsin'],
  GET_BRAND_ANALYTICS_SEARCH_CATALOG_PERFORMANCE_REPORT: ['dataByAsin'],
  GET_BRAND_ANALYTICS_SEARCH_QUERY_PERFORMANCE_REPORT: ['dataByAsin'],
  GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT: ['dataByDepartmentAndSearchTerm'],
  // Of sellers and of vendors.
  GET_COUPON_PERFORMANCE_REPORT: ['coupons', 'campaigns'],
  GET_PROMOTION_PERFORMANCE_REPORT: ['promotions'],
  GET_SALES_AND_TRAFFIC_REPORT: ['salesAndTrafficByAsin', 'salesAndTrafficByDate'],
  GET_V2_SELLER_PERFORMANCE_REPORT: ['accountStatuses', 'performanceMetrics'],
  GET_VENDOR_FORECASTING_REPORT: ['forecastByAsin'],
  GET_VENDOR_INVENTORY_REPORT: ['inventoryByAsin', 'inventoryAggregate'],
  GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT: ['netPureProductMarginByAsin', 'netPureProductMarginAggregate'],
  GET_VENDOR_REAL_TIME_INVENTORY_REPORT: ['reportData'],
  GET_VENDOR_REAL_TIME_SALES_REPORT: ['reportData'],
  GET_VENDOR_REAL_TIME_TRAFFIC_REPORT: ['reportData'],
  GET_VENDOR_SALES_REPORT: ['salesByAsin', 'salesAggregate'],
  GET_VENDOR_TRAFFIC_REPORT: ['trafficByAsin', 'trafficAggregate'],
}

const XML_ELEMENTS: Readonly<Record<string, string>> = {
  GET_ORDER_REPORT_DATA_INVOICING: 'OrderReport',
  GET_ORDER_REPORT_DATA_SHIPPING: 'OrderReport',
  GET_ORDER_REPORT_DATA_TAX: 'OrderReport',
  GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL: 'Order',
  GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL: 'Order',
  GET_XML_BROWSE_TREE_DATA: 'Node',
}

/** All that is known about a type of report. */
export function reportTraits(reportType: string): ReportTraits {
  const arrays = JSON_ARRAYS[reportType]
  const element = XML_ELEMENTS[reportType]
  return {
    madeEveryMs: madeEveryMs(reportType),
    ...(arrays !== undefined && { format: 'json', arrays }),
    ...(element !== undefined && { format: 'xml', element }),
  }
}
