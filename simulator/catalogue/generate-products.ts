/**
 * A seller's product list to go with the catalogue: rows as a PIM exports them, with the damage that real lists have,
 * and for each row what a sync must come to.
 */

import { Catalogue, type CatalogueOptions } from './catalogue.ts'
import { checkDigit, hasValidCheckDigit } from './gtin.ts'
import { combine, fraction, pick } from './hash.ts'
import { upcOf } from './numbering.ts'
import { type Product, productOf } from './product.ts'

export interface GenerateOptions extends Partial<CatalogueOptions> {
  readonly count: number
  /** Share of rows (0 … 1) that carry the code of an earlier row, as a second supplier's offer does. */
  readonly duplicates?: number
  /** Share of rows (0 … 1) with a damaged code, see `damageKinds`. */
  readonly damaged?: number
  /** Share of rows (0 … 1) with a code of GS1's restricted ranges. */
  readonly restricted?: number
  /** Where `expected` is to hold; default the United States. */
  readonly marketplaceId?: string
}

export type ExpectedOutcome = 'success' | 'not_found' | 'ambiguous' | 'invalid' | 'restricted'

export interface ProductRow {
  readonly sku: string
  readonly upc: string
  readonly title: string
  readonly brand: string
  readonly supplier: string
  readonly category: string
  readonly packQuantity: number
  /** What a sync of the row comes to, by construction. */
  readonly expected: ExpectedOutcome
  /** The ASIN that the row is, when `expected` is `success`. */
  readonly expectedAsin: string | null
  readonly damage: DamageKind | null
}

export type DamageKind = (typeof damageKinds)[number]

/** The first three can be undone without guessing, and the row is looked up; the others can not. */
export const damageKinds = [
  'lost_zero', // 036000291452 → 36000291452
  'apostrophe', // 614141007349 → '614141007349
  'decimal', // 614141007349 → 614141007349.0
  'scientific', // 614141007349 → 6.14141E+11
  'check_digit', // the last digit is wrong
  'too_short', // nine digits that no padding makes a code
  'empty',
] as const

const REPAIRABLE: ReadonlySet<DamageKind> = new Set(['lost_zero', 'apostrophe', 'decimal'])

/** The products of `asinstream dev`: a simulator that serves them has the same seed and `asinsPerUpc`. */
export const sampleOptions = {
  seed: 1,
  count: 2_000,
  asinsPerUpc: 1.15,
  notFound: 0.05,
  duplicates: 0.03,
  damaged: 0.05,
  restricted: 0.01,
} as const satisfies GenerateOptions

/** The 2,000 products of `asinstream dev`; simulate with `sampleOptions.seed` and `sampleOptions.asinsPerUpc`. */
export function sampleCatalogue(): Generator<ProductRow> {
  return generateProducts(sampleOptions)
}

const SALT = { class: 31, damage: 32, source: 33, digits: 34, supplier: 35 }

type RowClass = 'plain' | 'duplicate' | 'damaged' | 'restricted'

