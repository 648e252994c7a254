import type { CandidateFacts, ProductFacts } from './types.ts'

/** A candidate as it is stored: what Amazon told of it, and the evidence of the match that was made then. */
export interface StoredCandidate {
  readonly asin: string
  readonly title: string | null
  readonly brand: string | null
  readonly itemClassification: string | null
  readonly packageQuantity: number | null
  readonly salesRank: number | null
  readonly reasons: readonly string[]
}

const PARENT = /^variation parent: /
const FOREIGN = /^foreign codes: (\d+) other codes? on it /
const PART = /^part number: the catalogue's title has "(.*)" \([−+]\d/

/**
 * The facts of stored candidates, so that they can be matched again without asking Amazon. Identifiers, part numbers and
 * relations are not stored: what matching found in them is read from its reasons, and stands in for them. Null when a
 * reason is none that this release writes.
 */
export const recallCandidates = (
  { gtin14, baseGtin14 }: Pick<ProductFacts, 'gtin14' | 'baseGtin14'>,
  candidates: readonly StoredCandidate[],
): readonly CandidateFacts[] | null => {
  const isParent = ({ itemClassification, reasons }: StoredCandidate): boolean =>
    itemClassification === 'VARIATION_PARENT' || reasons.some((reason) => PARENT.test(reason))
  const carrier = candidates.find(
    (candidate) => isParent(candidate) && carriesCode(candidate.reasons[0] ?? '', gtin14),
  )
  const recalled: CandidateFacts[] = []
  for (const candidate of candidates) {
    const { reasons, ...told } = candidate
    const gate = reasons[0] ?? ''
    const foreign = foreignCodes(reasons)
    let gtin14s: readonly string[]
    if (carriesCode(gate, gtin14)) gtin14s = [gtin14, ...foreign]
    else if (
      gate.includes(' is on its variation parent ') ||
      gate.startsWith('code: came without identifiers ')
    )
      gtin14s = []
    else if (gate.includes(', the item in the case, not the case ')) {
      if (!baseGtin14) return null
      gtin14s = [baseGtin14, ...foreign.slice(bodyOf(baseGtin14) === bodyOf(gtin14) ? 0 : 1)]
    } else if (gate.startsWith('code: does not carry '))
      gtin14s = foreign.length > 0 ? foreign : [inAnotherBox(gtin14)]
    else return null
    const onParent = gate.includes(' is on its variation parent ')
    if (onParent && carrier === undefined) return null
    recalled.push({
      ...told,
      itemClassification: isParent(candidate) ? 'VARIATION_PARENT' : told.itemClassification,
      gtin14s,
      partNumber: partNumber(reasons),
      parentAsins: onParent && carrier ? [carrier.asin] : [],
    })
  }
  return recalled
}

const carriesCode = (gate: string, gtin14: string): boolean => gate.startsWith(`code: carries ${gtin14} (`)

/** What is the same under every packaging indicator: another one is that of a foreign code. */
const bodyOf = (code: string): string => code.slice(1, 13)

/** As many codes as were found foreign. They are none that can be, and so no product's. */
const foreignCodes = (reasons: readonly string[]): string[] => {
  const found = reasons.map((reason) => FOREIGN.exec(reason)?.[1]).find((count) => count !== undefined)
  return Array.from({ length: Number(found ?? 0) }, (_, i) => `foreign-${i + 1}`.padStart(14, '-'))
}

/** The same number under another packaging indicator: carried, it is neither this code nor a foreign one. */
const inAnotherBox = (gtin14: string): string => `-${gtin14.slice(1)}`

const partNumber = (reasons: readonly string[]): string | null =>
  reasons.map((reason) => PART.exec(reason)?.[1]).find((part) => part !== undefined) ?? null
