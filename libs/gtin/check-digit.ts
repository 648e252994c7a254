/**
 * The GS1 check digit, one algorithm for GTIN-8, -12, -13 and -14, which is why zeros on the left change nothing
 * and 14 digits can be the canonical form. Source: GS1 General Specifications, section 7.9.
 */

/** The check digit that belongs after `body` (digits only): weights 3, 1, 3, … from the right. */
export const checkDigit = (body: string): string => {
  let sum = 0
  let weight = 3
  for (let i = body.length - 1; i >= 0; i--) {
    sum += (body.charCodeAt(i) - 48) * weight
    weight = 4 - weight
  }
  return String((10 - (sum % 10)) % 10)
}

/** Whether the last of `digits` is the check digit of those before it. */
export const hasCheckDigit = (digits: string): boolean =>
  digits.length > 1 && checkDigit(digits.slice(0, -1)) === digits.at(-1)

/** Fills with zeros on the left to 14 digits. */
export const padTo14 = (digits: string): string => digits.padStart(14, '0')
