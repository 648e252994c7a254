import type { CandidateItem, KeptItem } from '#libs/db/lookups.ts'
import { type CatalogCandidate, type CatalogItem, toCandidate } from '#libs/sp-api/index.ts'

/** What is told of an item. Null where nobody told: what products keep of it is less than what Amazon answers. */
export interface ItemFacts
  extends Omit<CatalogCandidate, 'dimensions' | 'gtin14s' | 'parentAsins' | 'childAsins'> {
  /** The main one first, each variant once. */
  readonly images: readonly string[]
  readonly dimensions: unknown
  readonly gtin14s: readonly string[] | null
  readonly parentAsins: readonly string[] | null
  readonly childAsins: readonly string[] | null
}

/** As Amazon just answered it. */
export function factsOf(item: CatalogItem, marketplaceId: string): ItemFacts {
  return { ...toCandidate(item, marketplaceId), images: imagesOf(item, marketplaceId) }
}

/** As an earlier lookup kept it. */
export const keptFacts = (item: KeptItem): ItemFacts => item as unknown as ItemFacts
export const toKept = (facts: ItemFacts): KeptItem => ({ ...facts })

/** As a product's candidate has it. */
export function candidateFacts(candidate: CandidateItem): ItemFacts {
  const { asin, title, brand, productType, itemClassification, packageQuantity } = candidate
  const { salesRank, salesRankCategory, imageUrl, dimensions } = candidate
  return {
    asin,
    title,
    brand,
    productType,
    itemClassification,
    packageQuantity,
    salesRank,
    salesRankCategory,
    imageUrl,
    dimensions,
    images: imageUrl === null ? [] : [imageUrl],
    gtin14s: null,
    partNumber: null,
    parentAsins: null,
    childAsins: null,
  }
}

/** The largest of each variant. Links are untrusted and end up in pages: web addresses only. */
function imagesOf(item: CatalogItem, marketplaceId: string): readonly string[] {
  const images = item.images.find((entry) => entry.marketplaceId === marketplaceId)?.images ?? []
  const size = ({ height, width }: (typeof images)[number]) => (height ?? 0) * (width ?? 0)
  const usable = images
    .filter(({ link }) => /^https?:\/\//i.test(link))
    .toSorted((a, b) => Number(b.variant === 'MAIN') - Number(a.variant === 'MAIN') || size(b) - size(a))
  const byVariant = Map.groupBy(usable, ({ variant }) => variant)
  return [...new Set([...byVariant.values()].map(([largest]) => largest!.link))]
}
