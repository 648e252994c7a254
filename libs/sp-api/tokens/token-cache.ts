import { abortable } from '../abortable.ts'
import type { Clock, SpApiLog } from '../clock.ts'
import { SpApiError } from '../errors.ts'
import type { SecretScrubber } from '../secrets.ts'
import { grantKey, type IssuedToken, type TokenGrant } from './grant.ts'
import type { SharedTokens } from './shared-tokens.ts'

const FIRST_BACK_OFF_MS = 1_000
const LONGEST_BACK_OFF_MS = 30_000
/** Credentials are mended by people. */
const LONGEST_UNAUTHORIZED_MS = 60_000
/** Renewal begins this share of its life before a token expires, and at most this long. */
const RENEW_SHARE = 0.25
const LONGEST_RENEW_MS = 600_000
/** A token is not sent in the last moments of its life: it could expire on the way. */
const UNUSED_SHARE = 0.1
const LONGEST_UNUSED_MS = 30_000

export interface TokenCacheOptions {
  /** Brings a new token; rejects with a `SpApiError`. */
  readonly fetch: (grant: TokenGrant) => Promise<IssuedToken>
  /** What other processes and clients have fetched. Without it each fetches its own. */
  readonly shared?: Pick<SharedTokens, 'obtain'> | undefined
  readonly clock: Clock
  readonly log: SpApiLog
  readonly scrubber: SecretScrubber
}

interface Token extends IssuedToken {
  /** Monotonic milliseconds: from here on a new one is fetched while this one is still sent. */
  readonly renewAt: number
}

interface Entry {
  readonly grant: TokenGrant
  token: Token | null
  /** Amazon says that this one has expired, whatever its time says. */
  refused: string | null
  refreshing: Promise<string> | null
  /** The latest failure is answered again until `until`, so that a broken grant does not hammer Amazon. */
  failure: { readonly error: SpApiError; readonly until: number; readonly count: number } | null
}

/**
 * Tokens of Login with Amazon and restricted data tokens, kept per grant.
 *
 * Concurrent callers share one refresh, and with a store those of other processes do. A token is renewed in the
 * background at 75 % of its life, give or take a little so that processes do not renew in step, and at most ten minutes
 * before its end; callers wait only for a token that is not there or in the last moments of its life. Shares instead of
 * fixed margins keep tokens of seconds usable.
 */
export class TokenCache {
  readonly #options: TokenCacheOptions
  readonly #entries = new Map<string, Entry>()

  constructor(options: TokenCacheOptions) {
    this.#options = options
  }

  /**
   * A token to send. Rejects with a `SpApiError`: `unauthorized` when the grant or the application is refused,
   * `unavailable`, `timeout` or `throttled` when Amazon does not answer, the same one for a while.
   */
  async get(grant: TokenGrant, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted()
    const entry = this.#entry(grant)
    const now = this.#options.clock.monotonicMs()
    if (entry.token && now < usableUntil(entry.token)) {
      if (now >= entry.token.renewAt) this.#renewAhead(entry, now)
      return entry.token.value
    }
    return abortable(this.#refresh(entry, now), signal)
  }

  /** Amazon says that `token` has expired. Another one that has been fetched meanwhile stays. */
  invalidate(grant: TokenGrant, token: string): void {
    const entry = this.#entry(grant)
    entry.refused = token
    if (entry.token?.value === token) entry.token = null
  }

  /** How many grants are kept. Those of documents, one each, go when their tokens have expired. */
  get size(): number {
    return this.#entries.size
  }

  #entry(grant: TokenGrant): Entry {
    const key = grantKey(grant)
    let entry = this.#entries.get(key)
    if (!entry) {
      this.#forgetExpired()
      entry = { grant, token: null, refused: null, refreshing: null, failure: null }
      this.#entries.set(key, entry)
    }
    return entry
  }

  #forgetExpired(): void {
    const now = this.#options.clock.monotonicMs()
    for (const [key, { grant, token, refreshing, failure }] of this.#entries) {
      if (grant.resource === undefined || refreshing) continue
      if (now >= Math.max(token?.expiresAt ?? 0, failure?.until ?? 0)) this.#entries.delete(key)
    }
  }

  #renewAhead(entry: Entry, now: number): void {
    if (entry.refreshing || (entry.failure && now < entry.failure.until)) return
    this.#refresh(entry, now).catch((error: unknown) => {
      // The old token still works; who needs a new one will get this error or a better answer.
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.log.warn({}, `an access token could not be renewed: ${reason}`)
    })
  }

  #refresh(entry: Entry, now: number): Promise<string> {
    if (entry.refreshing) return entry.refreshing
    const { failure } = entry
    if (failure && now < failure.until)
      return Promise.reject(withRetryAfter(failure.error, Math.ceil(failure.until - now)))
    entry.refreshing = this.#obtain(entry)
      .then(
        (token) => {
          entry.token = token
          entry.failure = null
          return token.value
        },
        (error: unknown) => {
          if (!(error instanceof SpApiError)) throw error
          const wait = this.#backOffMs(failure?.count ?? 0, error)
          const until = this.#options.clock.monotonicMs() + wait
          entry.failure = { error, until, count: (failure?.count ?? 0) + 1 }
          throw withRetryAfter(error, Math.ceil(wait))
        },
      )
      .finally(() => {
        entry.refreshing = null
      })
    return entry.refreshing
  }

  async #obtain(entry: Entry): Promise<Token> {
    const { fetch, shared, scrubber, clock } = this.#options
    const { grant, token: present } = entry
    const brings = () => fetch(grant)
    const issued = shared
      ? await shared.obtain(grant, (token) => this.#isBetter(token, entry.refused, present), brings)
      : await brings()
    scrubber.remember(issued.value)
    const renewMs = Math.min(issued.lifeMs * RENEW_SHARE, LONGEST_RENEW_MS)
    return { ...issued, renewAt: issued.expiresAt - renewMs * (0.8 + 0.4 * clock.random()) }
  }

  /** Whether what another has fetched does instead of a new one. */
  #isBetter(token: IssuedToken, refused: string | null, present: Token | null): boolean {
    if (token.value === refused || token.value === present?.value) return false
    return (
      this.#options.clock.monotonicMs() < usableUntil(token) && token.expiresAt > (present?.expiresAt ?? 0)
    )
  }

  #backOffMs(failures: number, error: SpApiError): number {
    const longest = error.kind === 'unauthorized' ? LONGEST_UNAUTHORIZED_MS : LONGEST_BACK_OFF_MS
    const ceiling = Math.min(FIRST_BACK_OFF_MS * 2 ** failures, longest)
    return Math.max(ceiling * (0.5 + this.#options.clock.random() / 2), error.retryAfterMs ?? 0)
  }
}

/** Monotonic milliseconds: from here on callers wait for a new one. */
function usableUntil({ expiresAt, lifeMs }: IssuedToken): number {
  return expiresAt - Math.min(lifeMs * UNUSED_SHARE, LONGEST_UNUSED_MS)
}

function withRetryAfter(error: SpApiError, retryAfterMs: number): SpApiError {
  const { operation, httpStatus, requestId } = error
  // Whatever is wrong with the answers about tokens, nobody's request has failed for it.
  const kind = error.kind === 'failed' ? 'unavailable' : error.kind
  return new SpApiError({ kind, operation, httpStatus, requestId, retryAfterMs }, error.message)
}
