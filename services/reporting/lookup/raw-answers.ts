import { INCLUDED_DATA, type SellerPool, type SpApi, SpApiError } from '#libs/sp-api/index.ts'
import { getCatalogItem, type Item } from '#libs/sp-api/operations/generated/catalog-items-2022-04-01.ts'
import { type Failure, failureOf, refused, timedOut, unconfigured } from './failure.ts'
import { isTimeout } from './time-limit.ts'

const OPERATION = 'getCatalogItem'

export type RawFinding =
  | {
      readonly kind: 'answered'
      readonly operation: typeof OPERATION
      /** ISO 8601, UTC. */
      readonly observedAt: string
      readonly requestId: string | null
      /** Amazon's document by its own names; what is null there is left out. */
      readonly answer: Item
    }
  /** Amazon does not know it. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly failure: Failure }

export interface RawAnswersOptions {
  /** Null: Amazon can not be asked, for this reason. */
  readonly pool: Pick<SellerPool, 'withSeller' | 'whyAway' | 'sellers'> | null
  /** Why Amazon can not be asked in a marketplace; null when it can. */
  readonly whyNot: (marketplaceId: string) => string | null
  /** A slot that is further away than this is not waited for, in milliseconds. */
  readonly timeoutMs: number
}

/**
 * What Amazon itself says of an item, asked for each time: it is not kept. By `getCatalogItem`, whose quota nobody else
 * spends, so that looking does not hold a sync up.
 */
export class RawAnswers {
  readonly #options: RawAnswersOptions

  constructor(options: RawAnswersOptions) {
    this.#options = options
  }

  /** Rejects with the signal's reason unless that is a `TimeoutError`, which is a failure. */
  async item(marketplaceId: string, asin: string, signal: AbortSignal): Promise<RawFinding> {
    const { pool, whyNot, timeoutMs } = this.#options
    const why = whyNot(marketplaceId)
    if (pool === null || why !== null) return failed(unconfigured(why ?? 'Amazon can not be asked'))
    try {
      return await this.#ask(pool, marketplaceId, asin, signal)
    } catch (error) {
      if (!isTimeout(error)) throw error
      return failed(timedOut(timeoutMs))
    }
  }

  /** Of one seller after the other, while they can not be asked. None that is away is waited for. */
  async #ask(
    pool: NonNullable<RawAnswersOptions['pool']>,
    marketplaceId: string,
    asin: string,
    signal: AbortSignal,
  ): Promise<RawFinding> {
    const { timeoutMs } = this.#options
    const task = { marketplaceId, operation: OPERATION, heldUntil: 0, signal } as const
    for (let last: SpApiError | null = null; ; ) {
      const outcome = await pool.withSeller(task, async (api, turn, name) => {
        const found = await this.#request(api, marketplaceId, asin, signal)
        if (!(found instanceof SpApiError) || isUnknownItem(found)) turn.answered()
        else if (found.kind === 'unauthorized') turn.refused(found.message, found.retryAfterMs ?? 0)
        const held = found instanceof SpApiError && isHeld(api, marketplaceId, found)
        return { found, held, seller: pool.sellers.length > 1 ? `seller ${name}: ` : '' }
      })
      if (outcome === null) {
        const away = pool.whyAway(marketplaceId, OPERATION)
        return failed(failureOf(last ? { ...away, reason: last.message } : away, timeoutMs))
      }
      const { found, held, seller } = outcome
      if (!(found instanceof SpApiError)) return found
      if (!held) return findingOf(found, seller, timeoutMs)
      last = found
    }
  }

  async #request(
    api: SpApi,
    marketplaceId: string,
    asin: string,
    signal: AbortSignal,
  ): Promise<(RawFinding & { readonly kind: 'answered' }) | SpApiError> {
    const maxSlotWaitMs = this.#options.timeoutMs
    try {
      const { body, receivedAt, requestId } = await api.call(
        getCatalogItem,
        { asin, marketplaceIds: [marketplaceId], includedData: INCLUDED_DATA },
        { priority: 'urgent', maxSlotWaitMs, signal },
      )
      const observedAt = new Date(receivedAt).toISOString()
      return { kind: 'answered', operation: OPERATION, observedAt, requestId, answer: body }
    } catch (error) {
      if (error instanceof SpApiError) return error
      throw error
    }
  }
}

const failed = (failure: Failure): RawFinding => ({ kind: 'failed', failure })

/** A 404 without Amazon's word for it comes from the way there. */
const isUnknownItem = ({ kind, amazonErrors }: SpApiError): boolean =>
  kind === 'not_found' && amazonErrors.some(({ code }) => /^not_?found$/i.test(code))

/** Whether another seller may be able to ask. */
const isHeld = (api: SpApi, marketplaceId: string, { kind }: SpApiError): boolean =>
  kind === 'unauthorized' || (kind === 'unavailable' && api.circuit(marketplaceId, OPERATION).isOpen)

function findingOf(error: SpApiError, seller: string, timeoutMs: number): RawFinding {
  const { kind, message, retryAfterMs } = error
  if (isUnknownItem(error)) return { kind: 'unknown' }
  if (kind === 'rejected') return failed(refused(message))
  const failure = kind === 'not_found' ? 'failed' : kind
  const reason = `${seller}${message}`
  return failed(failureOf({ failure, reason, ...(retryAfterMs === null ? {} : { retryAfterMs }) }, timeoutMs))
}
