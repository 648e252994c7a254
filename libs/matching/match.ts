import { defaultMatching, type MatchingConfig } from './config.ts'
import { compareFeatures, type FeatureName, type Features, featureNames } from './features.ts'
import { type Gated, gateCandidates } from './gate.ts'
import { candidateTraits, productTraits, type Traits } from './traits.ts'
import type { CandidateFacts, Match, ProductFacts, ScoredCandidate } from './types.ts'

interface Scored extends Gated {
  readonly features: Features
  readonly score: number
  readonly reasons: readonly string[]
  /** Pack or brand that contradict, in words; empty when none does. */
  readonly contradictions: readonly string[]
}

/** What settles a close call, strongest first. */
const decisiveFeatures: readonly FeatureName[] = ['pack', 'brand', 'partNumber']
/** From this difference on, one candidate has the feature and the other has not. */
const DECISIVE_DIFFERENCE = 0.5

const round = (value: number): number => Math.round(value * 1000) / 1000
const signed = (value: number): string => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(2)
const labels: Readonly<Record<FeatureName, string>> = {
  pack: 'pack',
  brand: 'brand',
  partNumber: 'part number',
  size: 'size',
  title: 'title',
  salesRank: 'sales rank',
  singleUnit: 'single unit',
  bundle: 'bundle',
  foreignGtins: 'foreign codes',
}

const gateReason = (gated: Gated, product: ProductFacts, config: MatchingConfig): string => {
  const start = signed(config.weights.start)
  switch (gated.gate) {
    case 'exact':
      return `code: carries ${product.gtin14} (${start})`
    case 'parent':
      return `code: ${product.gtin14} is on its variation parent (${start})`
    case 'base':
      return `code: carries ${product.baseGtin14}, the item in the case, not the case (${start}, × ${config.factors.baseGtinOnly})`
    case 'unknown':
      return `code: came without identifiers (${start}, × ${config.factors.withoutGtin})`
    case 'absent':
      return `code: does not carry ${product.gtin14} (${start}, × ${config.factors.withoutGtin})`
  }
}

const score = (
  gated: Gated,
  product: ProductFacts,
  ours: Traits,
  bestRank: number | null,
  config: MatchingConfig,
): Scored => {
  const { candidate } = gated
  const pair = { product, ours, candidate, theirs: candidateTraits(candidate) }
  const features = compareFeatures(pair, bestRank, config)
  const reasons = [gateReason(gated, product, config)]
  let total = config.weights.start
  for (const name of featureNames) {
    const { value, detail } = features[name]
    const contribution = value * config.weights[name]
    total += contribution
    if (detail !== '') reasons.push(`${labels[name]}: ${detail} (${signed(contribution)})`)
  }
  const contradictions = (['pack', 'brand'] as const)
    .filter((name) => features[name].value <= -1)
    .map((name) => `${labels[name]} ${features[name].detail}`)
  if (contradictions.length > 0) {
    total *= config.factors.contradiction
    reasons.push(`contradiction (× ${config.factors.contradiction})`)
  }
  if (gated.isVariationParent) {
    total *= config.factors.variationParent
    reasons.push(`variation parent: nothing that can be bought (× ${config.factors.variationParent})`)
  }
  if (gated.gate === 'base') total *= config.factors.baseGtinOnly
  if (gated.gate === 'unknown' || gated.gate === 'absent') total *= config.factors.withoutGtin
  return { ...gated, features, reasons, contradictions, score: round(Math.min(1, Math.max(0, total))) }
}

/** The first decisive feature in which two candidates differ, and who has it. */
const decider = (best: Scored, next: Scored): { feature: FeatureName; favours: 'best' | 'next' } | null => {
  for (const feature of decisiveFeatures) {
    const difference = best.features[feature].value - next.features[feature].value
    if (Math.abs(difference) >= DECISIVE_DIFFERENCE) {
      return { feature, favours: difference > 0 ? 'best' : 'next' }
    }
  }
  return null
}

interface Verdict {
  readonly outcome: Match['outcome']
  readonly chosenAsin: string | null
  readonly reason: string
}

const ambiguous = (reason: string): Verdict => ({ outcome: 'ambiguous', chosenAsin: null, reason })
const items = (n: number): string => (n === 1 ? '1 item' : `${n} items`)

