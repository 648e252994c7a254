// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './orders-2026-01-01.json' with { type: 'json' }

export interface AddressExtendedFields {
  readonly streetName?: string
  readonly streetNumber?: string
  readonly complement?: string
  readonly neighborhood?: string
}

export interface Alias {
  readonly aliasId: string
  readonly aliasType: string
}

export type Asin = string

export interface AssociatedOrder {
  readonly orderId?: string
  readonly associationType?: string
}

export interface AssociatedOrderItem {
  readonly orderId?: string
  readonly orderItemId?: string
  readonly associationType?: string
}

export interface BusinessHour {
  readonly dayOfWeek?: "SUN" | "MON" | "TUE" | "WED" | "THU" | "FRI" | "SAT" | (string & {})
  readonly timeWindows?: ReadonlyArray<TimeWindow>
}

export interface Buyer {
  readonly buyerName?: string
  readonly buyerEmail?: string
  readonly buyerCompanyName?: string
  readonly buyerPurchaseOrderNumber?: string
}

export type ConstraintType = "MANDATORY" | (string & {})

export interface CustomerAddress {
  readonly name?: string
  readonly companyName?: string
  readonly addressLine1?: string
  readonly addressLine2?: string
  readonly addressLine3?: string
  readonly city?: string
  readonly districtOrCounty?: string
  readonly stateOrRegion?: string
  readonly municipality?: string
  readonly postalCode?: string
  readonly countryCode?: string
  readonly phone?: string
  readonly extendedFields?: AddressExtendedFields
  readonly addressType?: string
}

export interface DateTimeRange {
  readonly earliestDateTime?: string
  readonly latestDateTime?: string
}

export type Decimal = string

export interface DeliveryPreference {
  readonly dropOffLocation?: string
  readonly addressInstruction?: string
  readonly deliveryTime?: PreferredDeliveryTime
  readonly deliveryCapabilities?: ReadonlyArray<PreferredDeliveryCapability>
}

export interface ExceptionDate {
  readonly exceptionDate?: string
  readonly exceptionDateType?: "CLOSED" | "OPEN" | (string & {})
  readonly timeWindows?: ReadonlyArray<TimeWindow>
}

export interface FulfillmentOrder {
  readonly fulfillmentOrderId: string
}

export type FulfillmentStatus = "PENDING_AVAILABILITY" | "PENDING" | "UNSHIPPED" | "PARTIALLY_SHIPPED" | "SHIPPED" | "CANCELLED" | "UNFULFILLABLE" | (string & {})

export interface GetOrderResponse {
  readonly order: Order
}

export interface GiftOption {
  readonly giftMessage?: string
  readonly giftWrapLevel?: string
}

export interface HourMinute {
  readonly hour?: number
  readonly minute?: number
}

export interface ItemCancellation {
  readonly cancellationRequest?: ItemCancellationRequest
  readonly cancellationExecution?: ItemCancellationExecution
}

export interface ItemCancellationExecution {
  readonly cancelledBy?: string
  readonly cancelReason?: string
}

export interface ItemCancellationRequest {
  readonly requester?: string
  readonly cancelReason?: string
}

export interface ItemCondition {
  readonly conditionType?: string
  readonly conditionSubtype?: string
  readonly conditionNote?: string
}

export interface ItemCustomization {
  readonly customizedUrl?: string
}

export interface ItemExpense {
  readonly pointsCost?: ItemPointsCost
}

export interface ItemFulfillment {
  readonly quantityFulfilled?: number
  readonly quantityUnfulfilled?: number
  readonly picking?: ItemPicking
  readonly packing?: ItemPacking
  readonly shipping?: ItemShipping
}

export interface ItemInternationalShipping {
  readonly iossNumber?: string
}

export interface ItemPacking {
  readonly giftOption?: GiftOption
  readonly serialNumberRequirement?: SerialNumberRequirement
}

export interface ItemPicking {
  readonly substitutionPreference?: ItemSubstitutionPreference
}

export interface ItemPointsCost {
  readonly pointsGranted?: PointsGranted
}

export interface ItemPrice {
  readonly unitPrice?: Money
  readonly priceDesignation?: string
}

export interface ItemProceeds {
  readonly proceedsTotal?: Money
  readonly breakdowns?: ReadonlyArray<ItemProceedsBreakdown>
}

export interface ItemProceedsBreakdown {
  readonly type: string
  readonly subtotal: Money
  readonly detailedBreakdowns?: ReadonlyArray<ItemProceedsDetailedBreakdown>
}

export interface ItemProceedsDetailedBreakdown {
  readonly subtype?: string
  readonly value?: Money
}

export interface ItemProduct {
  readonly asin?: Asin
  readonly title?: string
  readonly sellerSku?: SKU
  readonly condition?: ItemCondition
  readonly price?: ItemPrice
  readonly serialNumbers?: ReadonlyArray<string>
  readonly customization?: ItemCustomization
}

