// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './product-pricing-2022-05-01.json' with { type: 'json' }

export interface AmountThreshold {
  readonly type: string
  readonly currency: MoneyType
}

export type Asin = string

export interface BatchRequest {
  readonly uri: string
  readonly method: HttpMethod
  readonly body?: HttpBody
  readonly headers?: HttpHeaders
}

export interface BatchResponse {
  readonly headers: HttpHeaders
  readonly status: HttpStatusLine
}

export interface CompetitiveSummaryBatchRequest {
  readonly requests: CompetitiveSummaryRequestList
}

export interface CompetitiveSummaryBatchResponse {
  readonly responses: CompetitiveSummaryResponseList
}

export type CompetitiveSummaryIncludedData = "featuredBuyingOptions" | "referencePrices" | "lowestPricedOffers" | "similarItems" | (string & {})

export interface CompetitiveSummaryRequest {
  readonly asin: Asin
  readonly marketplaceId: MarketplaceId
  readonly includedData: ReadonlyArray<CompetitiveSummaryIncludedData>
  readonly lowestPricedOffersInputs?: ReadonlyArray<LowestPricedOffersInput>
  readonly method: HttpMethod
  readonly uri: HttpUri
}

export type CompetitiveSummaryRequestList = ReadonlyArray<CompetitiveSummaryRequest>

export interface CompetitiveSummaryResponse {
  readonly status: HttpStatusLine
  readonly body: CompetitiveSummaryResponseBody
}

export interface CompetitiveSummaryResponseBody {
  readonly asin: Asin
  readonly marketplaceId: MarketplaceId
  readonly featuredBuyingOptions?: ReadonlyArray<FeaturedBuyingOption>
  readonly lowestPricedOffers?: ReadonlyArray<LowestPricedOffer>
  readonly referencePrices?: ReadonlyArray<ReferencePrice>
  readonly similarItems?: ReadonlyArray<SimilarItems>
  readonly errors?: ErrorList
}

export type CompetitiveSummaryResponseList = ReadonlyArray<CompetitiveSummaryResponse>

export type Condition = "New" | "Used" | "Collectible" | "Refurbished" | "Club" | (string & {})

export type DiscountType = string

export interface ApiError {
  readonly code: string
  readonly message: string
  readonly details?: string
}

export type ErrorList = ReadonlyArray<ApiError>

export interface FeaturedBuyingOption {
  readonly buyingOptionType: "New" | (string & {})
  readonly segmentedFeaturedOffers: ReadonlyArray<SegmentedFeaturedOffer>
}

export interface FeaturedOffer {
  readonly offerIdentifier: OfferIdentifier
  readonly condition?: Condition
  readonly price?: Price
}

export interface FeaturedOfferExpectedPrice {
  readonly listingPrice: MoneyType
  readonly points?: Points
}

export type FeaturedOfferExpectedPriceRequest = BatchRequest & FeaturedOfferExpectedPriceRequestParams

export type FeaturedOfferExpectedPriceRequestList = ReadonlyArray<FeaturedOfferExpectedPriceRequest>

export interface FeaturedOfferExpectedPriceRequestParams {
  readonly marketplaceId: MarketplaceId
  readonly sku: Sku
  readonly segment?: Segment
}

export type FeaturedOfferExpectedPriceResponse = BatchResponse & {
  readonly request: FeaturedOfferExpectedPriceRequestParams
  readonly body?: FeaturedOfferExpectedPriceResponseBody
}

export interface FeaturedOfferExpectedPriceResponseBody {
  readonly offerIdentifier?: OfferIdentifier
  readonly featuredOfferExpectedPriceResults?: FeaturedOfferExpectedPriceResultList
  readonly errors?: ErrorList
}

export type FeaturedOfferExpectedPriceResponseList = ReadonlyArray<FeaturedOfferExpectedPriceResponse>

export interface FeaturedOfferExpectedPriceResult {
  readonly featuredOfferExpectedPrice?: FeaturedOfferExpectedPrice
  readonly resultStatus: string
  readonly competingFeaturedOffer?: FeaturedOffer
  readonly currentFeaturedOffer?: FeaturedOffer
}

export type FeaturedOfferExpectedPriceResultList = ReadonlyArray<FeaturedOfferExpectedPriceResult>

export interface FeaturedOfferSegment {
  readonly customerMembership: "PRIME" | "NON_PRIME" | "DEFAULT" | (string & {})
  readonly segmentDetails: SegmentDetails
}

export type FulfillmentType = "AFN" | "MFN" | (string & {})

export interface GetFeaturedOfferExpectedPriceBatchRequest {
  readonly requests?: FeaturedOfferExpectedPriceRequestList
}

