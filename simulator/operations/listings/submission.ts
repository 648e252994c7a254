/** What sellers submit of their listings: checked, then stored. The Listings Items API and listings feeds both end here. */

import type { CatalogueItem } from '../../catalogue/catalogue.ts'
import { parseGtin } from '../../catalogue/gtin.ts'
import { combineText } from '../../catalogue/hash.ts'
import { categories } from '../../catalogue/vocabulary.ts'
import type { Marketplace } from '../../marketplaces.ts'
import type { Seller } from '../../seller/seller.ts'
import type { World } from '../operation.ts'
import { isObject } from '../parameters.ts'
import { type Attributes, type Issue, isAmazons, type Listing, priceIn } from './listing.ts'
import { listingsOf } from './store.ts'

export type Requirements = 'LISTING' | 'LISTING_PRODUCT_ONLY' | 'LISTING_OFFER_ONLY'

export interface Patch {
  readonly op: 'add' | 'replace' | 'merge' | 'delete'
  /** Such as `/attributes/purchasable_offer`. */
  readonly path: string
  readonly value?: readonly Readonly<Record<string, unknown>>[]
}

/** Whose listing, and where. */
export interface Target {
  readonly seller: Seller
  readonly marketplace: Marketplace
  readonly sku: string
}

export interface Outcome {
  /** Without an ERROR among them, it was accepted. */
  readonly issues: readonly Issue[]
  /** What it would be, or is. */
  readonly asin: string | null
}

/** Product types that there are: those of the catalogue, and the general one. */
export const productTypes: readonly string[] = [
  'PRODUCT',
  'LUGGAGE',
  ...categories.map(({ productType }) => productType),
]

export const REQUIRED: Readonly<Record<Requirements, readonly string[]>> = {
  LISTING: ['item_name', 'brand', 'condition_type', 'purchasable_offer'],
  LISTING_PRODUCT_ONLY: ['item_name', 'brand'],
  LISTING_OFFER_ONLY: ['condition_type', 'purchasable_offer'],
}

export const CONDITION_TYPES: ReadonlySet<unknown> = new Set([
  'new_new', 'new_open_box', 'new_oem', 'refurbished_refurbished', 'used_like_new', 'used_very_good', 'used_good',
  'used_acceptable', 'collectible_like_new', 'collectible_very_good', 'collectible_good', 'collectible_acceptable',
  'club_club',
]) // biome-ignore format: a table

/** Creates the listing, or replaces the whole of it; with `preview`, says only what would come of it. */
export function putListing(
  target: Target,
  productType: string,
  attributes: Attributes,
  requirements: Requirements,
  world: World,
  preview = false,
): Outcome {
  const issues = [
    ...wrongType(productType),
    ...REQUIRED[requirements].filter((name) => attributes[name] === undefined).map(missing),
    ...wrongValues(attributes),
  ]
  return store(target, productType, attributes, issues, world, preview)
}

/**
 * Changes top-level attributes of a listing. A SKU that is not there is no error: what is submitted of it is taken, and
 * makes no complete listing (amzn/selling-partner-api-docs#3748).
 */
export function patchListing(
  target: Target,
  productType: string,
  patches: readonly Patch[],
  world: World,
  preview = false,
): Outcome {
  const listing = listingsOf(world).latest(target.seller, target.marketplace, target.sku)
  const attributes: Record<string, Attributes[string]> = { ...listing?.attributes }
  const issues: Issue[] = [...wrongType(productType)]
  for (const { op, path, value = [] } of patches) {
    const name = /^\/attributes\/([a-z0-9_]+)$/i.exec(path)?.[1]
    if (name === undefined) {
      issues.push(
        error('4000003', `The path '${path}' is not one of a top-level attribute.`, [], 'INVALID_ATTRIBUTE'),
      )
    } else if (op === 'delete') delete attributes[name]
    else attributes[name] = op === 'merge' ? merged(attributes[name] ?? [], value) : value
  }
  issues.push(...wrongValues(attributes))
  return store(target, productType, attributes, issues, world, preview)
}

/** Takes the listing away. That there is none is no error. */
export function deleteListing({ seller, marketplace, sku }: Target, world: World): Outcome {
  const asin = listingsOf(world).latest(seller, marketplace, sku)?.asin ?? null
  listingsOf(world).save(seller, marketplace, sku, null)
  return { issues: [], asin }
}

