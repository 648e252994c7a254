// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './fulfillment-inbound-v0.json' with { type: 'json' }

export interface ASINPrepInstructions {
  readonly ASIN?: string
  readonly BarcodeInstruction?: BarcodeInstruction
  readonly PrepGuidance?: PrepGuidance
  readonly PrepInstructionList?: PrepInstructionList
}

export type ASINPrepInstructionsList = ReadonlyArray<ASINPrepInstructions>

export interface Address {
  readonly Name: string
  readonly AddressLine1: string
  readonly AddressLine2?: string
  readonly DistrictOrCounty?: string
  readonly City: string
  readonly StateOrProvinceCode: string
  readonly CountryCode: string
  readonly PostalCode: string
}

export interface AmazonPrepFeesDetails {
  readonly PrepInstruction?: PrepInstruction
  readonly FeePerUnit?: Amount
}

export type AmazonPrepFeesDetailsList = ReadonlyArray<AmazonPrepFeesDetails>

export interface Amount {
  readonly CurrencyCode: CurrencyCode
  readonly Value: BigDecimalType
}

export type BarcodeInstruction = "RequiresFNSKULabel" | "CanUseOriginalBarcode" | "MustProvideSellerSKU" | (string & {})

export type BigDecimalType = number

export interface BillOfLadingDownloadURL {
  readonly DownloadURL?: string
}

export interface BoxContentsFeeDetails {
  readonly TotalUnits?: Quantity
  readonly FeePerUnit?: Amount
  readonly TotalFee?: Amount
}

export type BoxContentsSource = "NONE" | "FEED" | "2D_BARCODE" | "INTERACTIVE" | (string & {})

export type CurrencyCode = "USD" | "GBP" | (string & {})

export type DateStringType = string

export interface ApiError {
  readonly code: string
  readonly message: string
  readonly details?: string
}

export type ErrorList = ReadonlyArray<ApiError>

export type ErrorReason = "DoesNotExist" | "InvalidASIN" | (string & {})

export interface GetBillOfLadingResponse {
  readonly payload?: BillOfLadingDownloadURL
  readonly errors?: ErrorList
}

export interface GetLabelsResponse {
  readonly payload?: LabelDownloadURL
  readonly errors?: ErrorList
}

export interface GetPrepInstructionsResponse {
  readonly payload?: GetPrepInstructionsResult
  readonly errors?: ErrorList
}

export interface GetPrepInstructionsResult {
  readonly SKUPrepInstructionsList?: SKUPrepInstructionsList
  readonly InvalidSKUList?: InvalidSKUList
  readonly ASINPrepInstructionsList?: ASINPrepInstructionsList
  readonly InvalidASINList?: InvalidASINList
}

export interface GetShipmentItemsResponse {
  readonly payload?: GetShipmentItemsResult
  readonly errors?: ErrorList
}

export interface GetShipmentItemsResult {
  readonly ItemData?: InboundShipmentItemList
  readonly NextToken?: string
}

export interface GetShipmentsResponse {
  readonly payload?: GetShipmentsResult
  readonly errors?: ErrorList
}

export interface GetShipmentsResult {
  readonly ShipmentData?: InboundShipmentList
  readonly NextToken?: string
}

export interface InboundShipmentInfo {
  readonly ShipmentId?: string
  readonly ShipmentName?: string
  readonly ShipFromAddress: Address
  readonly DestinationFulfillmentCenterId?: string
  readonly ShipmentStatus?: ShipmentStatus
  readonly LabelPrepType?: LabelPrepType
  readonly AreCasesRequired?: boolean
  readonly ConfirmedNeedByDate?: DateStringType
  readonly BoxContentsSource?: BoxContentsSource
  readonly EstimatedBoxContentsFee?: BoxContentsFeeDetails
}

export interface InboundShipmentItem {
  readonly ShipmentId?: string
  readonly SellerSKU: string
  readonly FulfillmentNetworkSKU?: string
  readonly QuantityShipped: Quantity
  readonly QuantityReceived?: Quantity
  readonly QuantityInCase?: Quantity
  readonly ReleaseDate?: DateStringType
  readonly PrepDetailsList?: PrepDetailsList
}

export type InboundShipmentItemList = ReadonlyArray<InboundShipmentItem>

export type InboundShipmentList = ReadonlyArray<InboundShipmentInfo>

export interface InvalidASIN {
  readonly ASIN?: string
  readonly ErrorReason?: ErrorReason
}

export type InvalidASINList = ReadonlyArray<InvalidASIN>

export interface InvalidSKU {
  readonly SellerSKU?: string
  readonly ErrorReason?: ErrorReason
}

export type InvalidSKUList = ReadonlyArray<InvalidSKU>

export interface LabelDownloadURL {
  readonly DownloadURL?: string
}

export type LabelPrepType = "NO_LABEL" | "SELLER_LABEL" | "AMAZON_LABEL" | (string & {})

export interface PrepDetails {
  readonly PrepInstruction: PrepInstruction
  readonly PrepOwner: PrepOwner
}

export type PrepDetailsList = ReadonlyArray<PrepDetails>

