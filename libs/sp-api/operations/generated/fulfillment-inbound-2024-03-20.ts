// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './fulfillment-inbound-2024-03-20.json' with { type: 'json' }

export interface Address {
  readonly addressLine1: string
  readonly addressLine2?: string
  readonly city: string
  readonly companyName?: string
  readonly countryCode: string
  readonly districtOrCounty?: string
  readonly email?: string
  readonly name: string
  readonly phoneNumber?: string
  readonly postalCode: string
  readonly stateOrProvinceCode?: string
}

export interface AddressInput {
  readonly addressLine1: string
  readonly addressLine2?: string
  readonly city: string
  readonly companyName?: string
  readonly countryCode: string
  readonly districtOrCounty?: string
  readonly email?: string
  readonly name: string
  readonly phoneNumber: string
  readonly postalCode: string
  readonly stateOrProvinceCode?: string
}

export type AllOwnersConstraint = "MUST_MATCH" | (string & {})

export interface AppointmentSlot {
  readonly slotId: string
  readonly slotTime: AppointmentSlotTime
}

export interface AppointmentSlotTime {
  readonly endTime: string
  readonly startTime: string
}

export interface Box {
  readonly boxId?: string
  readonly contentInformationSource?: BoxContentInformationSource
  readonly destinationRegion?: Region
  readonly dimensions?: Dimensions
  readonly externalContainerIdentifier?: string
  readonly externalContainerIdentifierType?: string
  readonly items?: ReadonlyArray<Item>
  readonly packageId: string
  readonly quantity?: number
  readonly templateName?: string
  readonly weight?: Weight
}

export type BoxContentInformationSource = "BOX_CONTENT_PROVIDED" | "MANUAL_PROCESS" | "BARCODE_2D" | (string & {})

export interface BoxInput {
  readonly contentInformationSource: BoxContentInformationSource
  readonly dimensions: Dimensions
  readonly items?: ReadonlyArray<ItemInput>
  readonly quantity: number
  readonly weight: Weight
}

export interface BoxRequirements {
  readonly weight: WeightRange
}

export interface BoxUpdateInput {
  readonly contentInformationSource: BoxContentInformationSource
  readonly dimensions: Dimensions
  readonly items?: ReadonlyArray<ItemInput>
  readonly packageId?: string
  readonly quantity: number
  readonly weight: Weight
}

export interface CancelInboundPlanResponse {
  readonly operationId: string
}

export interface CancelSelfShipAppointmentRequest {
  readonly reasonComment?: ReasonComment
}

export interface CancelSelfShipAppointmentResponse {
  readonly operationId: string
}

export interface Carrier {
  readonly alphaCode?: string
  readonly name?: string
}

export interface CarrierAppointment {
  readonly endTime: string
  readonly startTime: string
}

export interface ComplianceDetail {
  readonly asin?: string
  readonly fnsku?: string
  readonly msku?: string
  readonly taxDetails?: TaxDetails
}

export interface ConfirmDeliveryWindowOptionsResponse {
  readonly operationId: string
}

export interface ConfirmPackingOptionResponse {
  readonly operationId: string
}

export interface ConfirmPlacementOptionResponse {
  readonly operationId: string
}

export interface ConfirmShipmentContentUpdatePreviewResponse {
  readonly operationId: string
}

export interface ConfirmTransportationOptionsRequest {
  readonly transportationSelections: ReadonlyArray<TransportationSelection>
}

export interface ConfirmTransportationOptionsResponse {
  readonly operationId: string
}

export interface ContactInformation {
  readonly email?: string
  readonly name: string
  readonly phoneNumber: string
}

export interface ContentUpdatePreview {
  readonly contentUpdatePreviewId: string
  readonly expiration: string
  readonly requestedUpdates: RequestedUpdates
  readonly transportationOption: TransportationOption
}

export interface CreateInboundPlanRequest {
  readonly destinationMarketplaces: ReadonlyArray<string>
  readonly items: ReadonlyArray<ItemInput>
  readonly name?: string
  readonly sourceAddress: AddressInput
}

export interface CreateInboundPlanResponse {
  readonly inboundPlanId: string
  readonly operationId: string
}

export interface CreateMarketplaceItemLabelsRequest {
  readonly height?: number
  readonly labelType: LabelPrintType
  readonly localeCode?: string
  readonly marketplaceId: string
  readonly mskuQuantities: ReadonlyArray<MskuQuantity>
  readonly pageType?: ItemLabelPageType
  readonly width?: number
}

