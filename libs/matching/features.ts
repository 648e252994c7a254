import { compareBrands, normalizeBrand } from './brand.ts'
import type { MatchingConfig } from './config.ts'
import { comparePacks, describePack, packOf } from './pack.ts'
import { compareSizes, sizesOf } from './size.ts'
import { containsWords, normalize, titleSimilarity } from './text.ts'
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

const packEvidence = (product: ProductFacts, candidate: CandidateFacts): Evidence => {
  const ours = packOf(product.title, product.packQuantity)
  const theirs = packOf(candidate.title, candidate.packageQuantity)
  if (ours.total === null && product.packLevel === 'case' && (theirs.packs ?? 1) > 1) {
    return { value: 0.5, detail: `a case code and a pack of ${describePack(theirs)}` }
  }
  const value = comparePacks(ours, theirs)
  if (value === 0) return nothing
  return value === 1
    ? { value, detail: `agrees, ${describePack(theirs)}` }
    : {
        value,
        detail: `contradicts, ${describePack(ours)} in the catalogue, ${describePack(theirs)} on Amazon`,
      }
}

const singleUnitEvidence = (product: ProductFacts, candidate: CandidateFacts): Evidence => {
  if (product.packLevel === 'case' || packOf(product.title, product.packQuantity).packs !== null)
    return nothing
  const theirs = packOf(candidate.title, candidate.packageQuantity)
  return (theirs.packs ?? 1) === 1
    ? { value: 1, detail: 'one unit, as a code names unless the catalogue says otherwise' }
    : nothing
}

/** "Case for Apple iPhone" names Apple without being made by it. */
const namesMaker = (title: string, brand: string): boolean =>
  containsWords(title, brand) &&
  !new RegExp(`\\b(?:for|fits?|with|to|fur|mit|pour|avec|para|per) (?:the )?${brand}\\b`, 'u').test(title)

const brandEvidence = (
  product: ProductFacts,
  candidate: CandidateFacts,
  aliases: MatchingConfig['brandAliases'],
): Evidence => {
  const ours = normalizeBrand(product.brand)
  const theirs = normalizeBrand(candidate.brand)
  const ourTitle = normalize(product.title ?? '')
  const theirTitle = normalize(candidate.title ?? '')
  if (ours && theirs) {
    const { value, how } = compareBrands(ours, theirs, aliases)
    // Amazon's brand field is often the maker's or a seller's name; the title then still has the brand.
    if (value < 0 && namesMaker(theirTitle, ours)) {
      return { value: 0, detail: `"${candidate.brand}", but the title has "${product.brand}"` }
    }
    if (value < 0 && namesMaker(ourTitle, theirs)) {
      return { value: 0, detail: `"${candidate.brand}", which the catalogue's title has` }
    }
    if (value === 0) return nothing
    return { value, detail: `"${candidate.brand}" is ${how}${value < 0 ? ` than "${product.brand}"` : ''}` }
  }
  if (ours && namesMaker(theirTitle, ours)) return { value: 0.7, detail: `the title has "${product.brand}"` }
  if (theirs && namesMaker(ourTitle, theirs)) {
    return { value: 0.7, detail: `the catalogue's title has "${candidate.brand}"` }
  }
  return nothing
}

const compactPart = (text: string): string => normalize(text).replaceAll(' ', '')

/** Shorter ones, such as "12" or "XL", turn up in titles by chance. */
const MIN_PART_LENGTH = 4

const partNumberEvidence = (product: ProductFacts, candidate: CandidateFacts): Evidence => {
  const ours = compactPart(product.partNumber ?? '')
  const theirs = compactPart(candidate.partNumber ?? '')
  if (ours !== '' && ours === theirs) return { value: 1, detail: `"${candidate.partNumber}" is the same` }
  // Makers and sellers number one thing differently, so different numbers say nothing.
  const isTelling = (part: string) => part.length >= MIN_PART_LENGTH && /\d/.test(part)
  const inTitle = (part: string, title: string | null) =>
    isTelling(part) && (title ?? '').split(/[\s,;()]+/).some((word) => compactPart(word) === part)
  if (inTitle(ours, candidate.title)) return { value: 0.7, detail: `the title has "${product.partNumber}"` }
  if (inTitle(theirs, product.title)) {
    return { value: 0.7, detail: `the catalogue's title has "${candidate.partNumber}"` }
  }
  return nothing
}

const sizeEvidence = (product: ProductFacts, candidate: CandidateFacts): Evidence => {
  const value = compareSizes(sizesOf(product.title), sizesOf(candidate.title))
  if (value === 0) return nothing
  return { value, detail: value === 1 ? 'contents agree' : 'contents differ' }
}

const titleEvidence = (product: ProductFacts, candidate: CandidateFacts): Evidence => {
  const similarity = titleSimilarity(product.title, candidate.title)
  if (similarity === null) return nothing
  return { value: 2 * similarity - 1, detail: `${Math.round(similarity * 100)} % alike` }
}

/** A rank this many times the best adds nothing any more. */
const RANK_SPAN = 100

const rankEvidence = (candidate: CandidateFacts, bestRank: number | null): Evidence => {
  const rank = candidate.salesRank
  if (rank === null || bestRank === null || rank < 1) return nothing
  const value = Math.max(0, 1 - Math.log(rank / bestRank) / Math.log(RANK_SPAN))
  return { value, detail: `rank ${rank}${rank === bestRank ? ', the best' : ''}` }
}

const bundleEvidence = (product: ProductFacts, candidate: CandidateFacts): Evidence => {
  if (candidate.itemClassification !== 'PRODUCT_BUNDLE') return nothing
  if (/\b(?:bundle|set|kit|combo)\b/.test(normalize(product.title ?? ''))) return nothing
  return { value: -1, detail: 'a bundle' }
}

/** This many foreign codes and more are all the suspicion there can be. */
const MANY_FOREIGN = 4

const foreignEvidence = (product: ProductFacts, candidate: CandidateFacts): Evidence => {
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
export const compareFeatures = (
  product: ProductFacts,
  candidate: CandidateFacts,
  bestRank: number | null,
  config: MatchingConfig,
): Features => ({
  pack: packEvidence(product, candidate),
  brand: brandEvidence(product, candidate, config.brandAliases),
  partNumber: partNumberEvidence(product, candidate),
  size: sizeEvidence(product, candidate),
  title: titleEvidence(product, candidate),
  salesRank: rankEvidence(candidate, bestRank),
  singleUnit: singleUnitEvidence(product, candidate),
  bundle: bundleEvidence(product, candidate),
  foreignGtins: foreignEvidence(product, candidate),
})
