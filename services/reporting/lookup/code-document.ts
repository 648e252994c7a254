import type { KnownPrice, ProductOfCode } from '#libs/db/lookups.ts'
import { type CodeProposal, isbn10Of, type ParsedCode, parseCode, proposeCodes } from '#libs/gtin/index.ts'
import { matchProduct } from '#libs/matching/index.ts'
import { ASIN_PATTERN, type Marketplace } from '#libs/sp-api/index.ts'
import type { Failure } from './failure.ts'
import { type ItemDocument, type ItemView, itemDocument, itemView, placeOf } from './item-document.ts'
import { candidateFacts, type ItemFacts } from './item-facts.ts'
import type { AskedCode, ProductFactsAsked } from './lookup-request.ts'
import type { CodeFinding, CodeToFind, ItemFinding, Source } from './lookups.ts'

/** A code as somebody wrote it, and what is to be looked up for it. */
export type ReadCode = { readonly asked: AskedCode } & (
  | {
      readonly kind: 'code'
      readonly parsed: ParsedCode & { readonly status: 'valid' }
      readonly find: CodeToFind
    }
  | { readonly kind: 'asin'; readonly asin: string }
  | { readonly kind: 'unusable'; readonly diagnosis: Diagnosis }
)

/** Why a code can not be looked up, and what may have been meant. */
export interface Diagnosis {
  readonly status: 'invalid' | 'restricted'
  readonly code: string
  readonly reason: string
  /** Guesses for a person to take or leave, the likeliest first. */
  readonly proposals: readonly CodeProposal[]
}

/** What the candidates were compared with beside the code. */
export interface MatchedAgainst extends ProductFactsAsked {
  readonly from: 'request' | 'catalogue'
  /** Of the product of the catalogue. */
  readonly sku: string | null
}

export interface CandidateView extends ItemView {
  readonly chosen: boolean
  /** 0 to 1. */
  readonly score: number
  readonly reasons: readonly string[]
}

export interface CodeDocument {
  /** As it was asked for. */
  readonly code: string
  readonly success: boolean
  /** What the code is; null: none. An ASIN is looked up as the item that has it. */
  readonly kind: string | null
  readonly gtin14: string | null
  /** What was done to the code to read it. */
  readonly repair: string | null
  readonly flags: readonly string[]
  /** GTIN-14s of its other readings, which were not looked up. */
  readonly alternatives: readonly string[]
  readonly note: string | null
  readonly diagnosis: Diagnosis | null
  readonly outcome: 'success' | 'ambiguous' | 'not_found' | null
  readonly chosenAsin: string | null
  /** Why one was chosen, or none. */
  readonly reason: string | null
  /** 0 to 1; null where a product's own match is told. */
  readonly confidence: number | null
  readonly matchedAgainst: MatchedAgainst | null
  /** Best first. */
  readonly candidates: readonly CandidateView[]
  readonly marketplaceId: string
  readonly countryCode: string
  readonly source: Source['source'] | null
  readonly observedAt: string | null
  readonly error: Failure | null
}

/** Reads a code; an ASIN in its place is one. */
export function readCode(asked: AskedCode): ReadCode {
  const written = asked.code.trim().toUpperCase()
  const parsed = parseCode(asked.code)
  if (parsed.status === 'valid') {
    const { gtin14, baseGtin14 } = parsed
    return { asked, kind: 'code', parsed, find: { gtin14, baseGtin14, forms: formsOf(gtin14, asked.code) } }
  }
  // Ten digits that are no ISBN-10 are a code that is wrong rather than an item.
  const isWord = parsed.code === 'ASIN' || parsed.code === 'NOT_DIGITS'
  if (isWord && /^[A-Z]/.test(written) && ASIN_PATTERN.test(written))
    return { asked, kind: 'asin', asin: written }
  const { status, code, reason } = parsed
  return { asked, kind: 'unusable', diagnosis: { status, code, reason, proposals: proposeCodes(asked.code) } }
}

/** The document of a code that is none. */
export function unusableDocument(code: string, diagnosis: Diagnosis, marketplace: Marketplace): CodeDocument {
  const { reason, proposals } = diagnosis
  const [first] = proposals
  const message = first ? `${reason} Perhaps ${first.code} is meant: ${first.why}.` : reason
  return {
    ...nothing(code, marketplace),
    diagnosis,
    error: { code: 'invalid-code', message, retryAfterSeconds: null },
  }
}

/** An ASIN that was asked for as a code: the item that has it is its one candidate. */
export function asinDocument(
  code: string,
  asin: string,
  finding: ItemFinding,
  marketplace: Marketplace,
  price: KnownPrice | undefined,
): CodeDocument {
  const item: ItemDocument = itemDocument(asin, finding, marketplace, price)
  const { source, observedAt, error } = item
  const common = {
    ...nothing(code, marketplace),
    kind: 'ASIN',
    note: `${asin} is an ASIN, Amazon's own number of an item, and no product code: it was looked up as that item`,
    source,
    observedAt,
    error,
  }
  if (finding.kind !== 'found')
    return {
      ...common,
      outcome: finding.kind === 'unknown' ? 'not_found' : null,
      reason: error?.message ?? null,
    }
  const reason = `${asin} is the item itself`
  const candidate = { ...itemView(finding.facts, price), asin, chosen: true, score: 1, reasons: [reason] }
  return {
    ...common,
    success: true,
    outcome: 'success',
    chosenAsin: asin,
    reason,
    confidence: 1,
    candidates: [candidate],
  }
}