export interface CreateMarketplaceItemLabelsResponse {
  readonly documentDownloads: ReadonlyArray<DocumentDownload>
}

export interface Currency {
  readonly amount: number
  readonly code: string
}

export interface CustomPlacementInput {
  readonly items: ReadonlyArray<ItemInput>
  readonly warehouseId: string
}

export interface Dates {
  readonly readyToShipWindow?: Window
}

export interface DeliveryWindowOption {
  readonly availabilityType: string
  readonly deliveryWindowOptionId: string
  readonly discounts?: ReadonlyArray<Incentive>
  readonly endDate: string
  readonly startDate: string
  readonly validUntil: string
}

export interface Dimensions {
  readonly height: number
  readonly length: number
  readonly unitOfMeasurement: UnitOfMeasurement
  readonly width: number
}

export interface DocumentDownload {
  readonly downloadType: string
  readonly expiration?: string
  readonly uri: string
}

export interface FreightInformation {
  readonly declaredValue?: Currency
  readonly freightClass?: string
}

export interface GenerateDeliveryWindowOptionsResponse {
  readonly operationId: string
}

export interface GeneratePackingOptionsResponse {
  readonly operationId: string
}

export interface GeneratePlacementOptionsRequest {
  readonly customPlacement?: ReadonlyArray<CustomPlacementInput>
}

export interface GeneratePlacementOptionsResponse {
  readonly operationId: string
}

export interface GenerateSelfShipAppointmentSlotsRequest {
  readonly desiredEndDate?: string
  readonly desiredStartDate?: string
}

export interface GenerateSelfShipAppointmentSlotsResponse {
  readonly operationId: string
}

export interface GenerateShipmentContentUpdatePreviewsRequest {
  readonly boxes: ReadonlyArray<BoxUpdateInput>
  readonly items: ReadonlyArray<ItemInput>
}

export interface GenerateShipmentContentUpdatePreviewsResponse {
  readonly operationId: string
}

export interface GenerateTransportationOptionsRequest {
  readonly placementOptionId: string
  readonly shipmentTransportationConfigurations: ReadonlyArray<ShipmentTransportationConfiguration>
}

export interface GenerateTransportationOptionsResponse {
  readonly operationId: string
}

export interface GetDeliveryChallanDocumentResponse {
  readonly documentDownload: DocumentDownload
}

export interface GetSelfShipAppointmentSlotsResponse {
  readonly pagination?: Pagination
  readonly selfShipAppointmentSlotsAvailability: SelfShipAppointmentSlotsAvailability
}

export interface InboundOperationStatus {
  readonly operation: string
  readonly operationId: string
  readonly operationProblems: ReadonlyArray<OperationProblem>
  readonly operationStatus: OperationStatus
}

export interface InboundPlan {
  readonly createdAt: string
  readonly inboundPlanId: string
  readonly lastUpdatedAt: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly name: string
  readonly packingOptions?: ReadonlyArray<PackingOptionSummary>
  readonly placementOptions?: ReadonlyArray<PlacementOptionSummary>
  readonly shipments?: ReadonlyArray<ShipmentSummary>
  readonly sourceAddress: Address
  readonly status: string
}

export interface InboundPlanSummary {
  readonly createdAt: string
  readonly inboundPlanId: string
  readonly lastUpdatedAt: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly name: string
  readonly sourceAddress: Address
  readonly status: string
}

export interface Incentive {
  readonly description: string
  readonly target: string
  readonly type: string
  readonly value: Currency
}

export interface Item {
  readonly asin: string
  readonly expiration?: string
  readonly fnsku: string
  readonly labelOwner: string
  readonly manufacturingLotCode?: string
  readonly msku: string
  readonly prepInstructions: ReadonlyArray<PrepInstruction>
  readonly quantity: number
}

export interface ItemInput {
  readonly expiration?: string
  readonly labelOwner: LabelOwner
  readonly manufacturingLotCode?: string
  readonly msku: string
  readonly prepOwner: PrepOwner
  readonly quantity: number
}

export type ItemLabelPageType = "A4_21" | "A4_24" | "A4_24_64x33" | "A4_24_66x35" | "A4_24_70x36" | "A4_24_70x37" | "A4_24i" | "A4_27" | "A4_40_52x29" | "A4_44_48x25" | "Letter_30" | (string & {})

export type LabelOwner = "AMAZON" | "SELLER" | "NONE" | (string & {})

export type LabelPrintType = "STANDARD_FORMAT" | "THERMAL_PRINTING" | (string & {})

export interface ListDeliveryWindowOptionsResponse {
  readonly deliveryWindowOptions: ReadonlyArray<DeliveryWindowOption>
  readonly pagination?: Pagination
}