export interface ItemPromotion {
  readonly breakdowns?: ReadonlyArray<ItemPromotionBreakdown>
}

export interface ItemPromotionBreakdown {
  readonly promotionId?: string
}

export interface ItemShipping {
  readonly scheduledDeliveryWindow?: DateTimeRange
  readonly shippingConstraints?: ItemShippingConstraints
  readonly internationalShipping?: ItemInternationalShipping
}

export interface ItemShippingConstraints {
  readonly palletDelivery?: ConstraintType
  readonly cashOnDelivery?: ConstraintType
  readonly signatureConfirmation?: ConstraintType
  readonly recipientIdentityVerification?: ConstraintType
  readonly recipientAgeVerification?: ConstraintType
}

export interface ItemSubstitutionOption {
  readonly asin?: string
  readonly quantityOrdered?: number
  readonly sellerSku?: string
  readonly title?: string
  readonly measurement?: Measurement
}

export interface ItemSubstitutionPreference {
  readonly substitutionType: "CUSTOMER_PREFERENCE" | "AMAZON_RECOMMENDED" | "DO_NOT_SUBSTITUTE" | (string & {})
  readonly substitutionOptions?: ReadonlyArray<ItemSubstitutionOption>
}

export interface ItemTax {
  readonly taxCalculationBreakdowns?: ReadonlyArray<ItemTaxCalculationBreakdown>
  readonly taxCollections?: ReadonlyArray<ItemTaxCollection>
}

export interface ItemTaxCalculationBreakdown {
  readonly reportingScheme?: string
}

export interface ItemTaxCollection {
  readonly model?: string
  readonly responsibleParty?: string
}

export interface Measurement {
  readonly unit: "OUNCES" | "POUNDS" | "KILOGRAMS" | "GRAMS" | "MILLIGRAMS" | "INCHES" | "FEET" | "METERS" | "CENTIMETERS" | "MILLIMETERS" | "SQUARE_METERS" | "SQUARE_CENTIMETERS" | "SQUARE_FEET" | "SQUARE_INCHES" | "GALLONS" | "PINTS" | "QUARTS" | "FLUID_OUNCES" | "LITERS" | "CUBIC_METERS" | "CUBIC_FEET" | "CUBIC_INCHES" | "CUBIC_CENTIMETERS" | "COUNT" | (string & {})
  readonly value: number
}

export interface MerchantAddress {
  readonly name?: string
  readonly addressLine1?: string
  readonly addressLine2?: string
  readonly addressLine3?: string
  readonly city?: string
  readonly districtOrCounty?: string
  readonly stateOrRegion?: string
  readonly municipality?: string
  readonly postalCode?: string
  readonly countryCode?: string
}

export interface Money {
  readonly amount: Decimal
  readonly currencyCode: string
}

export interface Order {
  readonly orderId: string
  readonly orderAliases?: ReadonlyArray<Alias>
  readonly createdTime: string
  readonly lastUpdatedTime: string
  readonly programs?: ReadonlyArray<string>
  readonly associatedOrders?: ReadonlyArray<AssociatedOrder>
  readonly salesChannel: SalesChannel
  readonly buyer?: Buyer
  readonly recipient?: Recipient
  readonly proceeds?: OrderProceeds
  readonly payment?: OrderPayment
  readonly tax?: OrderTax
  readonly fulfillment?: OrderFulfillment
  readonly orderItems: ReadonlyArray<OrderItem>
  readonly packages?: ReadonlyArray<OrderPackage>
  readonly fulfillmentOrders?: ReadonlyArray<FulfillmentOrder>
}

export interface OrderFulfillment {
  readonly fulfillmentStatus: FulfillmentStatus
  readonly fulfilledBy?: string
  readonly fulfillmentServiceLevel?: string
  readonly shipByWindow?: DateTimeRange
  readonly deliverByWindow?: DateTimeRange
  readonly labelPrintingWindow?: DateTimeRange
}

export interface OrderItem {
  readonly orderItemId: string
  readonly quantityOrdered: number
  readonly measurement?: Measurement
  readonly associatedOrderItems?: ReadonlyArray<AssociatedOrderItem>
  readonly programs?: ReadonlyArray<string>
  readonly product: ItemProduct
  readonly proceeds?: ItemProceeds
  readonly expense?: ItemExpense
  readonly promotion?: ItemPromotion
  readonly cancellation?: ItemCancellation
  readonly fulfillment?: ItemFulfillment
  readonly tax?: ItemTax
}

