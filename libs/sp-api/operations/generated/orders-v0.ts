// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './orders-v0.json' with { type: 'json' }

export interface Address {
  readonly Name?: string
  readonly CompanyName?: string
  readonly AddressLine1?: string
  readonly AddressLine2?: string
  readonly AddressLine3?: string
  readonly City?: string
  readonly County?: string
  readonly District?: string
  readonly StateOrRegion?: string
  readonly Municipality?: string
  readonly PostalCode?: string
  readonly CountryCode?: string
  readonly Phone?: string
  readonly ExtendedFields?: AddressExtendedFields
  readonly AddressType?: "Residential" | "Commercial" | (string & {})
}

export interface AddressExtendedFields {
  readonly StreetName?: string
  readonly StreetNumber?: string
  readonly Complement?: string
  readonly Neighborhood?: string
  readonly GeoCoordinates?: GeoCoordinates
}

export interface AmazonPrograms {
  readonly Programs: ReadonlyArray<string>
}

export type ApprovedAlternativeDetails = ReadonlyArray<ApprovedAttribute>

export interface ApprovedAttribute {
  readonly attributeName: string
  readonly originalValue: string
  readonly approvedValue: string
}

export interface AssociatedItem {
  readonly OrderId?: string
  readonly OrderItemId?: string
  readonly AssociationType?: AssociationType
}

export type AssociationType = "VALUE_ADD_SERVICE" | (string & {})

export interface AutomatedShippingSettings {
  readonly HasAutomatedShippingSettings?: boolean
  readonly AutomatedCarrier?: string
  readonly AutomatedShipMethod?: string
}

export interface BusinessHours {
  readonly DayOfWeek?: "SUN" | "MON" | "TUE" | "WED" | "THU" | "FRI" | "SAT" | (string & {})
  readonly OpenIntervals?: ReadonlyArray<OpenInterval>
}

export interface BuyerCustomizedInfoDetail {
  readonly CustomizedURL?: string
}

export interface BuyerInfo {
  readonly BuyerEmail?: string
  readonly BuyerName?: string
  readonly BuyerCounty?: string
  readonly BuyerTaxInfo?: BuyerTaxInfo
  readonly PurchaseOrderNumber?: string
}

export interface BuyerRequestedCancel {
  readonly IsBuyerRequestedCancel?: string
  readonly BuyerCancelReason?: string
}

export interface BuyerTaxInfo {
  readonly CompanyLegalName?: string
  readonly TaxingRegion?: string
  readonly TaxClassifications?: ReadonlyArray<TaxClassification>
}

export interface BuyerTaxInformation {
  readonly BuyerLegalCompanyName?: string
  readonly BuyerBusinessAddress?: string
  readonly BuyerTaxRegistrationId?: string
  readonly BuyerTaxOffice?: string
}

export interface ConfirmShipmentOrderItem {
  readonly orderItemId: string
  readonly quantity: number
  readonly transparencyCodes?: TransparencyCodeList
}

export type ConfirmShipmentOrderItemsList = ReadonlyArray<ConfirmShipmentOrderItem>

export interface ConfirmShipmentRequest {
  readonly packageDetail: PackageDetail
  readonly codCollectionMethod?: "DirectPayment" | (string & {})
  readonly marketplaceId: MarketplaceId
}

export type ConstraintType = "MANDATORY" | (string & {})

export interface DeliveryPreferences {
  readonly DropOffLocation?: string
  readonly PreferredDeliveryTime?: PreferredDeliveryTime
  readonly OtherAttributes?: ReadonlyArray<OtherDeliveryAttributes>
  readonly AddressInstructions?: string
}

export type EasyShipShipmentStatus = "PendingSchedule" | "PendingPickUp" | "PendingDropOff" | "LabelCanceled" | "PickedUp" | "DroppedOff" | "AtOriginFC" | "AtDestinationFC" | "Delivered" | "RejectedByBuyer" | "Undeliverable" | "ReturningToSeller" | "ReturnedToSeller" | "Lost" | "OutForDelivery" | "Damaged" | (string & {})

