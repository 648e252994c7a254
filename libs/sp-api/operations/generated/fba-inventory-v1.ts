// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './fba-inventory-v1.json' with { type: 'json' }

export interface ApiError {
  readonly code: string
  readonly message?: string
  readonly details?: string
}

export type ErrorList = ReadonlyArray<ApiError>

export interface GetInventorySummariesResponse {
  readonly payload?: GetInventorySummariesResult
  readonly pagination?: Pagination
  readonly errors?: ErrorList
}

export interface GetInventorySummariesResult {
  readonly granularity: Granularity
  readonly inventorySummaries: InventorySummaries
}

export interface Granularity {
  readonly granularityType?: string
  readonly granularityId?: string
}

export interface InventoryDetails {
  readonly fulfillableQuantity?: number
  readonly inboundWorkingQuantity?: number
  readonly inboundShippedQuantity?: number
  readonly inboundReceivingQuantity?: number
  readonly reservedQuantity?: ReservedQuantity
  readonly researchingQuantity?: ResearchingQuantity
  readonly unfulfillableQuantity?: UnfulfillableQuantity
}

export type InventorySummaries = ReadonlyArray<InventorySummary>

export interface InventorySummary {
  readonly asin?: string
  readonly fnSku?: string
  readonly sellerSku?: string
  readonly condition?: string
  readonly inventoryDetails?: InventoryDetails
  readonly lastUpdatedTime?: string
  readonly productName?: string
  readonly totalQuantity?: number
  readonly stores?: ReadonlyArray<string>
}

export interface Pagination {
  readonly nextToken?: string
}

export interface ResearchingQuantity {
  readonly totalResearchingQuantity?: number
  readonly researchingQuantityBreakdown?: ReadonlyArray<ResearchingQuantityEntry>
}

export interface ResearchingQuantityEntry {
  readonly name: "researchingQuantityInShortTerm" | "researchingQuantityInMidTerm" | "researchingQuantityInLongTerm" | (string & {})
  readonly quantity: number
}

export interface ReservedQuantity {
  readonly totalReservedQuantity?: number
  readonly pendingCustomerOrderQuantity?: number
  readonly pendingTransshipmentQuantity?: number
  readonly fcProcessingQuantity?: number
}

export interface UnfulfillableQuantity {
  readonly totalUnfulfillableQuantity?: number
  readonly customerDamagedQuantity?: number
  readonly warehouseDamagedQuantity?: number
  readonly distributorDamagedQuantity?: number
  readonly carrierDamagedQuantity?: number
  readonly defectiveQuantity?: number
  readonly expiredQuantity?: number
}

export interface GetInventorySummariesParameters {
  readonly details?: boolean
  readonly granularityType: "Marketplace"
  readonly granularityId: string
  readonly startDateTime?: string
  readonly sellerSkus?: ReadonlyArray<string>
  readonly sellerSku?: string
  readonly nextToken?: string
  readonly marketplaceIds: ReadonlyArray<string>
}

const operations = operationsOf('fba-inventory-v1', api)

/** GET /fba/inventory/v1/summaries */
export const getInventorySummaries: Operation<GetInventorySummariesParameters, GetInventorySummariesResponse> =
  operations('getInventorySummaries')
