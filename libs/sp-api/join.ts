import { toGtin14 } from '#libs/gtin/index.ts'
import type { CatalogItem } from './catalog-answer.ts'

/** Numbers that are no GTINs, though a seller's SKU may well look like one. */
const NOT_GTINS = new Set(['ASIN', 'SKU', 'MINSAN'])

/** Read once per item: for the join, and for each product that the item is a candidate of. */
const known = new WeakMap<CatalogItem, readonly string[]>()

/** Every GTIN that an item carries, as GTIN-14: Amazon answers UPC, EAN, GTIN, ISBN or JAN, whatever was asked. */
export function gtin14sOf(item: CatalogItem): readonly string[] {
  const gtin14s = known.get(item) ?? readGtin14s(item)
  known.set(item, gtin14s)
  return gtin14s
}

function readGtin14s(item: CatalogItem): string[] {
  const gtin14s = new Set<string>()
  for (const { identifiers } of item.identifiers ?? []) {
    for (const { identifierType, identifier } of identifiers) {
      const gtin14 = NOT_GTINS.has(identifierType.toUpperCase()) ? null : toGtin14(identifier)
      if (gtin14 !== null) gtin14s.add(gtin14)
    }
  }
  return [...gtin14s]
}

export interface Joined {
  /** For every code asked, the items that carry it. */
  readonly byCode: ReadonlyMap<string, readonly CatalogItem[]>
  /** Per code, how many items it brought, each item counted once over all codes. For the batch size. */
  readonly itemsPerCode: readonly number[]
  /** Items that carry none of the codes. */
  readonly strangers: number
}

/** Items by their own number. */
export function joinByAsin(asins: readonly string[], items: readonly CatalogItem[]): Joined {
  const byCode = new Map<string, CatalogItem[]>(asins.map((asin) => [asin, []]))
  for (const item of items) byCode.get(item.asin)?.push(item)
  const strangers = items.filter(({ asin }) => !byCode.has(asin)).length
  return { byCode, itemsPerCode: [...byCode.values()].map((found) => found.length), strangers }
}

/**
 * Amazon does not say which identifier an item answers, and answers in another type than asked; GTIN-14 is what all
 * agree on. An item may answer several codes.
 */
export function joinByGtin14(codes: readonly string[], items: readonly CatalogItem[]): Joined {
  const byCode = new Map<string, CatalogItem[]>(codes.map((code) => [code, []]))
  const brought = new Map<string, number>(codes.map((code) => [code, 0]))
  let strangers = 0
  for (const item of items) {
    const answered = gtin14sOf(item).filter((gtin14) => byCode.has(gtin14))
    for (const code of answered) byCode.get(code)?.push(item)
    // A stranger fills pages as well: it counts for some code, here in turn.
    const counted = answered[0] ?? codes[strangers % codes.length]
    if (answered.length === 0) strangers++
    if (counted !== undefined) brought.set(counted, (brought.get(counted) ?? 0) + 1)
  }
  return { byCode, itemsPerCode: [...brought.values()], strangers }
}
