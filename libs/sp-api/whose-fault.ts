import type { CodeLookups } from './index.ts'
import type { Lookup, LookupOptions } from './lookup.ts'

/** A code that no catalogue has to have: that it is looked up without an error is all that is asked. */
const ANY_CODE = '00036000291452'
/** With nine requests of ten failing, three in a row succeed once in a thousand times. A refusal is no matter of chance. */
const CONTROLS = { failed: 3, rejected: 1 } as const

/**
 * Whether an outcome may be the request's own fault as well as Amazon's: a 500, a timeout, an answer that can not be
 * read; and a refusal, where nothing of the same lookup was answered.
 */
export function mayBeItsOwn(lookup: Lookup, othersAnswered: boolean): boolean {
  if (lookup.kind === 'rejected') return !othersAnswered
  if (lookup.kind !== 'failed') return false
  const { failure, httpStatus } = lookup
  return failure === 'failed' || failure === 'timeout' || (failure === 'unavailable' && httpStatus === 500)
}

/**
 * Finds out by experiment whose fault a failure is: while Amazon answers searches for another code, one after the
 * other and without a repeat, the request that failed is to blame. `control`: a code that was answered before.
 */
export async function isToBlame(
  api: CodeLookups,
  asked: {
    readonly marketplaceId: string
    readonly control: string | null
    readonly after: keyof typeof CONTROLS
    readonly options: LookupOptions
  },
): Promise<boolean> {
  const { marketplaceId, options } = asked
  const control = asked.control ?? ANY_CODE
  for (let i = 0; i < CONTROLS[asked.after]; i++) {
    const found = await api.lookupCodes({ marketplaceId, gtin14s: [control] }, { ...options, attempts: 1 })
    if (found.get(control)?.kind !== 'items') return false
  }
  return true
}

/** Amazon answers others, so this request is to blame. */
export function itsOwn(lookup: Lookup): Lookup {
  if (lookup.kind !== 'failed') return lookup
  return { ...lookup, failure: lookup.failure === 'timeout' ? 'timeout' : 'failed' }
}

/** Nobody's request is to blame. */
export function anOutage(lookup: Lookup): Lookup {
  const { observedAt, responseTimeMs, amazonRequestId, httpStatus, calls } = lookup
  const reason = lookup.kind === 'items' ? '' : lookup.reason
  return {
    observedAt,
    responseTimeMs,
    amazonRequestId,
    httpStatus,
    calls,
    kind: 'failed',
    failure: 'unavailable',
    reason,
    ...(lookup.kind === 'failed' && lookup.retryAfterMs !== undefined
      ? { retryAfterMs: lookup.retryAfterMs }
      : {}),
  }
}
