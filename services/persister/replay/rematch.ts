import type { StandingProduct } from '#libs/db/replay/standing.ts'
import { parseCode } from '#libs/gtin/index.ts'
import { matchProduct, recallCandidates } from '#libs/matching/index.ts'
import type { ResultOutcome } from '../outcome.ts'

/**
 * An answer matched anew: by the rules of this release, and by what the catalogue says of the product now. One that comes
 * out as it did, or whose evidence this release can not read, stays as it is.
 */
export function rematched(outcome: ResultOutcome, product: StandingProduct): ResultOutcome {
  const { gtin14, candidates } = outcome
  if (!outcome.answered || gtin14 === null || candidates.length === 0) return outcome
  const code = parseCode(gtin14)
  const known = code.status === 'valid' ? { packLevel: code.packLevel, baseGtin14: code.baseGtin14 } : {}
  const facts = recallCandidates({ gtin14, ...known }, candidates)
  if (facts === null) return outcome
  const { title, brand, packQuantity } = product
  const match = matchProduct({ gtin14, title, brand, packQuantity, ...known }, facts)
  const scored = new Map(match.candidates.map((one) => [one.asin, one]))
  const same = candidates.every((candidate) => {
    const now = scored.get(candidate.asin)
    return (
      now?.chosen === candidate.chosen &&
      now.score === candidate.score &&
      now.reasons.join('\n') === candidate.reasons.join('\n')
    )
  })
  if (same && match.outcome === outcome.result) return outcome
  return {
    ...outcome,
    result: match.outcome,
    reason: outcome.repair === null ? match.reason : `${match.reason} (code repaired: ${outcome.repair})`,
    candidates: candidates.map((candidate) => {
      const { chosen, score, reasons } = scored.get(candidate.asin)!
      return { ...candidate, chosen, score, reasons }
    }),
  }
}
