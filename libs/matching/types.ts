import type { PackLevel } from '#libs/gtin/index.ts'

/** What the catalogue knows of a product. Null means unknown, and unknown never speaks against a candidate. */
export interface ProductFacts {
  /** The code that was looked up, 14 digits. */
  readonly gtin14: string
  readonly title: string | null
  readonly brand: string | null
  /** Units in the pack that the code names. */
  readonly packQuantity: number | null
  readonly packLevel?: PackLevel
  /** The GTIN-14 of the item in a case. A candidate that has only this one is never chosen, but shown for review. */
  readonly baseGtin14?: string | null
  /** The manufacturer's part or model number. */
  readonly partNumber?: string | null
}

/** An item that Amazon returned. */
export interface CandidateFacts {
  readonly asin: string
  readonly title: string | null
  readonly brand: string | null
  /** BASE_PRODUCT, OTHER, PRODUCT_BUNDLE or VARIATION_PARENT. */
  readonly itemClassification: string | null
  readonly packageQuantity: number | null
  /** Rank in the main display group; 1 sells best. */
  readonly salesRank: number | null
  /** The item's identifiers as GTIN-14s, however Amazon wrote them. */
  readonly gtin14s: readonly string[]
  readonly partNumber?: string | null
  readonly parentAsins?: readonly string[]
  readonly childAsins?: readonly string[]
}

export interface ScoredCandidate {
  readonly asin: string
  /** 0 to 1, three decimals. */
  readonly score: number
  /** Each piece of evidence with what it added, for people and for review. */
  readonly reasons: readonly string[]
  readonly chosen: boolean
}

export interface Match {
  readonly outcome: 'success' | 'ambiguous' | 'not_found'
  readonly chosenAsin: string | null
  /** Why, in a sentence for people. */
  readonly reason: string
  /** Best first, those that carry the code before the others; equal scores in the order of their ASINs. */
  readonly candidates: readonly ScoredCandidate[]
  /** 0 to 1: the score of the best, less when the next is close; 0 without a candidate. */
  readonly confidence: number
  /** How far the best is ahead of the next that carries the code; its whole score when there is no other. */
  readonly margin: number
}