function store(
  { seller, marketplace, sku }: Target,
  productType: string,
  attributes: Attributes,
  issues: readonly Issue[],
  world: World,
  preview: boolean,
): Outcome {
  const before = listingsOf(world).latest(seller, marketplace, sku)
  const item = itemOf(attributes, marketplace, world)
  const suggested = attributes.merchant_suggested_asin?.[0]?.value
  const problems =
    item === null && suggested !== undefined
      ? [
          ...issues,
          error(
            '8560',
            `The ASIN '${suggested}' does not exist.`,
            ['merchant_suggested_asin'],
            'INVALID_ATTRIBUTE',
          ),
        ]
      : issues
  const asin = item?.asin ?? null
  if (preview || problems.some(({ severity }) => severity === 'ERROR')) return { issues: problems, asin }
  const now = world.date().getTime()
  const listing: Listing = {
    sku,
    marketplace,
    productType,
    asin,
    gtin: item?.product.gtin ?? null,
    fnsku: isAmazons(attributes.fulfillment_availability?.[0]?.fulfillment_channel_code)
      ? (before?.fnsku ?? fnskuOf(seller, sku))
      : null,
    attributes,
    issues: problems,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    offering: before?.asin === asin ? (before?.offering ?? null) : null,
  }
  listingsOf(world).save(seller, marketplace, sku, listing)
  return { issues: problems, asin }
}

/** The catalogue item that the attributes name, by ASIN or by code; null when there is none, or several. */
function itemOf(attributes: Attributes, { id }: Marketplace, { catalogue }: World): CatalogueItem | null {
  const asin = attributes.merchant_suggested_asin?.[0]?.value
  if (asin !== undefined) return catalogue.itemByAsin(id, String(asin))
  const gtin = parseGtin(String(attributes.externally_assigned_product_identifier?.[0]?.value ?? ''))
  const match = gtin === null ? null : catalogue.lookup(id, gtin).match
  return match === null ? null : catalogue.itemByAsin(id, match)
}

/** Values of the same marketplace, currency and audience are replaced, others stay. */
function merged(before: Attributes[string], value: Attributes[string]): Attributes[string] {
  const selector = ({ marketplace_id, currency, audience = 'ALL' }: Readonly<Record<string, unknown>>) =>
    [marketplace_id, currency, audience].join()
  const selected = new Map(before.map((one) => [selector(one), one]))
  for (const one of value) selected.set(selector(one), { ...selected.get(selector(one)), ...one })
  return [...selected.values()]
}

const wrongType = (productType: string): Issue[] =>
  productTypes.includes(productType)
    ? []
    : [
        error(
          '4000001',
          `The product type '${productType}' is not known.`,
          ['product_type'],
          'INVALID_ATTRIBUTE',
        ),
      ]

function wrongValues(attributes: Attributes): Issue[] {
  const issues: Issue[] = []
  for (const [name, values] of Object.entries(attributes)) {
    if (Array.isArray(values) && values.length > 0 && values.every(isObject)) continue
    issues.push(
      error('90000900', `The value of '${name}' must be a list of objects.`, [name], 'INVALID_ATTRIBUTE'),
    )
  }
  if (issues.length > 0) return issues
  const { condition_type, purchasable_offer, fulfillment_availability } = attributes
  if (condition_type !== undefined && !CONDITION_TYPES.has(condition_type[0]?.value)) {
    issues.push(
      error(
        '4000001',
        `The condition '${condition_type[0]?.value}' is invalid.`,
        ['condition_type'],
        'INVALID_ATTRIBUTE',
      ),
    )
  }
  if (purchasable_offer?.some((offer) => priceIn(offer) === null)) {
    issues.push(error('90244', 'The price must be a number above 0.', ['purchasable_offer'], 'INVALID_PRICE'))
  }
  const quantity = fulfillment_availability?.[0]?.quantity
  if (quantity !== undefined && !(Number.isInteger(quantity) && (quantity as number) >= 0)) {
    issues.push(
      error(
        '90226',
        'The quantity must be a whole number from 0.',
        ['fulfillment_availability'],
        'INVALID_ATTRIBUTE',
      ),
    )
  }
  return issues
}

const missing = (name: string): Issue =>
  error('90220', `'${name}' is required but not supplied.`, [name], 'MISSING_ATTRIBUTE')

function error(code: string, message: string, attributeNames: readonly string[], category: string): Issue {
  const names = attributeNames.length > 0 ? { attributeNames } : {}
  return { code, message, severity: 'ERROR', ...names, categories: [category] }
}

const fnskuOf = ({ name }: Seller, sku: string) =>
  `X00${combineText(0xf5, `${name} ${sku}`).toString(36).toUpperCase().padStart(7, '0').slice(-7)}`
