// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './listings-restrictions-2021-08-01.json' with { type: 'json' }

export interface Link {
  readonly resource: string
  readonly verb: "GET" | (string & {})
  readonly title?: string
  readonly type?: string
}

export interface Reason {
  readonly message: string
  readonly reasonCode?: "APPROVAL_REQUIRED" | "ASIN_NOT_FOUND" | "NOT_ELIGIBLE" | (string & {})
  readonly links?: ReadonlyArray<Link>
}

export interface Restriction {
  readonly marketplaceId: string
  readonly conditionType?: "new_new" | "new_open_box" | "new_oem" | "refurbished_refurbished" | "used_like_new" | "used_very_good" | "used_good" | "used_acceptable" | "collectible_like_new" | "collectible_very_good" | "collectible_good" | "collectible_acceptable" | "club_club" | (string & {})
  readonly reasons?: ReadonlyArray<Reason>
}

export interface RestrictionList {
  readonly restrictions: ReadonlyArray<Restriction>
}

export interface GetListingsRestrictionsParameters {
  readonly asin: string
  readonly conditionType?: "new_new" | "new_open_box" | "new_oem" | "refurbished_refurbished" | "used_like_new" | "used_very_good" | "used_good" | "used_acceptable" | "collectible_like_new" | "collectible_very_good" | "collectible_good" | "collectible_acceptable" | "club_club"
  readonly sellerId: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly reasonLocale?: string
  readonly productType?: string
}

const operations = operationsOf('listings-restrictions-2021-08-01', api)

/** GET /listings/2021-08-01/restrictions */
export const getListingsRestrictions: Operation<GetListingsRestrictionsParameters, RestrictionList> =
  operations('getListingsRestrictions')
