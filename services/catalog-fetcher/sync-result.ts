import { parseCode } from '#libs/gtin/index.ts'
import { matchProduct } from '#libs/matching/index.ts'
import { type CatalogCandidate, type Lookup, toCandidate } from '#libs/sp-api/index.ts'
import type { SyncRequest } from '#schemas/generated/sync-request.ts'
import type { Candidate, SyncResult } from '#schemas/generated/sync-result.ts'

const OPERATION = 'catalogItems_2022-04-01.searchCatalogItems'
/** Amazon was not asked. */
const NO_OPERATION = 'none'
/** Longest reason that is kept, in characters. */
const MAX_REASON = 500
/** So many candidates always fit into a record, by the limits of `toCandidate`. */
const FEW_CANDIDATES = 10
/** What the candidates of one result may weigh, as JSON: brokers take records of up to 1 MiB. */
const MAX_CANDIDATES_BYTES = 900_000

/** The result of a product whose code is not worth a call. */
export function unaskedResult(request: SyncRequest, now: number): SyncResult {
  return {
    ...common(request),
    outcome: request.codeStatus === 'restricted' ? 'restricted' : 'invalid_upc',
    reason: brief(request.codeReason),
    operation: NO_OPERATION,
    observedAt: now,
  }
}

/**
 * The result of a product whose code was looked up. `lookups` also has the item in the case, for case codes that Amazon
 * does not know.
 */
export function lookedUpResult(
  request: SyncRequest,
  lookup: Lookup,
  lookups: ReadonlyMap<string, Lookup>,
): SyncResult {
  const told = {
    operation: OPERATION,
    observedAt: lookup.observedAt,
    responseTimeMs: Math.round(lookup.responseTimeMs),
    amazonRequestId: lookup.amazonRequestId,
    httpStatus: lookup.httpStatus,
  }
  if (lookup.kind === 'rejected') {
    return {
      ...common(request),
      ...told,
      outcome: 'invalid_upc',
      reason: brief(`Amazon refuses the code: ${lookup.reason}`),
    }
  }
  if (lookup.kind === 'failed') {
    return {
      ...common(request),
      ...told,
      outcome: lookup.failure,
      reason: brief(lookup.reason),
      retryAfterMs: lookup.retryAfterMs ?? null,
    }
  }
  return { ...common(request), ...told, ...matched(request, lookup, lookups) }
}

function matched(
  request: SyncRequest,
  lookup: Lookup & { readonly kind: 'items' },
  lookups: ReadonlyMap<string, Lookup>,
): Pick<SyncResult, 'outcome' | 'reason' | 'candidates'> | FailedBase {
  const gtin14 = request.gtin14 ?? ''
  const code = parseCode(gtin14)
  const baseGtin14 = code.status === 'valid' ? code.baseGtin14 : null
  const base = lookup.items.length === 0 && baseGtin14 !== null ? lookups.get(baseGtin14) : undefined
  if (base?.kind === 'failed') {
    return {
      outcome: base.failure,
      reason: brief(`the item in the case: ${base.reason}`),
      retryAfterMs: base.retryAfterMs ?? null,
      candidates: [],
    }
  }
  const items = base?.kind === 'items' ? base.items : lookup.items
  const candidates = new Map(
    items.map((item) => {
      const candidate = toCandidate(item, request.marketplaceId)
      return [candidate.asin, candidate]
    }),
  )
  const match = matchProduct(
    {
      gtin14,
      title: request.title,
      brand: request.brand,
      packQuantity: request.packQuantity,
      ...(code.status === 'valid' ? { packLevel: code.packLevel, baseGtin14 } : {}),
    },
    [...candidates.values()],
  )
  const repaired = request.repair === null ? '' : ` (code repaired: ${request.repair})`
  const records = match.candidates.flatMap(({ asin, chosen, score, reasons }) => {
    const candidate = candidates.get(asin)
    return candidate ? [toCandidateRecord(candidate, { chosen, score, reasons: [...reasons] })] : []
  })
  const kept = thatFit(records)
  const cut = kept.length < records.length ? ` (the best ${kept.length} of ${records.length} are kept)` : ''
  return { outcome: match.outcome, reason: brief(`${match.reason}${repaired}${cut}`), candidates: kept }
}

/** The best ones that fit into a record: a result that the log refuses would end every fetcher that comes to it. */
function thatFit(candidates: Candidate[]): Candidate[] {
  if (candidates.length <= FEW_CANDIDATES) return candidates
  let bytes = 0
  const end = candidates.findIndex((candidate) => {
    bytes += Buffer.byteLength(JSON.stringify(candidate))
    return bytes > MAX_CANDIDATES_BYTES
  })
  return end < 0 ? candidates : candidates.slice(0, end)
}

type FailedBase = Pick<SyncResult, 'outcome' | 'reason' | 'candidates' | 'retryAfterMs'>

function toCandidateRecord(
  candidate: CatalogCandidate,
  verdict: Pick<Candidate, 'chosen' | 'score' | 'reasons'>,
): Candidate {
  return {
    asin: candidate.asin,
    ...verdict,
    title: candidate.title,
    brand: candidate.brand,
    productType: candidate.productType,
    itemClassification: candidate.itemClassification,
    packageQuantity: candidate.packageQuantity,
    salesRank: candidate.salesRank,
    salesRankCategory: candidate.salesRankCategory,
    imageUrl: candidate.imageUrl,
    dimensions: candidate.dimensions === null ? null : JSON.stringify(candidate.dimensions),
  }
}

/** What every result carries, with nothing told. */
function common(request: SyncRequest): SyncResult {
  return {
    productId: request.productId,
    marketplaceId: request.marketplaceId,
    attempt: request.attempt,
    outcome: 'failed',
    reason: null,
    gtin14: request.gtin14,
    repair: request.repair,
    candidates: [],
    operation: NO_OPERATION,
    observedAt: 0,
    responseTimeMs: null,
    amazonRequestId: null,
    httpStatus: null,
    retryAfterMs: null,
  }
}

function brief(text: string | null): string | null {
  return text !== null && text.length > MAX_REASON ? `${text.slice(0, MAX_REASON - 1)}…` : text
}
