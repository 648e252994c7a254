// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './product-type-definitions-2020-09-01.json' with { type: 'json' }

export interface ProductType {
  readonly name: string
  readonly displayName: string
  readonly marketplaceIds: ReadonlyArray<string>
}

export interface ProductTypeDefinition {
  readonly metaSchema?: SchemaLink
  readonly schema: SchemaLink
  readonly requirements: "LISTING" | "LISTING_PRODUCT_ONLY" | "LISTING_OFFER_ONLY" | (string & {})
  readonly requirementsEnforced: "ENFORCED" | "NOT_ENFORCED" | (string & {})
  readonly propertyGroups: Readonly<Record<string, PropertyGroup>>
  readonly locale: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly productType: string
  readonly displayName: string
  readonly productTypeVersion: ProductTypeVersion
}

export interface ProductTypeList {
  readonly productTypes: ReadonlyArray<ProductType>
  readonly productTypeVersion: string
}

export interface ProductTypeVersion {
  readonly version: string
  readonly latest: boolean
  readonly releaseCandidate?: boolean
}

export interface PropertyGroup {
  readonly title?: string
  readonly description?: string
  readonly propertyNames?: ReadonlyArray<string>
}

export interface SchemaLink {
  readonly link: {
    readonly resource: string
    readonly verb: "GET" | (string & {})
  }
  readonly checksum: string
}

export interface GetDefinitionsProductTypeParameters {
  readonly productType: string
  readonly sellerId?: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly productTypeVersion?: string
  readonly requirements?: "LISTING" | "LISTING_PRODUCT_ONLY" | "LISTING_OFFER_ONLY"
  readonly requirementsEnforced?: "ENFORCED" | "NOT_ENFORCED"
  readonly locale?: "DEFAULT" | "ar" | "ar_AE" | "de" | "de_DE" | "en" | "en_AE" | "en_AU" | "en_CA" | "en_GB" | "en_IN" | "en_SG" | "en_US" | "es" | "es_ES" | "es_MX" | "es_US" | "fr" | "fr_CA" | "fr_FR" | "it" | "it_IT" | "ja" | "ja_JP" | "nl" | "nl_NL" | "pl" | "pl_PL" | "pt" | "pt_BR" | "pt_PT" | "sv" | "sv_SE" | "tr" | "tr_TR" | "zh" | "zh_CN" | "zh_TW"
  readonly parentageLevel?: "NONE" | "CHILD" | "PARENT"
}

export interface SearchDefinitionsProductTypesParameters {
  readonly keywords?: ReadonlyArray<string>
  readonly marketplaceIds: ReadonlyArray<string>
  readonly itemName?: string
  readonly locale?: string
  readonly searchLocale?: string
}

const operations = operationsOf('product-type-definitions-2020-09-01', api)

/** GET /definitions/2020-09-01/productTypes/{productType} */
export const getDefinitionsProductType: Operation<GetDefinitionsProductTypeParameters, ProductTypeDefinition> =
  operations('getDefinitionsProductType')

/** GET /definitions/2020-09-01/productTypes */
export const searchDefinitionsProductTypes: Operation<SearchDefinitionsProductTypesParameters, ProductTypeList> =
  operations('searchDefinitionsProductTypes')
