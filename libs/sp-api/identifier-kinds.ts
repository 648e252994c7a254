import { expressIdentifiers } from '#libs/gtin/index.ts'
import type { CatalogItem } from './catalog-answer.ts'
import { MAX_IDENTIFIERS, type SearchRequest } from './catalog-items.ts'
import { SpApiInputError } from './errors.ts'
import { type Joined, joinByAsin, joinByGtin14 } from './join.ts'

/** How identifiers are written, asked for, and found again in the answer. */
export interface IdentifierKind {
  readonly plural: string
  readonly pattern: RegExp
  readonly advice: string
  readonly express: (identifiers: readonly string[]) => Pick<SearchRequest, 'identifiersType' | 'identifiers'>
  readonly join: (identifiers: readonly string[], items: readonly CatalogItem[]) => Joined
}

export const CODES: IdentifierKind = {
  plural: 'codes',
  pattern: /^\d{14}$/,
  advice: 'is no GTIN-14: pad valid codes with zeros to 14 digits',
  express: expressIdentifiers,
  join: joinByGtin14,
}

/** Amazon's own pattern: an ISBN-10, or a letter first. */
export const ASIN_PATTERN = /^(?:\d{9}[\dX]|[A-Z][A-Z\d]{9})$/

export const ASINS: IdentifierKind = {
  plural: 'ASINs',
  pattern: ASIN_PATTERN,
  advice: 'is no ASIN: those have ten capital letters and digits, such as B07FZ8S74R',
  express: (identifiers) => ({ identifiersType: 'ASIN', identifiers }),
  join: joinByAsin,
}

/** Each identifier once. Throws `INVALID_LOOKUP` when there are too many or one is not of its kind. */
export function checkIdentifiers(kind: IdentifierKind, identifiers: readonly string[]): readonly string[] {
  const different = [...new Set(identifiers)]
  if (different.length < 1 || different.length > MAX_IDENTIFIERS)
    throw new SpApiInputError(
      'INVALID_LOOKUP',
      `a lookup takes 1 to ${MAX_IDENTIFIERS} different ${kind.plural}, not ${different.length}: split it`,
    )
  const bad = different.find((identifier) => !kind.pattern.test(identifier))
  if (bad !== undefined) throw new SpApiInputError('INVALID_LOOKUP', `"${bad}" ${kind.advice}`)
  return different
}
