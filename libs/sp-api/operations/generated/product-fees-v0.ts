// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './product-fees-v0.json' with { type: 'json' }

export interface ApiError {
  readonly code: string
  readonly message: string
  readonly details?: string
}

export type ErrorList = ReadonlyArray<ApiError>

export interface FeeDetail {
  readonly FeeType: string
  readonly FeeAmount: MoneyType
  readonly FeePromotion?: MoneyType
  readonly TaxAmount?: MoneyType
  readonly FinalFee: MoneyType
  readonly IncludedFeeDetailList?: IncludedFeeDetailList
}

export type FeeDetailList = ReadonlyArray<FeeDetail>

export interface FeesEstimate {
  readonly TimeOfFeesEstimation: string
  readonly TotalFeesEstimate?: MoneyType
  readonly FeeDetailList?: FeeDetailList
}

export interface FeesEstimateByIdRequest {
  readonly FeesEstimateRequest?: FeesEstimateRequest
  readonly IdType: IdType
  readonly IdValue: string
}

export interface FeesEstimateError {
  readonly Type: string
  readonly Code: string
  readonly Message: string
  readonly Detail: FeesEstimateErrorDetail
}

export type FeesEstimateErrorDetail = ReadonlyArray<Readonly<Record<string, unknown>>>

export interface FeesEstimateIdentifier {
  readonly MarketplaceId?: string
  readonly SellerId?: string
  readonly IdType?: IdType
  readonly IdValue?: string
  readonly IsAmazonFulfilled?: boolean
  readonly PriceToEstimateFees?: PriceToEstimateFees
  readonly SellerInputIdentifier?: string
  readonly OptionalFulfillmentProgram?: OptionalFulfillmentProgram
}

export interface FeesEstimateRequest {
  readonly MarketplaceId: string
  readonly IsAmazonFulfilled?: boolean
  readonly PriceToEstimateFees: PriceToEstimateFees
  readonly Identifier: string
  readonly OptionalFulfillmentProgram?: OptionalFulfillmentProgram
}

export interface FeesEstimateResult {
  readonly Status?: string
  readonly FeesEstimateIdentifier?: FeesEstimateIdentifier
  readonly FeesEstimate?: FeesEstimate
  readonly Error?: FeesEstimateError
}

export interface GetMyFeesEstimateRequest {
  readonly FeesEstimateRequest?: FeesEstimateRequest
}

export interface GetMyFeesEstimateResponse {
  readonly payload?: GetMyFeesEstimateResult
  readonly errors?: ErrorList
}

export interface GetMyFeesEstimateResult {
  readonly FeesEstimateResult?: FeesEstimateResult
}

export type GetMyFeesEstimatesRequest = ReadonlyArray<FeesEstimateByIdRequest>

export type GetMyFeesEstimatesResponse = ReadonlyArray<FeesEstimateResult>

export type IdType = "ASIN" | "SellerSKU" | (string & {})

export interface IncludedFeeDetail {
  readonly FeeType: string
  readonly FeeAmount: MoneyType
  readonly FeePromotion?: MoneyType
  readonly TaxAmount?: MoneyType
  readonly FinalFee: MoneyType
}

export type IncludedFeeDetailList = ReadonlyArray<IncludedFeeDetail>

export interface MoneyType {
  readonly CurrencyCode?: string
  readonly Amount?: number
}

export type OptionalFulfillmentProgram = "FBA_CORE" | "FBA_SNL" | "FBA_EFN" | (string & {})

export interface Points {
  readonly PointsNumber?: number
  readonly PointsMonetaryValue?: MoneyType
}

export interface PriceToEstimateFees {
  readonly ListingPrice: MoneyType
  readonly Shipping?: MoneyType
  readonly Points?: Points
}

export interface GetMyFeesEstimateForASINParameters {
  readonly body: GetMyFeesEstimateRequest
  readonly Asin: string
}

export interface GetMyFeesEstimateForSKUParameters {
  readonly body: GetMyFeesEstimateRequest
  readonly SellerSKU: string
}

export interface GetMyFeesEstimatesParameters {
  readonly body: GetMyFeesEstimatesRequest
}

const operations = operationsOf('product-fees-v0', api)

/** POST /products/fees/v0/items/{Asin}/feesEstimate */
export const getMyFeesEstimateForASIN: Operation<GetMyFeesEstimateForASINParameters, GetMyFeesEstimateResponse> =
  operations('getMyFeesEstimateForASIN')

/** POST /products/fees/v0/listings/{SellerSKU}/feesEstimate */
export const getMyFeesEstimateForSKU: Operation<GetMyFeesEstimateForSKUParameters, GetMyFeesEstimateResponse> =
  operations('getMyFeesEstimateForSKU')

/** POST /products/fees/v0/feesEstimate */
export const getMyFeesEstimates: Operation<GetMyFeesEstimatesParameters, GetMyFeesEstimatesResponse> =
  operations('getMyFeesEstimates')
