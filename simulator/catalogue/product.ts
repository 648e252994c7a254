/** What product stands behind a code: a function of seed and code, the same in every marketplace. */

import { combine, pick } from './hash.ts'
import { BRANDS, indexOf } from './numbering.ts'
import * as words from './vocabulary.ts'

export interface Product {
  readonly gtin: number
  readonly brand: string
  readonly manufacturer: string
  /** Such as `Compact Garlic Press`. */
  readonly name: string
  readonly model: string
  readonly color: string
  readonly category: words.Category
  readonly supplier: string
  readonly packQuantity: number
  /** Base for everything else that is derived from the product. */
  readonly hash: number
}

const SALT = { adjective: 1, noun: 2, color: 3, category: 4, pack: 5, model: 6, supplier: 7, brand: 8 }

/** The hash from which a code's product is derived. */
export function codeHash(seed: number, gtin: number): number {
  return combine(combine(0x51a7, seed), gtin)
}

export function productOf(seed: number, gtin: number): Product {
  const hash = codeHash(seed, gtin)
  const index = indexOf(gtin)
  const brandNumber = index === null ? combine(hash, SALT.brand) % BRANDS : index % BRANDS
  const brand = brandNameOf(brandNumber)
  const category = pick(words.categories, combine(hash, SALT.category))
  return {
    gtin,
    brand,
    manufacturer: brand,
    name: `${pick(words.adjectives, combine(hash, SALT.adjective))} ${pick(category.nouns, combine(hash, SALT.noun))}`,
    model: modelOf(brand, combine(hash, SALT.model)),
    color: pick(words.colors, combine(hash, SALT.color)),
    category,
    // A brand has two suppliers, as brands do: a supplier's subset is neither one brand nor all of them.
    supplier: pick(words.supplierNames, combine(seed, brandNumber * 2 + (combine(hash, SALT.supplier) % 2))),
    packQuantity: pick(words.packQuantities, combine(hash, SALT.pack)),
    hash,
  }
}

export function brandNameOf(brandNumber: number): string {
  return words.brandNames[brandNumber % BRANDS] as string
}

/** A model number such as `NOR-48213`. */
export function modelOf(brand: string, hash: number): string {
  return `${brand.slice(0, 3).toUpperCase()}-${10_000 + (hash % 90_000)}`
}
