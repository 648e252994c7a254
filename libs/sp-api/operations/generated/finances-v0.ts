// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './finances-v0.json' with { type: 'json' }

export interface AdhocDisbursementEvent {
  readonly TransactionType?: string
  readonly PostedDate?: ApiDate
  readonly TransactionId?: string
  readonly TransactionAmount?: Currency
}

export type AdhocDisbursementEventList = ReadonlyArray<AdhocDisbursementEvent>

export interface AdjustmentEvent {
  readonly AdjustmentType?: string
  readonly PostedDate?: ApiDate
  readonly StoreName?: string
  readonly AdjustmentAmount?: Currency
  readonly AdjustmentItemList?: AdjustmentItemList
}

export type AdjustmentEventList = ReadonlyArray<AdjustmentEvent>

export interface AdjustmentItem {
  readonly Quantity?: string
  readonly PerUnitAmount?: Currency
  readonly TotalAmount?: Currency
  readonly SellerSKU?: string
  readonly FnSKU?: string
  readonly ProductDescription?: string
  readonly ASIN?: string
  readonly TransactionNumber?: string
}

export type AdjustmentItemList = ReadonlyArray<AdjustmentItem>

export interface AffordabilityExpenseEvent {
  readonly AmazonOrderId?: string
  readonly PostedDate?: ApiDate
  readonly MarketplaceId?: string
  readonly TransactionType?: string
  readonly BaseExpense?: Currency
  readonly TaxTypeCGST: Currency
  readonly TaxTypeSGST: Currency
  readonly TaxTypeIGST: Currency
  readonly TotalExpense?: Currency
}

export type AffordabilityExpenseEventList = ReadonlyArray<AffordabilityExpenseEvent>

export type BigDecimal = number

export interface CapacityReservationBillingEvent {
  readonly TransactionType?: string
  readonly PostedDate?: ApiDate
  readonly Description?: string
  readonly TransactionAmount?: Currency
}

export type CapacityReservationBillingEventList = ReadonlyArray<CapacityReservationBillingEvent>

export interface ChargeComponent {
  readonly ChargeType?: string
  readonly ChargeAmount?: Currency
}

export type ChargeComponentList = ReadonlyArray<ChargeComponent>

export interface ChargeInstrument {
  readonly Description?: string
  readonly Tail?: string
  readonly Amount?: Currency
}

export type ChargeInstrumentList = ReadonlyArray<ChargeInstrument>

export interface ChargeRefundEvent {
  readonly PostedDate?: ApiDate
  readonly ReasonCode?: string
  readonly ReasonCodeDescription?: string
  readonly ChargeRefundTransactions?: ChargeRefundTransactions
}

export type ChargeRefundEventList = ReadonlyArray<ChargeRefundEvent>

export interface ChargeRefundTransaction {
  readonly ChargeAmount?: Currency
  readonly ChargeType?: string
}

export type ChargeRefundTransactions = ReadonlyArray<ChargeRefundTransaction>

export interface CouponPaymentEvent {
  readonly PostedDate?: ApiDate
  readonly CouponId?: string
  readonly SellerCouponDescription?: string
  readonly ClipOrRedemptionCount?: number
  readonly PaymentEventId?: string
  readonly FeeComponent?: FeeComponent
  readonly ChargeComponent?: ChargeComponent
  readonly TotalAmount?: Currency
}

export type CouponPaymentEventList = ReadonlyArray<CouponPaymentEvent>

export interface Currency {
  readonly CurrencyCode?: string
  readonly CurrencyAmount?: BigDecimal
}

export type ApiDate = string

export interface DebtRecoveryEvent {
  readonly DebtRecoveryType?: string
  readonly RecoveryAmount?: Currency
  readonly OverPaymentCredit?: Currency
  readonly DebtRecoveryItemList?: DebtRecoveryItemList
  readonly ChargeInstrumentList?: ChargeInstrumentList
}

export type DebtRecoveryEventList = ReadonlyArray<DebtRecoveryEvent>

export interface DebtRecoveryItem {
  readonly RecoveryAmount?: Currency
  readonly OriginalAmount?: Currency
  readonly GroupBeginDate?: ApiDate
  readonly GroupEndDate?: ApiDate
}

export type DebtRecoveryItemList = ReadonlyArray<DebtRecoveryItem>

export interface DirectPayment {
  readonly DirectPaymentType?: string
  readonly DirectPaymentAmount?: Currency
}