export type ElectronicInvoiceStatus = "NotRequired" | "NotFound" | "Processing" | "Errored" | "Accepted" | (string & {})

export interface ApiError {
  readonly code: string
  readonly message: string
  readonly details?: string
}

export type ErrorList = ReadonlyArray<ApiError>

export interface ExceptionDates {
  readonly ExceptionDate?: string
  readonly IsOpen?: boolean
  readonly OpenIntervals?: ReadonlyArray<OpenInterval>
}

export interface FulfillmentInstruction {
  readonly FulfillmentSupplySourceId?: string
}

export interface GeoCoordinates {
  readonly Latitude?: number
  readonly Longitude?: number
}

export interface GetOrderAddressResponse {
  readonly payload?: OrderAddress
  readonly errors?: ErrorList
}

export interface GetOrderBuyerInfoResponse {
  readonly payload?: OrderBuyerInfo
  readonly errors?: ErrorList
}

export interface GetOrderItemsBuyerInfoResponse {
  readonly payload?: OrderItemsBuyerInfoList
  readonly errors?: ErrorList
}

export interface GetOrderItemsResponse {
  readonly payload?: OrderItemsList
  readonly errors?: ErrorList
}

export interface GetOrderRegulatedInfoResponse {
  readonly payload?: OrderRegulatedInfo
  readonly errors?: ErrorList
}

export interface GetOrderResponse {
  readonly payload?: Order
  readonly errors?: ErrorList
}

export interface GetOrdersResponse {
  readonly payload?: OrdersList
  readonly errors?: ErrorList
}

export interface InterimStatusDetail {
  readonly statusCode: string
  readonly statusDateTime: string
}

export interface ItemBuyerInfo {
  readonly BuyerCustomizedInfo?: BuyerCustomizedInfoDetail
  readonly GiftWrapPrice?: Money
  readonly GiftWrapTax?: Money
  readonly GiftMessageText?: string
  readonly GiftWrapLevel?: string
}

export type MarketplaceId = string

export interface MarketplaceTaxInfo {
  readonly TaxClassifications?: ReadonlyArray<TaxClassification>
}

export interface Measurement {
  readonly Unit: "OUNCES" | "POUNDS" | "KILOGRAMS" | "GRAMS" | "MILLIGRAMS" | "INCHES" | "FEET" | "METERS" | "CENTIMETERS" | "MILLIMETERS" | "SQUARE_METERS" | "SQUARE_CENTIMETERS" | "SQUARE_FEET" | "SQUARE_INCHES" | "GALLONS" | "PINTS" | "QUARTS" | "FLUID_OUNCES" | "LITERS" | "CUBIC_METERS" | "CUBIC_FEET" | "CUBIC_INCHES" | "CUBIC_CENTIMETERS" | "COUNT" | (string & {})
  readonly Value: number
}

export interface Money {
  readonly CurrencyCode?: string
  readonly Amount?: string
}

export interface OpenInterval {
  readonly StartTime?: OpenTimeInterval
  readonly EndTime?: OpenTimeInterval
}

export interface OpenTimeInterval {
  readonly Hour?: number
  readonly Minute?: number
}

