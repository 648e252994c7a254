/**
 * The numbering scheme: product index ↔ UPC-A, both ways and without a table.
 *
 * index = ((series × REFERENCES) + k) × BRANDS + brand. A brand owns one company prefix per series of 100,000
 * products; prefix and item reference are scattered by multiplication modulo a number that the factor is coprime to,
 * so neighbouring products do not look alike and the way back is multiplication by the inverse.
 */

import { checkDigit } from './gtin.ts'

export const BRANDS = 50
const REFERENCES = 100_000
const PREFIXES = 90_000
/** First digits of UPC-A that are ordinary trade items; 0 is among them for the sake of spreadsheets that drop it. */
const NUMBER_SYSTEMS = [0, 6, 7, 8] as const
const COMPANIES = PREFIXES * NUMBER_SYSTEMS.length

/** Indexes are below this. */
export const PRODUCTS = (COMPANIES / BRANDS) * REFERENCES * BRANDS

const PREFIX_FACTOR = 7_919
const PREFIX_OFFSET = 30_011
const REFERENCE_FACTOR = 60_013
/** Companies start at different references. */
const REFERENCE_STRIDE = 31_337

/** The inverse of `factor` modulo `modulus` (extended Euclid); both below 2^26, so products stay exact. */
function inverse(factor: number, modulus: number): number {
  let [a, b, x, y] = [factor, modulus, 1, 0]
  while (b !== 0) {
    const quotient = Math.floor(a / b)
    ;[a, b] = [b, a - quotient * b]
    ;[x, y] = [y, x - quotient * y]
  }
  return ((x % modulus) + modulus) % modulus
}

const PREFIX_INVERSE = inverse(PREFIX_FACTOR, PREFIXES)
const REFERENCE_INVERSE = inverse(REFERENCE_FACTOR, REFERENCES)

/** The UPC-A (12 digits) of a product. Throws a RangeError for an index outside 0 … PRODUCTS − 1. */
export function upcOf(index: number): string {
  if (!Number.isInteger(index) || index < 0 || index >= PRODUCTS) {
    throw new RangeError(`Product index ${index} is outside 0 … ${PRODUCTS - 1}: ask for fewer products.`)
  }
  const brand = index % BRANDS
  const k = Math.floor(index / BRANDS)
  const company = Math.floor(k / REFERENCES) * BRANDS + brand
  const system = NUMBER_SYSTEMS[company % 4] as number
  const prefix = ((Math.floor(company / 4) * PREFIX_FACTOR + PREFIX_OFFSET) % PREFIXES) + 10_000
  const reference = ((k % REFERENCES) * REFERENCE_FACTOR + company * REFERENCE_STRIDE) % REFERENCES
  const body = `${system}${prefix}${reference.toString().padStart(5, '0')}`
  return `${body}${checkDigit(body)}`
}

/** The index of the product with this GTIN, or null when the code is not of the scheme. */
export function indexOf(gtin: number): number | null {
  if (gtin >= 1e12) return null
  const body = Math.floor(gtin / 10)
  const system = NUMBER_SYSTEMS.indexOf(Math.floor(body / 1e10) as 0)
  const prefix = Math.floor(body / 1e5) % 1e5
  if (system < 0 || prefix < 10_000) return null
  const scattered = (prefix - 10_000 - PREFIX_OFFSET + PREFIXES) % PREFIXES
  const company = ((scattered * PREFIX_INVERSE) % PREFIXES) * 4 + system
  const start = (company * REFERENCE_STRIDE) % REFERENCES
  const reference = ((body % 1e5) - start + REFERENCES) % REFERENCES
  const k = Math.floor(company / BRANDS) * REFERENCES + ((reference * REFERENCE_INVERSE) % REFERENCES)
  return k * BRANDS + (company % BRANDS)
}