export type DirectPaymentList = ReadonlyArray<DirectPayment>

export interface EBTRefundReimbursementOnlyEvent {
  readonly OrderId?: string
  readonly PostedDate?: ApiDate
  readonly Amount?: Currency
}

export type EBTRefundReimbursementOnlyEventList = ReadonlyArray<EBTRefundReimbursementOnlyEvent>

export interface ApiError {
  readonly code: string
  readonly message: string
  readonly details?: string
}

export type ErrorList = ReadonlyArray<ApiError>

export interface FBALiquidationEvent {
  readonly PostedDate?: ApiDate
  readonly OriginalRemovalOrderId?: string
  readonly LiquidationProceedsAmount?: Currency
  readonly LiquidationFeeAmount?: Currency
}

export type FBALiquidationEventList = ReadonlyArray<FBALiquidationEvent>

export interface FailedAdhocDisbursementEvent {
  readonly FundsTransfersType?: string
  readonly TransferId?: string
  readonly DisbursementId?: string
  readonly PaymentDisbursementType?: string
  readonly Status?: string
  readonly TransferAmount?: Currency
  readonly PostedDate?: ApiDate
}

export type FailedAdhocDisbursementEventList = ReadonlyArray<FailedAdhocDisbursementEvent>

export interface FeeComponent {
  readonly FeeType?: string
  readonly FeeAmount?: Currency
}

export type FeeComponentList = ReadonlyArray<FeeComponent>

export interface FinancialEventGroup {
  readonly FinancialEventGroupId?: string
  readonly ProcessingStatus?: string
  readonly FundTransferStatus?: string
  readonly OriginalTotal?: Currency
  readonly ConvertedTotal?: Currency
  readonly FundTransferDate?: ApiDate
  readonly TraceId?: string
  readonly AccountTail?: string
  readonly BeginningBalance?: Currency
  readonly FinancialEventGroupStart?: ApiDate
  readonly FinancialEventGroupEnd?: ApiDate
}

export type FinancialEventGroupList = ReadonlyArray<FinancialEventGroup>

export interface FinancialEvents {
  readonly ShipmentEventList?: ShipmentEventList
  readonly ShipmentSettleEventList?: ShipmentSettleEventList
  readonly RefundEventList?: ShipmentEventList
  readonly GuaranteeClaimEventList?: ShipmentEventList
  readonly EBTRefundReimbursementOnlyEventList?: EBTRefundReimbursementOnlyEventList
  readonly ChargebackEventList?: ShipmentEventList
  readonly PayWithAmazonEventList?: PayWithAmazonEventList
  readonly ServiceProviderCreditEventList?: SolutionProviderCreditEventList
  readonly RetrochargeEventList?: RetrochargeEventList
  readonly RentalTransactionEventList?: RentalTransactionEventList
  readonly ProductAdsPaymentEventList?: ProductAdsPaymentEventList
  readonly ServiceFeeEventList?: ServiceFeeEventList
  readonly SellerDealPaymentEventList?: SellerDealPaymentEventList
  readonly DebtRecoveryEventList?: DebtRecoveryEventList
  readonly LoanServicingEventList?: LoanServicingEventList
  readonly AdjustmentEventList?: AdjustmentEventList
  readonly SAFETReimbursementEventList?: SAFETReimbursementEventList
  readonly SellerReviewEnrollmentPaymentEventList?: SellerReviewEnrollmentPaymentEventList
  readonly FBALiquidationEventList?: FBALiquidationEventList
  readonly CouponPaymentEventList?: CouponPaymentEventList
  readonly ImagingServicesFeeEventList?: ImagingServicesFeeEventList
  readonly NetworkComminglingTransactionEventList?: NetworkComminglingTransactionEventList
  readonly AffordabilityExpenseEventList?: AffordabilityExpenseEventList
  readonly AffordabilityExpenseReversalEventList?: AffordabilityExpenseEventList
  readonly RemovalShipmentEventList?: RemovalShipmentEventList
  readonly RemovalShipmentAdjustmentEventList?: RemovalShipmentAdjustmentEventList
  readonly TrialShipmentEventList?: TrialShipmentEventList
  readonly TDSReimbursementEventList?: TDSReimbursementEventList
  readonly AdhocDisbursementEventList?: AdhocDisbursementEventList
  readonly TaxWithholdingEventList?: TaxWithholdingEventList
  readonly ChargeRefundEventList?: ChargeRefundEventList
  readonly FailedAdhocDisbursementEventList?: FailedAdhocDisbursementEventList
  readonly ValueAddedServiceChargeEventList?: ValueAddedServiceChargeEventList
  readonly CapacityReservationBillingEventList?: CapacityReservationBillingEventList
}

