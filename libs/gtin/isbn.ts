import { checkDigit, hasCheckDigit } from './check-digit.ts'

/** The last character of an ISBN-10 after nine digits: 0–9 or X, modulo 11. Source: ISBN Users' Manual. */
const isbn10CheckCharacter = (nine: string): string => {
  let sum = 0
  for (let i = 0; i < 9; i++) sum += (10 - i) * (nine.charCodeAt(i) - 48)
  const check = (11 - (sum % 11)) % 11
  return check === 10 ? 'X' : String(check)
}

/** Whether ten characters (nine digits, then a digit or X) are an ISBN-10. */
export const isIsbn10 = (code: string): boolean =>
  /^\d{9}[\dX]$/.test(code) && isbn10CheckCharacter(code.slice(0, 9)) === code[9]

/** The 13 digits of a valid ISBN-10. */
export const isbn10To13 = (isbn10: string): string => {
  const body = '978' + isbn10.slice(0, 9)
  return body + checkDigit(body)
}

/**
 * The ISBN-10 of a book's GTIN-14, or null when it has none: only 978 numbers do, 979 numbers never. For most books
 * it is also the ASIN.
 */
export const isbn10Of = (gtin14: string): string | null => {
  if (!/^0978\d{10}$/.test(gtin14) || !hasCheckDigit(gtin14)) return null
  const nine = gtin14.slice(4, 13)
  return nine + isbn10CheckCharacter(nine)
}
