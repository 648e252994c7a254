import { MAX_IDENTIFIERS, MAX_ITEMS, PAGE_SIZE } from './catalog-items.ts'

/** Most items that one identifier is counted with: a whole search of such identifiers reaches Amazon's cap. */
const MOST_ITEMS = MAX_ITEMS / MAX_IDENTIFIERS
/** Identifiers after which an observation weighs 1/e. */
const MEMORY = 2_000
/** Until something is known, identifiers bring one item each; the belief weighs as much as this many of them. */
const PRIOR_WEIGHT = 40
/** Identifiers between two calculations. */
const RECALCULATE_EVERY = 100

/**
 * How many identifiers to put into one search, so that each request of the quota serves the most of them.
 *
 * Let X be the number of items that an identifier brings, and S(n) the sum of n independent X. A search of n
 * identifiers costs pages(n) = max(1, ⌈S(n) / 20⌉) requests, since every page spends a slot. Over many searches,
 * identifiers per request tend to n / E[pages(n)] (renewal-reward), with
 *
 *   E[pages(n)] = 1 + Σ_{k ≥ 1} P(S(n) > 20 k),
 *
 * and the best n from 1 to 20 maximises that; of equals the smallest, which needs fewer pages. The distribution of X is estimated by a histogram
 * in which older observations fade; the distribution of S(n) follows by convolution. When no identifier brings more
 * than one item, S(n) ≤ n ≤ 20, every search is one page, and 20 is best.
 */
export class AdaptiveBatchSize {
  readonly #weights = new Float64Array(MOST_ITEMS + 1)
  #size = MAX_IDENTIFIERS
  #unseen = 0

  constructor() {
    this.#weights[1] = PRIOR_WEIGHT
  }

  /** Identifiers for the next search, 1 to 20. */
  get size(): number {
    return this.#size
  }

  /** One search was answered wholly: how many items each of its identifiers brought, each item counted once. */
  observe(itemsPerIdentifier: readonly number[]): void {
    const kept = Math.exp(-itemsPerIdentifier.length / MEMORY)
    for (let items = 0; items < this.#weights.length; items++) this.#weights[items]! *= kept
    for (const items of itemsPerIdentifier) this.#weights[Math.min(items, MOST_ITEMS)]! += 1
    this.#unseen += itemsPerIdentifier.length
    if (this.#unseen < RECALCULATE_EVERY) return
    this.#unseen = 0
    this.#size = bestBatchSize(this.#weights)
  }
}

/** The n from 1 to 20 with the most identifiers per request; `weights[x]` says how often an identifier brings x items. */
export function bestBatchSize(weights: ArrayLike<number>): number {
  let best = 1
  let most = 0
  for (const [index, pages] of expectedPages(weights).entries()) {
    const perRequest = (index + 1) / pages
    // Rounding must not let a larger batch win where both are equal.
    if (perRequest > most * (1 + 1e-9)) {
      most = perRequest
      best = index + 1
    }
  }
  return best
}

/** E[pages(n)] for n = 1 to 20, first to last. */
export function expectedPages(weights: ArrayLike<number>): number[] {
  const outcomes = distribution(weights)
  let sums = Float64Array.of(1)
  const pages: number[] = []
  for (let n = 1; n <= MAX_IDENTIFIERS; n++) {
    sums = convolve(sums, outcomes)
    let expected = 0
    for (let sum = 0; sum < sums.length; sum++)
      expected += sums[sum]! * Math.max(1, Math.ceil(sum / PAGE_SIZE))
    pages.push(expected)
  }
  return pages
}

interface Outcome {
  readonly items: number
  readonly probability: number
}

function distribution(weights: ArrayLike<number>): Outcome[] {
  const entries = Array.from(weights, (weight, items) => ({ items, weight }))
  const total = entries.reduce((sum, { weight }) => sum + weight, 0)
  // What has all but faded would only cost time.
  return entries
    .filter(({ weight }) => weight > total * 1e-6)
    .map(({ items, weight }) => ({ items, probability: weight / total }))
}

function convolve(sums: Float64Array, outcomes: readonly Outcome[]): Float64Array<ArrayBuffer> {
  const result = new Float64Array(sums.length + Math.max(...outcomes.map(({ items }) => items)))
  for (const { items, probability } of outcomes)
    for (let sum = 0; sum < sums.length; sum++) result[sum + items]! += sums[sum]! * probability
  return result
}