export interface ImagingServicesFeeEvent {
  readonly ImagingRequestBillingItemID?: string
  readonly ASIN?: string
  readonly PostedDate?: ApiDate
  readonly FeeList?: FeeComponentList
}

export type ImagingServicesFeeEventList = ReadonlyArray<ImagingServicesFeeEvent>

export interface ListFinancialEventGroupsPayload {
  readonly NextToken?: string
  readonly FinancialEventGroupList?: FinancialEventGroupList
}

export interface ListFinancialEventGroupsResponse {
  readonly payload?: ListFinancialEventGroupsPayload
  readonly errors?: ErrorList
}

export interface ListFinancialEventsPayload {
  readonly NextToken?: string
  readonly FinancialEvents?: FinancialEvents
}

export interface ListFinancialEventsResponse {
  readonly payload?: ListFinancialEventsPayload
  readonly errors?: ErrorList
}

export interface LoanServicingEvent {
  readonly LoanAmount?: Currency
  readonly SourceBusinessEventType?: string
}

export type LoanServicingEventList = ReadonlyArray<LoanServicingEvent>

export interface NetworkComminglingTransactionEvent {
  readonly TransactionType?: string
  readonly PostedDate?: ApiDate
  readonly NetCoTransactionID?: string
  readonly SwapReason?: string
  readonly ASIN?: string
  readonly MarketplaceId?: string
  readonly TaxExclusiveAmount?: Currency
  readonly TaxAmount?: Currency
}

export type NetworkComminglingTransactionEventList = ReadonlyArray<NetworkComminglingTransactionEvent>

export interface PayWithAmazonEvent {
  readonly SellerOrderId?: string
  readonly TransactionPostedDate?: ApiDate
  readonly BusinessObjectType?: string
  readonly SalesChannel?: string
  readonly Charge?: ChargeComponent
  readonly FeeList?: FeeComponentList
  readonly PaymentAmountType?: string
  readonly AmountDescription?: string
  readonly FulfillmentChannel?: string
  readonly StoreName?: string
}

export type PayWithAmazonEventList = ReadonlyArray<PayWithAmazonEvent>

export interface ProductAdsPaymentEvent {
  readonly postedDate?: ApiDate
  readonly transactionType?: string
  readonly invoiceId?: string
  readonly baseValue?: Currency
  readonly taxValue?: Currency
  readonly transactionValue?: Currency
}

export type ProductAdsPaymentEventList = ReadonlyArray<ProductAdsPaymentEvent>

export interface Promotion {
  readonly PromotionType?: string
  readonly PromotionId?: string
  readonly PromotionAmount?: Currency
}

export type PromotionList = ReadonlyArray<Promotion>

export interface RemovalShipmentAdjustmentEvent {
  readonly PostedDate?: ApiDate
  readonly AdjustmentEventId?: string
  readonly MerchantOrderId?: string
  readonly OrderId?: string
  readonly TransactionType?: string
  readonly RemovalShipmentItemAdjustmentList?: ReadonlyArray<RemovalShipmentItemAdjustment>
}

export type RemovalShipmentAdjustmentEventList = ReadonlyArray<RemovalShipmentAdjustmentEvent>

export interface RemovalShipmentEvent {
  readonly PostedDate?: ApiDate
  readonly MerchantOrderId?: string
  readonly OrderId?: string
  readonly TransactionType?: string
  readonly StoreName?: string
  readonly RemovalShipmentItemList?: RemovalShipmentItemList
}

export type RemovalShipmentEventList = ReadonlyArray<RemovalShipmentEvent>

export interface RemovalShipmentItem {
  readonly RemovalShipmentItemId?: string
  readonly TaxCollectionModel?: string
  readonly FulfillmentNetworkSKU?: string
  readonly Quantity?: number
  readonly Revenue?: Currency
  readonly FeeAmount?: Currency
  readonly TaxAmount?: Currency
  readonly TaxWithheld?: Currency
}

export interface RemovalShipmentItemAdjustment {
  readonly RemovalShipmentItemId?: string
  readonly TaxCollectionModel?: string
  readonly FulfillmentNetworkSKU?: string
  readonly AdjustedQuantity?: number
  readonly RevenueAdjustment?: Currency
  readonly TaxAmountAdjustment?: Currency
  readonly TaxWithheldAdjustment?: Currency
}

