// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './sellers-v1.json' with { type: 'json' }

export interface Account {
  readonly marketplaceParticipationList: MarketplaceParticipationList
  readonly businessType: "CHARITY" | "CRAFTSMAN" | "NATURAL_PERSON_COMPANY" | "PUBLIC_LISTED" | "PRIVATE_LIMITED" | "SOLE_PROPRIETORSHIP" | "STATE_OWNED" | "INDIVIDUAL" | (string & {})
  readonly sellingPlan: "PROFESSIONAL" | "INDIVIDUAL" | (string & {})
  readonly business?: Business
  readonly primaryContact?: PrimaryContact
}

export interface Address {
  readonly addressLine1: string
  readonly addressLine2?: string
  readonly countryCode: string
  readonly stateOrProvinceCode?: string
  readonly city?: string
  readonly postalCode?: string
}

export interface Business {
  readonly name: string
  readonly registeredBusinessAddress: Address
  readonly companyRegistrationNumber?: string
  readonly companyTaxIdentificationNumber?: string
  readonly nonLatinName?: string
}

export interface ApiError {
  readonly code: string
  readonly message: string
  readonly details?: string
}

export type ErrorList = ReadonlyArray<ApiError>

export interface GetAccountResponse {
  readonly payload?: Account
  readonly errors?: ErrorList
}

export interface GetMarketplaceParticipationsResponse {
  readonly payload?: MarketplaceParticipationList
  readonly errors?: ErrorList
}

export interface Marketplace {
  readonly id: string
  readonly name: string
  readonly countryCode: string
  readonly defaultCurrencyCode?: string
  readonly defaultLanguageCode?: string
  readonly domainName: string
}

export interface MarketplaceParticipation {
  readonly marketplace: Marketplace
  readonly participation: Participation
  readonly storeName: string
}

export type MarketplaceParticipationList = ReadonlyArray<MarketplaceParticipation>

export interface Participation {
  readonly isParticipating: boolean
  readonly hasSuspendedListings: boolean
}

export interface PrimaryContact {
  readonly name: string
  readonly address: Address
  readonly nonLatinName?: string
}

export interface GetAccountParameters {}

export interface GetMarketplaceParticipationsParameters {}

const operations = operationsOf('sellers-v1', api)

/** GET /sellers/v1/account */
export const getAccount: Operation<GetAccountParameters, GetAccountResponse> =
  operations('getAccount')

/** GET /sellers/v1/marketplaceParticipations */
export const getMarketplaceParticipations: Operation<GetMarketplaceParticipationsParameters, GetMarketplaceParticipationsResponse> =
  operations('getMarketplaceParticipations')