export interface GetFeaturedOfferExpectedPriceBatchResponse {
  readonly responses?: FeaturedOfferExpectedPriceResponseList
}

export type HttpBody = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export type HttpHeaders = Readonly<Record<string, string>>

export type HttpMethod = "GET" | "PUT" | "PATCH" | "DELETE" | "POST" | (string & {})

export interface HttpStatusLine {
  readonly statusCode?: number
  readonly reasonPhrase?: string
}

export type HttpUri = string

export interface Item {
  readonly asin: Asin
}

export interface LowestPricedOffer {
  readonly lowestPricedOffersInput: LowestPricedOffersInput
  readonly offers: ReadonlyArray<Offer>
}

export interface LowestPricedOffersInput {
  readonly itemCondition: Condition
  readonly offerType: "Consumer" | (string & {})
}

export type MarketplaceId = string

export interface MoneyType {
  readonly currencyCode?: string
  readonly amount?: number
}

export interface Offer {
  readonly sellerId: string
  readonly condition: Condition
  readonly subCondition?: "New" | "Mint" | "VeryGood" | "Good" | "Acceptable" | "Poor" | "Club" | "OEM" | "Warranty" | "RefurbishedWarranty" | "Refurbished" | "OpenBox" | "Other" | (string & {})
  readonly fulfillmentType: FulfillmentType
  readonly listingPrice: MoneyType
  readonly shippingOptions?: ReadonlyArray<ShippingOption>
  readonly points?: Points
  readonly primeDetails?: PrimeDetails
  readonly promotions?: Promotions
}

export interface OfferIdentifier {
  readonly marketplaceId: MarketplaceId
  readonly sellerId?: string
  readonly sku?: string
  readonly asin: Asin
  readonly fulfillmentType?: FulfillmentType
}

export interface Points {
  readonly pointsNumber?: number
  readonly pointsMonetaryValue?: MoneyType
}

export interface PostalCode {
  readonly countryCode?: string
  readonly value?: string
}

export interface Price {
  readonly listingPrice: MoneyType
  readonly shippingPrice?: MoneyType
  readonly points?: Points
}

export interface PrimeDetails {
  readonly eligibility: "NATIONAL" | "REGIONAL" | "NONE" | (string & {})
}

export interface Promotion {
  readonly promotionType: PromotionType
  readonly promotionSavings: PromotionSavings
  readonly purchaseRequirements?: PurchaseRequirements
}

export interface PromotionDiscount {
  readonly type?: DiscountType
  readonly amountOff?: MoneyType
  readonly percentOff?: number
}

export interface PromotionSavings {
  readonly discount?: PromotionDiscount
  readonly discountedPrice?: MoneyType
}

export type PromotionType = string

export type Promotions = ReadonlyArray<Promotion>

export interface PurchaseCondition {
  readonly quantityThreshold?: QuantityThreshold
  readonly amountThreshold?: AmountThreshold
}

export interface PurchaseRequirements {
  readonly condition?: PurchaseCondition
}

export interface QuantityThreshold {
  readonly type: string
  readonly quantity: number
}

export interface ReferencePrice {
  readonly name: string
  readonly price: MoneyType
}

export interface SampleLocation {
  readonly postalCode?: PostalCode
}

export interface Segment {
  readonly segmentDetails?: SegmentDetails
}

export interface SegmentDetails {
  readonly glanceViewWeightPercentage?: number
  readonly sampleLocation?: SampleLocation
}

export type SegmentedFeaturedOffer = Offer & {
  readonly featuredOfferSegments: ReadonlyArray<FeaturedOfferSegment>
}

export interface ShippingOption {
  readonly shippingOptionType: "DEFAULT"
  readonly price: MoneyType
}

export interface SimilarItems {
  readonly items?: ReadonlyArray<Item>
}

export type Sku = string

export interface GetCompetitiveSummaryParameters {
  readonly body: CompetitiveSummaryBatchRequest
}

export interface GetFeaturedOfferExpectedPriceBatchParameters {
  readonly body: GetFeaturedOfferExpectedPriceBatchRequest
}

const operations = operationsOf('product-pricing-2022-05-01', api)

/** POST /batches/products/pricing/2022-05-01/items/competitiveSummary */
export const getCompetitiveSummary: Operation<GetCompetitiveSummaryParameters, CompetitiveSummaryBatchResponse> =
  operations('getCompetitiveSummary')

/** POST /batches/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice */
export const getFeaturedOfferExpectedPriceBatch: Operation<GetFeaturedOfferExpectedPriceBatchParameters, GetFeaturedOfferExpectedPriceBatchResponse> =
  operations('getFeaturedOfferExpectedPriceBatch')
