import type { CandidateFacts, ProductFacts } from './types.ts'

/**
 * Whether a candidate carries the code.
 * `exact`: among its identifiers. `parent`: it has no identifiers, its variation parent has the code.
 * `base`: only the code of the item in the case. `unknown`: it came without identifiers. `absent`: others, not this.
 */
export type Gate = 'exact' | 'parent' | 'base' | 'unknown' | 'absent'

export interface Gated {
  readonly candidate: CandidateFacts
  readonly gate: Gate
  readonly isVariationParent: boolean
  /** May be chosen: carries the code and can be bought. */
  readonly passes: boolean
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** One entry per ASIN in the order of the ASINs: pages can overlap, and nothing may hang on the order of an answer. */
const unique = (candidates: readonly CandidateFacts[]): readonly CandidateFacts[] => {
  const ordered = candidates.toSorted(
    (a, b) =>
      compareText(a.asin, b.asin) || (a === b ? 0 : compareText(JSON.stringify(a), JSON.stringify(b))),
  )
  const byAsin = new Map<string, CandidateFacts>()
  for (const candidate of ordered) {
    const seen = byAsin.get(candidate.asin)
    byAsin.set(
      candidate.asin,
      seen ? { ...seen, gtin14s: [...new Set([...seen.gtin14s, ...candidate.gtin14s])] } : candidate,
    )
  }
  return [...byAsin.values()]
}

export const gateCandidates = (
  product: ProductFacts,
  candidates: readonly CandidateFacts[],
): readonly Gated[] => {
  const items = unique(candidates)
  const carries = new Set(items.filter((c) => c.gtin14s.includes(product.gtin14)).map((c) => c.asin))
  const parents = new Set(
    items
      .filter(
        (c) =>
          c.itemClassification === 'VARIATION_PARENT' ||
          // Without a classification, having the matching item as a child gives a parent away.
          (c.itemClassification === null &&
            (c.childAsins ?? []).some((child) => child !== c.asin && carries.has(child))),
      )
      .map((c) => c.asin),
  )
  const childrenOfCarriers = new Set(
    items.filter((c) => parents.has(c.asin) && carries.has(c.asin)).flatMap((c) => c.childAsins ?? []),
  )
  const gateOf = (c: CandidateFacts): Gate => {
    if (carries.has(c.asin)) return 'exact'
    if (c.gtin14s.length === 0) {
      const underCarrier =
        childrenOfCarriers.has(c.asin) ||
        (c.parentAsins ?? []).some((parent) => parents.has(parent) && carries.has(parent))
      return underCarrier ? 'parent' : 'unknown'
    }
    return product.baseGtin14 && c.gtin14s.includes(product.baseGtin14) ? 'base' : 'absent'
  }
  return items.map((candidate) => {
    const gate = gateOf(candidate)
    const isVariationParent = parents.has(candidate.asin)
    return {
      candidate,
      gate,
      isVariationParent,
      passes: !isVariationParent && (gate === 'exact' || gate === 'parent'),
    }
  })
}
