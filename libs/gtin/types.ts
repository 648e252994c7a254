import type { RestrictedCode } from './restricted.ts'

/** What a code is. `UPC-E` and `ISBN-10` are forms of writing: their GTIN-14 is that of the UPC-A or ISBN-13. */
export type CodeKind = 'UPC-A' | 'UPC-E' | 'EAN-13' | 'EAN-8' | 'GTIN-14' | 'ISBN-10' | 'ISBN-13'

/** What a list says its code is: a kind, or a family as Amazon names them. */
export const codeTypes = [
  'UPC',
  'UPC-A',
  'UPC-E',
  'EAN',
  'EAN-8',
  'EAN-13',
  'JAN',
  'GTIN',
  'GTIN-14',
  'ISBN',
  'ISBN-10',
  'ISBN-13',
] as const
export type CodeType = (typeof codeTypes)[number]

/** What was done to a code on the way to its GTIN-14. */
export type Repair =
  /** Full-width or other digits became 0–9. */
  | 'unicode_digits'
  /** Quotes, `="…"` or the apostrophe of a spreadsheet, or the `(01)` of a barcode, were taken off. */
  | 'wrapper'
  /** A word such as `UPC:` in front was taken off. */
  | 'label'
  /** The `.0` of a number was taken off. */
  | 'decimal_zero'
  /** Dashes, spaces or digit grouping were taken out. */
  | 'separators'
  /** Zeros lost on the left were put back; the check digit then agreed (as it does for one wrong number in ten). */
  | 'left_pad'
  /** The check digit was appended because the caller said that the list leaves it out. Nothing confirms such a code. */
  | 'check_digit_appended'
  | 'upc_e_expanded'
  | 'isbn_10'

export type Flag =
  /** The code can be read in more than one way; `alternatives` has the others. */
  | 'ambiguous'
  /** It is not of the type that the list says, but certainly of another. */
  | 'type_mismatch'
  /** Ends in six zeros or more, as numbers do after a spreadsheet has shortened them to 8.85E+11. */
  | 'possibly_rounded'

/** `base`: one unit as it is sold. `case`: packaging indicator 1–8. `variable`: indicator 9, sold by measure. */
export type PackLevel = 'base' | 'case' | 'variable'

export const invalidCodes = [
  'EMPTY',
  'PLACEHOLDER',
  'ASIN',
  'SCIENTIFIC_NOTATION',
  'MULTIPLE_CODES',
  'NOT_DIGITS',
  'LENGTH',
  'CHECK_DIGIT',
  'MISSING_CHECK_DIGIT',
  'TYPE_MISMATCH',
] as const
export type InvalidCode = (typeof invalidCodes)[number]

interface KnownCode {
  /** The canonical form, 14 digits: what everything joins on. */
  readonly gtin14: string
  readonly kind: CodeKind
  /** `repairs` joined by `+`, to be stored in one column; null when the code was whole. */
  readonly repair: string | null
  readonly repairs: readonly Repair[]
  readonly packLevel: PackLevel
  /** The GTIN-14 of the item in the case, for `packLevel: 'case'`. */
  readonly baseGtin14: string | null
  readonly flags: readonly Flag[]
  /** GTIN-14s of the other readings of an ambiguous code. */
  readonly alternatives: readonly string[]
}

/** A code that a product on the market can have. */
export interface ValidCode extends KnownCode {
  readonly status: 'valid'
  readonly code: null
  readonly reason: null
}

/** A well-formed number that no product on the market can have: coupons, shops' own numbers. Not worth a lookup. */
export interface RestrictedGtin extends KnownCode {
  readonly status: 'restricted'
  readonly code: RestrictedCode
  /** What it is and what to do, for people. */
  readonly reason: string
}

export interface InvalidGtin {
  readonly status: 'invalid'
  readonly gtin14: null
  readonly repair: null
  readonly code: InvalidCode
  /** What is wrong and what to do, for people. */
  readonly reason: string
}

export type ParsedCode = ValidCode | RestrictedGtin | InvalidGtin

export interface ParseHints {
  /**
   * What the list says the code is. It decides between readings of 6 to 11 digits. Twelve digits and more have one
   * reading: where that disagrees, the code gets the flag `type_mismatch`.
   */
  readonly type?: CodeType
  /** The list leaves check digits out: 11 digits are a UPC and 12 an EAN-13 without one. Default false. */
  readonly assumeMissingCheck?: boolean
}
