// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './product-pricing-v0.json' with { type: 'json' }

export interface ASINIdentifier {
  readonly MarketplaceId: string
  readonly ASIN: string
}

export type AttributeSetList = ReadonlyArray<Readonly<Record<string, unknown>>>

export interface BatchOffersRequestParams {
  readonly MarketplaceId: MarketplaceId
  readonly ItemCondition: ItemCondition
  readonly CustomerType?: CustomerType
}

export interface BatchOffersResponse {
  readonly headers?: HttpResponseHeaders
  readonly status?: GetOffersHttpStatusLine
  readonly body: GetOffersResponse
}

export interface BatchRequest {
  readonly uri: string
  readonly method: HttpMethod
  readonly headers?: HttpRequestHeaders
}

export type BuyBoxEligibleOffers = ReadonlyArray<OfferCountType>

export interface BuyBoxPriceType {
  readonly condition: string
  readonly offerType?: OfferCustomerType
  readonly quantityTier?: number
  readonly quantityDiscountType?: QuantityDiscountType
  readonly LandedPrice: MoneyType
  readonly ListingPrice: MoneyType
  readonly Shipping: MoneyType
  readonly Points?: Points
  readonly sellerId?: string
}

export type BuyBoxPrices = ReadonlyArray<BuyBoxPriceType>

export type CompetitivePriceList = ReadonlyArray<CompetitivePriceType>

export interface CompetitivePriceType {
  readonly CompetitivePriceId: string
  readonly Price: PriceType
  readonly condition?: string
  readonly subcondition?: string
  readonly offerType?: OfferCustomerType
  readonly quantityTier?: number
  readonly quantityDiscountType?: QuantityDiscountType
  readonly sellerId?: string
  readonly belongsToRequester?: boolean
}

export interface CompetitivePricingType {
  readonly CompetitivePrices: CompetitivePriceList
  readonly NumberOfOfferListings: NumberOfOfferListingsList
  readonly TradeInValue?: MoneyType
}

export type ConditionType = "New" | "Used" | "Collectible" | "Refurbished" | "Club" | (string & {})

export type CustomerType = "Consumer" | "Business" | (string & {})

export interface DetailedShippingTimeType {
  readonly minimumHours?: number
  readonly maximumHours?: number
  readonly availableDate?: string
  readonly availabilityType?: "NOW" | "FUTURE_WITHOUT_DATE" | "FUTURE_WITH_DATE" | (string & {})
}

export interface ApiError {
  readonly code: string
  readonly message: string
  readonly details?: string
}

export type ErrorList = ReadonlyArray<ApiError>

export type FulfillmentChannelType = "Amazon" | "Merchant" | (string & {})

export interface GetItemOffersBatchRequest {
  readonly requests?: ItemOffersRequestList
}

export interface GetItemOffersBatchResponse {
  readonly responses?: ItemOffersResponseList
}

export interface GetListingOffersBatchRequest {
  readonly requests?: ListingOffersRequestList
}

export interface GetListingOffersBatchResponse {
  readonly responses?: ListingOffersResponseList
}

export interface GetOffersHttpStatusLine {
  readonly statusCode?: number
  readonly reasonPhrase?: string
}

export interface GetOffersResponse {
  readonly payload?: GetOffersResult
  readonly errors?: ErrorList
}

export interface GetOffersResult {
  readonly marketplaceId: string
  readonly ASIN?: string
  readonly SKU?: string
  readonly ItemCondition: ConditionType
  readonly status: string
  readonly Identifier: ItemIdentifier
  readonly Summary: Summary
  readonly Offers: OfferDetailList
}

export interface GetPricingResponse {
  readonly payload?: PriceList
  readonly errors?: ErrorList
}

export type HttpMethod = "GET" | "PUT" | "PATCH" | "DELETE" | "POST" | (string & {})

export type HttpRequestHeaders = Readonly<Record<string, string>>

export type HttpResponseHeaders = {
  readonly Date?: string
  readonly "x-amzn-RequestId"?: string
} & Readonly<Record<string, unknown>>

export interface IdentifierType {
  readonly MarketplaceASIN: ASINIdentifier
  readonly SKUIdentifier?: SellerSKUIdentifier
}

export type ItemCondition = "New" | "Used" | "Collectible" | "Refurbished" | "Club" | (string & {})