export interface ListInboundPlanBoxesResponse {
  readonly boxes: ReadonlyArray<Box>
  readonly pagination?: Pagination
}

export interface ListInboundPlanItemsResponse {
  readonly items: ReadonlyArray<Item>
  readonly pagination?: Pagination
}

export interface ListInboundPlanPalletsResponse {
  readonly pagination?: Pagination
  readonly pallets: ReadonlyArray<Pallet>
}

export interface ListInboundPlansResponse {
  readonly inboundPlans?: ReadonlyArray<InboundPlanSummary>
  readonly pagination?: Pagination
}

export interface ListItemComplianceDetailsResponse {
  readonly complianceDetails?: ReadonlyArray<ComplianceDetail>
}

export interface ListPackingGroupBoxesResponse {
  readonly boxes: ReadonlyArray<Box>
  readonly pagination?: Pagination
}

export interface ListPackingGroupItemsResponse {
  readonly items: ReadonlyArray<Item>
  readonly pagination?: Pagination
}

export interface ListPackingOptionsResponse {
  readonly packingOptions: ReadonlyArray<PackingOption>
  readonly pagination?: Pagination
}

export interface ListPlacementOptionsResponse {
  readonly pagination?: Pagination
  readonly placementOptions: ReadonlyArray<PlacementOption>
}

export interface ListPrepDetailsResponse {
  readonly mskuPrepDetails: ReadonlyArray<MskuPrepDetail>
}

export interface ListShipmentBoxesResponse {
  readonly boxes: ReadonlyArray<Box>
  readonly pagination?: Pagination
}

export interface ListShipmentContentUpdatePreviewsResponse {
  readonly contentUpdatePreviews: ReadonlyArray<ContentUpdatePreview>
  readonly pagination?: Pagination
}

export interface ListShipmentItemsResponse {
  readonly items: ReadonlyArray<Item>
  readonly pagination?: Pagination
}

export interface ListShipmentPalletsResponse {
  readonly pagination?: Pagination
  readonly pallets: ReadonlyArray<Pallet>
}

export interface ListTransportationOptionsResponse {
  readonly pagination?: Pagination
  readonly transportationOptions: ReadonlyArray<TransportationOption>
}

export interface LtlTrackingDetail {
  readonly billOfLadingNumber?: string
  readonly freightBillNumber?: ReadonlyArray<string>
}

export interface LtlTrackingDetailInput {
  readonly billOfLadingNumber?: string
  readonly freightBillNumber: ReadonlyArray<string>
}

export interface MskuPrepDetail {
  readonly allOwnersConstraint?: AllOwnersConstraint
  readonly labelOwnerConstraint?: OwnerConstraint
  readonly msku: string
  readonly prepCategory: PrepCategory
  readonly prepOwnerConstraint?: OwnerConstraint
  readonly prepTypes: ReadonlyArray<PrepType>
}

export interface MskuPrepDetailInput {
  readonly msku: string
  readonly prepCategory: PrepCategory
  readonly prepTypes: ReadonlyArray<PrepType>
}

export interface MskuQuantity {
  readonly msku: string
  readonly quantity: number
}

export interface OperationProblem {
  readonly code: string
  readonly details?: string
  readonly message: string
  readonly severity: string
}

export type OperationStatus = "SUCCESS" | "FAILED" | "IN_PROGRESS" | (string & {})

export type OwnerConstraint = "AMAZON_ONLY" | "NONE_ONLY" | "SELLER_ONLY" | (string & {})

export interface PackageGroupingInput {
  readonly boxes: ReadonlyArray<BoxInput>
  readonly packingGroupId?: string
  readonly shipmentId?: string
}

export interface PackingConfiguration {
  readonly boxPackingMethods?: ReadonlyArray<BoxContentInformationSource>
  readonly boxRequirements?: BoxRequirements
  readonly shippingRequirements?: ReadonlyArray<ShippingRequirements>
}

export interface PackingOption {
  readonly discounts: ReadonlyArray<Incentive>
  readonly expiration?: string
  readonly fees: ReadonlyArray<Incentive>
  readonly packingGroups: ReadonlyArray<string>
  readonly packingOptionId: string
  readonly status: string
  readonly supportedConfigurations: ReadonlyArray<PackingConfiguration>
  readonly supportedShippingConfigurations: ReadonlyArray<ShippingConfiguration>
}

export interface PackingOptionSummary {
  readonly packingOptionId: string
  readonly status: string
}

export interface Pagination {
  readonly nextToken?: string
}

