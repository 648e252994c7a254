// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './listings-items-2021-08-01.json' with { type: 'json' }

export interface Audience {
  readonly value?: string
  readonly displayName?: string
}

export type Decimal = string

export interface FulfillmentAvailability {
  readonly fulfillmentChannelCode: string
  readonly quantity?: number
}

export interface Issue {
  readonly code: string
  readonly message: string
  readonly severity: "ERROR" | "WARNING" | "INFO" | (string & {})
  readonly attributeNames?: ReadonlyArray<string>
  readonly categories: ReadonlyArray<string>
  readonly enforcements?: IssueEnforcements
  readonly marketplaceIds?: ReadonlyArray<string>
}

export interface IssueEnforcementAction {
  readonly action: string
}

export interface IssueEnforcements {
  readonly actions: ReadonlyArray<IssueEnforcementAction>
  readonly exemption: IssueExemption
}

export interface IssueExemption {
  readonly status: "EXEMPT" | "EXEMPT_UNTIL_EXPIRY_DATE" | "NOT_EXEMPT" | (string & {})
  readonly expiryDate?: string
}

export interface Item {
  readonly sku: string
  readonly summaries?: ItemSummaries
  readonly attributes?: ItemAttributes
  readonly issues?: ItemIssues
  readonly offers?: ItemOffers
  readonly fulfillmentAvailability?: ReadonlyArray<FulfillmentAvailability>
  readonly procurement?: ReadonlyArray<ItemProcurement>
  readonly relationships?: ItemRelationships
  readonly productTypes?: ItemProductTypes
}

export type ItemAttributes = Readonly<Record<string, unknown>>

export type ItemIdentifiers = ReadonlyArray<ItemIdentifiersByMarketplace>

export interface ItemIdentifiersByMarketplace {
  readonly marketplaceId?: string
  readonly asin?: string
}

export interface ItemImage {
  readonly link: string
  readonly height: number
  readonly width: number
}

export type ItemIssues = ReadonlyArray<Issue>

export interface ItemOfferByMarketplace {
  readonly marketplaceId: string
  readonly offerType: "B2C" | "B2B" | (string & {})
  readonly price: Money
  readonly points?: Points
  readonly audience?: Audience
}

export type ItemOffers = ReadonlyArray<ItemOfferByMarketplace>

export interface ItemProcurement {
  readonly costPrice: Money
}

export interface ItemProductTypeByMarketplace {
  readonly marketplaceId: string
  readonly productType: string
}

export type ItemProductTypes = ReadonlyArray<ItemProductTypeByMarketplace>

export interface ItemRelationship {
  readonly childSkus?: ReadonlyArray<string>
  readonly parentSkus?: ReadonlyArray<string>
  readonly variationTheme?: ItemVariationTheme
  readonly type: "VARIATION" | "PACKAGE_HIERARCHY" | (string & {})
}

export type ItemRelationships = ReadonlyArray<ItemRelationshipsByMarketplace>

export interface ItemRelationshipsByMarketplace {
  readonly marketplaceId: string
  readonly relationships: ReadonlyArray<ItemRelationship>
}

export interface ItemSearchResults {
  readonly numberOfResults: number
  readonly pagination?: Pagination
  readonly items: ReadonlyArray<Item>
}

export type ItemSummaries = ReadonlyArray<ItemSummaryByMarketplace>

export interface ItemSummaryByMarketplace {
  readonly marketplaceId: string
  readonly asin?: string
  readonly productType: string
  readonly conditionType?: "new_new" | "new_open_box" | "new_oem" | "refurbished_refurbished" | "used_like_new" | "used_very_good" | "used_good" | "used_acceptable" | "collectible_like_new" | "collectible_very_good" | "collectible_good" | "collectible_acceptable" | "club_club" | (string & {})
  readonly status: ReadonlyArray<"BUYABLE" | "DISCOVERABLE" | (string & {})>
  readonly fnSku?: string
  readonly itemName?: string
  readonly createdDate: string
  readonly lastUpdatedDate: string
  readonly mainImage?: ItemImage
}

export interface ItemVariationTheme {
  readonly attributes: ReadonlyArray<string>
  readonly theme: string
}

export interface ListingsItemPatchRequest {
  readonly productType: string
  readonly patches: ReadonlyArray<PatchOperation>
}

