/** What Amazon told of an item, as the API names it. */
export interface ItemView {
  readonly asin: string
  readonly title: string | null
  readonly brand: string | null
  readonly productType: string | null
  readonly itemClassification: string | null
  readonly packageQuantity: number | null
  readonly salesRank: number | null
  readonly salesRankCategory: string | null
  readonly imageUrl: string | null
}

/** An item that Amazon has for a product's code, and what matching says of it. */
export interface CandidateView extends ItemView {
  readonly chosen: boolean
  /** 0 to 1, with its evidence. */
  readonly score: number
  readonly reasons: readonly string[]
}

/** An `ItemView` of `amazon_market_data d`. */
export const itemColumns = `d.asin, d.title, d.brand, d.product_type as "productType",
         d.item_classification as "itemClassification", d.package_quantity as "packageQuantity",
         d.sales_rank::float8 as "salesRank", d.sales_rank_category as "salesRankCategory", d.image_url as "imageUrl"`

/** A `CandidateView` of `amazon_market_data d`. */
export const candidateColumns = `d.chosen, d.score, d.reasons, ${itemColumns}`
