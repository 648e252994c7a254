import { checkDigit, hasCheckDigit, padTo14 } from './check-digit.ts'
import { isbn10To13, isIsbn10 } from './isbn.ts'
import { isGtin8 } from './restricted.ts'
import type { CodeKind, ParseHints, Repair } from './types.ts'
import { expandUpcE, upcEToUpcA } from './upc-e.ts'

/** One way to understand the characters of a code, with a check digit that agrees (or was asked to be appended). */
export interface Reading {
  readonly gtin14: string
  readonly kind: CodeKind
  readonly repairs: readonly Repair[]
}

const kindOf = (gtin14: string): CodeKind => {
  if (!gtin14.startsWith('0')) return 'GTIN-14'
  if (isGtin8(gtin14)) return 'EAN-8'
  if (gtin14.startsWith('00')) return 'UPC-A'
  // 979-0 is printed music (ISMN), not a book.
  return /^097(?:8|9[1-9])/.test(gtin14) ? 'ISBN-13' : 'EAN-13'
}

const asGtin = (digits: string, repairs: readonly Repair[] = []): Reading[] => {
  if (!hasCheckDigit(digits)) return []
  const gtin14 = padTo14(digits)
  return [{ gtin14, kind: kindOf(gtin14), repairs }]
}

const asUpcE = (eight: string, repairs: readonly Repair[] = []): Reading[] => {
  const upcA = upcEToUpcA(eight)
  return upcA ? [{ gtin14: padTo14(upcA), kind: 'UPC-E', repairs: [...repairs, 'upc_e_expanded'] }] : []
}

const asIsbn10 = (ten: string, repairs: readonly Repair[] = []): Reading[] =>
  isIsbn10(ten)
    ? [{ gtin14: padTo14(isbn10To13(ten)), kind: 'ISBN-10', repairs: [...repairs, 'isbn_10'] }]
    : []

const withAppendedCheck = (body: string): Reading[] =>
  asGtin(body + checkDigit(body), ['check_digit_appended'])

/** Every reading of cleaned characters, the likeliest first. */
export const readingsOf = (text: string, hints: ParseHints): readonly Reading[] => {
  switch (text.length) {
    case 6: {
      // Without a check digit any six digits would pass, so the list itself has to say that they are a UPC-E.
      if (hints.type !== 'UPC-E') return []
      return [{ gtin14: padTo14(expandUpcE('0', text)), kind: 'UPC-E', repairs: ['upc_e_expanded'] }]
    }
    case 7:
      return asUpcE('0' + text, ['left_pad'])
    case 8:
      // GTIN-8s that begin with 0 are never sold, so 0… is a UPC-E; 1… can be either.
      return text.startsWith('0') ? [...asUpcE(text), ...asGtin(text)] : [...asGtin(text), ...asUpcE(text)]
    case 9:
      return [
        ...asIsbn10('0' + text, ['left_pad']),
        ...(text.endsWith('X') ? [] : asGtin(text, ['left_pad'])),
      ]
    case 10:
      return [...asIsbn10(text), ...(text.endsWith('X') ? [] : asGtin(text, ['left_pad']))]
    case 11:
      return [...(hints.assumeMissingCheck ? withAppendedCheck(text) : []), ...asGtin(text, ['left_pad'])]
    case 12:
      return [...asGtin(text), ...(hints.assumeMissingCheck ? withAppendedCheck(text) : [])]
    case 13:
    case 14:
      return asGtin(text)
    default:
      return []
  }
}
