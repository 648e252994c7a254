import type { CatalogItem, Measures } from './catalog-answer.ts'
import { gtin14sOf } from './join.ts'

/** What one marketplace tells about one item, flat. Null is "Amazon does not tell"; nothing is made up. */
export interface CatalogCandidate {
  readonly asin: string
  readonly title: string | null
  readonly brand: string | null
  /** BASE_PRODUCT, VARIATION_PARENT, PRODUCT_BUNDLE or OTHER today. */
  readonly itemClassification: string | null
  readonly packageQuantity: number | null
  readonly salesRank: number | null
  /** The category in which the rank holds, as Amazon titles it. */
  readonly salesRankCategory: string | null
  readonly productType: string | null
  readonly imageUrl: string | null
  /** Amazon's own units, which may differ within one item. */
  readonly dimensions: { readonly item: Measures | null; readonly package: Measures | null } | null
  readonly gtin14s: readonly string[]
  readonly partNumber: string | null
  /** Of variations; package hierarchies are left out. */
  readonly parentAsins: readonly string[]
  readonly childAsins: readonly string[]
}

/** Only what Amazon says of this marketplace counts; another one's title or rank would be a false figure here. */
export function toCandidate(item: CatalogItem, marketplaceId: string): CatalogCandidate {
  const here = <T extends { marketplaceId: string }>(entries: readonly T[]): T | undefined =>
    entries.find((entry) => entry.marketplaceId === marketplaceId)
  const summary = here(item.summaries)
  const dimensions = here(item.dimensions)
  const variations = (here(item.relationships)?.relationships ?? []).filter((one) => one.type === 'VARIATION')
  const rank = mainRank(here(item.salesRanks), summary?.websiteDisplayGroup ?? null)
  return {
    asin: item.asin,
    title: summary?.itemName ?? null,
    brand: summary?.brand ?? null,
    itemClassification: summary?.itemClassification ?? null,
    packageQuantity: positive(summary?.packageQuantity ?? null),
    salesRank: rank?.rank ?? null,
    salesRankCategory: rank?.title ?? null,
    productType: here(item.productTypes)?.productType ?? null,
    imageUrl: mainImage(here(item.images)?.images ?? []),
    dimensions:
      dimensions && (dimensions.item || dimensions.package)
        ? { item: dimensions.item, package: dimensions.package }
        : null,
    gtin14s: gtin14sOf(item),
    partNumber: summary?.partNumber ?? null,
    parentAsins: [...new Set(variations.flatMap((one) => one.parentAsins))],
    childAsins: [...new Set(variations.flatMap((one) => one.childAsins))],
  }
}

type Ranks = CatalogItem['salesRanks'][number]
type Rank = Ranks['classificationRanks'][number]

/** The rank in the item's own display group; for items without one (they exist), the best of any category. */
function mainRank(ranks: Ranks | undefined, displayGroup: string | null): Rank | undefined {
  if (!ranks) return undefined
  const own = ranks.displayGroupRanks.find((one) => one.websiteDisplayGroup === displayGroup)
  return own ?? best(ranks.displayGroupRanks) ?? best(ranks.classificationRanks)
}

function best(ranks: readonly Rank[]): Rank | undefined {
  return ranks.toSorted((a, b) => a.rank - b.rank)[0]
}

/** A signed 32-bit integer, as records and tables have it. */
const MAX_QUANTITY = 2 ** 31 - 1

function positive(quantity: number | null): number | null {
  return quantity !== null && Number.isInteger(quantity) && quantity > 0 && quantity <= MAX_QUANTITY
    ? quantity
    : null
}

/** The largest MAIN image. Links are untrusted and end up in pages: web addresses only. */
function mainImage(images: CatalogItem['images'][number]['images']): string | null {
  const main = images
    .filter((image) => image.variant === 'MAIN' && /^https?:\/\//i.test(image.link))
    .toSorted((a, b) => (b.height ?? 0) * (b.width ?? 0) - (a.height ?? 0) * (a.width ?? 0))
  return main[0]?.link ?? null
}