export interface Pallet {
  readonly dimensions?: Dimensions
  readonly packageId: string
  readonly quantity?: number
  readonly stackability?: Stackability
  readonly weight?: Weight
}

export interface PalletInput {
  readonly dimensions?: Dimensions
  readonly quantity: number
  readonly stackability?: Stackability
  readonly weight?: Weight
}

export interface PlacementOption {
  readonly discounts: ReadonlyArray<Incentive>
  readonly expiration?: string
  readonly fees: ReadonlyArray<Incentive>
  readonly placementOptionId: string
  readonly shipmentIds: ReadonlyArray<string>
  readonly status: string
}

export interface PlacementOptionSummary {
  readonly placementOptionId: string
  readonly status: string
}

export type PrepCategory = "ADULT" | "BABY" | "FC_PROVIDED" | "FRAGILE" | "GRANULAR" | "HANGER" | "LIQUID" | "PERFORATED" | "SET" | "SHARP" | "SMALL" | "TEXTILE" | "UNKNOWN" | "NONE" | (string & {})

export interface PrepInstruction {
  readonly fee?: Currency
  readonly prepOwner?: string
  readonly prepType?: string
}

export type PrepOwner = "AMAZON" | "SELLER" | "NONE" | (string & {})

export type PrepType = "ITEM_BLACK_SHRINKWRAP" | "ITEM_BLANKSTK" | "ITEM_BOXING" | "ITEM_BUBBLEWRAP" | "ITEM_CAP_SEALING" | "ITEM_DEBUNDLE" | "ITEM_HANG_GARMENT" | "ITEM_LABELING" | "ITEM_NO_PREP" | "ITEM_POLYBAGGING" | "ITEM_RMOVHANG" | "ITEM_SETCREAT" | "ITEM_SETSTK" | "ITEM_SIOC" | "ITEM_SUFFOSTK" | "ITEM_TAPING" | (string & {})

export interface Quote {
  readonly cost: Currency
  readonly expiration?: string
  readonly voidableUntil?: string
}

export type ReasonComment = "APPOINTMENT_REQUESTED_BY_MISTAKE" | "VEHICLE_DELAY" | "SLOT_NOT_SUITABLE" | "OUTSIDE_CARRIER_BUSINESS_HOURS" | "UNFAVOURABLE_EXTERNAL_CONDITIONS" | "PROCUREMENT_DELAY" | "SHIPPING_PLAN_CHANGED" | "INCREASED_QUANTITY" | "OTHER" | (string & {})

export interface Region {
  readonly countryCode?: string
  readonly state?: string
  readonly warehouseId?: string
}

export interface RequestedUpdates {
  readonly boxes?: ReadonlyArray<BoxUpdateInput>
  readonly items?: ReadonlyArray<ItemInput>
}

export interface ScheduleSelfShipAppointmentRequest {
  readonly reasonComment?: ReasonComment
}

export interface ScheduleSelfShipAppointmentResponse {
  readonly selfShipAppointmentDetails: SelfShipAppointmentDetails
}

export interface SelectedDeliveryWindow {
  readonly availabilityType: string
  readonly deliveryWindowOptionId: string
  readonly editableUntil?: string
  readonly endDate: string
  readonly startDate: string
}

export interface SelfShipAppointmentDetails {
  readonly appointmentId?: number
  readonly appointmentSlotTime?: AppointmentSlotTime
  readonly appointmentStatus?: string
}

export interface SelfShipAppointmentSlotsAvailability {
  readonly expiresAt?: string
  readonly slots?: ReadonlyArray<AppointmentSlot>
}

export interface SetPackingInformationRequest {
  readonly packageGroupings: ReadonlyArray<PackageGroupingInput>
}

export interface SetPackingInformationResponse {
  readonly operationId: string
}

export interface SetPrepDetailsRequest {
  readonly marketplaceId: string
  readonly mskuPrepDetails: ReadonlyArray<MskuPrepDetailInput>
}

export interface SetPrepDetailsResponse {
  readonly operationId: string
}

export interface Shipment {
  readonly amazonReferenceId?: string
  readonly contactInformation?: ContactInformation
  readonly dates?: Dates
  readonly destination: ShipmentDestination
  readonly freightInformation?: FreightInformation
  readonly name?: string
  readonly placementOptionId: string
  readonly selectedDeliveryWindow?: SelectedDeliveryWindow
  readonly selectedTransportationOptionId?: string
  readonly selfShipAppointmentDetails?: ReadonlyArray<SelfShipAppointmentDetails>
  readonly shipmentConfirmationId?: string
  readonly shipmentId: string
  readonly source: ShipmentSource
  readonly status?: string
  readonly trackingDetails?: TrackingDetails
}

