import { z } from 'zod'
import { clip, parseBody, retryAfterOf } from './classify.ts'
import type { Clock, SpApiLog } from './clock.ts'
import { SpApiError, type SpApiFailure } from './errors.ts'
import type { FinishedRequest } from './observe.ts'
import type { GrantlessScope } from './operations/traits.ts'
import type { SecretScrubber } from './secrets.ts'
import type { HttpAnswer, HttpTransport } from './transport.ts'

/** The name under which token requests are observed and fail. */
export const TOKEN_OPERATION = 'getAccessToken'

const TRIES = 3
/** Callers wait for all tries together, so none begins later than this. */
const LAST_TRY_AFTER_MS = 10_000
const FIRST_PAUSE_MS = 250
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

/** Credentials of the application at Login with Amazon. */
export interface LwaApplication {
  readonly clientId: string
  readonly clientSecret: string
}

/** What a token is asked for with: a seller's refresh token, or a scope of the application's own. */
export type TokenGrant = { readonly refreshToken: string } | { readonly scope: GrantlessScope }

export interface TokenCacheOptions {
  readonly application: LwaApplication
  readonly tokenUrl: URL
  readonly transport: HttpTransport
  readonly clock: Clock
  readonly log: SpApiLog
  readonly scrubber: SecretScrubber
  readonly userAgent: string
  readonly onRequest: (request: FinishedRequest) => void
}

interface Token {
  readonly value: string
  /** Monotonic milliseconds: from here on a new one is fetched while this one is still sent. */
  readonly renewAt: number
  /** Monotonic milliseconds: from here on callers wait for a new one. */
  readonly useUntil: number
}

interface Entry {
  readonly grant: TokenGrant
  token: Token | null
  refreshing: Promise<string> | null
  /** The latest failure is answered again until `until`, so that a broken grant does not hammer Amazon. */
  failure: { readonly error: SpApiError; readonly until: number; readonly count: number } | null
}

/**
 * Access tokens of Login with Amazon (refresh_token and client_credentials grants), kept per grant.
 *
 * Concurrent callers share one refresh. A token is renewed in the background at 75 % of its life, give or take a
 * little so that processes do not renew in step, and at most ten minutes before its end; callers wait only for a token
 * that is not there or in the last moments of its life. Shares instead of fixed margins keep tokens of seconds usable.
 */
export class TokenCache {
  readonly #options: TokenCacheOptions
  readonly #entries = new Map<string, Entry>()

  constructor(options: TokenCacheOptions) {
    this.#options = options
  }

  /**
   * A token to send. Rejects with a `SpApiError`: `unauthorized` when the grant or the application is refused,
   * `unavailable`, `timeout` or `throttled` when Login with Amazon does not answer, the same one for a while.
   */
  async get(grant: TokenGrant, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted()
    const entry = this.#entry(grant)
    const now = this.#options.clock.monotonicMs()
    if (entry.token && now < entry.token.useUntil) {
      if (now >= entry.token.renewAt) this.#renewAhead(entry, now)
      return entry.token.value
    }
    return abortable(this.#refresh(entry, now), signal)
  }

  /** Amazon says that `token` has expired. Another one that has been fetched meanwhile stays. */
  invalidate(grant: TokenGrant, token: string): void {
    const entry = this.#entry(grant)
    if (entry.token?.value === token) entry.token = null
  }

  #entry(grant: TokenGrant): Entry {
    const key = 'scope' in grant ? `scope ${grant.scope}` : `seller ${grant.refreshToken}`
    let entry = this.#entries.get(key)
    if (!entry) {
      entry = { grant, token: null, refreshing: null, failure: null }
      this.#entries.set(key, entry)
    }
    return entry
  }

