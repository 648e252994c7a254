/** What each feature can add to a score or take from it. A feature's value is −1 to 1; unknown is 0. */
export interface MatchingWeights {
  /** Where every candidate starts. */
  readonly start: number
  /** Units per pack agree or contradict. */
  readonly pack: number
  readonly brand: number
  readonly partNumber: number
  /** Contents such as 12 oz agree or contradict. */
  readonly size: number
  readonly title: number
  /** Only adds: the best rank all of it, one a hundred times worse nothing. */
  readonly salesRank: number
  /** Only adds: a single unit, where the catalogue does not say that the code names more. */
  readonly singleUnit: number
  /** Only takes: a bundle that the catalogue does not call one. */
  readonly bundle: number
  /** Only takes: codes of other products on the same item, the sign of a wrong merge. */
  readonly foreignGtins: number
}

/** What a score is multiplied by when the candidate can not be the match as it stands. */
export interface MatchingFactors {
  /** Pack or brand contradict. */
  readonly contradiction: number
  /** It has the code of the item in the case, not that of the case. */
  readonly baseGtinOnly: number
  /** It does not carry the code. */
  readonly withoutGtin: number
  /** It is the parent of variations: nothing that can be bought. */
  readonly variationParent: number
}

export interface MatchingConfig {
  readonly weights: MatchingWeights
  readonly factors: MatchingFactors
  /** The best must be this far ahead of the next, unless pack, brand or part number decides. */
  readonly minMargin: number
  /** From here on a stronger feature of the next no longer makes it doubtful. */
  readonly clearMargin: number
  /** Title similarity (0 to 1) from which an item without the code is worth a person's look. */
  readonly reviewTitle: number
  /** Names of one brand, however written; the first of each group is only the first. */
  readonly brandAliases: readonly (readonly string[])[]
}

export const defaultMatching: MatchingConfig = {
  // The order pack, brand, title, rank is the design; the sums keep a score within 0 and 1 (see evidence.test.ts).
  weights: {
    start: 0.59,
    pack: 0.14,
    brand: 0.1,
    partNumber: 0.05,
    size: 0.04,
    title: 0.05,
    salesRank: 0.03,
    singleUnit: 0.03,
    bundle: 0.04,
    foreignGtins: 0.04,
  },
  factors: { contradiction: 0.75, baseGtinOnly: 0.6, withoutGtin: 0.3, variationParent: 0.2 },
  minMargin: 0.02,
  clearMargin: 0.1,
  reviewTitle: 0.6,
  brandAliases: [
    ['HP', 'Hewlett Packard', 'Hewlett-Packard Enterprise'],
    ['P&G', 'Procter & Gamble'],
    ['J&J', 'Johnson & Johnson'],
    ['GE', 'General Electric'],
    ['WD', 'Western Digital'],
    ['BIC', 'Société Bic'],
    ['3M', 'Minnesota Mining and Manufacturing'],
    ['IBM', 'International Business Machines'],
    ['B+D', 'Black & Decker', 'Black + Decker', 'Black and Decker'],
    ["L'Oréal", "L'Oreal Paris"],
  ],
}
