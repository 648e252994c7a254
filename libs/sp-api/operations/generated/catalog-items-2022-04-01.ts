// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './catalog-items-2022-04-01.json' with { type: 'json' }

export interface BrandRefinement {
  readonly numberOfResults: number
  readonly brandName: string
}

export interface ClassificationRefinement {
  readonly numberOfResults: number
  readonly displayName: string
  readonly classificationId: string
}

export interface Dimension {
  readonly unit?: string
  readonly value?: number
}

export interface Dimensions {
  readonly height?: Dimension
  readonly length?: Dimension
  readonly weight?: Dimension
  readonly width?: Dimension
}

export interface Item {
  readonly asin: ItemAsin
  readonly attributes?: ItemAttributes
  readonly classifications?: ItemBrowseClassifications
  readonly dimensions?: ItemDimensions
  readonly identifiers?: ItemIdentifiers
  readonly images?: ItemImages
  readonly productTypes?: ItemProductTypes
  readonly relationships?: ItemRelationships
  readonly salesRanks?: ItemSalesRanks
  readonly summaries?: ItemSummaries
  readonly vendorDetails?: ItemVendorDetails
}

export type ItemAsin = string

export type ItemAttributes = Readonly<Record<string, unknown>>

export interface ItemBrowseClassification {
  readonly displayName: string
  readonly classificationId: string
  readonly parent?: ItemBrowseClassification
}

export type ItemBrowseClassifications = ReadonlyArray<ItemBrowseClassificationsByMarketplace>

export interface ItemBrowseClassificationsByMarketplace {
  readonly marketplaceId: string
  readonly classifications?: ReadonlyArray<ItemBrowseClassification>
}

export interface ItemClassificationSalesRank {
  readonly classificationId: string
  readonly title: string
  readonly link?: string
  readonly rank: number
}

export interface ItemContributor {
  readonly role: ItemContributorRole
  readonly value: string
}

export interface ItemContributorRole {
  readonly displayName?: string
  readonly value: string
}

export type ItemDimensions = ReadonlyArray<ItemDimensionsByMarketplace>

export interface ItemDimensionsByMarketplace {
  readonly marketplaceId: string
  readonly item?: Dimensions
  readonly package?: Dimensions
}

export interface ItemDisplayGroupSalesRank {
  readonly websiteDisplayGroup: string
  readonly title: string
  readonly link?: string
  readonly rank: number
}

export interface ItemIdentifier {
  readonly identifierType: string
  readonly identifier: string
}

export type ItemIdentifiers = ReadonlyArray<ItemIdentifiersByMarketplace>

export interface ItemIdentifiersByMarketplace {
  readonly marketplaceId: string
  readonly identifiers: ReadonlyArray<ItemIdentifier>
}

export interface ItemImage {
  readonly variant: "MAIN" | "PT01" | "PT02" | "PT03" | "PT04" | "PT05" | "PT06" | "PT07" | "PT08" | "SWCH" | (string & {})
  readonly link: string
  readonly height: number
  readonly width: number
}

export type ItemImages = ReadonlyArray<ItemImagesByMarketplace>

export interface ItemImagesByMarketplace {
  readonly marketplaceId: string
  readonly images: ReadonlyArray<ItemImage>
}

export interface ItemProductTypeByMarketplace {
  readonly marketplaceId?: string
  readonly productType?: string
}

export type ItemProductTypes = ReadonlyArray<ItemProductTypeByMarketplace>

export interface ItemRelationship {
  readonly childAsins?: ReadonlyArray<string>
  readonly parentAsins?: ReadonlyArray<string>
  readonly variationTheme?: ItemVariationTheme
  readonly type: "VARIATION" | "PACKAGE_HIERARCHY" | (string & {})
}

export type ItemRelationships = ReadonlyArray<ItemRelationshipsByMarketplace>

export interface ItemRelationshipsByMarketplace {
  readonly marketplaceId: string
  readonly relationships: ReadonlyArray<ItemRelationship>
}

export type ItemSalesRanks = ReadonlyArray<ItemSalesRanksByMarketplace>

export interface ItemSalesRanksByMarketplace {
  readonly marketplaceId: string
  readonly classificationRanks?: ReadonlyArray<ItemClassificationSalesRank>
  readonly displayGroupRanks?: ReadonlyArray<ItemDisplayGroupSalesRank>
}