/** No candidate may be chosen: is there something for a person to look at? */
const withoutCarrier = (
  product: ProductFacts,
  scored: readonly Scored[],
  config: MatchingConfig,
): Verdict => {
  const code = product.gtin14
  const parent = scored.find((c) => c.isVariationParent && c.gate === 'exact')
  if (parent) {
    const children = (parent.candidate.childAsins ?? []).slice(0, 20)
    const next =
      children.length > 0 ? `review its variations ${children.join(', ')}` : 'review its variations'
    return ambiguous(`Only the variation parent ${parent.candidate.asin} carries ${code}: ${next}.`)
  }
  const base = scored.find((c) => c.gate === 'base' && !c.isVariationParent)
  if (base) {
    return ambiguous(
      `${code} is a case; Amazon has only the item in it, ${base.candidate.asin}: accept it or give the item's own code.`,
    )
  }
  const alike = scored.find(
    (c) =>
      !c.isVariationParent &&
      c.contradictions.length === 0 &&
      (c.gate === 'unknown' ||
        (c.features.brand.value >= 0.7 && c.features.title.value >= 2 * config.reviewTitle - 1)),
  )
  if (alike) {
    const why = alike.gate === 'unknown' ? 'came without identifiers' : 'is alike but carries other codes'
    return ambiguous(`No item carries ${code}; ${alike.candidate.asin} ${why}: review it.`)
  }
  return {
    outcome: 'not_found',
    chosenAsin: null,
    reason: `Amazon returned ${items(scored.length)}, none of which carries ${code}.`,
  }
}

const decide = (product: ProductFacts, scored: readonly Scored[], config: MatchingConfig): Verdict => {
  if (scored.length === 0) {
    return { outcome: 'not_found', chosenAsin: null, reason: `Amazon has no item for ${product.gtin14}.` }
  }
  const [best, next, ...others] = scored.filter((c) => c.passes)
  if (!best) return withoutCarrier(product, scored, config)
  const { asin } = best.candidate
  if (best.contradictions.length > 0) {
    const what = next ? `the best of ${others.length + 2} items that carry` : 'the only item that carries'
    return ambiguous(`${asin}, ${what} ${product.gtin14}, is doubtful: ${best.contradictions.join('; ')}.`)
  }
  const success = (reason: string): Verdict => ({ outcome: 'success', chosenAsin: asin, reason })
  if (!next) return success(`${asin} is the only item that carries ${product.gtin14}.`)

  const margin = best.score - next.score
  const deciding = decider(best, next)
  const of = `of ${others.length + 2} items that carry ${product.gtin14}`
  if (deciding?.favours === 'best') {
    return success(`${asin} is the best ${of}, by ${labels[deciding.feature]} (${margin.toFixed(2)} ahead).`)
  }
  if (margin >= config.clearMargin || (margin >= config.minMargin && deciding === null)) {
    return success(`${asin} is the best ${of}, ${margin.toFixed(2)} ahead.`)
  }
  const why = deciding ? `and the ${labels[deciding.feature]} speaks for the second` : 'too close to call'
  return ambiguous(
    `${asin} and ${next.candidate.asin}, the best ${of}, are ${margin.toFixed(2)} apart, ${why}: review them.`,
  )
}

/**
 * Decides which of the items that Amazon returned for a code is the product. Explainable: every candidate comes back
 * with its score and the evidence. Deterministic: neither the order of the candidates nor of their codes matters.
 *
 * An item must carry the code to be chosen; a variation parent never is. Among those that carry it, pack, brand and
 * part number count more than the title, the title more than the sales rank. What is unknown counts nothing.
 */
export const matchProduct = (
  product: ProductFacts,
  candidates: readonly CandidateFacts[],
  config: MatchingConfig = defaultMatching,
): Match => {
  const gated = gateCandidates(product, candidates)
  const ranks = gated.flatMap(({ passes, candidate: { salesRank } }) =>
    passes && salesRank !== null && salesRank >= 1 ? [salesRank] : [],
  )
  const bestRank = ranks.length > 0 ? Math.min(...ranks) : null
  const ours = productTraits(product)
  // `gated` is in the order of the ASINs and sorting is stable, so equal scores stay in that order.
  const scored = gated
    .map((candidate) => score(candidate, product, ours, bestRank, config))
    .sort((a, b) => Number(b.passes) - Number(a.passes) || b.score - a.score)
  const { outcome, chosenAsin, reason } = decide(product, scored, config)

  const carriers = scored.filter((c) => c.passes)
  const best = carriers[0] ?? scored[0]
  const next = carriers[1]
  const margin = best ? round(best.score - (next?.score ?? 0)) : 0
  const separation = next ? 0.5 + 0.5 * Math.min(1, margin / (2 * config.clearMargin)) : 1
  return {
    outcome,
    chosenAsin,
    reason,
    candidates: scored.map(
      ({ candidate, score: value, reasons }): ScoredCandidate => ({
        asin: candidate.asin,
        score: value,
        reasons,
        chosen: candidate.asin === chosenAsin,
      }),
    ),
    confidence: best ? round(best.score * separation) : 0,
    margin,
  }
}