export interface Order {
  readonly AmazonOrderId: string
  readonly SellerOrderId?: string
  readonly PurchaseDate: string
  readonly LastUpdateDate: string
  readonly OrderStatus: "Pending" | "Unshipped" | "PartiallyShipped" | "Shipped" | "Canceled" | "Unfulfillable" | "InvoiceUnconfirmed" | "PendingAvailability" | (string & {})
  readonly FulfillmentChannel?: "MFN" | "AFN" | (string & {})
  readonly SalesChannel?: string
  readonly OrderChannel?: string
  readonly ShipServiceLevel?: string
  readonly OrderTotal?: Money
  readonly NumberOfItemsShipped?: number
  readonly NumberOfItemsUnshipped?: number
  readonly PaymentExecutionDetail?: PaymentExecutionDetailItemList
  readonly PaymentMethod?: "COD" | "CVS" | "Other" | (string & {})
  readonly PaymentMethodDetails?: PaymentMethodDetailItemList
  readonly MarketplaceId?: string
  readonly ShipmentServiceLevelCategory?: string
  readonly EasyShipShipmentStatus?: EasyShipShipmentStatus
  readonly CbaDisplayableShippingLabel?: string
  readonly OrderType?: "StandardOrder" | "LongLeadTimeOrder" | "Preorder" | "BackOrder" | "SourcingOnDemandOrder" | (string & {})
  readonly EarliestShipDate?: string
  readonly LatestShipDate?: string
  readonly EarliestDeliveryDate?: string
  readonly LatestDeliveryDate?: string
  readonly IsBusinessOrder?: boolean
  readonly IsPrime?: boolean
  readonly IsPremiumOrder?: boolean
  readonly IsGlobalExpressEnabled?: boolean
  readonly ReplacedOrderId?: string
  readonly IsReplacementOrder?: boolean
  readonly PromiseResponseDueDate?: string
  readonly IsEstimatedShipDateSet?: boolean
  readonly IsSoldByAB?: boolean
  readonly IsIBA?: boolean
  readonly DefaultShipFromLocationAddress?: Address
  readonly BuyerInvoicePreference?: "INDIVIDUAL" | "BUSINESS" | (string & {})
  readonly BuyerTaxInformation?: BuyerTaxInformation
  readonly FulfillmentInstruction?: FulfillmentInstruction
  readonly IsISPU?: boolean
  readonly IsAccessPointOrder?: boolean
  readonly MarketplaceTaxInfo?: MarketplaceTaxInfo
  readonly SellerDisplayName?: string
  readonly ShippingAddress?: Address
  readonly BuyerInfo?: BuyerInfo
  readonly AutomatedShippingSettings?: AutomatedShippingSettings
  readonly HasRegulatedItems?: boolean
  readonly ElectronicInvoiceStatus?: ElectronicInvoiceStatus
}

export interface OrderAddress {
  readonly AmazonOrderId: string
  readonly BuyerCompanyName?: string
  readonly ShippingAddress?: Address
  readonly DeliveryPreferences?: DeliveryPreferences
}

export interface OrderBuyerInfo {
  readonly AmazonOrderId: string
  readonly BuyerEmail?: string
  readonly BuyerName?: string
  readonly BuyerCounty?: string
  readonly BuyerTaxInfo?: BuyerTaxInfo
  readonly PurchaseOrderNumber?: string
}

export interface OrderItem {
  readonly ASIN: string
  readonly SellerSKU?: string
  readonly OrderItemId: string
  readonly AssociatedItems?: ReadonlyArray<AssociatedItem>
  readonly Title?: string
  readonly QuantityOrdered: number
  readonly QuantityShipped?: number
  readonly ProductInfo?: ProductInfoDetail
  readonly PointsGranted?: PointsGrantedDetail
  readonly ItemPrice?: Money
  readonly ShippingPrice?: Money
  readonly ItemTax?: Money
  readonly ShippingTax?: Money
  readonly ShippingDiscount?: Money
  readonly ShippingDiscountTax?: Money
  readonly PromotionDiscount?: Money
  readonly PromotionDiscountTax?: Money
  readonly PromotionIds?: PromotionIdList
  readonly CODFee?: Money
  readonly CODFeeDiscount?: Money
  readonly IsGift?: string
  readonly ConditionNote?: string
  readonly ConditionId?: string
  readonly ConditionSubtypeId?: string
  readonly ScheduledDeliveryStartDate?: string
  readonly ScheduledDeliveryEndDate?: string
  readonly PriceDesignation?: string
  readonly TaxCollection?: TaxCollection
  readonly SerialNumberRequired?: boolean
  readonly IsTransparency?: boolean
  readonly IossNumber?: string
  readonly StoreChainStoreId?: string
  readonly DeemedResellerCategory?: "IOSS" | "UOSS" | (string & {})
  readonly BuyerInfo?: ItemBuyerInfo
  readonly BuyerRequestedCancel?: BuyerRequestedCancel
  readonly SerialNumbers?: ReadonlyArray<string>
  readonly SubstitutionPreferences?: SubstitutionPreferences
  readonly Measurement?: Measurement
  readonly ShippingConstraints?: ShippingConstraints
  readonly AmazonPrograms?: AmazonPrograms
}

