import { compareBrands } from './brand.ts'
import type { MatchingConfig } from './config.ts'
import { comparePacks, describePack } from './pack.ts'
import { compareSizes } from './size.ts'
import { containsWords, titleSimilarity } from './text.ts'
import { compactPart, type Traits } from './traits.ts'
import type { CandidateFacts, ProductFacts } from './types.ts'

/** What one comparison says: −1 speaks against, 1 for, 0 says nothing. `detail` is for people. */
export interface Evidence {
  readonly value: number
  readonly detail: string
}

export const featureNames = [
  'pack',
  'brand',
  'partNumber',
  'size',
  'title',
  'salesRank',
  'singleUnit',
  'bundle',
  'foreignGtins',
] as const
export type FeatureName = (typeof featureNames)[number]
export type Features = Readonly<Record<FeatureName, Evidence>>

const nothing: Evidence = { value: 0, detail: '' }

/** The two sides of a comparison, as they are and as they were read. */
export interface Pair {
  readonly product: ProductFacts
  readonly ours: Traits
  readonly candidate: CandidateFacts
  readonly theirs: Traits
}

const packEvidence = ({ product, ours, theirs }: Pair): Evidence => {
  if (ours.pack.total === null && product.packLevel === 'case' && (theirs.pack.packs ?? 1) > 1) {
    return { value: 0.5, detail: `a case code and a pack of ${describePack(theirs.pack)}` }
  }
  const value = comparePacks(ours.pack, theirs.pack)
  if (value === 0) return nothing
  if (value === 1) return { value, detail: `agrees, ${describePack(theirs.pack)}` }
  return {
    value,
    detail: `contradicts, ${describePack(ours.pack)} in the catalogue, ${describePack(theirs.pack)} on Amazon`,
  }
}

const singleUnitEvidence = ({ product, ours, theirs }: Pair): Evidence => {
  if (product.packLevel === 'case' || ours.pack.packs !== null || (theirs.pack.packs ?? 1) !== 1)
    return nothing
  return { value: 1, detail: 'one unit, as a code names unless the catalogue says otherwise' }
}

/** "Case for Apple iPhone" names Apple without being made by it. */
const namesMaker = (title: string, brand: string): boolean =>
  containsWords(title, brand) &&
  !new RegExp(`\\b(?:for|fits?|with|to|fur|mit|pour|avec|para|per) (?:the )?${brand}\\b`, 'u').test(title)

const brandEvidence = (
  { product, ours, candidate, theirs }: Pair,
  aliases: MatchingConfig['brandAliases'],
): Evidence => {
  if (ours.brand && theirs.brand) {
    const { value, how } = compareBrands(ours.brand, theirs.brand, aliases)
    // Amazon's brand field is often the maker's or a seller's name; the title then still has the brand.
    if (value < 0 && namesMaker(theirs.title, ours.brand)) {
      return { value: 0, detail: `"${candidate.brand}", but the title has "${product.brand}"` }
    }
    if (value < 0 && namesMaker(ours.title, theirs.brand)) {
      return { value: 0, detail: `"${candidate.brand}", which the catalogue's title has` }
    }
    if (value === 0) return nothing
    return { value, detail: `"${candidate.brand}" is ${how}${value < 0 ? ` than "${product.brand}"` : ''}` }
  }
  if (ours.brand && namesMaker(theirs.title, ours.brand)) {
    return { value: 0.7, detail: `the title has "${product.brand}"` }
  }
  if (theirs.brand && namesMaker(ours.title, theirs.brand)) {
    return { value: 0.7, detail: `the catalogue's title has "${candidate.brand}"` }
  }
  return nothing
}

/** Shorter ones, such as "12" or "XL", turn up in titles by chance. */
const MIN_PART_LENGTH = 4

/** Makers and sellers number one thing differently, so different part numbers say nothing. */
const partNumberEvidence = ({ product, ours, candidate, theirs }: Pair): Evidence => {
  if (ours.partNumber !== '' && ours.partNumber === theirs.partNumber) {
    return { value: 1, detail: `"${candidate.partNumber}" is the same` }
  }
  const stands = (part: string, title: string | null) =>
    part.length >= MIN_PART_LENGTH &&
    /\d/.test(part) &&
    (title ?? '').split(/[\s,;()]+/).some((word) => compactPart(word) === part)
  if (stands(ours.partNumber, candidate.title)) {
    return { value: 0.7, detail: `the title has "${product.partNumber}"` }
  }
  if (stands(theirs.partNumber, product.title)) {
    return { value: 0.7, detail: `the catalogue's title has "${candidate.partNumber}"` }
  }
  return nothing
}

const sizeEvidence = ({ ours, theirs }: Pair): Evidence => {
  const value = compareSizes(ours.sizes, theirs.sizes)
  if (value === 0) return nothing
  return { value, detail: value === 1 ? 'contents agree' : 'contents differ' }
}

const titleEvidence = ({ ours, theirs }: Pair): Evidence => {
  const similarity = titleSimilarity(ours.titleWords, theirs.titleWords)
  if (similarity === null) return nothing
  return { value: 2 * similarity - 1, detail: `${Math.round(similarity * 100)} % alike` }
}

/** A rank this many times the best adds nothing any more. */
const RANK_SPAN = 100

const rankEvidence = ({ candidate }: Pair, bestRank: number | null): Evidence => {
  const rank = candidate.salesRank
  if (rank === null || bestRank === null || rank < 1) return nothing
  const value = Math.max(0, 1 - Math.log(rank / bestRank) / Math.log(RANK_SPAN))
  return { value, detail: `rank ${rank}${rank === bestRank ? ', the best' : ''}` }
}

const bundleEvidence = ({ ours, candidate }: Pair): Evidence => {
  if (candidate.itemClassification !== 'PRODUCT_BUNDLE') return nothing
  if (/\b(?:bundle|set|kit|combo)\b/.test(ours.title)) return nothing
  return { value: -1, detail: 'a bundle' }
}

/** This many foreign codes and more are all the suspicion there can be. */
const MANY_FOREIGN = 4

const foreignEvidence = ({ product, candidate }: Pair): Evidence => {
  // The same number under another packaging indicator is the same item in another box.
  const bodyOf = (gtin14: string) => gtin14.slice(1, 13)
  const foreign = new Set(candidate.gtin14s.filter((gtin14) => bodyOf(gtin14) !== bodyOf(product.gtin14)))
  if (foreign.size === 0) return nothing
  return {
    value: -Math.min(1, foreign.size / MANY_FOREIGN),
    detail: `${foreign.size} other code${foreign.size > 1 ? 's' : ''} on it`,
  }
}

/** Everything that can be compared. `bestRank` is the lowest sales rank among the candidates that carry the code. */
export const compareFeatures = (pair: Pair, bestRank: number | null, config: MatchingConfig): Features => ({
  pack: packEvidence(pair),
  brand: brandEvidence(pair, config.brandAliases),
  partNumber: partNumberEvidence(pair),
  size: sizeEvidence(pair),
  title: titleEvidence(pair),
  salesRank: rankEvidence(pair, bestRank),
  singleUnit: singleUnitEvidence(pair),
  bundle: bundleEvidence(pair),
  foreignGtins: foreignEvidence(pair),
})
