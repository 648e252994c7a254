import type { Slot } from '#libs/rate-limit/acquire.ts'
import type { Priority } from '#libs/rate-limit/port.ts'
import type { Circuit, Permit } from './circuit.ts'
import { answerError, bodyError, isTokenExpired, parseBody, requestIdOf } from './classify.ts'
import type { Clock } from './clock.ts'
import { SpApiError } from './errors.ts'
import type { FinishedRequest, Tally } from './observe.ts'
import { type RateSubject, type RateTracker, SlotError } from './rate-tracker.ts'
import type { RegionalEndpointManager } from './regional-endpoints.ts'
import type { SecretScrubber } from './secrets.ts'
import type { RestrictedResource, TokenGrant } from './tokens/grant.ts'
import type { TokenCache } from './tokens/token-cache.ts'
import type { HttpAnswer, HttpRequest, HttpTransport } from './transport.ts'
import type { OperationKey } from './usage-plans.ts'

export interface RetryPolicy {
  /** Requests of one call, the first included. */
  readonly attempts: number
  /** No repeat begins later than this after the first request. */
  readonly budgetMs: number
  /** The first pause is up to this long; each further one up to twice its predecessor. Full jitter. */
  readonly firstPauseMs: number
  /** A longer Retry-After is left to the caller. */
  readonly longestPauseMs: number
}

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 4,
  budgetMs: 60_000,
  firstPauseMs: 250,
  longestPauseMs: 8_000,
}

export interface ClientOptions {
  readonly endpoints: RegionalEndpointManager
  readonly tokens: TokenCache
  readonly refreshToken: string
  readonly rates: RateTracker
  readonly transport: HttpTransport
  /** Whether an operation's host answers; one that is out of order does not stop the others. */
  readonly circuitOf: (operation: OperationKey) => Circuit
  readonly scrubber: SecretScrubber
  readonly userAgent: string
  readonly retry: RetryPolicy
  readonly clock: Clock
  readonly onRequest: (request: FinishedRequest) => void
}

/** A request of one operation. */
export interface ApiRequest<T> {
  readonly operation: OperationKey
  /** Decides the region. */
  readonly marketplaceId: string
  readonly method: HttpRequest['method']
  readonly path: string
  readonly query: URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | null
  /** Sending it twice does no harm. */
  readonly repeatable: boolean
  /** The token is asked for with this; with the seller's refresh token unless it says otherwise. */
  readonly grant?: TokenGrant
  /** The token has to open this: a restricted data token is asked for. */
  readonly restricted?: RestrictedResource | undefined
  /** A restricted data token that the caller has, sent instead. */
  readonly restrictedToken?: string
  /** Reads the untrusted body; a thrown error makes the answer a failure that bears its message. Null: there is none. */
  readonly parse: ((body: object) => T) | null
}

/** An idempotent read with the seller's token. */
export interface ReadRequest<T> extends Pick<ApiRequest<T>, 'operation' | 'marketplaceId' | 'path'> {
  readonly query: Readonly<Record<string, string>>
  readonly parse: (body: object) => T
}

export interface CallOptions {
  readonly priority?: Priority
  /** Requests of this call at most, instead of the retry policy's. */
  readonly attempts?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly tally?: Tally
}

export interface Answer<T> {
  readonly body: T
  readonly httpStatus: number
  readonly requestId: string | null
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
}

/**
 * Amazon's HTTP API: every request, repeats and pages included, first takes a slot of the token bucket; what the
 * answer says about the rate goes back into the bucket; an expired token is renewed once. While the circuit is open,
 * nothing is sent and nothing repeated.
 */
export class NetworkAwareClient {
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** Rejects as `send` does. */
  read<T>(request: ReadRequest<T>, options: CallOptions = {}): Promise<Answer<T>> {
    const query = new URLSearchParams(request.query)
    return this.send({ ...request, method: 'GET', query, repeatable: true }, options)
  }

  /**
   * Rejects with a `SpApiError`, or with the signal's reason when that aborts. A request that is not `repeatable` is
   * sent again only when it never arrived or Amazon refused it with a 429.
   */
  async send<T>(request: ApiRequest<T>, options: CallOptions = {}): Promise<Answer<T>> {
    const { clock, retry } = this.#options
    const circuit = this.#options.circuitOf(request.operation)
    const attempts = options.attempts ?? retry.attempts
    let firstSentAt: number | null = null
    let renewed = false
    for (let attempt = 1, pauses = 0; ; attempt++) {
      const permit = circuit.enter()
      if (permit === null) throw this.#circuitOpen(request)
      try {
        const ready = await this.#makeReady(request, options)
        firstSentAt ??= clock.monotonicMs()
        const answer = await this.#attempt(request, options, ready, attempt)
        permit.succeeded()
        return answer
      } catch (error) {
        tellCircuit(permit, request.operation, error)
        if (!(error instanceof SpApiError)) throw error
        if (isTokenExpired(error.amazonErrors) && !renewed) {
          renewed = true
          continue
        }
        const pauseMs = this.#pauseMs(error, pauses++)
        const late = clock.monotonicMs() - (firstSentAt ?? 0) + pauseMs > retry.budgetMs
        if (
          !error.transient ||
          !(request.repeatable || error.undelivered || error.httpStatus === 429) ||
          attempt >= attempts ||
          late ||
          pauseMs > retry.longestPauseMs ||
          circuit.isOpen
        )
          throw error
        await clock.sleep(pauseMs, options.signal)
      }
    }
  }