  #renewAhead(entry: Entry, now: number): void {
    if (entry.refreshing || (entry.failure && now < entry.failure.until)) return
    this.#refresh(entry, now).catch((error: unknown) => {
      // The old token still works; who needs a new one will get this error or a better answer.
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.log.warn(
        { operation: TOKEN_OPERATION },
        `the access token could not be renewed: ${reason}`,
      )
    })
  }

  #refresh(entry: Entry, now: number): Promise<string> {
    if (entry.refreshing) return entry.refreshing
    const { failure } = entry
    if (failure && now < failure.until)
      return Promise.reject(withRetryAfter(failure.error, Math.ceil(failure.until - now)))
    entry.refreshing = this.#fetch(entry.grant)
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

  #backOffMs(failures: number, error: SpApiError): number {
    const longest = error.kind === 'unauthorized' ? LONGEST_UNAUTHORIZED_MS : LONGEST_BACK_OFF_MS
    const ceiling = Math.min(FIRST_BACK_OFF_MS * 2 ** failures, longest)
    return Math.max(ceiling * (0.5 + this.#options.clock.random() / 2), error.retryAfterMs ?? 0)
  }

  async #fetch(grant: TokenGrant): Promise<Token> {
    const { clock } = this.#options
    const startedAt = clock.monotonicMs()
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#fetchOnce(grant, attempt)
      } catch (error) {
        if (!(error instanceof SpApiError) || !error.transient || attempt >= TRIES) throw error
        if (clock.monotonicMs() - startedAt > LAST_TRY_AFTER_MS) throw error
        await clock.sleep(clock.random() * FIRST_PAUSE_MS * 2 ** attempt)
      }
    }
  }

  async #fetchOnce(grant: TokenGrant, attempt: number): Promise<Token> {
    const { application, tokenUrl, transport, clock, userAgent, onRequest } = this.#options
    const startedAt = clock.monotonicMs()
    let httpStatus: number | null = null
    let outcome: SpApiFailure | 'ok' = 'failed'
    try {
      const answer = await transport.send({
        operation: TOKEN_OPERATION,
        method: 'POST',
        url: tokenUrl,
        headers: {
          'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
          accept: 'application/json',
          'user-agent': userAgent,
        },
        body: new URLSearchParams({
          ...('scope' in grant
            ? { grant_type: 'client_credentials', scope: grant.scope }
            : { grant_type: 'refresh_token', refresh_token: grant.refreshToken }),
          client_id: application.clientId,
          client_secret: application.clientSecret,
        }).toString(),
      })
      httpStatus = answer.status
      const token = this.#read(answer, startedAt)
      outcome = 'ok'
      return token
    } catch (error) {
      if (error instanceof SpApiError) outcome = error.kind
      throw error
    } finally {
      const durationMs = clock.monotonicMs() - startedAt
      onRequest({
        operation: TOKEN_OPERATION,
        marketplaceId: null,
        httpStatus,
        requestId: null,
        outcome,
        attempt,
        durationMs,
        slotWaitMs: 0,
      })
    }
  }

  #read(answer: HttpAnswer, startedAt: number): Token {
    const { scrubber, clock } = this.#options
    const body = parseBody(answer)
    if (answer.status !== 200)
      throw lwaError(answer, body.kind === 'json' ? body.value : {}, (text) => scrubber.scrub(text))
    const parsed = body.kind === 'json' ? lwaToken.safeParse(body.value) : null
    if (!parsed?.success)
      throw new SpApiError(
        { kind: 'unavailable', transient: true, operation: TOKEN_OPERATION, httpStatus: 200 },
        `Login with Amazon answered without a usable token${body.kind === 'other' ? ` (${body.reason})` : ''}: check LWA_ENDPOINT`,
      )
    const { access_token: value, expires_in: seconds } = parsed.data
    scrubber.remember(value)
    // Counted from before the request, as Amazon's count may have begun any time since.
    const expiresAt = startedAt + seconds * 1_000
    const renewMs = Math.min(seconds * 1_000 * RENEW_SHARE, LONGEST_RENEW_MS)
    return {
      value,
      renewAt: expiresAt - renewMs * (0.8 + 0.4 * clock.random()),
      useUntil: expiresAt - Math.min(seconds * 1_000 * UNUSED_SHARE, LONGEST_UNUSED_MS),
    }
  }
}

const lwaToken = z.object({
  // Visible ASCII only: it becomes a header.
  access_token: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
  // Whole seconds: a test server's shorter life comes as 0, and such a token is used once.
  expires_in: z.number().nonnegative(),
})

/** What each OAuth error means here, and what helps. Source: RFC 6749 §5.2; Amazon's "Authorization errors". */
const lwaAdvice: Readonly<Record<string, string>> = {
  invalid_grant:
    'the refresh token is revoked, expired or of another application: authorise the application again in Seller Central and set SP_API_REFRESH_TOKEN',
  invalid_client:
    'client id or secret are wrong, or the secret was rotated: set SP_API_CLIENT_ID and SP_API_CLIENT_SECRET from the developer console',
  unauthorized_client:
    'this application may not use this grant: check that SP_API_REFRESH_TOKEN was issued to SP_API_CLIENT_ID',
  invalid_request: 'check SP_API_CLIENT_ID, SP_API_CLIENT_SECRET, SP_API_REFRESH_TOKEN and LWA_ENDPOINT',
  unsupported_grant_type: 'check LWA_ENDPOINT',
  invalid_scope: 'check the roles of the application',
}

function lwaError(answer: HttpAnswer, body: object, scrub: (text: string) => string): SpApiError {
  const oauth = 'error' in body && typeof body.error === 'string' ? body.error : null
  const advice = oauth === null || answer.status >= 500 ? undefined : lwaAdvice[oauth]
  const status = answer.status
  const kind: SpApiFailure =
    advice !== undefined ? 'unauthorized' : status === 429 ? 'throttled' : 'unavailable'
  const said = oauth === null ? '' : ` ${clip(scrub(oauth))}`
  return new SpApiError(
    {
      kind,
      // Only what passes by itself within a second; a 404 or a 429 does not.
      transient: status >= 500,
      operation: TOKEN_OPERATION,
      httpStatus: status,
      retryAfterMs: retryAfterOf(answer),
    },
    `Login with Amazon answered ${status}${said}: ${advice ?? (status >= 500 || status === 429 ? 'it is asked again later' : 'check LWA_ENDPOINT')}`,
  )
}

function withRetryAfter(error: SpApiError, retryAfterMs: number): SpApiError {
  const { operation, httpStatus, requestId } = error
  // Whatever is wrong with the answers of Login with Amazon, nobody's request has failed for it.
  const kind = error.kind === 'failed' ? 'unavailable' : error.kind
  return new SpApiError({ kind, operation, httpStatus, requestId, retryAfterMs }, error.message)
}

/** Waits for shared work without owning it: an abort ends the wait, not the work. */
async function abortable<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
