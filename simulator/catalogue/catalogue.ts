/**
 * The simulated catalogue: which items a code has in a marketplace. Derived from (seed, marketplace, GTIN), nothing is
 * stored.
 */

import { asinOf, itemOf, ORDINALS } from './asin.ts'
import { gtin14, isRestricted } from './gtin.ts'
import { combine, combineText, fraction } from './hash.ts'
import { codeHash, type Product, productOf } from './product.ts'

export interface CatalogueOptions {
  readonly seed: number
  /** Mean number of items of a code that is found, 1 … 60. At 1 every found code has exactly one. */
  readonly asinsPerUpc: number
  /** Share of valid codes that Amazon does not know, 0 … 1. */
  readonly notFound: number
}

export const catalogueDefaults: CatalogueOptions = { seed: 1, asinsPerUpc: 1, notFound: 0.05 }

/**
 * Why a code has the items it has:
 * - `none`: not found
 * - `single`: one item
 * - `multipack`: the item, and multipacks that reuse its code
 * - `variation`: the item and its variation parent
 * - `other_brand`: the item, and listings of other brands under its code
 * - `twins`: items that differ in nothing but ASIN and, by one, in rank: nobody can tell which is meant
 */
export type CodeKind = 'none' | 'single' | 'multipack' | 'variation' | 'other_brand' | 'twins'

export type Role = 'base' | 'multipack' | 'parent' | 'other_brand' | 'twin'

export interface Listing {
  readonly asin: string
  readonly ordinal: number
  readonly role: Role
}

export interface CodeContent {
  /** 14 digits. */
  readonly gtin14: string
  readonly kind: CodeKind
  readonly outcome: 'success' | 'not_found' | 'ambiguous'
  /** The item that the code's product is, when one can tell. */
  readonly match: string | null
  readonly listings: readonly Listing[]
}

/** An item with the product that it sells. */
export interface CatalogueItem {
  readonly asin: string
  readonly ordinal: number
  readonly role: Role
  readonly product: Product
  /** Items of the same variation family; children for a parent, parents for a child. */
  readonly relatives: readonly string[]
}

/** Kinds of several-item codes with their cumulative shares. */
const SEVERAL: readonly (readonly [number, CodeKind])[] = [
  [0.4, 'multipack'],
  [0.65, 'variation'],
  [0.85, 'other_brand'],
  [1, 'twins'],
]

/** The ordinal of a variation parent that its children's codes do not find. */
export const UNLISTED_PARENT = ORDINALS - 1
/** Share of single items that are variation children of such a parent. */
const CHILDREN = 0.25

const SALT = { found: 11, count: 12, kind: 13, child: 14, order: 15 }

export class Catalogue {
  readonly options: CatalogueOptions
  readonly #marketplaces = new Map<string, number>()

  constructor(options: Partial<CatalogueOptions> = {}) {
    this.options = { ...catalogueDefaults, ...options }
  }

  get seed(): number {
    return this.options.seed
  }

  /** What the catalogue of a marketplace holds for a code. */
  lookup(marketplaceId: string, gtin: number): CodeContent {
    const kind = this.#kindOf(marketplaceId, gtin)
    const listings = Array.from({ length: this.countOf(marketplaceId, gtin) }, (_, ordinal) => ({
      asin: asinOf({ gtin, ordinal }, this.seed),
      ordinal,
      role: roleOf(kind, ordinal),
    }))
    const told = kind !== 'none' && kind !== 'twins'
    return {
      gtin14: gtin14(gtin),
      kind,
      outcome: told ? 'success' : kind === 'none' ? 'not_found' : 'ambiguous',
      match: told ? (listings[0]?.asin ?? null) : null,
      listings,
    }
  }

  /** How many items a code has in a marketplace; 0 when it is not found. */
  countOf(marketplaceId: string, gtin: number): number {
    const hash = this.#hash(marketplaceId, gtin)
    if (isRestricted(gtin) || fraction(combine(hash, SALT.found)) < this.options.notFound) return 0
    const mean = this.options.asinsPerUpc
    const whole = Math.floor(mean)
    return whole + (fraction(combine(hash, SALT.count)) < mean - whole ? 1 : 0)
  }

  /** The item with this key in a marketplace, or null when there is none. */
  item(marketplaceId: string, gtin: number, ordinal: number): CatalogueItem | null {
    const count = this.countOf(marketplaceId, gtin)
    if (count === 0) return null
    const kind = this.#kindOf(marketplaceId, gtin)
    const child =
      kind === 'single' && fraction(combine(this.#hash(marketplaceId, gtin), SALT.child)) < CHILDREN
    if (ordinal >= count && !(child && ordinal === UNLISTED_PARENT)) return null
    const asin = asinOf({ gtin, ordinal }, this.seed)
    const product = productOf(this.seed, gtin)
    const role = ordinal === UNLISTED_PARENT ? 'parent' : roleOf(kind, ordinal)
    return { asin, ordinal, role, product, relatives: this.#relatives(kind, child, gtin, ordinal) }
  }

  /** The item with this ASIN in a marketplace, or null when there is none. */
  itemByAsin(marketplaceId: string, asin: string): CatalogueItem | null {
    const key = itemOf(asin, this.seed)
    return key === null ? null : this.item(marketplaceId, key.gtin, key.ordinal)
  }

  /** A number by which items are sorted in an answer: the order says nothing about the query, as Amazon's does not. */
  orderOf(gtin: number, ordinal: number): number {
    return combine(combine(codeHash(this.seed, gtin), SALT.order), ordinal)
  }

  #relatives(kind: CodeKind, child: boolean, gtin: number, ordinal: number): readonly string[] {
    const asin = (relative: number) => [asinOf({ gtin, ordinal: relative }, this.seed)]
    if (kind === 'variation') return ordinal === 0 ? asin(1) : ordinal === 1 ? asin(0) : []
    if (child) return asin(ordinal === 0 ? UNLISTED_PARENT : 0)
    return []
  }

  #kindOf(marketplaceId: string, gtin: number): CodeKind {
    const count = this.countOf(marketplaceId, gtin)
    if (count === 0) return 'none'
    if (count === 1) return 'single'
    const chance = fraction(combine(this.#hash(marketplaceId, gtin), SALT.kind))
    return SEVERAL.find(([share]) => chance < share)?.[1] ?? 'twins'
  }

  #hash(marketplaceId: string, gtin: number): number {
    let marketplace = this.#marketplaces.get(marketplaceId)
    if (marketplace === undefined) {
      marketplace = combineText(0x3a11, marketplaceId)
      this.#marketplaces.set(marketplaceId, marketplace)
    }
    return combine(codeHash(this.seed, gtin), marketplace)
  }
}

/** The first item of a code is the product itself; a family has one parent, what else it has are multipacks. */
function roleOf(kind: CodeKind, ordinal: number): Role {
  if (kind === 'twins') return 'twin'
  if (ordinal === 0) return 'base'
  if (kind === 'variation') return ordinal === 1 ? 'parent' : 'multipack'
  return kind === 'other_brand' ? 'other_brand' : 'multipack'
}
