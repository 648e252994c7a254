// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './finances-2024-06-19.json' with { type: 'json' }

export interface AmazonPayContext {
  readonly storeName?: string
  readonly orderType?: string
  readonly channel?: string
}

export interface Balance {
  readonly partnerMetadata?: PartnerMetadata
  readonly balanceType?: "AVAILABLE" | "RESERVED" | "ACCOUNT_LEVEL_RESERVE" | "DEFERRED" | "TOTAL" | (string & {})
  readonly amount?: Currency
  readonly balances?: ReadonlyArray<Balance>
  readonly asOfDate?: ApiDate
  readonly lastUpdatedTime?: string
}

export type Balances = ReadonlyArray<Balance>

export type BigDecimal = number

export interface Breakdown {
  readonly breakdownType?: string
  readonly breakdownAmount?: Currency
  readonly breakdowns?: ReadonlyArray<Breakdown>
}

export type Breakdowns = ReadonlyArray<Breakdown>

export interface BusinessContext {
  readonly storeName?: "AMAZON_HAUL" | (string & {})
}

export type Context = {
  readonly contextType: string
} & AmazonPayContext & ProductContext & PaymentsContext & DeferredContext & BusinessContext & TimeRangeContext

export type Contexts = ReadonlyArray<Context>

export interface Currency {
  readonly currencyCode?: string
  readonly currencyAmount?: BigDecimal
}

export type ApiDate = string

export interface DeferredContext {
  readonly deferralReason?: string
  readonly maturityDate?: ApiDate
}

export interface Item {
  readonly description?: string
  readonly relatedIdentifiers?: ItemRelatedIdentifiers
  readonly totalAmount?: Currency
  readonly breakdowns?: ReadonlyArray<Breakdown>
  readonly contexts?: Contexts
}

export interface ItemRelatedIdentifier {
  readonly itemRelatedIdentifierName?: "ORDER_ADJUSTMENT_ITEM_ID" | "COUPON_ID" | "REMOVAL_SHIPMENT_ITEM_ID" | "TRANSACTION_ID" | (string & {})
  readonly itemRelatedIdentifierValue?: string
}

export type ItemRelatedIdentifiers = ReadonlyArray<ItemRelatedIdentifier>

export type Items = ReadonlyArray<Item>

export interface ListBalancesResponse {
  readonly balances?: Balances
  readonly nextToken?: string
}

export interface ListTransactionsResponse {
  readonly payload?: TransactionsPayload
}

export interface MarketplaceDetails {
  readonly marketplaceId?: string
  readonly marketplaceName?: string
}

export interface PartnerMetadata {
  readonly partnerId?: string
  readonly accountType?: string
  readonly marketplaceId?: string
}

export interface PaymentsContext {
  readonly paymentType?: string
  readonly paymentMethod?: string
  readonly paymentReference?: string
  readonly paymentDate?: ApiDate
}

export interface ProductContext {
  readonly asin?: string
  readonly sku?: string
  readonly quantityShipped?: number
  readonly fulfillmentNetwork?: string
}

export interface RelatedIdentifier {
  readonly relatedIdentifierName?: "ORDER_ID" | "SHIPMENT_ID" | "FINANCIAL_EVENT_GROUP_ID" | "REFUND_ID" | "INVOICE_ID" | "DISBURSEMENT_ID" | "TRANSFER_ID" | "DEFERRED_TRANSACTION_ID" | "RELEASE_TRANSACTION_ID" | "SETTLEMENT_ID" | (string & {})
  readonly relatedIdentifierValue?: string
}

export type RelatedIdentifiers = ReadonlyArray<RelatedIdentifier>

export interface SellingPartnerMetadata {
  readonly sellingPartnerId?: string
  readonly accountType?: string
  readonly marketplaceId?: string
}

export interface Summary {
  readonly partnerMetadata?: PartnerMetadata
  readonly netProceeds?: Currency
  readonly relatedIdentifiers?: RelatedIdentifiers
  readonly breakdowns?: Breakdowns
  readonly periodStart?: ApiDate
  readonly periodEnd?: ApiDate
}

export interface SummaryResponse {
  readonly summaries?: ReadonlyArray<Summary>
  readonly nextToken?: string
}

export interface TimeRangeContext {
  readonly startTime?: ApiDate
  readonly endTime?: ApiDate
}

export interface Transaction {
  readonly sellingPartnerMetadata?: SellingPartnerMetadata
  readonly relatedIdentifiers?: RelatedIdentifiers
  readonly transactionType?: string
  readonly transactionId?: string
  readonly transactionStatus?: string
  readonly description?: string
  readonly postedDate?: ApiDate
  readonly totalAmount?: Currency
  readonly marketplaceDetails?: MarketplaceDetails
  readonly items?: Items
  readonly contexts?: Contexts
  readonly breakdowns?: ReadonlyArray<Breakdown>
}

export type Transactions = ReadonlyArray<Transaction>

export interface TransactionsPayload {
  readonly nextToken?: string
  readonly transactions?: Transactions
}

export interface ListBalancesParameters {
  readonly marketplaceIds?: ReadonlyArray<string>
  readonly balanceType?: string
  readonly accountType?: string
  readonly asOfDate?: string
  readonly nextToken?: string
}

export interface ListSummaryParameters {
  readonly marketplaceIds?: ReadonlyArray<string>
  readonly accountType?: string
  readonly relatedIdentifierName?: string
  readonly relatedIdentifierValue?: string
  readonly periodStart?: string
  readonly periodEnd?: string
  readonly nextToken?: string
}

export interface ListTransactionsParameters {
  readonly postedAfter?: string
  readonly postedBefore?: string
  readonly marketplaceId?: string
  readonly transactionStatus?: string
  readonly relatedIdentifierName?: string
  readonly relatedIdentifierValue?: string
  readonly nextToken?: string
}

const operations = operationsOf('finances-2024-06-19', api)

/** GET /finances/2024-06-19/balances */
export const listBalances: Operation<ListBalancesParameters, ListBalancesResponse> =
  operations('listBalances')

/** GET /finances/2024-06-19/summary */
export const listSummary: Operation<ListSummaryParameters, SummaryResponse> =
  operations('listSummary')

/** GET /finances/2024-06-19/transactions */
export const listTransactions: Operation<ListTransactionsParameters, ListTransactionsResponse> =
  operations('listTransactions')
