// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './transfers-2024-06-01.json' with { type: 'json' }

export type AssignmentType = "DEFAULT_DEPOSIT_METHOD" | (string & {})

export type BigDecimal = number

export interface Currency {
  readonly currencyCode?: string
  readonly currencyAmount?: BigDecimal
}

export type ApiDate = string

export interface ExpectedPayout {
  readonly partnerMetadata: PartnerMetadata
  readonly amount?: Currency
  readonly status: ExpectedPayoutStatusName
  readonly period?: Period
  readonly scheduledDate?: ApiDate
  readonly accountTail?: string
  readonly paymentMethod?: PaymentMethodName
  readonly relatedIdentifiers?: RelatedIdentifiers
}

export type ExpectedPayoutStatusName = "SCHEDULED" | "DISABLED" | "AT_RISK" | "NO_PAYOUT_EXPECTED" | (string & {})

export interface ExpiryDate {
  readonly month?: string
  readonly year?: string
}

export interface GetPaymentMethodsResponse {
  readonly paymentMethods?: PaymentMethodList
}

export interface InitiatePayoutRequest {
  readonly marketplaceId: MarketplaceId
  readonly accountType: string
}

export interface InitiatePayoutResponse {
  readonly payoutReferenceId: string
}

export interface ListExpectedPayoutsResponse {
  readonly expectedPayouts?: ReadonlyArray<ExpectedPayout>
  readonly nextToken?: string
}

export interface ListPayoutsResponse {
  readonly payouts?: ReadonlyArray<Payout>
  readonly nextToken?: string
}

export type MarketplaceId = string

export interface PartnerMetadata {
  readonly partnerId: string
  readonly accountType: string
  readonly marketplaceId: string
}

export interface PaymentMethodDetails {
  readonly accountHolderName?: string
  readonly paymentMethodId?: string
  readonly tail?: string
  readonly expiryDate?: ExpiryDate
  readonly countryCode?: string
  readonly paymentMethodType?: PaymentMethodType
  readonly assignmentType?: AssignmentType
}

export type PaymentMethodList = ReadonlyArray<PaymentMethodDetails>

export type PaymentMethodName = "BANK_ACCOUNT" | "DEBIT_CARD" | (string & {})

export type PaymentMethodType = "BANK_ACCOUNT" | "CARD" | "SELLER_WALLET" | (string & {})

export interface Payout {
  readonly id: string
  readonly partnerMetadata: PartnerMetadata
  readonly currentStatus: PayoutStatusName
  readonly statusHistory: ReadonlyArray<PayoutStatusEntry>
  readonly type?: PayoutTypeName
  readonly amount?: Currency
  readonly accountTail?: string
  readonly paymentMethod?: PaymentMethodName
  readonly creationDate?: ApiDate
  readonly paymentRail?: string
  readonly traceId?: string
  readonly period?: Period
  readonly relatedIdentifiers?: RelatedIdentifiers
}

export interface PayoutStatusEntry {
  readonly status: PayoutStatusName
  readonly lastUpdatedDate: ApiDate
  readonly failureReason?: string
}

export type PayoutStatusName = "STARTED" | "IN_TRANSIT" | "PAID" | "FAILED" | "CANCELLED" | "NO_PAYOUT" | (string & {})

export type PayoutTypeName = "SCHEDULED" | "ON_DEMAND" | (string & {})

export interface Period {
  readonly startDate: ApiDate
  readonly endDate?: ApiDate
}

export interface RelatedIdentifier {
  readonly relatedIdentifierName: RelatedIdentifierName
  readonly relatedIdentifierValue: string
}

export type RelatedIdentifierName = "SETTLEMENT_ID" | (string & {})

export type RelatedIdentifiers = ReadonlyArray<RelatedIdentifier>

export interface GetPaymentMethodsParameters {
  readonly marketplaceId: string
  readonly paymentMethodTypes?: ReadonlyArray<"BANK_ACCOUNT" | "CARD" | "SELLER_WALLET">
}

export interface InitiatePayoutParameters {
  readonly body: InitiatePayoutRequest
}

export interface ListExpectedPayoutsParameters {
  readonly marketplaceIds?: ReadonlyArray<string>
  readonly accountType?: string
  readonly nextToken?: string
}

export interface ListPayoutsParameters {
  readonly marketplaceIds?: ReadonlyArray<string>
  readonly createdAfter?: string
  readonly createdBefore?: string
  readonly payoutId?: string
  readonly accountType?: string
  readonly nextToken?: string
}

const operations = operationsOf('transfers-2024-06-01', api)

/** GET /finances/transfers/2024-06-01/paymentMethods */
export const getPaymentMethods: Operation<GetPaymentMethodsParameters, GetPaymentMethodsResponse> =
  operations('getPaymentMethods')

/** POST /finances/transfers/2024-06-01/payouts */
export const initiatePayout: Operation<InitiatePayoutParameters, InitiatePayoutResponse> =
  operations('initiatePayout')

/** GET /finances/transfers/2024-06-01/payouts/expected */
export const listExpectedPayouts: Operation<ListExpectedPayoutsParameters, ListExpectedPayoutsResponse> =
  operations('listExpectedPayouts')

/** GET /finances/transfers/2024-06-01/payouts */
export const listPayouts: Operation<ListPayoutsParameters, ListPayoutsResponse> =
  operations('listPayouts')