export interface ItemSearchResults {
  readonly numberOfResults: number
  readonly pagination?: Pagination
  readonly refinements?: Refinements
  readonly items: ReadonlyArray<Item>
}

export type ItemSummaries = ReadonlyArray<ItemSummaryByMarketplace>

export interface ItemSummaryByMarketplace {
  readonly marketplaceId: string
  readonly adultProduct?: boolean
  readonly autographed?: boolean
  readonly brand?: string
  readonly browseClassification?: ItemBrowseClassification
  readonly color?: string
  readonly contributors?: ReadonlyArray<ItemContributor>
  readonly itemClassification?: "BASE_PRODUCT" | "OTHER" | "PRODUCT_BUNDLE" | "VARIATION_PARENT" | (string & {})
  readonly itemName?: string
  readonly manufacturer?: string
  readonly memorabilia?: boolean
  readonly modelNumber?: string
  readonly packageQuantity?: number
  readonly partNumber?: string
  readonly releaseDate?: string
  readonly size?: string
  readonly style?: string
  readonly tradeInEligible?: boolean
  readonly websiteDisplayGroup?: string
  readonly websiteDisplayGroupName?: string
}

export interface ItemVariationTheme {
  readonly attributes?: ReadonlyArray<string>
  readonly theme?: string
}

export type ItemVendorDetails = ReadonlyArray<ItemVendorDetailsByMarketplace>

export interface ItemVendorDetailsByMarketplace {
  readonly marketplaceId: string
  readonly brandCode?: string
  readonly manufacturerCode?: string
  readonly manufacturerCodeParent?: string
  readonly productCategory?: ItemVendorDetailsCategory
  readonly productGroup?: string
  readonly productSubcategory?: ItemVendorDetailsCategory
  readonly replenishmentCategory?: "ALLOCATED" | "BASIC_REPLENISHMENT" | "IN_SEASON" | "LIMITED_REPLENISHMENT" | "MANUFACTURER_OUT_OF_STOCK" | "NEW_PRODUCT" | "NON_REPLENISHABLE" | "NON_STOCKUPABLE" | "OBSOLETE" | "PLANNED_REPLENISHMENT" | (string & {})
}

export interface ItemVendorDetailsCategory {
  readonly displayName?: string
  readonly value?: string
}

export interface Pagination {
  readonly nextToken?: string
  readonly previousToken?: string
}

export interface Refinements {
  readonly brands: ReadonlyArray<BrandRefinement>
  readonly classifications: ReadonlyArray<ClassificationRefinement>
}

export interface GetCatalogItemParameters {
  readonly asin: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly includedData?: ReadonlyArray<"attributes" | "classifications" | "dimensions" | "identifiers" | "images" | "productTypes" | "relationships" | "salesRanks" | "summaries" | "vendorDetails">
  readonly locale?: string
}

export interface SearchCatalogItemsParameters {
  readonly identifiers?: ReadonlyArray<string>
  readonly identifiersType?: "ASIN" | "EAN" | "GTIN" | "ISBN" | "JAN" | "MINSAN" | "SKU" | "UPC"
  readonly marketplaceIds: ReadonlyArray<string>
  readonly includedData?: ReadonlyArray<"attributes" | "classifications" | "dimensions" | "identifiers" | "images" | "productTypes" | "relationships" | "salesRanks" | "summaries" | "vendorDetails">
  readonly locale?: string
  readonly sellerId?: string
  readonly keywords?: ReadonlyArray<string>
  readonly brandNames?: ReadonlyArray<string>
  readonly classificationIds?: ReadonlyArray<string>
  readonly pageSize?: number
  readonly pageToken?: string
  readonly keywordsLocale?: string
}

const operations = operationsOf('catalog-items-2022-04-01', api)

/** GET /catalog/2022-04-01/items/{asin} */
export const getCatalogItem: Operation<GetCatalogItemParameters, Item> =
  operations('getCatalogItem')

/** GET /catalog/2022-04-01/items */
export const searchCatalogItems: Operation<SearchCatalogItemsParameters, ItemSearchResults> =
  operations('searchCatalogItems')