export type RemovalShipmentItemList = ReadonlyArray<RemovalShipmentItem>

export interface RentalTransactionEvent {
  readonly AmazonOrderId?: string
  readonly RentalEventType?: string
  readonly ExtensionLength?: number
  readonly PostedDate?: ApiDate
  readonly RentalChargeList?: ChargeComponentList
  readonly RentalFeeList?: FeeComponentList
  readonly MarketplaceName?: string
  readonly RentalInitialValue?: Currency
  readonly RentalReimbursement?: Currency
  readonly RentalTaxWithheldList?: TaxWithheldComponentList
}

export type RentalTransactionEventList = ReadonlyArray<RentalTransactionEvent>

export interface RetrochargeEvent {
  readonly RetrochargeEventType?: string
  readonly AmazonOrderId?: string
  readonly PostedDate?: ApiDate
  readonly BaseTax?: Currency
  readonly ShippingTax?: Currency
  readonly MarketplaceName?: string
  readonly RetrochargeTaxWithheldList?: TaxWithheldComponentList
}

export type RetrochargeEventList = ReadonlyArray<RetrochargeEvent>

export interface SAFETReimbursementEvent {
  readonly PostedDate?: ApiDate
  readonly SAFETClaimId?: string
  readonly ReimbursedAmount?: Currency
  readonly ReasonCode?: string
  readonly SAFETReimbursementItemList?: SAFETReimbursementItemList
}

export type SAFETReimbursementEventList = ReadonlyArray<SAFETReimbursementEvent>

export interface SAFETReimbursementItem {
  readonly itemChargeList?: ChargeComponentList
  readonly productDescription?: string
  readonly quantity?: string
}

export type SAFETReimbursementItemList = ReadonlyArray<SAFETReimbursementItem>

export interface SellerDealPaymentEvent {
  readonly postedDate?: ApiDate
  readonly dealId?: string
  readonly dealDescription?: string
  readonly eventType?: string
  readonly feeType?: string
  readonly feeAmount?: Currency
  readonly taxAmount?: Currency
  readonly totalAmount?: Currency
}

export type SellerDealPaymentEventList = ReadonlyArray<SellerDealPaymentEvent>

export interface SellerReviewEnrollmentPaymentEvent {
  readonly PostedDate?: ApiDate
  readonly EnrollmentId?: string
  readonly ParentASIN?: string
  readonly FeeComponent?: FeeComponent
  readonly ChargeComponent?: ChargeComponent
  readonly TotalAmount?: Currency
}

export type SellerReviewEnrollmentPaymentEventList = ReadonlyArray<SellerReviewEnrollmentPaymentEvent>

export interface ServiceFeeEvent {
  readonly AmazonOrderId?: string
  readonly FeeReason?: string
  readonly FeeList?: FeeComponentList
  readonly SellerSKU?: string
  readonly FnSKU?: string
  readonly FeeDescription?: string
  readonly ASIN?: string
  readonly StoreName?: string
}

export type ServiceFeeEventList = ReadonlyArray<ServiceFeeEvent>

export interface ShipmentEvent {
  readonly AmazonOrderId?: string
  readonly SellerOrderId?: string
  readonly MarketplaceName?: string
  readonly StoreName?: string
  readonly OrderChargeList?: ChargeComponentList
  readonly OrderChargeAdjustmentList?: ChargeComponentList
  readonly ShipmentFeeList?: FeeComponentList
  readonly ShipmentFeeAdjustmentList?: FeeComponentList
  readonly OrderFeeList?: FeeComponentList
  readonly OrderFeeAdjustmentList?: FeeComponentList
  readonly DirectPaymentList?: DirectPaymentList
  readonly PostedDate?: ApiDate
  readonly ShipmentItemList?: ShipmentItemList
  readonly ShipmentItemAdjustmentList?: ShipmentItemList
}

export type ShipmentEventList = ReadonlyArray<ShipmentEvent>

export interface ShipmentItem {
  readonly SellerSKU?: string
  readonly OrderItemId?: string
  readonly OrderAdjustmentItemId?: string
  readonly QuantityShipped?: number
  readonly ItemChargeList?: ChargeComponentList
  readonly ItemChargeAdjustmentList?: ChargeComponentList
  readonly ItemFeeList?: FeeComponentList
  readonly ItemFeeAdjustmentList?: FeeComponentList
  readonly ItemTaxWithheldList?: TaxWithheldComponentList
  readonly PromotionList?: PromotionList
  readonly PromotionAdjustmentList?: PromotionList
  readonly CostOfPointsGranted?: Currency
  readonly CostOfPointsReturned?: Currency
}