export interface OrderPackage {
  readonly packageReferenceId: string
  readonly createdTime?: string
  readonly packageStatus?: PackageStatus
  readonly carrier?: string
  readonly shipTime?: string
  readonly shippingService?: string
  readonly trackingNumber?: string
  readonly shipFromAddress?: MerchantAddress
  readonly packageItems?: ReadonlyArray<PackageItem>
}

export interface OrderPayment {
  readonly paymentExecutions?: ReadonlyArray<PaymentExecution>
}

export interface OrderProceeds {
  readonly grandTotal?: Money
  readonly breakdowns?: ReadonlyArray<OrderProceedsBreakdown>
}

export interface OrderProceedsBreakdown {
  readonly type: string
  readonly status?: string
  readonly subtotal: Money
}

export interface OrderTax {
  readonly taxRegistrations?: ReadonlyArray<OrderTaxRegistration>
  readonly taxInvoicing?: OrderTaxInvoicing
}

export interface OrderTaxInvoicing {
  readonly buyerInvoicePreference?: string
  readonly invoiceStatus?: string
}

export interface OrderTaxRegistration {
  readonly entityType?: string
  readonly legalName?: string
  readonly taxRegistrationType?: string
  readonly taxRegistrationNumber?: string
  readonly taxRegistrationAddress?: CustomerAddress
  readonly taxRegistrationAttributes?: ReadonlyArray<TaxRegistrationAttribute>
}

export interface PackageItem {
  readonly orderItemId: string
  readonly quantity: number
  readonly transparencyCodes?: ReadonlyArray<string>
}

export interface PackageStatus {
  readonly status: "PENDING" | "IN_TRANSIT" | "SHIPPED" | "DELIVERED" | "CANCELLED" | "UNDELIVERABLE" | (string & {})
  readonly detailedStatus?: string
}

export interface Pagination {
  readonly nextToken?: string
}

export interface PaymentExecution {
  readonly paymentMethod?: string
  readonly paymentAmount?: Money
  readonly acquirerId?: string
  readonly cardBrand?: string
  readonly authorizationCode?: string
}

export interface PointsGranted {
  readonly pointsNumber?: number
  readonly pointsMonetaryValue?: Money
}

export type PreferredDeliveryCapability = string

export interface PreferredDeliveryTime {
  readonly businessHours?: ReadonlyArray<BusinessHour>
  readonly exceptionDates?: ReadonlyArray<ExceptionDate>
}

export interface Recipient {
  readonly deliveryAddress?: CustomerAddress
  readonly deliveryPreference?: DeliveryPreference
}

export type SKU = string

export interface SalesChannel {
  readonly channelName: string
  readonly marketplaceId?: string
  readonly marketplaceName?: string
}

export interface SearchOrdersResponse {
  readonly orders: ReadonlyArray<Order>
  readonly pagination?: Pagination
  readonly lastUpdatedBefore?: string
  readonly createdBefore?: string
}

export interface SerialNumberRequirement {
  readonly requirementType?: string
}

export interface TaxRegistrationAttribute {
  readonly key?: string
  readonly value?: string
}

export interface TimeWindow {
  readonly startTime?: HourMinute
  readonly endTime?: HourMinute
}

export interface GetOrderParameters {
  readonly orderId: string
  readonly includedData?: ReadonlyArray<"BUYER" | "RECIPIENT" | "PROCEEDS" | "EXPENSE" | "PROMOTION" | "CANCELLATION" | "FULFILLMENT" | "PACKAGES" | "TAX" | "PAYMENT" | "FULFILLMENT_ORDERS">
}

export interface SearchOrdersParameters {
  readonly createdAfter?: string
  readonly createdBefore?: string
  readonly lastUpdatedAfter?: string
  readonly lastUpdatedBefore?: string
  readonly fulfillmentStatuses?: ReadonlyArray<"PENDING_AVAILABILITY" | "PENDING" | "UNSHIPPED" | "PARTIALLY_SHIPPED" | "SHIPPED" | "CANCELLED" | "UNFULFILLABLE">
  readonly marketplaceIds?: ReadonlyArray<string>
  readonly fulfilledBy?: ReadonlyArray<"MERCHANT" | "AMAZON">
  readonly maxResultsPerPage?: number
  readonly paginationToken?: string
  readonly includedData?: ReadonlyArray<"BUYER" | "RECIPIENT" | "PROCEEDS" | "EXPENSE" | "PROMOTION" | "CANCELLATION" | "FULFILLMENT" | "PACKAGES" | "TAX" | "PAYMENT" | "FULFILLMENT_ORDERS">
}

const operations = operationsOf('orders-2026-01-01', api)

/** GET /orders/2026-01-01/orders/{orderId} */
export const getOrder: Operation<GetOrderParameters, GetOrderResponse> =
  operations('getOrder')

/** GET /orders/2026-01-01/orders */
export const searchOrders: Operation<SearchOrdersParameters, SearchOrdersResponse> =
  operations('searchOrders')
