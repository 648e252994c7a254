import type { Priority } from '#libs/rate-limit/port.ts'
import type { AdaptiveBatchSize } from './batch-size.ts'
import type { CatalogItem } from './catalog-answer.ts'
import { type SearchResult, searchCatalogItems } from './catalog-items.ts'
import type { Clock, SpApiLog } from './clock.ts'
import { SpApiError, type SpApiFailure } from './errors.ts'
import type { NetworkAwareClient } from './http-client.ts'
import { ASINS, CODES, checkIdentifiers, type IdentifierKind } from './identifier-kinds.ts'
import { newTally, type Tally } from './observe.ts'
import type { RefusalMemory } from './refusals.ts'

export interface LookupRequest {
  readonly marketplaceId: string
  /** 1 to 20 different codes, each of 14 digits. */
  readonly gtin14s: readonly string[]
}

export interface AsinLookupRequest {
  readonly marketplaceId: string
  /** 1 to 20 different ones. */
  readonly asins: readonly string[]
}

export interface LookupOptions {
  readonly priority?: Priority
  /** Requests of each search at most, instead of the retry policy's. */
  readonly attempts?: number | undefined
  /** Longest wait for a slot of the token bucket, in milliseconds, instead of the client's. */
  readonly maxSlotWaitMs?: number | undefined
  /**
   * Somebody waits for the answer: of several sellers, none that is away is waited for, and no request is spent on
   * finding out whose fault a failure is.
   */
  readonly impatient?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface LookupMeta {
  /** When Amazon answered, in milliseconds since the epoch; for failures, when they were certain. */
  readonly observedAt: number
  /** Amazon's part of the time of the search that decided, repeats and pages included, waits for slots not. */
  readonly responseTimeMs: number
  readonly amazonRequestId: string | null
  readonly httpStatus: number | null
  /** Requests that this code took part in. */
  readonly calls: number
}

/** What became of one code. */
export type Lookup = LookupMeta &
  (
    | {
        /** Items that carry the code; none means that the marketplace does not know it. */
        readonly kind: 'items'
        readonly items: readonly CatalogItem[]
      }
    | {
        /** Amazon refuses this very identifier. */
        readonly kind: 'rejected'
        readonly reason: string
      }
    | {
        readonly kind: 'failed'
        readonly failure: Exclude<SpApiFailure, 'rejected' | 'not_found'>
        readonly reason: string
        readonly retryAfterMs?: number
      }
  )

/** A batch of this many codes, all of them refused, was not refused for its codes. */
const SYSTEMIC_FROM = 4

export interface CodeLookupOptions {
  readonly client: NetworkAwareClient
  readonly refusals: RefusalMemory
  readonly batchSize: AdaptiveBatchSize
  readonly clock: Clock
  readonly log: SpApiLog
}

interface Refused {
  readonly kind: 'refused'
  readonly error: SpApiError
  readonly meta: LookupMeta
}

type Search =
  | { readonly kind: 'answered'; readonly result: SearchResult; readonly meta: LookupMeta }
  | { readonly kind: 'failed'; readonly error: SpApiError; readonly meta: LookupMeta }
  | Refused

/** One batch under way. */
interface Batch {
  readonly kind: IdentifierKind
  readonly marketplaceId: string
  readonly options: LookupOptions
  readonly outcomes: Map<string, Lookup>
}

/** Looks up codes, or ASINs: one search for up to twenty, joined by GTIN-14, bisected when Amazon refuses it. */
export class CodeLookup {
  readonly #options: CodeLookupOptions

  constructor(options: CodeLookupOptions) {
    this.#options = options
  }

  /**
   * One outcome per code, always: a failure is an outcome of the codes it concerns. Rejects only with
   * `INVALID_LOOKUP`, or with the signal's reason when that aborts.
   *
   * One bad identifier makes Amazon refuse a whole search without saying which it is (400), so the search is halved
   * until the bad one is refused alone. When every code of a batch of four and more is refused, the codes are not to
   * blame, and the batch is `failed` with Amazon's message.
   */
  async lookupCodes(request: LookupRequest, options: LookupOptions = {}): Promise<Map<string, Lookup>> {
    return this.#lookUp(CODES, request.marketplaceId, request.gtin14s, options)
  }

  /** The same for ASINs: the items of an outcome are the one that has it, or none. */
  async lookupAsins(request: AsinLookupRequest, options: LookupOptions = {}): Promise<Map<string, Lookup>> {
    return this.#lookUp(ASINS, request.marketplaceId, request.asins, options)
  }

  async #lookUp(
    kind: IdentifierKind,
    marketplaceId: string,
    identifiers: readonly string[],
    options: LookupOptions,
  ): Promise<Map<string, Lookup>> {
    const codes = checkIdentifiers(kind, identifiers)
    const batch: Batch = { kind, marketplaceId, options, outcomes: new Map() }
    const search = await this.#search(batch, codes, 0)
    if (search.kind === 'refused' && codes.length > 1 && !this.#isSystemic(marketplaceId))
      await this.#options.refusals.inTurn(marketplaceId, () => this.#findRefused(batch, codes, search))
    else await this.#settle(batch, codes, search)
    return new Map(codes.map((code) => [code, batch.outcomes.get(code)!]))
  }

  async #findRefused(batch: Batch, codes: readonly string[], search: Refused): Promise<void> {
    const { refusals, log } = this.#options
    const { marketplaceId, outcomes } = batch
    await this.#settle(batch, codes, search)
    const all = [...outcomes.values()].every((outcome) => outcome.kind === 'rejected')
    if (!all || codes.length < SYSTEMIC_FROM) return
    refusals.refusedAll(marketplaceId)
    log.warn({ marketplaceId, codes: codes.length }, `Amazon refuses every search: ${search.error.message}`)
    for (const [code, outcome] of outcomes) outcomes.set(code, refusedAnyway(outcome, search.error))
  }