export type PrepGuidance = "ConsultHelpDocuments" | "NoAdditionalPrepRequired" | "SeePrepInstructionsList" | (string & {})

export type PrepInstruction = "Polybagging" | "BubbleWrapping" | "Taping" | "BlackShrinkWrapping" | "Labeling" | "HangGarment" | "SetCreation" | "Boxing" | "RemoveFromHanger" | "Debundle" | "SuffocationStickering" | "CapSealing" | "SetStickering" | "BlankStickering" | "ShipsInProductPackaging" | "NoPrep" | (string & {})

export type PrepInstructionList = ReadonlyArray<PrepInstruction>

export type PrepOwner = "AMAZON" | "SELLER" | (string & {})

export type Quantity = number

export interface SKUPrepInstructions {
  readonly SellerSKU?: string
  readonly ASIN?: string
  readonly BarcodeInstruction?: BarcodeInstruction
  readonly PrepGuidance?: PrepGuidance
  readonly PrepInstructionList?: PrepInstructionList
  readonly AmazonPrepFeesDetailsList?: AmazonPrepFeesDetailsList
}

export type SKUPrepInstructionsList = ReadonlyArray<SKUPrepInstructions>

export type ShipmentStatus = "WORKING" | "SHIPPED" | "RECEIVING" | "CANCELLED" | "DELETED" | "CLOSED" | "ERROR" | "IN_TRANSIT" | "DELIVERED" | "CHECKED_IN" | (string & {})

export interface GetBillOfLadingParameters {
  readonly shipmentId: string
}

export interface GetLabelsParameters {
  readonly shipmentId: string
  readonly PageType: "PackageLabel_Letter_2" | "PackageLabel_Letter_4" | "PackageLabel_Letter_6" | "PackageLabel_Letter_6_CarrierLeft" | "PackageLabel_A4_2" | "PackageLabel_A4_4" | "PackageLabel_Plain_Paper" | "PackageLabel_Plain_Paper_CarrierBottom" | "PackageLabel_Thermal" | "PackageLabel_Thermal_Unified" | "PackageLabel_Thermal_NonPCP" | "PackageLabel_Thermal_No_Carrier_Rotation"
  readonly LabelType: "BARCODE_2D" | "UNIQUE" | "PALLET"
  readonly NumberOfPackages?: number
  readonly PackageLabelsToPrint?: ReadonlyArray<string>
  readonly NumberOfPallets?: number
  readonly PageSize?: number
  readonly PageStartIndex?: number
}

export interface GetPrepInstructionsParameters {
  readonly ShipToCountryCode: string
  readonly SellerSKUList?: ReadonlyArray<string>
  readonly ASINList?: ReadonlyArray<string>
}

export interface GetShipmentItemsParameters {
  readonly LastUpdatedAfter?: string
  readonly LastUpdatedBefore?: string
  readonly QueryType: "DATE_RANGE" | "NEXT_TOKEN"
  readonly NextToken?: string
  readonly MarketplaceId: string
}

export interface GetShipmentItemsByShipmentIdParameters {
  readonly shipmentId: string
  readonly MarketplaceId?: string
}

export interface GetShipmentsParameters {
  readonly ShipmentStatusList?: ReadonlyArray<"WORKING" | "READY_TO_SHIP" | "SHIPPED" | "RECEIVING" | "CANCELLED" | "DELETED" | "CLOSED" | "ERROR" | "IN_TRANSIT" | "DELIVERED" | "CHECKED_IN">
  readonly ShipmentIdList?: ReadonlyArray<string>
  readonly LastUpdatedAfter?: string
  readonly LastUpdatedBefore?: string
  readonly QueryType: "SHIPMENT" | "DATE_RANGE" | "NEXT_TOKEN"
  readonly NextToken?: string
  readonly MarketplaceId: string
}

const operations = operationsOf('fulfillment-inbound-v0', api)

/** GET /fba/inbound/v0/shipments/{shipmentId}/billOfLading */
export const getBillOfLading: Operation<GetBillOfLadingParameters, GetBillOfLadingResponse> =
  operations('getBillOfLading')

/** GET /fba/inbound/v0/shipments/{shipmentId}/labels */
export const getLabels: Operation<GetLabelsParameters, GetLabelsResponse> =
  operations('getLabels')

/** GET /fba/inbound/v0/prepInstructions */
export const getPrepInstructions: Operation<GetPrepInstructionsParameters, GetPrepInstructionsResponse> =
  operations('getPrepInstructions')

/** GET /fba/inbound/v0/shipmentItems */
export const getShipmentItems: Operation<GetShipmentItemsParameters, GetShipmentItemsResponse> =
  operations('getShipmentItems')

/** GET /fba/inbound/v0/shipments/{shipmentId}/items */
export const getShipmentItemsByShipmentId: Operation<GetShipmentItemsByShipmentIdParameters, GetShipmentItemsResponse> =
  operations('getShipmentItemsByShipmentId')

/** GET /fba/inbound/v0/shipments */
export const getShipments: Operation<GetShipmentsParameters, GetShipmentsResponse> =
  operations('getShipments')