export interface ItemIdentifier {
  readonly MarketplaceId: string
  readonly ASIN?: string
  readonly SellerSKU?: string
  readonly ItemCondition: ConditionType
}

export type ItemOffersRequest = BatchRequest & BatchOffersRequestParams

export type ItemOffersRequestList = ReadonlyArray<ItemOffersRequest>

export type ItemOffersRequestParams = BatchOffersRequestParams & {
  readonly Asin?: string
}

export type ItemOffersResponse = BatchOffersResponse & {
  readonly request: ItemOffersRequestParams
}

export type ItemOffersResponseList = ReadonlyArray<ItemOffersResponse>

export type ListingOffersRequest = BatchRequest & BatchOffersRequestParams

export type ListingOffersRequestList = ReadonlyArray<ListingOffersRequest>

export type ListingOffersRequestParams = BatchOffersRequestParams & {
  readonly SellerSKU: string
}

export type ListingOffersResponse = BatchOffersResponse & {
  readonly request?: ListingOffersRequestParams
}

export type ListingOffersResponseList = ReadonlyArray<ListingOffersResponse>

export interface LowestPriceType {
  readonly condition: string
  readonly fulfillmentChannel: string
  readonly offerType?: OfferCustomerType
  readonly quantityTier?: number
  readonly quantityDiscountType?: QuantityDiscountType
  readonly LandedPrice?: MoneyType
  readonly ListingPrice: MoneyType
  readonly Shipping?: MoneyType
  readonly Points?: Points
}

export type LowestPrices = ReadonlyArray<LowestPriceType>

export type MarketplaceId = string

export interface MoneyType {
  readonly CurrencyCode?: string
  readonly Amount?: number
}

export type NumberOfOfferListingsList = ReadonlyArray<OfferListingCountType>

export type NumberOfOffers = ReadonlyArray<OfferCountType>

export interface OfferCountType {
  readonly condition?: string
  readonly fulfillmentChannel?: FulfillmentChannelType
  readonly OfferCount?: number
}

export type OfferCustomerType = "B2C" | "B2B" | (string & {})

export interface OfferDetail {
  readonly MyOffer?: boolean
  readonly offerType?: OfferCustomerType
  readonly SubCondition: string
  readonly SellerId?: string
  readonly ConditionNotes?: string
  readonly SellerFeedbackRating?: SellerFeedbackType
  readonly ShippingTime: DetailedShippingTimeType
  readonly ListingPrice: MoneyType
  readonly quantityDiscountPrices?: ReadonlyArray<QuantityDiscountPriceType>
  readonly Points?: Points
  readonly Shipping: MoneyType
  readonly ShipsFrom?: ShipsFromType
  readonly IsFulfilledByAmazon: boolean
  readonly PrimeInformation?: PrimeInformationType
  readonly IsBuyBoxWinner?: boolean
  readonly IsFeaturedMerchant?: boolean
}

export type OfferDetailList = ReadonlyArray<OfferDetail>

export interface OfferListingCountType {
  readonly Count: number
  readonly condition: string
}

export interface OfferType {
  readonly offerType?: OfferCustomerType
  readonly BuyingPrice: PriceType
  readonly RegularPrice: MoneyType
  readonly businessPrice?: MoneyType
  readonly quantityDiscountPrices?: ReadonlyArray<QuantityDiscountPriceType>
  readonly FulfillmentChannel: string
  readonly ItemCondition: string
  readonly ItemSubCondition: string
  readonly SellerSKU: string
}

export type OffersList = ReadonlyArray<OfferType>

export interface Points {
  readonly PointsNumber?: number
  readonly PointsMonetaryValue?: MoneyType
}

export interface Price {
  readonly status: string
  readonly SellerSKU?: string
  readonly ASIN?: string
  readonly Product?: Product
}

export type PriceList = ReadonlyArray<Price>

export interface PriceType {
  readonly LandedPrice?: MoneyType
  readonly ListingPrice: MoneyType
  readonly Shipping?: MoneyType
  readonly Points?: Points
}

export interface PrimeInformationType {
  readonly IsPrime: boolean
  readonly IsNationalPrime: boolean
}