export interface ListingsItemPutRequest {
  readonly productType: string
  readonly requirements?: "LISTING" | "LISTING_PRODUCT_ONLY" | "LISTING_OFFER_ONLY" | (string & {})
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface ListingsItemSubmissionResponse {
  readonly sku: string
  readonly status: "ACCEPTED" | "INVALID" | "VALID" | (string & {})
  readonly submissionId: string
  readonly issues?: ReadonlyArray<Issue>
  readonly identifiers?: ItemIdentifiers
}

export interface Money {
  readonly currencyCode: string
  readonly amount: Decimal
}

export interface Pagination {
  readonly nextToken?: string
  readonly previousToken?: string
}

export interface PatchOperation {
  readonly op: "add" | "replace" | "merge" | "delete" | (string & {})
  readonly path: string
  readonly value?: ReadonlyArray<Readonly<Record<string, unknown>>>
}

export interface Points {
  readonly pointsNumber: number
}

export interface DeleteListingsItemParameters {
  readonly sellerId: string
  readonly sku: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly issueLocale?: string
}

export interface GetListingsItemParameters {
  readonly sellerId: string
  readonly sku: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly issueLocale?: string
  readonly includedData?: ReadonlyArray<"summaries" | "attributes" | "issues" | "offers" | "fulfillmentAvailability" | "procurement" | "relationships" | "productTypes">
}

export interface PatchListingsItemParameters {
  readonly sellerId: string
  readonly sku: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly includedData?: ReadonlyArray<"identifiers" | "issues">
  readonly mode?: "VALIDATION_PREVIEW"
  readonly issueLocale?: string
  readonly body: ListingsItemPatchRequest
}

export interface PutListingsItemParameters {
  readonly sellerId: string
  readonly sku: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly includedData?: ReadonlyArray<"identifiers" | "issues">
  readonly mode?: "VALIDATION_PREVIEW"
  readonly issueLocale?: string
  readonly body: ListingsItemPutRequest
}

export interface SearchListingsItemsParameters {
  readonly sellerId: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly issueLocale?: string
  readonly includedData?: ReadonlyArray<"summaries" | "attributes" | "issues" | "offers" | "fulfillmentAvailability" | "procurement" | "relationships" | "productTypes">
  readonly identifiers?: ReadonlyArray<string>
  readonly identifiersType?: "ASIN" | "EAN" | "FNSKU" | "GTIN" | "ISBN" | "JAN" | "MINSAN" | "SKU" | "UPC"
  readonly variationParentSku?: string
  readonly packageHierarchySku?: string
  readonly createdAfter?: string
  readonly createdBefore?: string
  readonly lastUpdatedAfter?: string
  readonly lastUpdatedBefore?: string
  readonly withIssueSeverity?: ReadonlyArray<"WARNING" | "ERROR">
  readonly withStatus?: ReadonlyArray<"BUYABLE" | "DISCOVERABLE">
  readonly withoutStatus?: ReadonlyArray<"BUYABLE" | "DISCOVERABLE">
  readonly sortBy?: "sku" | "createdDate" | "lastUpdatedDate"
  readonly sortOrder?: "ASC" | "DESC"
  readonly pageSize?: number
  readonly pageToken?: string
}

const operations = operationsOf('listings-items-2021-08-01', api)

/** DELETE /listings/2021-08-01/items/{sellerId}/{sku} */
export const deleteListingsItem: Operation<DeleteListingsItemParameters, ListingsItemSubmissionResponse> =
  operations('deleteListingsItem')

/** GET /listings/2021-08-01/items/{sellerId}/{sku} */
export const getListingsItem: Operation<GetListingsItemParameters, Item> =
  operations('getListingsItem')

/** PATCH /listings/2021-08-01/items/{sellerId}/{sku} */
export const patchListingsItem: Operation<PatchListingsItemParameters, ListingsItemSubmissionResponse> =
  operations('patchListingsItem')

/** PUT /listings/2021-08-01/items/{sellerId}/{sku} */
export const putListingsItem: Operation<PutListingsItemParameters, ListingsItemSubmissionResponse> =
  operations('putListingsItem')

/** GET /listings/2021-08-01/items/{sellerId} */
export const searchListingsItems: Operation<SearchListingsItemsParameters, ItemSearchResults> =
  operations('searchListingsItems')