/** A code with every item that Amazon has for it, and why one was chosen. */
export function codeDocument(
  { asked, parsed }: ReadCode & { readonly kind: 'code' },
  finding: CodeFinding,
  marketplace: Marketplace,
  prices: ReadonlyMap<string, KnownPrice>,
): CodeDocument {
  const { kind, gtin14, repair, flags, alternatives } = parsed
  const common = { ...nothing(asked.code, marketplace), kind, gtin14, repair, flags, alternatives }
  if (finding.kind === 'failed') return { ...common, error: finding.failure }
  const { source, observedAt, product } = finding
  const view = (facts: ItemFacts) => itemView(facts, prices.get(facts.asin))
  if (finding.kind === 'matched') {
    const { state, reason, candidates } = finding.answer
    return {
      ...common,
      ...answered(state, gtin14, marketplace),
      source,
      observedAt,
      chosenAsin: candidates.find(({ chosen }) => chosen)?.asin ?? null,
      reason,
      matchedAgainst: product && catalogueFacts(product),
      candidates: candidates.map((candidate) => {
        const { chosen, score, reasons } = candidate
        return { ...view(candidateFacts(candidate)), chosen, score, reasons }
      }),
    }
  }
  const against = asked.facts
    ? { ...asked.facts, from: 'request' as const, sku: null }
    : product && catalogueFacts(product)
  const { title, brand, packQuantity } = against ?? UNKNOWN
  const { packLevel, baseGtin14 } = parsed
  const byAsin = new Map(finding.items.map((facts) => [facts.asin, facts]))
  const match = matchProduct(
    { gtin14, title, brand, packQuantity, packLevel, baseGtin14 },
    [...byAsin.values()].map(({ gtin14s, parentAsins, childAsins, ...facts }) => ({
      ...facts,
      gtin14s: gtin14s ?? [],
      parentAsins: parentAsins ?? [],
      childAsins: childAsins ?? [],
    })),
  )
  return {
    ...common,
    ...answered(match.outcome, gtin14, marketplace),
    source,
    observedAt,
    chosenAsin: match.chosenAsin,
    reason: match.reason,
    confidence: match.confidence,
    matchedAgainst: against,
    candidates: match.candidates.map(({ asin, chosen, score, reasons }) => ({
      ...view(byAsin.get(asin)!),
      chosen,
      score,
      reasons,
    })),
  }
}

/** ASINs whose prices a finding shows. */
export function asinsOf(finding: CodeFinding | ItemFinding): readonly string[] {
  if (finding.kind === 'items') return finding.items.map(({ asin }) => asin)
  if (finding.kind === 'matched') return finding.answer.candidates.map(({ asin }) => asin)
  return finding.kind === 'found' ? [finding.facts.asin] : []
}

const nothing = (code: string, marketplace: Marketplace): CodeDocument => ({
  code,
  success: false,
  kind: null,
  gtin14: null,
  repair: null,
  flags: [],
  alternatives: [],
  note: null,
  diagnosis: null,
  outcome: null,
  chosenAsin: null,
  reason: null,
  confidence: null,
  matchedAgainst: null,
  candidates: [],
  ...placeOf(marketplace),
  source: null,
  observedAt: null,
  error: null,
})

/** Success is that Amazon has items for the code, whether one of them could be chosen or not. */
function answered(
  outcome: 'success' | 'ambiguous' | 'not_found',
  gtin14: string,
  { countryCode, domain }: Marketplace,
): Pick<CodeDocument, 'success' | 'outcome' | 'error'> {
  if (outcome !== 'not_found') return { success: true, outcome, error: null }
  const message = `Amazon has no item with ${gtin14} in ${countryCode} (${domain})`
  return { success: false, outcome, error: { code: 'not-found', message, retryAfterSeconds: null } }
}

const UNKNOWN: ProductFactsAsked = { title: null, brand: null, packQuantity: null }

function catalogueFacts({ title, brand, packQuantity, sku }: ProductOfCode): MatchedAgainst {
  return { from: 'catalogue', sku, title, brand, packQuantity }
}

/** The code as catalogues write it: padded or not, as an ISBN-10, and as it was asked for. */
function formsOf(gtin14: string, written: string): readonly string[] {
  const zeros = /^0*/.exec(gtin14)![0].length
  const cuts = [0, 1, 2, 3, 6].filter((cut) => cut <= zeros).map((cut) => gtin14.slice(cut))
  return [...new Set([...cuts, isbn10Of(gtin14) ?? gtin14, written.replaceAll('\0', '').trim()])]
}