export interface Product {
  readonly Identifiers: IdentifierType
  readonly AttributeSets?: AttributeSetList
  readonly Relationships?: RelationshipList
  readonly CompetitivePricing?: CompetitivePricingType
  readonly SalesRankings?: SalesRankList
  readonly Offers?: OffersList
}

export interface QuantityDiscountPriceType {
  readonly quantityTier: number
  readonly quantityDiscountType: QuantityDiscountType
  readonly listingPrice: MoneyType
}

export type QuantityDiscountType = "QUANTITY_DISCOUNT" | (string & {})

export type RelationshipList = ReadonlyArray<Readonly<Record<string, unknown>>>

export type SalesRankList = ReadonlyArray<SalesRankType>

export interface SalesRankType {
  readonly ProductCategoryId: string
  readonly Rank: number
}

export interface SellerFeedbackType {
  readonly SellerPositiveFeedbackRating?: number
  readonly FeedbackCount: number
}

export interface SellerSKUIdentifier {
  readonly MarketplaceId: string
  readonly SellerId: string
  readonly SellerSKU: string
}

export interface ShipsFromType {
  readonly State?: string
  readonly Country?: string
}

export interface Summary {
  readonly TotalOfferCount: number
  readonly NumberOfOffers?: NumberOfOffers
  readonly LowestPrices?: LowestPrices
  readonly BuyBoxPrices?: BuyBoxPrices
  readonly ListPrice?: MoneyType
  readonly CompetitivePriceThreshold?: MoneyType
  readonly SuggestedLowerPricePlusShipping?: MoneyType
  readonly SalesRankings?: SalesRankList
  readonly BuyBoxEligibleOffers?: BuyBoxEligibleOffers
  readonly OffersAvailableTime?: string
}

export interface GetCompetitivePricingParameters {
  readonly MarketplaceId: string
  readonly Asins?: ReadonlyArray<string>
  readonly Skus?: ReadonlyArray<string>
  readonly ItemType: "Asin" | "Sku"
  readonly CustomerType?: "Consumer" | "Business"
}

export interface GetItemOffersParameters {
  readonly MarketplaceId: string
  readonly ItemCondition: "New" | "Used" | "Collectible" | "Refurbished" | "Club"
  readonly Asin: string
  readonly CustomerType?: "Consumer" | "Business"
}

export interface GetItemOffersBatchParameters {
  readonly body: GetItemOffersBatchRequest
}

export interface GetListingOffersParameters {
  readonly MarketplaceId: string
  readonly ItemCondition: "New" | "Used" | "Collectible" | "Refurbished" | "Club"
  readonly SellerSKU: string
  readonly CustomerType?: "Consumer" | "Business"
}

export interface GetListingOffersBatchParameters {
  readonly body: GetListingOffersBatchRequest
}

export interface GetPricingParameters {
  readonly MarketplaceId: string
  readonly Asins?: ReadonlyArray<string>
  readonly Skus?: ReadonlyArray<string>
  readonly ItemType: "Asin" | "Sku"
  readonly ItemCondition?: "New" | "Used" | "Collectible" | "Refurbished" | "Club"
  readonly OfferType?: "B2C" | "B2B"
}

const operations = operationsOf('product-pricing-v0', api)

/** GET /products/pricing/v0/competitivePrice */
export const getCompetitivePricing: Operation<GetCompetitivePricingParameters, GetPricingResponse> =
  operations('getCompetitivePricing')

/** GET /products/pricing/v0/items/{Asin}/offers */
export const getItemOffers: Operation<GetItemOffersParameters, GetOffersResponse> =
  operations('getItemOffers')

/** POST /batches/products/pricing/v0/itemOffers */
export const getItemOffersBatch: Operation<GetItemOffersBatchParameters, GetItemOffersBatchResponse> =
  operations('getItemOffersBatch')

/** GET /products/pricing/v0/listings/{SellerSKU}/offers */
export const getListingOffers: Operation<GetListingOffersParameters, GetOffersResponse> =
  operations('getListingOffers')

/** POST /batches/products/pricing/v0/listingOffers */
export const getListingOffersBatch: Operation<GetListingOffersBatchParameters, GetListingOffersBatchResponse> =
  operations('getListingOffersBatch')

/** GET /products/pricing/v0/price */
export const getPricing: Operation<GetPricingParameters, GetPricingResponse> =
  operations('getPricing')