export type ShipmentItemList = ReadonlyArray<ShipmentItem>

export type ShipmentSettleEventList = ReadonlyArray<ShipmentEvent>

export interface SolutionProviderCreditEvent {
  readonly ProviderTransactionType?: string
  readonly SellerOrderId?: string
  readonly MarketplaceId?: string
  readonly MarketplaceCountryCode?: string
  readonly SellerId?: string
  readonly SellerStoreName?: string
  readonly ProviderId?: string
  readonly ProviderStoreName?: string
  readonly TransactionAmount?: Currency
  readonly TransactionCreationDate?: ApiDate
}

export type SolutionProviderCreditEventList = ReadonlyArray<SolutionProviderCreditEvent>

export interface TDSReimbursementEvent {
  readonly PostedDate?: ApiDate
  readonly TDSOrderId?: string
  readonly ReimbursedAmount?: Currency
}

export type TDSReimbursementEventList = ReadonlyArray<TDSReimbursementEvent>

export interface TaxWithheldComponent {
  readonly TaxCollectionModel?: string
  readonly TaxesWithheld?: ChargeComponentList
}

export type TaxWithheldComponentList = ReadonlyArray<TaxWithheldComponent>

export interface TaxWithholdingEvent {
  readonly PostedDate?: ApiDate
  readonly BaseAmount?: Currency
  readonly WithheldAmount?: Currency
  readonly TaxWithholdingPeriod?: TaxWithholdingPeriod
}

export type TaxWithholdingEventList = ReadonlyArray<TaxWithholdingEvent>

export interface TaxWithholdingPeriod {
  readonly StartDate?: ApiDate
  readonly EndDate?: ApiDate
}

export interface TrialShipmentEvent {
  readonly AmazonOrderId?: string
  readonly FinancialEventGroupId?: string
  readonly PostedDate?: ApiDate
  readonly SKU?: string
  readonly FeeList?: FeeComponentList
}

export type TrialShipmentEventList = ReadonlyArray<TrialShipmentEvent>

export interface ValueAddedServiceChargeEvent {
  readonly TransactionType?: string
  readonly PostedDate?: ApiDate
  readonly Description?: string
  readonly TransactionAmount?: Currency
}

export type ValueAddedServiceChargeEventList = ReadonlyArray<ValueAddedServiceChargeEvent>

export interface ListFinancialEventGroupsParameters {
  readonly MaxResultsPerPage?: number
  readonly FinancialEventGroupStartedBefore?: string
  readonly FinancialEventGroupStartedAfter?: string
  readonly NextToken?: string
}

export interface ListFinancialEventsParameters {
  readonly MaxResultsPerPage?: number
  readonly PostedAfter?: string
  readonly PostedBefore?: string
  readonly NextToken?: string
}

export interface ListFinancialEventsByGroupIdParameters {
  readonly MaxResultsPerPage?: number
  readonly PostedAfter?: string
  readonly PostedBefore?: string
  readonly eventGroupId: string
  readonly NextToken?: string
}

export interface ListFinancialEventsByOrderIdParameters {
  readonly orderId: string
  readonly MaxResultsPerPage?: number
  readonly NextToken?: string
}

const operations = operationsOf('finances-v0', api)

/** GET /finances/v0/financialEventGroups */
export const listFinancialEventGroups: Operation<ListFinancialEventGroupsParameters, ListFinancialEventGroupsResponse> =
  operations('listFinancialEventGroups')

/** GET /finances/v0/financialEvents */
export const listFinancialEvents: Operation<ListFinancialEventsParameters, ListFinancialEventsResponse> =
  operations('listFinancialEvents')

/** GET /finances/v0/financialEventGroups/{eventGroupId}/financialEvents */
export const listFinancialEventsByGroupId: Operation<ListFinancialEventsByGroupIdParameters, ListFinancialEventsResponse> =
  operations('listFinancialEventsByGroupId')

/** GET /finances/v0/orders/{orderId}/financialEvents */
export const listFinancialEventsByOrderId: Operation<ListFinancialEventsByOrderIdParameters, ListFinancialEventsResponse> =
  operations('listFinancialEventsByOrderId')