export interface ShipmentDestination {
  readonly address?: Address
  readonly destinationType: string
  readonly warehouseId?: string
}

export interface ShipmentSource {
  readonly address?: Address
  readonly sourceType: string
}

export interface ShipmentSummary {
  readonly shipmentId: string
  readonly status: string
}

export interface ShipmentTransportationConfiguration {
  readonly contactInformation?: ContactInformation
  readonly freightInformation?: FreightInformation
  readonly pallets?: ReadonlyArray<PalletInput>
  readonly readyToShipWindow: WindowInput
  readonly shipmentId: string
}

export interface ShippingConfiguration {
  readonly shippingMode?: string
  readonly shippingSolution?: string
}

export interface ShippingRequirements {
  readonly modes: ReadonlyArray<string>
  readonly solution: string
}

export interface SpdTrackingDetail {
  readonly spdTrackingItems?: ReadonlyArray<SpdTrackingItem>
}

export interface SpdTrackingDetailInput {
  readonly spdTrackingItems: ReadonlyArray<SpdTrackingItemInput>
}

export interface SpdTrackingItem {
  readonly boxId?: string
  readonly trackingId?: string
  readonly trackingNumberValidationStatus?: string
}

export interface SpdTrackingItemInput {
  readonly boxId: string
  readonly trackingId: string
}

export type Stackability = "STACKABLE" | "NON_STACKABLE" | (string & {})

export interface TaxDetails {
  readonly declaredValue?: Currency
  readonly hsnCode?: string
  readonly taxRates?: ReadonlyArray<TaxRate>
}

export interface TaxRate {
  readonly cessRate?: number
  readonly gstRate?: number
  readonly taxType?: string
}

export interface TrackingDetails {
  readonly ltlTrackingDetail?: LtlTrackingDetail
  readonly spdTrackingDetail?: SpdTrackingDetail
}

export interface TrackingDetailsInput {
  readonly ltlTrackingDetail?: LtlTrackingDetailInput
  readonly spdTrackingDetail?: SpdTrackingDetailInput
}

export interface TransportationOption {
  readonly carrier: Carrier
  readonly carrierAppointment?: CarrierAppointment
  readonly preconditions: ReadonlyArray<string>
  readonly quote?: Quote
  readonly shipmentId: string
  readonly shippingMode: string
  readonly shippingSolution: string
  readonly transportationOptionId: string
}

export interface TransportationSelection {
  readonly contactInformation?: ContactInformation
  readonly shipmentId: string
  readonly transportationOptionId: string
}

export type UnitOfMeasurement = "IN" | "CM" | (string & {})

export type UnitOfWeight = "LB" | "KG" | (string & {})

export interface UpdateInboundPlanNameRequest {
  readonly name: string
}

export interface UpdateItemComplianceDetailsRequest {
  readonly msku: string
  readonly taxDetails: TaxDetails
}

export interface UpdateItemComplianceDetailsResponse {
  readonly operationId: string
}

export interface UpdateShipmentNameRequest {
  readonly name: string
}

export interface UpdateShipmentSourceAddressRequest {
  readonly address: AddressInput
}

export interface UpdateShipmentSourceAddressResponse {
  readonly operationId: string
}

export interface UpdateShipmentTrackingDetailsRequest {
  readonly trackingDetails: TrackingDetailsInput
}

export interface UpdateShipmentTrackingDetailsResponse {
  readonly operationId: string
}

export interface Weight {
  readonly unit: UnitOfWeight
  readonly value: number
}

export interface WeightRange {
  readonly maximum: number
  readonly minimum: number
  readonly unit: UnitOfWeight
}

export interface Window {
  readonly editableUntil?: string
  readonly end: string
  readonly start: string
}

export interface WindowInput {
  readonly start: string
}

export interface CancelInboundPlanParameters {
  readonly inboundPlanId: string
}

export interface CancelSelfShipAppointmentParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly body: CancelSelfShipAppointmentRequest
}

export interface ConfirmDeliveryWindowOptionsParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly deliveryWindowOptionId: string
}

export interface ConfirmPackingOptionParameters {
  readonly inboundPlanId: string
  readonly packingOptionId: string
}

export interface ConfirmPlacementOptionParameters {
  readonly inboundPlanId: string
  readonly placementOptionId: string
}

export interface ConfirmShipmentContentUpdatePreviewParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly contentUpdatePreviewId: string
}

