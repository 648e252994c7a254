/** Which of Amazon's items a product is, and why. */
export { defaultMatching, type MatchingConfig, type MatchingFactors, type MatchingWeights } from './config.ts'
export { matchProduct } from './match.ts'
export { recallCandidates, type StoredCandidate } from './recall.ts'
export type { CandidateFacts, Match, ProductFacts, ScoredCandidate } from './types.ts'
