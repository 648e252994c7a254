import type { Slot } from '#libs/rate-limit/acquire.ts'
import type { Priority } from '#libs/rate-limit/port.ts'
import type { Permit } from './circuit.ts'
import type { Circuits } from './circuits.ts'
import { dateOf, isTokenRefused, requestIdOf } from './classify.ts'
import type { Clock, SpApiLog } from './clock.ts'
import { CircuitOpenError, SpApiError } from './errors.ts'
import { exchange, readAnswerBody } from './exchange.ts'
import type { FinishedRequest, Tally } from './observe.ts'
import { type RateSubject, type RateTracker, SlotError, type SlotSource } from './rate-tracker.ts'
import type { RegionalEndpointManager } from './regional-endpoints.ts'
import { asUncertain, pauseMsOf, type RetryPolicy } from './retry.ts'
import { RetryBudget } from './retry-budget.ts'
import type { SecretScrubber } from './secrets.ts'
import type { RestrictedResource, TokenGrant } from './tokens/grant.ts'
import type { TokenCache } from './tokens/token-cache.ts'
import type { HttpRequest, HttpTransport } from './transport.ts'
import type { OperationKey } from './usage-plans.ts'

export interface ClientOptions {
  readonly endpoints: RegionalEndpointManager
  readonly tokens: TokenCache
  readonly refreshToken: string
  readonly rates: RateTracker
  readonly transport: HttpTransport
  readonly circuits: Circuits
  readonly scrubber: SecretScrubber
  readonly userAgent: string
  readonly retry: RetryPolicy
  readonly clock: Clock
  readonly log: SpApiLog
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
  /** Longest wait for a slot of the token bucket, in milliseconds, instead of the client's. */
  readonly maxSlotWaitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly tally?: Tally
  /** Where the slots of its requests come from, instead of the token bucket itself: an `OperationQueue`. */
  readonly slots?: SlotSource | undefined
}

export interface Answer<T> {
  readonly body: T
  readonly httpStatus: number
  readonly requestId: string | null
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  /** When it was sent by Amazon's own clock, to the second; null when Amazon does not say. */
  readonly amazonTime?: number | null
}

/**
 * Amazon's HTTP API: every request, repeats and pages included, first takes a slot of the token bucket; what the
 * answer says about the rate goes back into the bucket; an expired token is renewed once. Repeats have a budget that all
 * calls share. While the circuit of a host and operation is open, nothing is sent and nothing repeated.
 */
export class NetworkAwareClient {
  readonly #options: ClientOptions
  readonly #budgets = new Map<string, RetryBudget>()

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
    const { clock, retry, circuits, endpoints } = this.#options
    const { operation } = request
    const host = endpoints.hostOf(request.marketplaceId)
    const circuit = circuits.of(host, operation)
    const budget = this.#budget(host, operation)
    const attempts = options.attempts ?? retry.attempts
    let firstSentAt: number | null = null
    let renewed = false
    budget.request()
    for (let attempt = 1, pauses = 0; ; attempt++) {
      const permit = circuit.enter()
      if (permit === null) throw new CircuitOpenError(operation, circuit)
      try {
        const ready = await this.#makeReady(request, options, () => {
          // It opened while this waited for a slot.
          if (circuit.isOpen && !permit.isProbe) throw new CircuitOpenError(operation, circuit)
        })
        firstSentAt ??= clock.monotonicMs()
        const answer = await this.#attempt(request, options, ready, attempt)
        permit.succeeded()
        return answer
      } catch (error) {
        tellCircuit(permit, operation, error)
        if (!(error instanceof SpApiError)) throw error
        if (isTokenRefused(error.amazonErrors) && !renewed) {
          renewed = true
          continue
        }
        const pauseMs = pauseMsOf(error, pauses++, retry, clock)
        const late = clock.monotonicMs() - (firstSentAt ?? 0) + pauseMs > retry.budgetMs
        const throttled = error.httpStatus === 429
        if (
          !error.transient ||
          !(request.repeatable || error.undelivered || throttled) ||
          attempt >= attempts ||
          late ||
          pauseMs > retry.longestPauseMs ||
          circuit.isOpen ||
          // After a 429 it is the token bucket that decides.
          !(throttled || budget.repeat())
        )
          throw request.repeatable ? error : asUncertain(error, operation)
        this.#logRepeat(error, attempt, pauseMs)
        await clock.sleep(pauseMs, options.signal)
      }
    }
  }

  #budget(host: string, operation: OperationKey): RetryBudget {
    const { clock, retry } = this.#options
    const key = `${host} ${operation}`
    const budget = this.#budgets.get(key) ?? new RetryBudget(clock, retry.budget)
    this.#budgets.set(key, budget)
    return budget
  }

  #logRepeat({ kind, httpStatus, requestId, message, operation }: SpApiError, attempt: number, ms: number) {
    const pauseMs = Math.round(ms)
    this.#options.log.debug(
      { operation, attempt, kind, httpStatus, requestId, pauseMs },
      `asked again: ${message}`,
    )
  }

  /**
   * Token and slot. The token comes first, so that no slot is spent on an account that has none. `check` is called when
   * the slot's time has come; when it throws, the slot goes back.
   */
  async #makeReady(request: ApiRequest<unknown>, options: CallOptions, check: () => void): Promise<Ready> {
    const { signal, priority = 'background', slots, maxSlotWaitMs } = options
    let token = await this.#token(request, signal)
    const ready = async () => {
      // Asked again: the wait for the slot may outlive a token.
      token = await this.#token(request, signal)
      check()
    }
    const wanted = { priority, signal, ready, slots, maxWaitMs: maxSlotWaitMs }
    const slot = await this.#options.rates.slot(subjectOf(request), wanted)
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
      const answer = await exchange(request, ready.token, options.signal, this.#options)
      httpStatus = answer.status
      requestId = requestIdOf(answer)
      await this.#options.rates.answered(subjectOf(request), answer, ready.slot, startedAt)
      const body = readAnswerBody(request, answer, this.#options.scrubber)
      outcome = 'ok'
      return { body, httpStatus, requestId, receivedAt: answer.receivedAt, amazonTime: dateOf(answer) }
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
    // What got no slot was not asked for.
    if (error instanceof SlotError || error instanceof CircuitOpenError) permit.unused()
    else permit.failed(unasked ? (error.retryAfterMs ?? 0) : 0)
  } else if (error.httpStatus === null || unasked) permit.unused()
  else permit.succeeded()
}

/** What needs no seller counts for the application alone. */
function subjectOf({ operation, grant }: ApiRequest<unknown>): RateSubject {
  return { operation, ofSeller: !(grant && 'scope' in grant) }
}
