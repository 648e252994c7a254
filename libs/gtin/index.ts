/**
 * Product codes: understand, repair, check and classify them; everything joins on the GTIN-14. No dependencies.
 *
 *     parseCode('36000291452')  // { status: 'valid', gtin14: '00036000291452', kind: 'UPC-A', repair: 'left_pad', … }
 */
export { checkDigit, hasCheckDigit } from './check-digit.ts'
export { type ExpressedIdentifiers, expressIdentifiers, toGtin14 } from './identifiers.ts'
export { isbn10Of } from './isbn.ts'
export { parseCode } from './parse.ts'
export { type CodeProposal, type ProposalKind, proposalKinds, proposeCodes } from './propose.ts'
export { type RestrictedCode, type Restriction, restrictedCodes, restrictionOf } from './restricted.ts'
export {
  type CodeKind,
  type CodeType,
  codeTypes,
  type Flag,
  type InvalidCode,
  type InvalidGtin,
  invalidCodes,
  type PackLevel,
  type ParsedCode,
  type ParseHints,
  type Repair,
  type RestrictedGtin,
  type ValidCode,
} from './types.ts'
export { expandUpcE } from './upc-e.ts'