  /** Turns a search into outcomes of its codes, with more searches where it takes them. True: all were answered. */
  async #settle(batch: Batch, codes: readonly string[], search: Search): Promise<boolean> {
    const { marketplaceId, outcomes } = batch
    const { meta } = search
    if (search.kind === 'answered' && !(search.result.truncated && codes.length > 1)) {
      this.#join(batch, codes, search.result, meta)
      return true
    }
    if (search.kind === 'failed') {
      for (const code of codes) outcomes.set(code, failed(search.error, meta))
      return false
    }
    if (search.kind === 'refused') {
      if (this.#isSystemic(marketplaceId)) {
        for (const code of codes) outcomes.set(code, refusedAnyway(meta, search.error))
        return false
      }
      if (codes.length === 1) {
        for (const code of codes)
          outcomes.set(code, { ...meta, kind: 'rejected', reason: search.error.message })
        return false
      }
    }
    return this.#halve(batch, codes, search)
  }

  /** Each half has its own outcome, whatever becomes of the other. */
  async #halve(batch: Batch, codes: readonly string[], search: Search): Promise<boolean> {
    const middle = Math.ceil(codes.length / 2)
    const [left, right] = [codes.slice(0, middle), codes.slice(middle)]
    const { calls } = search.meta
    const leftAnswered = await this.#settle(batch, left, await this.#search(batch, left, calls))
    // With the left half answered the refusal was about the right half, and to ask for all of it would tell nothing
    // new; only a code on its own is always asked for, so that none is refused by inference.
    if (search.kind === 'refused' && leftAnswered && right.length > 1)
      return this.#halve(batch, right, search)
    const rightAnswered = await this.#settle(batch, right, await this.#search(batch, right, calls))
    return leftAnswered && rightAnswered
  }

  async #search(batch: Batch, codes: readonly string[], callsBefore: number): Promise<Search> {
    const { client, clock, refusals } = this.#options
    const { kind, marketplaceId, options } = batch
    const tally = newTally()
    try {
      const { identifiersType, identifiers } = kind.express(codes)
      const result = await searchCatalogItems(
        client,
        { marketplaceId, identifiersType, identifiers },
        { ...options, tally },
      )
      refusals.answered(marketplaceId)
      const { observedAt, requestId, httpStatus } = result
      return { kind: 'answered', result, meta: meta(observedAt, requestId, httpStatus, tally, callsBefore) }
    } catch (error) {
      if (!(error instanceof SpApiError)) throw error
      const { requestId, httpStatus } = error
      const about = meta(clock.now(), requestId, httpStatus, tally, callsBefore)
      if (isNothingFound(error)) return { kind: 'answered', result: nothingFound(about), meta: about }
      return { kind: error.kind === 'rejected' ? 'refused' : 'failed', error, meta: about }
    }
  }

  #join(batch: Batch, codes: readonly string[], result: SearchResult, about: LookupMeta): void {
    const { batchSize, log } = this.#options
    const { byCode, itemsPerCode, strangers } = batch.kind.join(codes, result.items)
    // An ASIN has one item: it tells nothing of how many a code has.
    if (batch.kind === CODES) batchSize.observe(itemsPerCode)
    const { marketplaceId } = batch
    if (strangers > 0)
      log.info(
        { marketplaceId, strangers, requestId: about.amazonRequestId },
        'items carry none of the codes asked',
      )
    if (result.truncated)
      log.warn({ marketplaceId, codes }, 'Amazon has more items than it lets anybody read')
    for (const [code, items] of byCode) batch.outcomes.set(code, { ...about, kind: 'items', items })
  }

  #isSystemic(marketplaceId: string): boolean {
    return this.#options.refusals.isSystemic(marketplaceId)
  }
}

function meta(
  observedAt: number,
  amazonRequestId: string | null,
  httpStatus: number | null,
  tally: Tally,
  callsBefore: number,
): LookupMeta {
  const responseTimeMs = Math.round(tally.responseTimeMs)
  return { observedAt, responseTimeMs, amazonRequestId, httpStatus, calls: callsBefore + tally.requests }
}

function failed(error: SpApiError, about: LookupMeta): Lookup {
  const failure = error.kind === 'rejected' || error.kind === 'not_found' ? 'failed' : error.kind
  const retryAfterMs = error.retryAfterMs
  return {
    ...about,
    kind: 'failed',
    failure,
    reason: error.message,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  }
}

function refusedAnyway(about: LookupMeta, error: SpApiError): Lookup {
  const { observedAt, responseTimeMs, amazonRequestId, httpStatus, calls } = about
  const reason = `Amazon refuses every search in this marketplace, whatever the codes: ${error.message}`
  return {
    observedAt,
    responseTimeMs,
    amazonRequestId,
    httpStatus,
    calls,
    kind: 'failed',
    failure: 'failed',
    reason,
  }
}

/** A search is one query: Amazon's 404 for it speaks of all its codes. */
function isNothingFound(error: SpApiError): boolean {
  return error.kind === 'not_found' && error.amazonErrors.some(({ code }) => /^not_?found$/i.test(code))
}

function nothingFound(about: LookupMeta): SearchResult {
  return {
    items: [],
    truncated: false,
    pages: 1,
    httpStatus: 404,
    requestId: about.amazonRequestId,
    observedAt: about.observedAt,
  }
}
