/**
 * Which operations and reports hold personal data that only a restricted data token opens. Source: Amazon's "Tokens API
 * use case guide", "Restricted operations" and "Restricted report types", for the APIs that this library has; the Orders
 * API 2026-01-01 has none, as it goes by the roles of the application ("Orders API migration guide").
 */

export const dataElements = ['buyerInfo', 'shippingAddress', 'buyerTaxInformation'] as const
export type DataElement = (typeof dataElements)[number]

export interface Restriction {
  /** `asked`: it answers without as well, only less; `report`: it depends on the report's type. */
  readonly when: 'always' | 'asked' | 'report'
  /** What of it a caller may ask for. */
  readonly elements: readonly DataElement[]
}

const RESTRICTIONS: ReadonlyMap<string, Restriction> = new Map([
  ['orders-v0.getOrders', { when: 'asked', elements: dataElements }],
  ['orders-v0.getOrder', { when: 'asked', elements: dataElements }],
  ['orders-v0.getOrderItems', { when: 'asked', elements: ['buyerInfo'] }],
  ['orders-v0.getOrderAddress', { when: 'always', elements: [] }],
  ['orders-v0.getOrderBuyerInfo', { when: 'always', elements: [] }],
  ['orders-v0.getOrderItemsBuyerInfo', { when: 'always', elements: [] }],
  ['orders-v0.getOrderRegulatedInfo', { when: 'always', elements: [] }],
  ['reports-2021-06-30.getReportDocument', { when: 'report', elements: [] }],
])

const REPORTS: ReadonlySet<string> = new Set([
  'GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING',
  'GET_AMAZON_FULFILLED_SHIPMENTS_DATA_TAX',
  'GET_EASYSHIP_DOCUMENTS',
  'GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING',
  'GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_INVOICING',
  'GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_SHIPPING',
  'GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_TAX',
  'GET_FLAT_FILE_ORDER_REPORT_DATA_INVOICING',
  'GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING',
  'GET_FLAT_FILE_ORDER_REPORT_DATA_TAX',
  'GET_GST_MTR_B2B_CUSTOM',
  'GET_ORDER_REPORT_DATA_INVOICING',
  'GET_ORDER_REPORT_DATA_SHIPPING',
  'GET_ORDER_REPORT_DATA_TAX',
  'GET_VAT_TRANSACTION_DATA',
  'SC_VAT_TAX_REPORT',
])

export function restrictionOf(api: string, operationId: string): Restriction | null {
  return RESTRICTIONS.get(`${api}.${operationId}`) ?? null
}

/** Whether a report's document needs a token of its own. */
export function isRestrictedReport(reportType: string | undefined): boolean {
  return reportType !== undefined && REPORTS.has(reportType)
}
