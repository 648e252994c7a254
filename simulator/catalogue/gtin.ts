/**
 * The codes that Amazon takes. Written here again, apart from the product's own library, so that a mistake in one
 * shows against the other.
 */

/** Check digit of a GTIN body without it, any length (GS1: from the right, ×3, ×1, ×3 …). */
export function checkDigit(body: string): number {
  let sum = 0
  for (let i = body.length - 1, weight = 3; i >= 0; i--, weight = 4 - weight) {
    sum += (body.charCodeAt(i) - 48) * weight
  }
  return (10 - (sum % 10)) % 10
}

export function hasValidCheckDigit(digits: string): boolean {
  return checkDigit(digits.slice(0, -1)) === digits.charCodeAt(digits.length - 1) - 48
}

const DIGITS = /^\d+$/

/** The value of a GTIN-8, -12, -13 or -14 (a GTIN-14 is below 10^14), or null when length or check digit is wrong. */
export function parseGtin(code: string): number | null {
  const { length } = code
  if (length !== 8 && length !== 12 && length !== 13 && length !== 14) return null
  return DIGITS.test(code) && hasValidCheckDigit(code) ? Number(code) : null
}

/** The GTIN of an ISBN-10 or ISBN-13, or null when it is neither. */
export function parseIsbn(code: string): number | null {
  if (code.length === 13) return /^97[89]/.test(code) ? parseGtin(code) : null
  if (!/^\d{9}[\dX]$/.test(code)) return null
  let sum = 0
  for (let i = 0; i < 10; i++) sum += (code[i] === 'X' ? 10 : code.charCodeAt(i) - 48) * (10 - i)
  if (sum % 11 !== 0) return null
  const body = `978${code.slice(0, 9)}`
  return Number(`${body}${checkDigit(body)}`)
}

/** A GTIN as 14 digits. */
export function gtin14(gtin: number): string {
  return gtin.toString().padStart(14, '0')
}

/**
 * True for codes that GS1 keeps for use within a company, a region or for coupons: nobody sells them on Amazon.
 * Prefixes of the 13-digit form: 02, 04, 05 and 2 (GS1's list of prefixes).
 */
export function isRestricted(gtin: number): boolean {
  if (gtin >= 1e13) return false
  const prefix = Math.floor(gtin / 1e11)
  return prefix === 2 || prefix === 4 || prefix === 5 || (prefix >= 20 && prefix <= 29)
}