  /** Token and slot. The token comes first, so that no slot is spent on an account that has none. */
  async #makeReady(request: ApiRequest<unknown>, options: CallOptions): Promise<Ready> {
    const { signal, priority = 'background' } = options
    let token = await this.#token(request, signal)
    const ready = async () => {
      // Asked again: the wait for the slot may outlive a token.
      token = await this.#token(request, signal)
    }
    const slot = await this.#options.rates.slot(subjectOf(request), { priority, signal, ready })
    return { token, slot }
  }

  async #token(request: ApiRequest<unknown>, signal: AbortSignal | undefined): Promise<string> {
    return request.restrictedToken ?? (await this.#options.tokens.get(this.#grant(request), signal))
  }

  #grant(request: ApiRequest<unknown>): TokenGrant {
    const { refreshToken } = this.#options
    const { grant, restricted: resource } = request
    return grant ?? (resource ? { refreshToken, resource } : { refreshToken })
  }

  #circuitOpen({ operation }: ApiRequest<unknown>): SpApiError {
    const retryAfterMs = Math.ceil(this.#options.circuitOf(operation).waitMs)
    return new SpApiError(
      { kind: 'unavailable', operation, retryAfterMs, undelivered: true },
      `${operation}: Amazon did not answer lately; it is asked again in ${retryAfterMs} ms`,
    )
  }

  async #attempt<T>(
    request: ApiRequest<T>,
    options: CallOptions,
    ready: Ready,
    attempt: number,
  ): Promise<Answer<T>> {
    const { clock, onRequest, tokens } = this.#options
    const startedAt = clock.monotonicMs()
    let httpStatus: number | null = null
    let requestId: string | null = null
    let outcome: FinishedRequest['outcome'] = 'failed'
    let finished = true
    try {
      const answer = await this.#exchange(request, ready.token, options.signal)
      httpStatus = answer.status
      requestId = requestIdOf(answer)
      await this.#options.rates.answered(subjectOf(request), answer, ready.slot, startedAt)
      const body = this.#readBody(request, answer)
      outcome = 'ok'
      return { body, httpStatus, requestId, receivedAt: answer.receivedAt }
    } catch (error) {
      if (error instanceof SpApiError) outcome = error.kind
      else finished = false
      // Expired, or of a grant that was taken back: nobody is to send it again.
      if (httpStatus === 401 || httpStatus === 403) tokens.invalidate(this.#grant(request), ready.token)
      throw error
    } finally {
      const durationMs = clock.monotonicMs() - startedAt
      if (options.tally) {
        options.tally.requests++
        options.tally.responseTimeMs += durationMs
      }
      const { operation, marketplaceId } = request
      if (finished)
        onRequest({
          operation,
          marketplaceId,
          httpStatus,
          requestId,
          outcome,
          attempt,
          durationMs,
          slotWaitMs: ready.slot.waitedMs,
        })
    }
  }

  #exchange(
    request: ApiRequest<unknown>,
    token: string,
    signal: AbortSignal | undefined,
  ): Promise<HttpAnswer> {
    const { endpoints, transport, userAgent, clock } = this.#options
    const url = endpoints.url(request.marketplaceId, request.path)
    url.search = request.query.toString()
    return transport.send({
      operation: request.operation,
      method: request.method,
      url,
      headers: {
        ...request.headers,
        ...(request.body == null ? {} : { 'content-type': 'application/json' }),
        accept: 'application/json',
        'user-agent': userAgent,
        'x-amz-access-token': token,
        'x-amz-date': amazonDate(clock.now()),
      },
      ...(request.body == null ? {} : { body: request.body }),
      signal,
    })
  }

  #readBody<T>(request: ApiRequest<T>, answer: HttpAnswer): T {
    const asked = {
      operation: request.operation,
      scrub: (text: string) => this.#options.scrubber.scrub(text),
    }
    if (answer.status < 200 || answer.status > 299) throw answerError(answer, asked)
    if (request.parse === null) return undefined as T
    const body = parseBody(answer)
    if (body.kind === 'other') throw bodyError(answer, asked, body.reason, true)
    try {
      return request.parse(body.value)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw bodyError(answer, asked, `not as its API is defined: ${reason}`, false)
    }
  }

  /** Full jitter, and no sooner than Amazon asked. */
  #pauseMs(error: SpApiError, pauses: number): number {
    const { retry, clock } = this.#options
    const ceiling = Math.min(retry.firstPauseMs * 2 ** pauses, retry.longestPauseMs)
    return Math.max(clock.random() * ceiling, error.retryAfterMs ?? 0)
  }
}

interface Ready {
  readonly token: string
  readonly slot: Slot
}

/** What a failure says about whether Amazon answers at all. */
function tellCircuit(permit: Permit, operation: OperationKey, error: unknown): void {
  if (!(error instanceof SpApiError)) {
    permit.unused()
    return
  }
  // There was no token: Login with Amazon, or createRestrictedDataToken, gave none.
  const unasked = error.operation !== operation
  if (['unavailable', 'timeout', 'failed'].includes(error.kind)) {
    // What the token bucket could not give was not asked for.
    if (error instanceof SlotError) permit.unused()
    else permit.failed(unasked ? (error.retryAfterMs ?? 0) : 0)
  } else if (error.httpStatus === null || unasked) permit.unused()
  else permit.succeeded()
}

/** What needs no seller counts for the application alone. */
function subjectOf({ operation, grant }: ApiRequest<unknown>): RateSubject {
  return { operation, ofSeller: !(grant && 'scope' in grant) }
}

/** `20260131T235959Z` */
function amazonDate(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')
}
