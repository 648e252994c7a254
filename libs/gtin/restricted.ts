import table from './restricted-prefixes.json' with { type: 'json' }

export const restrictedCodes = [
  'RESTRICTED_REGION',
  'RESTRICTED_COMPANY',
  'COUPON',
  'EPC_MANAGER',
  'EXAMPLE',
  'REFUND_RECEIPT',
  'RESERVED',
] as const
export type RestrictedCode = (typeof restrictedCodes)[number]

export interface Restriction {
  readonly code: RestrictedCode
  /** The prefix that says so, three digits. */
  readonly prefix: string
  /** What such a number is, to follow the code in a sentence. */
  readonly what: string
}

interface Range {
  readonly from: string
  readonly to: string
  readonly code: string
}

const isRestrictedCode = (code: string): code is RestrictedCode =>
  (restrictedCodes as readonly string[]).includes(code)

const find = (ranges: readonly Range[], prefix: string): Restriction | null => {
  for (const range of ranges) {
    if (prefix < range.from || prefix > range.to) continue
    const { code } = range
    if (!isRestrictedCode(code)) throw new Error(`restricted-prefixes.json names an unknown code ${code}`)
    return { code, prefix, what: table.reasons[code] }
  }
  return null
}

/** Whether a GTIN-14 is an 8-digit number padded: no company has a prefix that begins 00000 in 13 digits. */
export const isGtin8 = (gtin14: string): boolean => gtin14.startsWith('000000')

/**
 * Why no product on the market can have this GTIN-14, or null. Prefixes are tested on the padded number: the UPC
 * 2… is 02… in 13 digits, while the UPC 04… is 004… and fine. A packaging indicator is passed over.
 */
export const restrictionOf = (gtin14: string): Restriction | null =>
  gtin14.startsWith('00000', 1)
    ? find(table.gtin8, gtin14.slice(6, 9))
    : find(table.gtin13, gtin14.slice(1, 4))
