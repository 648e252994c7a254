import { MAX_IDENTIFIERS } from './catalog-items.ts'
import type { Clock, SpApiLog } from './clock.ts'
import type { CodeLookups, SpApi } from './index.ts'
import type { AsinLookupRequest, Lookup, LookupMeta, LookupOptions, LookupRequest } from './lookup.ts'
import { findMarketplace } from './marketplaces.ts'
import type { SellerPool } from './seller-pool.ts'
import { anOutage, isToBlame, itsOwn, mayBeItsOwn } from './whose-fault.ts'

export interface SellerLookupsOptions {
  readonly pool: Pick<SellerPool, 'sellers' | 'holdUntil' | 'withSeller' | 'whyAway'>
  readonly clock: Clock
  readonly log: SpApiLog
}

/**
 * Lookups spread over the sellers of a pool. What a single request may have to answer for (a 500, a timeout, an answer
 * that can not be read) is told as `failed` or `timeout` only when Amazon answers others; otherwise it is an outage,
 * `unavailable`.
 */
export class SellerLookups implements CodeLookups {
  readonly #options: SellerLookupsOptions
  /** By marketplace, the code that was answered last. */
  readonly #answered = new Map<string, string>()

  constructor(options: SellerLookupsOptions) {
    this.#options = options
  }

  batchSize(): number {
    return Math.min(MAX_IDENTIFIERS, ...this.#options.pool.sellers.map(({ api }) => api.batchSize()))
  }

  lookupCodes(request: LookupRequest, options: LookupOptions = {}): Promise<Map<string, Lookup>> {
    const { marketplaceId } = findMarketplace(request.marketplaceId)
    return this.#lookUp(marketplaceId, request.gtin14s, options, (api, gtin14s) =>
      api.lookupCodes({ marketplaceId, gtin14s }, options),
    )
  }

  /** ASINs are looked up by who waits for them alone: whose fault a failure is, is not found out. */
  lookupAsins(request: AsinLookupRequest, options: LookupOptions = {}): Promise<Map<string, Lookup>> {
    const { marketplaceId } = findMarketplace(request.marketplaceId)
    const alone = { ...options, impatient: true }
    return this.#lookUp(marketplaceId, request.asins, alone, (api, asins) =>
      api.lookupAsins({ marketplaceId, asins }, options),
    )
  }

  async #lookUp(
    marketplaceId: string,
    codes: readonly string[],
    options: LookupOptions,
    ask: (api: SpApi, codes: readonly string[]) => Promise<Map<string, Lookup>>,
  ): Promise<Map<string, Lookup>> {
    const { pool } = this.#options
    const { signal, impatient = false } = options
    const task = {
      marketplaceId,
      operation: 'searchCatalogItems' as const,
      heldUntil: impatient ? 0 : pool.holdUntil(),
      signal,
    }
    const outcomes = new Map<string, Lookup>()
    let open: readonly string[] = [...new Set(codes)]
    while (open.length > 0) {
      const held = await pool.withSeller(task, async (api, turn, name) => {
        const found = await ask(api, open)
        const refused = [...found.values()].find(isUnauthorized)
        if (refused) turn.refused(refused.reason, refused.retryAfterMs ?? 0)
        else if ([...found.values()].some(({ httpStatus }) => httpStatus === 200)) turn.answered()
        const judged = await this.#judge({ api, name, marketplaceId, options }, found)
        for (const [code, lookup] of judged)
          outcomes.set(code, { ...lookup, calls: lookup.calls + (outcomes.get(code)?.calls ?? 0) })
        return open.filter((code) => isHeld(api, marketplaceId, judged.get(code)))
      })
      if (held === null) break
      open = held
    }
    for (const code of open) outcomes.set(code, this.#away(marketplaceId, outcomes.get(code)))
    return new Map(codes.map((code) => [code, outcomes.get(code)!]))
  }

  /** Tells failures of single requests from those of Amazon. */
  async #judge(
    { api, name, marketplaceId, options }: AskedSeller,
    found: ReadonlyMap<string, Lookup>,
  ): Promise<ReadonlyMap<string, Lookup>> {
    const { pool, log } = this.#options
    const isPatient = options.impatient !== true
    const answered = [...found].find(([, lookup]) => lookup.kind === 'items')?.[0]
    const suspects = isPatient
      ? [...found].filter(([, lookup]) => mayBeItsOwn(lookup, answered !== undefined))
      : []
    let blamed = false
    if (suspects.length > 0 && !api.circuit(marketplaceId).isOpen) {
      const control = this.#answered.get(marketplaceId)
      blamed = await isToBlame(api, {
        marketplaceId,
        control: control !== undefined && !found.has(control) ? control : (answered ?? null),
        after: suspects.some(([, lookup]) => lookup.kind === 'failed') ? 'failed' : 'rejected',
        options,
      })
    }
    if (answered !== undefined && isPatient) this.#answered.set(marketplaceId, answered)
    const judged = new Map(found)
    for (const [code, lookup] of suspects) judged.set(code, blamed ? itsOwn(lookup) : anOutage(lookup))
    if (pool.sellers.length > 1)
      for (const [code, lookup] of judged)
        if (lookup.kind === 'failed')
          judged.set(code, { ...lookup, reason: `seller ${name}: ${lookup.reason}` })
    if (suspects.length > 0)
      log.debug({ seller: name, marketplaceId, codes: suspects.length, blamed }, 'whose fault')
    return judged
  }

  /** No seller could be asked. */
  #away(marketplaceId: string, last: Lookup | undefined): Lookup {
    const { pool, clock } = this.#options
    const away = pool.whyAway(marketplaceId)
    if (last?.kind === 'failed')
      return {
        ...last,
        ...(away.retryAfterMs === undefined ? {} : { retryAfterMs: away.retryAfterMs }),
      }
    return { ...nothingAsked(clock.now()), kind: 'failed', ...away }
  }
}

interface AskedSeller {
  readonly api: SpApi
  readonly name: string
  readonly marketplaceId: string
  readonly options: LookupOptions
}

/** Whether a lookup failed because its seller can not be asked now, so that another one, or a later time, may help. */
function isHeld(api: SpApi, marketplaceId: string, lookup: Lookup | undefined): boolean {
  if (lookup?.kind !== 'failed') return false
  return (
    lookup.failure === 'unauthorized' ||
    (lookup.failure === 'unavailable' && api.circuit(marketplaceId).isOpen)
  )
}

type Failed = Lookup & { readonly kind: 'failed' }

const isUnauthorized = (lookup: Lookup): lookup is Failed =>
  lookup.kind === 'failed' && lookup.failure === 'unauthorized'

const nothingAsked = (observedAt: number): LookupMeta => ({
  observedAt,
  responseTimeMs: 0,
  amazonRequestId: null,
  httpStatus: null,
  calls: 0,
})