export interface OrderItemBuyerInfo {
  readonly OrderItemId: string
  readonly BuyerCustomizedInfo?: BuyerCustomizedInfoDetail
  readonly GiftWrapPrice?: Money
  readonly GiftWrapTax?: Money
  readonly GiftMessageText?: string
  readonly GiftWrapLevel?: string
}

export type OrderItemBuyerInfoList = ReadonlyArray<OrderItemBuyerInfo>

export type OrderItemList = ReadonlyArray<OrderItem>

export type OrderItems = ReadonlyArray<{
  readonly orderItemId?: string
  readonly quantity?: number
}>

export interface OrderItemsBuyerInfoList {
  readonly OrderItems: OrderItemBuyerInfoList
  readonly NextToken?: string
  readonly AmazonOrderId: string
}

export interface OrderItemsList {
  readonly OrderItems: OrderItemList
  readonly NextToken?: string
  readonly AmazonOrderId: string
}

export type OrderList = ReadonlyArray<Order>

export interface OrderRegulatedInfo {
  readonly AmazonOrderId: string
  readonly RegulatedInformation: RegulatedInformation
  readonly RequiresDosageLabel: boolean
  readonly RegulatedOrderVerificationStatus: RegulatedOrderVerificationStatus
}

export interface OrdersList {
  readonly Orders: OrderList
  readonly NextToken?: string
  readonly LastUpdatedBefore?: string
  readonly CreatedBefore?: string
}

export type OtherDeliveryAttributes = "HAS_ACCESS_POINT" | "PALLET_ENABLED" | "PALLET_DISABLED" | (string & {})

export interface PackageDetail {
  readonly packageReferenceId: PackageReferenceId
  readonly carrierCode: string
  readonly carrierName?: string
  readonly shippingMethod?: string
  readonly trackingNumber: string
  readonly shipDate: string
  readonly shipFromSupplySourceId?: string
  readonly orderItems: ConfirmShipmentOrderItemsList
}

export type PackageReferenceId = string

export interface PaymentExecutionDetailItem {
  readonly Payment: Money
  readonly PaymentMethod: string
  readonly AcquirerId?: string
  readonly CardBrand?: string
  readonly AuthorizationCode?: string
}

export type PaymentExecutionDetailItemList = ReadonlyArray<PaymentExecutionDetailItem>

export type PaymentMethodDetailItemList = ReadonlyArray<string>

export interface PointsGrantedDetail {
  readonly PointsNumber?: number
  readonly PointsMonetaryValue?: Money
}

export interface PreferredDeliveryTime {
  readonly BusinessHours?: ReadonlyArray<BusinessHours>
  readonly ExceptionDates?: ReadonlyArray<ExceptionDates>
}

export interface PrescriptionDetail {
  readonly prescriptionId: string
  readonly expirationDate: string
  readonly writtenQuantity: number
  readonly totalRefillsAuthorized: number
  readonly refillsRemaining: number
  readonly clinicId: string
  readonly usageInstructions: string
}

export interface ProductInfoDetail {
  readonly NumberOfItems?: string
}

export type PromotionIdList = ReadonlyArray<string>

export interface RegulatedInformation {
  readonly Fields: ReadonlyArray<RegulatedInformationField>
}

