import { z } from 'zod'
import { clip, parseBody, retryAfterOf } from '../classify.ts'
import type { Clock, SpApiLog } from '../clock.ts'
import { SpApiError, type SpApiErrorFields, type SpApiFailure } from '../errors.ts'
import type { FinishedRequest } from '../observe.ts'
import type { SecretScrubber } from '../secrets.ts'
import type { HttpAnswer, HttpTransport } from '../transport.ts'
import type { IssuedToken, LwaApplication, TokenGrant } from './grant.ts'

/** The name under which token requests are observed and fail. */
export const TOKEN_OPERATION = 'getAccessToken'

const TRIES = 3
/** Callers wait for all tries together, so none begins later than this. */
const LAST_TRY_AFTER_MS = 10_000
const FIRST_PAUSE_MS = 250

export interface LoginWithAmazonOptions {
  readonly application: LwaApplication
  readonly tokenUrl: URL
  readonly transport: HttpTransport
  readonly clock: Clock
  readonly log: SpApiLog
  readonly scrubber: SecretScrubber
  readonly userAgent: string
  readonly onRequest: (request: FinishedRequest) => void
}

/** Grants that Login with Amazon gives tokens for. */
export type LwaGrant = Exclude<TokenGrant, { readonly resource: object }>

/** Asks Login with Amazon for access tokens: refresh_token and client_credentials grants. */
export class LoginWithAmazon {
  readonly #options: LoginWithAmazonOptions
  /** Which client secret Login with Amazon took last. */
  #taken: 'newer' | 'older' = 'newer'

  constructor(options: LoginWithAmazonOptions) {
    this.#options = options
  }

  /** A new token. Rejects with a `SpApiError`; what passes by itself is tried three times. */
  async fetch(grant: LwaGrant): Promise<IssuedToken> {
    const { clientSecret, previousClientSecret } = this.#options.application
    try {
      const token = await this.#fetchWith(grant, clientSecret)
      if (this.#taken === 'older')
        this.#options.log.info(
          { operation: TOKEN_OPERATION },
          'Login with Amazon takes the newer client secret',
        )
      this.#taken = 'newer'
      return token
    } catch (error) {
      if (!isInvalidClient(error) || previousClientSecret === undefined) throw error
      const token = await this.#fetchWith(grant, previousClientSecret).catch((older: unknown) => {
        throw isInvalidClient(older) ? error : older
      })
      if (this.#taken === 'newer')
        this.#options.log.warn(
          { operation: TOKEN_OPERATION },
          'Login with Amazon refuses the newer client secret and takes the one before it, which ends seven days after the rotation: check SP_API_CLIENT_SECRET',
        )
      this.#taken = 'older'
      return token
    }
  }

  async #fetchWith(grant: LwaGrant, clientSecret: string): Promise<IssuedToken> {
    const { clock } = this.#options
    const startedAt = clock.monotonicMs()
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#fetchOnce(grant, clientSecret, attempt)
      } catch (error) {
        if (!(error instanceof SpApiError) || !error.transient || attempt >= TRIES) throw error
        if (clock.monotonicMs() - startedAt > LAST_TRY_AFTER_MS) throw error
        await clock.sleep(clock.random() * FIRST_PAUSE_MS * 2 ** attempt)
      }
    }
  }

  async #fetchOnce(grant: LwaGrant, clientSecret: string, attempt: number): Promise<IssuedToken> {
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
          client_secret: clientSecret,
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
      onRequest({
        operation: TOKEN_OPERATION,
        marketplaceId: null,
        httpStatus,
        requestId: null,
        outcome,
        attempt,
        durationMs: clock.monotonicMs() - startedAt,
        slotWaitMs: 0,
      })
    }
  }

  #read(answer: HttpAnswer, startedAt: number): IssuedToken {
    const { scrubber } = this.#options
    const body = parseBody(answer)
    if (answer.status !== 200)
      throw lwaError(answer, body.kind === 'json' ? body.value : {}, (text) => scrubber.scrub(text))
    const parsed = body.kind === 'json' ? lwaToken.safeParse(body.value) : null
    if (!parsed?.success)
      throw new SpApiError(
        { kind: 'unavailable', transient: true, operation: TOKEN_OPERATION, httpStatus: 200 },
        `Login with Amazon answered without a usable token${body.kind === 'other' ? ` (${body.reason})` : ''}: check LWA_ENDPOINT`,
      )
    const lifeMs = parsed.data.expires_in * 1_000
    // Counted from before the request, as Amazon's count may have begun any time since.
    return { value: parsed.data.access_token, lifeMs, expiresAt: startedAt + lifeMs }
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

class LwaError extends SpApiError {
  /** The code of RFC 6749 §5.2, when there was one. */
  readonly oauth: string | null

  constructor(fields: SpApiErrorFields, oauth: string | null, message: string) {
    super(fields, message)
    this.oauth = oauth
  }
}

const isInvalidClient = (error: unknown): boolean =>
  error instanceof LwaError && error.kind === 'unauthorized' && error.oauth === 'invalid_client'

function lwaError(answer: HttpAnswer, body: object, scrub: (text: string) => string): LwaError {
  const oauth = 'error' in body && typeof body.error === 'string' ? body.error : null
  const advice = oauth === null || answer.status >= 500 ? undefined : lwaAdvice[oauth]
  const status = answer.status
  const kind: SpApiFailure =
    advice !== undefined ? 'unauthorized' : status === 429 ? 'throttled' : 'unavailable'
  const said = oauth === null ? '' : ` ${clip(scrub(oauth))}`
  return new LwaError(
    {
      kind,
      // Only what passes by itself within a second; a 404 or a 429 does not.
      transient: status >= 500,
      operation: TOKEN_OPERATION,
      httpStatus: status,
      retryAfterMs: retryAfterOf(answer),
    },
    oauth,
    `Login with Amazon answered ${status}${said}: ${advice ?? (status >= 500 || status === 429 ? 'it is asked again later' : 'check LWA_ENDPOINT')}`,
  )
}