/** Yields `count` rows, one at a time; nothing is kept between them. Throws a RangeError for bad shares or counts. */
export function* generateProducts(options: GenerateOptions): Generator<ProductRow> {
  const { count, duplicates = 0, damaged = 0, restricted = 0, marketplaceId = 'ATVPDKIKX0DER' } = options
  if (!Number.isInteger(count) || count < 0)
    throw new RangeError(`count must be a whole number from 0, not ${count}.`)
  for (const [name, share] of Object.entries({ duplicates, damaged, restricted })) {
    if (!(share >= 0 && share <= 1))
      throw new RangeError(`${name} must be a share from 0 to 1, not ${share}.`)
  }
  if (duplicates + damaged + restricted > 1) {
    throw new RangeError('duplicates, damaged and restricted must not be more than 1 together.')
  }
  const catalogue = new Catalogue(options)
  const base = combine(0x9e0d, catalogue.seed)

  const classOf = (row: number): RowClass => {
    // The first row is a whole one: it is the example that people look at.
    if (row === 0) return 'plain'
    const chance = fraction(combine(combine(base, SALT.class), row))
    if (chance < duplicates) return 'duplicate'
    if (chance < duplicates + damaged) return 'damaged'
    return chance < duplicates + damaged + restricted ? 'restricted' : 'plain'
  }
  /** An earlier plain row, or the row itself when there is none near. */
  const sourceOf = (row: number): number => {
    const start = combine(combine(base, SALT.source), row) % Math.max(1, row)
    for (let source = start; source < row; source++) if (classOf(source) === 'plain') return source
    return row
  }

  for (let row = 0; row < count; row++) {
    const rowClass = classOf(row)
    const upc = upcOf(rowClass === 'duplicate' ? sourceOf(row) : row)
    const product = productOf(catalogue.seed, Number(upc))
    const hash = combine(combine(base, SALT.digits), row)
    if (rowClass === 'restricted') {
      yield describe(row, product, restrictedCode(hash, row), 'restricted')
      continue
    }
    const damage = rowClass === 'damaged' ? damageFor(upc, combine(combine(base, SALT.damage), row)) : null
    if (damage !== null && !REPAIRABLE.has(damage)) {
      yield describe(row, product, damageCode(upc, damage, hash), 'invalid', { damage })
      continue
    }
    const { outcome, match } = catalogue.lookup(marketplaceId, product.gtin)
    const code = damage === null ? upc : damageCode(upc, damage, hash)
    const supplier = rowClass === 'duplicate' ? { supplier: 'Second Source Trading' } : {}
    yield describe(row, product, code, outcome, { expectedAsin: match, damage, ...supplier })
  }
}

function describe(
  row: number,
  product: Product,
  upc: string,
  expected: ExpectedOutcome,
  rest: Partial<ProductRow> = {},
): ProductRow {
  const { brand, name, model, color, packQuantity } = product
  return {
    sku: `${brand.slice(0, 3).toUpperCase()}-${(row + 1).toString().padStart(7, '0')}`,
    upc,
    title: `${brand} ${name} ${model} ${color}${packQuantity > 1 ? ` Pack of ${packQuantity}` : ''}`,
    brand,
    supplier: product.supplier,
    category: product.category.name,
    packQuantity,
    expected,
    expectedAsin: null,
    damage: null,
    ...rest,
  }
}

/** A kind of damage that this code can suffer and that is undone, or not, without doubt. */
function damageFor(upc: string, hash: number): DamageKind {
  const kind = pick(damageKinds, hash)
  if (kind === 'lost_zero' && !upc.startsWith('0')) return 'apostrophe'
  // A spreadsheet that makes a number of the code drops the zero too: two damages at once would be a matter of taste.
  return kind === 'decimal' && upc.startsWith('0') ? 'lost_zero' : kind
}

function damageCode(upc: string, kind: DamageKind, hash: number): string {
  switch (kind) {
    case 'lost_zero':
      return upc.slice(1)
    case 'apostrophe':
      return `'${upc}`
    case 'decimal':
      return `${upc}.0`
    case 'scientific':
      return Number(upc).toExponential(5).toUpperCase()
    case 'check_digit':
      return `${upc.slice(0, 11)}${(Number(upc[11]) + 1 + (hash % 9)) % 10}`
    case 'too_short':
      return tooShort(hash)
    case 'empty':
      return ''
  }
}

/** Nine digits that are no GTIN when zeros are put before them, and no ISBN-10 either. */
function tooShort(hash: number): string {
  const start = 100_000_000 + (hash % 800_000_000)
  for (let value = start; ; value++) {
    const digits = value.toString()
    if (!hasValidCheckDigit(digits) && !isIsbn10(`0${digits}`)) return digits
  }
}

function isIsbn10(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < 10; i++) sum += (digits.charCodeAt(i) - 48) * (10 - i)
  return sum % 11 === 0
}

/** A well-formed code that nobody may trade under: a UPC-A of number system 2, 4 or 5, or an EAN-13 of 20 … 29. */
function restrictedCode(hash: number, row: number): string {
  const item = (row % 1e9).toString().padStart(9, '0')
  const body =
    hash % 4 === 3 ? `2${hash % 10}${hash % 7}${item}` : `${[2, 4, 5][hash % 4]}${hash % 10}${item}`
  return `${body}${checkDigit(body)}`
}