export interface RegulatedInformationField {
  readonly FieldId: string
  readonly FieldLabel: string
  readonly FieldType: "Text" | "FileAttachment" | (string & {})
  readonly FieldValue: string
}

export interface RegulatedOrderVerificationStatus {
  readonly Status: VerificationStatus
  readonly RequiresMerchantAction: boolean
  readonly ValidRejectionReasons: ReadonlyArray<RejectionReason>
  readonly RejectionReason?: RejectionReason
  readonly ReviewDate?: string
  readonly ExternalReviewerId?: string
  readonly ValidVerificationDetails?: ReadonlyArray<ValidVerificationDetail>
  readonly ValidInterimStatusCodes?: ReadonlyArray<ValidInterimStatusCode>
}

export interface RejectionReason {
  readonly RejectionReasonId: string
  readonly RejectionReasonDescription: string
}

export type ShipmentStatus = "ReadyForPickup" | "PickedUp" | "RefusedPickup" | (string & {})

export interface ShippingConstraints {
  readonly PalletDelivery?: ConstraintType
  readonly SignatureConfirmation?: ConstraintType
  readonly RecipientIdentityVerification?: ConstraintType
  readonly RecipientAgeVerification?: ConstraintType
}

export interface SubstitutionOption {
  readonly ASIN?: string
  readonly QuantityOrdered?: number
  readonly SellerSKU?: string
  readonly Title?: string
  readonly Measurement?: Measurement
}

export type SubstitutionOptionList = ReadonlyArray<SubstitutionOption>

export interface SubstitutionPreferences {
  readonly SubstitutionType: "CUSTOMER_PREFERENCE" | "AMAZON_RECOMMENDED" | "DO_NOT_SUBSTITUTE" | (string & {})
  readonly SubstitutionOptions?: SubstitutionOptionList
}

export interface TaxClassification {
  readonly Name?: string
  readonly Value?: string
}

export interface TaxCollection {
  readonly Model?: "MarketplaceFacilitator" | (string & {})
  readonly ResponsibleParty?: "Amazon Services, Inc." | (string & {})
}

export type TransparencyCode = string

export type TransparencyCodeList = ReadonlyArray<TransparencyCode>

export interface UpdateShipmentStatusRequest {
  readonly marketplaceId: MarketplaceId
  readonly shipmentStatus: ShipmentStatus
  readonly orderItems?: OrderItems
}

export interface UpdateVerificationStatusRequest {
  readonly regulatedOrderVerificationStatus: UpdateVerificationStatusRequestBody
}

export interface UpdateVerificationStatusRequestBody {
  readonly status?: VerificationStatus
  readonly externalReviewerId: string
  readonly rejectionReasonId?: string
  readonly verificationDetails?: VerificationDetails
}

export interface ValidInterimStatusCode {
  readonly StatusCode: string
  readonly StatusDescription: string
}

export interface ValidVerificationDetail {
  readonly VerificationDetailType: string
  readonly ValidVerificationStatuses: ReadonlyArray<VerificationStatus>
}

export interface VerificationDetails {
  readonly prescriptionDetail?: PrescriptionDetail
  readonly approvedAlternativeDetails?: ApprovedAlternativeDetails
  readonly interimStatusDetail?: InterimStatusDetail
}

export type VerificationStatus = "Pending" | "Approved" | "Rejected" | "Expired" | "Cancelled" | (string & {})

export interface ConfirmShipmentParameters {
  readonly orderId: string
  readonly body: ConfirmShipmentRequest
}

export interface GetOrderParameters {
  readonly orderId: string
}

export interface GetOrderAddressParameters {
  readonly orderId: string
}

export interface GetOrderBuyerInfoParameters {
  readonly orderId: string
}

export interface GetOrderItemsParameters {
  readonly orderId: string
  readonly NextToken?: string
}

