// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './sales-v1.json' with { type: 'json' }

export type Decimal = string

export interface ApiError {
  readonly code: string
  readonly message: string
  readonly details?: string
}

export type ErrorList = ReadonlyArray<ApiError>

export interface GetOrderMetricsResponse {
  readonly payload?: OrderMetricsList
  readonly errors?: ErrorList
}

export interface Money {
  readonly currencyCode: string
  readonly amount: Decimal
}

export interface OrderMetricsInterval {
  readonly interval: string
  readonly unitCount: number
  readonly orderItemCount: number
  readonly orderCount: number
  readonly averageUnitPrice: Money
  readonly totalSales: Money
}

export type OrderMetricsList = ReadonlyArray<OrderMetricsInterval>

export interface GetOrderMetricsParameters {
  readonly marketplaceIds: ReadonlyArray<string>
  readonly interval: string
  readonly granularityTimeZone?: string
  readonly granularity: "Hour" | "Day" | "Week" | "Month" | "Year" | "Total"
  readonly buyerType?: "B2B" | "B2C" | "All"
  readonly fulfillmentNetwork?: string
  readonly firstDayOfWeek?: "Monday" | "Sunday"
  readonly asin?: string
  readonly sku?: string
  readonly amazonProgram?: "AmazonHaul"
}

const operations = operationsOf('sales-v1', api)

/** GET /sales/v1/orderMetrics */
export const getOrderMetrics: Operation<GetOrderMetricsParameters, GetOrderMetricsResponse> =
  operations('getOrderMetrics')
