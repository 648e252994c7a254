import { hasCheckDigit, padTo14 } from './check-digit.ts'
import { isbn10To13, isIsbn10 } from './isbn.ts'
import { isGtin8 } from './restricted.ts'

/**
 * The GTIN-14 of an identifier that Amazon returned as UPC, EAN, GTIN, ISBN or JAN (8 to 14 digits, or an ISBN-10),
 * for joining it to what was asked: Amazon answers a UPC with an EAN or a GTIN at will. Null when it is none.
 * Ten digits that are an ISBN-10 are taken as one. For codes that people typed, use `parseCode`.
 */
export const toGtin14 = (identifier: string): string | null => {
  const text = /^\d+$/.test(identifier)
    ? identifier
    : identifier.replace(/[\s\u00ad\u2010-\u2015-]/g, '').toUpperCase()
  if (isIsbn10(text) && text !== '0000000000') return padTo14(isbn10To13(text))
  if (!/^\d{8,14}$/.test(text) || /^0+$/.test(text) || !hasCheckDigit(text)) return null
  return padTo14(text)
}

export interface ExpressedIdentifiers {
  readonly identifiersType: 'UPC' | 'EAN' | 'GTIN'
  /** In the order of the GTINs they stand for. */
  readonly identifiers: readonly string[]
}

/**
 * The smallest of Amazon's identifier types that can carry all these GTIN-14s in one `searchCatalogItems` call:
 * UPC (12 digits) when all are UPCs, EAN (8 digits) when all are GTIN-8s, EAN (13 digits) when none has a packaging
 * indicator, else GTIN (14 digits). A GTIN-8 among longer ones makes it GTIN.
 *
 * @throws RangeError when one is not 14 digits.
 */
export const expressIdentifiers = (gtin14s: readonly string[]): ExpressedIdentifiers => {
  let allGtin8 = gtin14s.length > 0
  let allUpc = allGtin8
  let allEan = allGtin8
  for (const gtin14 of gtin14s) {
    if (!/^\d{14}$/.test(gtin14)) {
      throw new RangeError(`"${gtin14}" is not a GTIN-14: hand in the 14 digits that parseCode gives`)
    }
    const short = isGtin8(gtin14)
    allGtin8 &&= short
    allUpc &&= !short && gtin14.startsWith('00')
    allEan &&= !short && gtin14.startsWith('0')
  }
  const cut = (from: number) => gtin14s.map((gtin14) => gtin14.slice(from))
  if (allGtin8) return { identifiersType: 'EAN', identifiers: cut(6) }
  if (allUpc) return { identifiersType: 'UPC', identifiers: cut(2) }
  if (allEan) return { identifiersType: 'EAN', identifiers: cut(1) }
  return { identifiersType: 'GTIN', identifiers: cut(0) }
}
