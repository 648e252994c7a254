/**
 * ASINs that can be read back: a seeded permutation of (code, ordinal), so that an ASIN looks arbitrary, is distinct
 * by construction, and still leads to its item without a table.
 *
 * Products of the scheme get `B0` + 8 characters, other codes a first letter from C to Z.
 */

import { checkDigit } from './gtin.ts'
import { combine } from './hash.ts'
import { indexOf, PRODUCTS, upcOf } from './numbering.ts'

/** Items that one code can have. The last ordinal is kept for a variation parent that no code finds. */
export const ORDINALS = 64

export interface ItemKey {
  readonly gtin: number
  readonly ordinal: number
}

/** An identifier that Amazon accepts as an ASIN. */
export const ASIN_PATTERN = /^(?:\d{9}[\dX]|[A-Z][A-Z0-9]{9})$/

interface Space {
  readonly high: number
  readonly low: number
}
const SCHEME: Space = { high: 36 ** 4, low: 36 ** 4 }
const OTHERS: Space = { high: 24 * 36 ** 4, low: 36 ** 5 }

/** Three rounds of an unbalanced Feistel network, each half in its own modulus. */
function permute(value: number, { high: m, low: n }: Space, seed: number): number {
  let high = Math.floor(value / n)
  let low = value % n
  low = (low + combine(seed, high)) % n
  high = (high + combine(seed + 1, low)) % m
  low = (low + combine(seed + 2, high)) % n
  return high * n + low
}

function unpermute(value: number, { high: m, low: n }: Space, seed: number): number {
  let high = Math.floor(value / n)
  let low = value % n
  low = modulo(low - combine(seed + 2, high), n)
  high = modulo(high - combine(seed + 1, low), m)
  low = modulo(low - combine(seed, high), n)
  return high * n + low
}

function modulo(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus // Never -0, which is no equal of 0 to a test.
}

/** The ASIN of the item `ordinal` (0 … ORDINALS − 1) of a code. */
export function asinOf({ gtin, ordinal }: ItemKey, seed: number): string {
  const index = indexOf(gtin)
  if (index !== null) {
    const value = permute(index * ORDINALS + ordinal, SCHEME, seed)
    return `B0${value.toString(36).toUpperCase().padStart(8, '0')}`
  }
  const value = permute(Math.floor(gtin / 10) * ORDINALS + ordinal, OTHERS, seed)
  const letter = String.fromCharCode(67 + Math.floor(value / 36 ** 9))
  return `${letter}${(value % 36 ** 9).toString(36).toUpperCase().padStart(9, '0')}`
}

/** Which item an ASIN stands for, or null when it cannot be one of this catalogue. Whether it exists is another question. */
export function itemOf(asin: string, seed: number): ItemKey | null {
  if (!/^[B-Z][A-Z0-9]{9}$/.test(asin)) return null
  if (asin.startsWith('B0')) {
    const value = unpermute(Number.parseInt(asin.slice(2), 36), SCHEME, seed)
    const index = Math.floor(value / ORDINALS)
    return index < PRODUCTS ? { gtin: Number(upcOf(index)), ordinal: value % ORDINALS } : null
  }
  if (asin.startsWith('B')) return null
  const scattered = (asin.charCodeAt(0) - 67) * 36 ** 9 + Number.parseInt(asin.slice(1), 36)
  const value = unpermute(scattered, OTHERS, seed)
  const body = Math.floor(value / ORDINALS)
  if (body >= 1e13) return null
  const gtin = body * 10 + checkDigit(body.toString())
  return indexOf(gtin) === null ? { gtin, ordinal: value % ORDINALS } : null
}
