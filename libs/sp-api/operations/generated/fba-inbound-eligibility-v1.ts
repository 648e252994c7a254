// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './fba-inbound-eligibility-v1.json' with { type: 'json' }

export interface ApiError {
  readonly code: string
  readonly message?: string
  readonly details?: string
}

export type ErrorList = ReadonlyArray<ApiError>

export interface GetItemEligibilityPreviewResponse {
  readonly payload?: ItemEligibilityPreview
  readonly errors?: ErrorList
}

export interface ItemEligibilityPreview {
  readonly asin: string
  readonly marketplaceId?: string
  readonly program: "INBOUND" | "COMMINGLING" | (string & {})
  readonly isEligibleForProgram: boolean
  readonly ineligibilityReasonList?: ReadonlyArray<"FBA_INB_0004" | "FBA_INB_0006" | "FBA_INB_0007" | "FBA_INB_0008" | "FBA_INB_0009" | "FBA_INB_0010" | "FBA_INB_0011" | "FBA_INB_0012" | "FBA_INB_0013" | "FBA_INB_0014" | "FBA_INB_0015" | "FBA_INB_0016" | "FBA_INB_0017" | "FBA_INB_0018" | "FBA_INB_0019" | "FBA_INB_0034" | "FBA_INB_0035" | "FBA_INB_0036" | "FBA_INB_0037" | "FBA_INB_0038" | "FBA_INB_0050" | "FBA_INB_0051" | "FBA_INB_0053" | "FBA_INB_0055" | "FBA_INB_0056" | "FBA_INB_0059" | "FBA_INB_0065" | "FBA_INB_0066" | "FBA_INB_0067" | "FBA_INB_0068" | "FBA_INB_0095" | "FBA_INB_0097" | "FBA_INB_0098" | "FBA_INB_0099" | "FBA_INB_0100" | "FBA_INB_0103" | "FBA_INB_0104" | "FBA_INB_0197" | "FBA_INB_0342" | "FBA_INB_0465" | "UNKNOWN_INB_ERROR_CODE" | (string & {})>
}

export interface GetItemEligibilityPreviewParameters {
  readonly marketplaceIds?: ReadonlyArray<string>
  readonly asin: string
  readonly program: "INBOUND" | "COMMINGLING"
}

const operations = operationsOf('fba-inbound-eligibility-v1', api)

/** GET /fba/inbound/v1/eligibility/itemPreview */
export const getItemEligibilityPreview: Operation<GetItemEligibilityPreviewParameters, GetItemEligibilityPreviewResponse> =
  operations('getItemEligibilityPreview')