export interface ConfirmTransportationOptionsParameters {
  readonly inboundPlanId: string
  readonly body: ConfirmTransportationOptionsRequest
}

export interface CreateInboundPlanParameters {
  readonly body: CreateInboundPlanRequest
}

export interface CreateMarketplaceItemLabelsParameters {
  readonly body: CreateMarketplaceItemLabelsRequest
}

export interface GenerateDeliveryWindowOptionsParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
}

export interface GeneratePackingOptionsParameters {
  readonly inboundPlanId: string
}

export interface GeneratePlacementOptionsParameters {
  readonly inboundPlanId: string
  readonly body: GeneratePlacementOptionsRequest
}

export interface GenerateSelfShipAppointmentSlotsParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly body: GenerateSelfShipAppointmentSlotsRequest
}

export interface GenerateShipmentContentUpdatePreviewsParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly body: GenerateShipmentContentUpdatePreviewsRequest
}

export interface GenerateTransportationOptionsParameters {
  readonly inboundPlanId: string
  readonly body: GenerateTransportationOptionsRequest
}

export interface GetDeliveryChallanDocumentParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
}

export interface GetInboundOperationStatusParameters {
  readonly operationId: string
}

export interface GetInboundPlanParameters {
  readonly inboundPlanId: string
}

export interface GetSelfShipAppointmentSlotsParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface GetShipmentParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
}

export interface GetShipmentContentUpdatePreviewParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly contentUpdatePreviewId: string
}

export interface ListDeliveryWindowOptionsParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListInboundPlanBoxesParameters {
  readonly inboundPlanId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListInboundPlanItemsParameters {
  readonly inboundPlanId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListInboundPlanPalletsParameters {
  readonly inboundPlanId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListInboundPlansParameters {
  readonly pageSize?: number
  readonly paginationToken?: string
  readonly status?: "ACTIVE" | "VOIDED" | "SHIPPED"
  readonly sortBy?: "LAST_UPDATED_TIME" | "CREATION_TIME"
  readonly sortOrder?: "ASC" | "DESC"
}

export interface ListItemComplianceDetailsParameters {
  readonly mskus: ReadonlyArray<string>
  readonly marketplaceId: string
}

export interface ListPackingGroupBoxesParameters {
  readonly inboundPlanId: string
  readonly packingGroupId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListPackingGroupItemsParameters {
  readonly inboundPlanId: string
  readonly packingGroupId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListPackingOptionsParameters {
  readonly inboundPlanId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListPlacementOptionsParameters {
  readonly inboundPlanId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListPrepDetailsParameters {
  readonly marketplaceId: string
  readonly mskus: ReadonlyArray<string>
}

export interface ListShipmentBoxesParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListShipmentContentUpdatePreviewsParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListShipmentItemsParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListShipmentPalletsParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly pageSize?: number
  readonly paginationToken?: string
}

export interface ListTransportationOptionsParameters {
  readonly inboundPlanId: string
  readonly pageSize?: number
  readonly paginationToken?: string
  readonly placementOptionId?: string
  readonly shipmentId?: string
}

export interface ScheduleSelfShipAppointmentParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly slotId: string
  readonly body: ScheduleSelfShipAppointmentRequest
}

export interface SetPackingInformationParameters {
  readonly inboundPlanId: string
  readonly body: SetPackingInformationRequest
}

export interface SetPrepDetailsParameters {
  readonly body: SetPrepDetailsRequest
}

export interface UpdateInboundPlanNameParameters {
  readonly inboundPlanId: string
  readonly body: UpdateInboundPlanNameRequest
}

export interface UpdateItemComplianceDetailsParameters {
  readonly marketplaceId: string
  readonly body: UpdateItemComplianceDetailsRequest
}

export interface UpdateShipmentNameParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly body: UpdateShipmentNameRequest
}

export interface UpdateShipmentSourceAddressParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly body: UpdateShipmentSourceAddressRequest
}

export interface UpdateShipmentTrackingDetailsParameters {
  readonly inboundPlanId: string
  readonly shipmentId: string
  readonly body: UpdateShipmentTrackingDetailsRequest
}

const operations = operationsOf('fulfillment-inbound-2024-03-20', api)

/** PUT /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/cancellation */
export const cancelInboundPlan: Operation<CancelInboundPlanParameters, CancelInboundPlanResponse> =
  operations('cancelInboundPlan')

/** PUT /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/selfShipAppointmentCancellation */
export const cancelSelfShipAppointment: Operation<CancelSelfShipAppointmentParameters, CancelSelfShipAppointmentResponse> =
  operations('cancelSelfShipAppointment')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/deliveryWindowOptions/{deliveryWindowOptionId}/confirmation */
export const confirmDeliveryWindowOptions: Operation<ConfirmDeliveryWindowOptionsParameters, ConfirmDeliveryWindowOptionsResponse> =
  operations('confirmDeliveryWindowOptions')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/packingOptions/{packingOptionId}/confirmation */
export const confirmPackingOption: Operation<ConfirmPackingOptionParameters, ConfirmPackingOptionResponse> =
  operations('confirmPackingOption')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/placementOptions/{placementOptionId}/confirmation */
export const confirmPlacementOption: Operation<ConfirmPlacementOptionParameters, ConfirmPlacementOptionResponse> =
  operations('confirmPlacementOption')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/contentUpdatePreviews/{contentUpdatePreviewId}/confirmation */
export const confirmShipmentContentUpdatePreview: Operation<ConfirmShipmentContentUpdatePreviewParameters, ConfirmShipmentContentUpdatePreviewResponse> =
  operations('confirmShipmentContentUpdatePreview')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/transportationOptions/confirmation */
export const confirmTransportationOptions: Operation<ConfirmTransportationOptionsParameters, ConfirmTransportationOptionsResponse> =
  operations('confirmTransportationOptions')

/** POST /inbound/fba/2024-03-20/inboundPlans */
export const createInboundPlan: Operation<CreateInboundPlanParameters, CreateInboundPlanResponse> =
  operations('createInboundPlan')

/** POST /inbound/fba/2024-03-20/items/labels */
export const createMarketplaceItemLabels: Operation<CreateMarketplaceItemLabelsParameters, CreateMarketplaceItemLabelsResponse> =
  operations('createMarketplaceItemLabels')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/deliveryWindowOptions */
export const generateDeliveryWindowOptions: Operation<GenerateDeliveryWindowOptionsParameters, GenerateDeliveryWindowOptionsResponse> =
  operations('generateDeliveryWindowOptions')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/packingOptions */
export const generatePackingOptions: Operation<GeneratePackingOptionsParameters, GeneratePackingOptionsResponse> =
  operations('generatePackingOptions')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/placementOptions */
export const generatePlacementOptions: Operation<GeneratePlacementOptionsParameters, GeneratePlacementOptionsResponse> =
  operations('generatePlacementOptions')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/selfShipAppointmentSlots */
export const generateSelfShipAppointmentSlots: Operation<GenerateSelfShipAppointmentSlotsParameters, GenerateSelfShipAppointmentSlotsResponse> =
  operations('generateSelfShipAppointmentSlots')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/contentUpdatePreviews */
export const generateShipmentContentUpdatePreviews: Operation<GenerateShipmentContentUpdatePreviewsParameters, GenerateShipmentContentUpdatePreviewsResponse> =
  operations('generateShipmentContentUpdatePreviews')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/transportationOptions */
export const generateTransportationOptions: Operation<GenerateTransportationOptionsParameters, GenerateTransportationOptionsResponse> =
  operations('generateTransportationOptions')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/deliveryChallanDocument */
export const getDeliveryChallanDocument: Operation<GetDeliveryChallanDocumentParameters, GetDeliveryChallanDocumentResponse> =
  operations('getDeliveryChallanDocument')

/** GET /inbound/fba/2024-03-20/operations/{operationId} */
export const getInboundOperationStatus: Operation<GetInboundOperationStatusParameters, InboundOperationStatus> =
  operations('getInboundOperationStatus')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId} */
export const getInboundPlan: Operation<GetInboundPlanParameters, InboundPlan> =
  operations('getInboundPlan')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/selfShipAppointmentSlots */
export const getSelfShipAppointmentSlots: Operation<GetSelfShipAppointmentSlotsParameters, GetSelfShipAppointmentSlotsResponse> =
  operations('getSelfShipAppointmentSlots')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId} */
export const getShipment: Operation<GetShipmentParameters, Shipment> =
  operations('getShipment')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/contentUpdatePreviews/{contentUpdatePreviewId} */
export const getShipmentContentUpdatePreview: Operation<GetShipmentContentUpdatePreviewParameters, ContentUpdatePreview> =
  operations('getShipmentContentUpdatePreview')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/deliveryWindowOptions */
export const listDeliveryWindowOptions: Operation<ListDeliveryWindowOptionsParameters, ListDeliveryWindowOptionsResponse> =
  operations('listDeliveryWindowOptions')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/boxes */
export const listInboundPlanBoxes: Operation<ListInboundPlanBoxesParameters, ListInboundPlanBoxesResponse> =
  operations('listInboundPlanBoxes')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/items */
export const listInboundPlanItems: Operation<ListInboundPlanItemsParameters, ListInboundPlanItemsResponse> =
  operations('listInboundPlanItems')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/pallets */
export const listInboundPlanPallets: Operation<ListInboundPlanPalletsParameters, ListInboundPlanPalletsResponse> =
  operations('listInboundPlanPallets')

/** GET /inbound/fba/2024-03-20/inboundPlans */
export const listInboundPlans: Operation<ListInboundPlansParameters, ListInboundPlansResponse> =
  operations('listInboundPlans')

/** GET /inbound/fba/2024-03-20/items/compliance */
export const listItemComplianceDetails: Operation<ListItemComplianceDetailsParameters, ListItemComplianceDetailsResponse> =
  operations('listItemComplianceDetails')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/packingGroups/{packingGroupId}/boxes */
export const listPackingGroupBoxes: Operation<ListPackingGroupBoxesParameters, ListPackingGroupBoxesResponse> =
  operations('listPackingGroupBoxes')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/packingGroups/{packingGroupId}/items */
export const listPackingGroupItems: Operation<ListPackingGroupItemsParameters, ListPackingGroupItemsResponse> =
  operations('listPackingGroupItems')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/packingOptions */
export const listPackingOptions: Operation<ListPackingOptionsParameters, ListPackingOptionsResponse> =
  operations('listPackingOptions')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/placementOptions */
export const listPlacementOptions: Operation<ListPlacementOptionsParameters, ListPlacementOptionsResponse> =
  operations('listPlacementOptions')

/** GET /inbound/fba/2024-03-20/items/prepDetails */
export const listPrepDetails: Operation<ListPrepDetailsParameters, ListPrepDetailsResponse> =
  operations('listPrepDetails')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/boxes */
export const listShipmentBoxes: Operation<ListShipmentBoxesParameters, ListShipmentBoxesResponse> =
  operations('listShipmentBoxes')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/contentUpdatePreviews */
export const listShipmentContentUpdatePreviews: Operation<ListShipmentContentUpdatePreviewsParameters, ListShipmentContentUpdatePreviewsResponse> =
  operations('listShipmentContentUpdatePreviews')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/items */
export const listShipmentItems: Operation<ListShipmentItemsParameters, ListShipmentItemsResponse> =
  operations('listShipmentItems')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/pallets */
export const listShipmentPallets: Operation<ListShipmentPalletsParameters, ListShipmentPalletsResponse> =
  operations('listShipmentPallets')

/** GET /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/transportationOptions */
export const listTransportationOptions: Operation<ListTransportationOptionsParameters, ListTransportationOptionsResponse> =
  operations('listTransportationOptions')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/selfShipAppointmentSlots/{slotId}/schedule */
export const scheduleSelfShipAppointment: Operation<ScheduleSelfShipAppointmentParameters, ScheduleSelfShipAppointmentResponse> =
  operations('scheduleSelfShipAppointment')

/** POST /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/packingInformation */
export const setPackingInformation: Operation<SetPackingInformationParameters, SetPackingInformationResponse> =
  operations('setPackingInformation')

/** POST /inbound/fba/2024-03-20/items/prepDetails */
export const setPrepDetails: Operation<SetPrepDetailsParameters, SetPrepDetailsResponse> =
  operations('setPrepDetails')

/** PUT /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/name */
export const updateInboundPlanName: Operation<UpdateInboundPlanNameParameters, undefined> =
  operations('updateInboundPlanName')

/** PUT /inbound/fba/2024-03-20/items/compliance */
export const updateItemComplianceDetails: Operation<UpdateItemComplianceDetailsParameters, UpdateItemComplianceDetailsResponse> =
  operations('updateItemComplianceDetails')

/** PUT /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/name */
export const updateShipmentName: Operation<UpdateShipmentNameParameters, undefined> =
  operations('updateShipmentName')

/** PUT /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/sourceAddress */
export const updateShipmentSourceAddress: Operation<UpdateShipmentSourceAddressParameters, UpdateShipmentSourceAddressResponse> =
  operations('updateShipmentSourceAddress')

/** PUT /inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/trackingDetails */
export const updateShipmentTrackingDetails: Operation<UpdateShipmentTrackingDetailsParameters, UpdateShipmentTrackingDetailsResponse> =
  operations('updateShipmentTrackingDetails')