export interface GetOrderItemsBuyerInfoParameters {
  readonly orderId: string
  readonly NextToken?: string
}

export interface GetOrderRegulatedInfoParameters {
  readonly orderId: string
}

export interface GetOrdersParameters {
  readonly CreatedAfter?: string
  readonly CreatedBefore?: string
  readonly LastUpdatedAfter?: string
  readonly LastUpdatedBefore?: string
  readonly OrderStatuses?: ReadonlyArray<string>
  readonly MarketplaceIds: ReadonlyArray<string>
  readonly FulfillmentChannels?: ReadonlyArray<string>
  readonly PaymentMethods?: ReadonlyArray<string>
  readonly BuyerEmail?: string
  readonly SellerOrderId?: string
  readonly MaxResultsPerPage?: number
  readonly EasyShipShipmentStatuses?: ReadonlyArray<string>
  readonly ElectronicInvoiceStatuses?: ReadonlyArray<string>
  readonly NextToken?: string
  readonly AmazonOrderIds?: ReadonlyArray<string>
  readonly ActualFulfillmentSupplySourceId?: string
  readonly IsISPU?: boolean
  readonly StoreChainStoreId?: string
  readonly EarliestDeliveryDateBefore?: string
  readonly EarliestDeliveryDateAfter?: string
  readonly LatestDeliveryDateBefore?: string
  readonly LatestDeliveryDateAfter?: string
}

export interface UpdateShipmentStatusParameters {
  readonly orderId: string
  readonly body: UpdateShipmentStatusRequest
}

export interface UpdateVerificationStatusParameters {
  readonly orderId: string
  readonly body: UpdateVerificationStatusRequest
}

const operations = operationsOf('orders-v0', api)

/** POST /orders/v0/orders/{orderId}/shipmentConfirmation */
export const confirmShipment: Operation<ConfirmShipmentParameters, undefined> =
  operations('confirmShipment')

/** GET /orders/v0/orders/{orderId} @deprecated by Amazon. */
export const getOrder: Operation<GetOrderParameters, GetOrderResponse> =
  operations('getOrder')

/** GET /orders/v0/orders/{orderId}/address @deprecated by Amazon. */
export const getOrderAddress: Operation<GetOrderAddressParameters, GetOrderAddressResponse> =
  operations('getOrderAddress')

/** GET /orders/v0/orders/{orderId}/buyerInfo @deprecated by Amazon. */
export const getOrderBuyerInfo: Operation<GetOrderBuyerInfoParameters, GetOrderBuyerInfoResponse> =
  operations('getOrderBuyerInfo')

/** GET /orders/v0/orders/{orderId}/orderItems @deprecated by Amazon. */
export const getOrderItems: Operation<GetOrderItemsParameters, GetOrderItemsResponse> =
  operations('getOrderItems')

/** GET /orders/v0/orders/{orderId}/orderItems/buyerInfo @deprecated by Amazon. */
export const getOrderItemsBuyerInfo: Operation<GetOrderItemsBuyerInfoParameters, GetOrderItemsBuyerInfoResponse> =
  operations('getOrderItemsBuyerInfo')

/** GET /orders/v0/orders/{orderId}/regulatedInfo */
export const getOrderRegulatedInfo: Operation<GetOrderRegulatedInfoParameters, GetOrderRegulatedInfoResponse> =
  operations('getOrderRegulatedInfo')

/** GET /orders/v0/orders @deprecated by Amazon. */
export const getOrders: Operation<GetOrdersParameters, GetOrdersResponse> =
  operations('getOrders')

/** POST /orders/v0/orders/{orderId}/shipment */
export const updateShipmentStatus: Operation<UpdateShipmentStatusParameters, undefined> =
  operations('updateShipmentStatus')

/** PATCH /orders/v0/orders/{orderId}/regulatedInfo */
export const updateVerificationStatus: Operation<UpdateVerificationStatusParameters, undefined> =
  operations('updateVerificationStatus')
