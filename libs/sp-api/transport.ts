import { request } from 'undici'
import type { Clock } from './clock.ts'
import { SpApiError, type SpApiFailure } from './errors.ts'
import { Connections, type ProxyServers, proxyRefusal } from './proxy.ts'

/** Longest time for each phase of one HTTP request, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number
  /** From sending the request to the answer's headers. */
  readonly headersMs: number
  /** Between two pieces of the body. */
  readonly bodyMs: number
  /** All of it. */
  readonly totalMs: number
}

export const defaultTimeouts: Timeouts = {
  connectMs: 5_000,
  headersMs: 20_000,
  bodyMs: 20_000,
  totalMs: 30_000,
}

export const DEFAULT_MAX_ANSWER_BYTES = 10 * 1024 * 1024

export interface HttpRequest {
  /** For messages. */
  readonly operation: string
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
}

export interface HttpAnswer {
  readonly status: number
  readonly body: string
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  /** When it began to come, in the clock's monotonic milliseconds. */
  readonly answeredAt: number
  /** A header's first value by its lower-case name. */
  header(name: string): string | null
}

export interface TransportOptions {
  readonly clock: Clock
  readonly timeouts: Timeouts
  readonly maxAnswerBytes: number
  readonly proxy?: ProxyServers | undefined
}

/** One HTTP exchange over kept-alive connections: time-boxed in every phase, bounded in size, no redirects. */
export class HttpTransport {
  readonly #clock: Clock
  readonly #timeouts: Timeouts
  readonly #maxAnswerBytes: number
  readonly #connections: Connections

  constructor(options: TransportOptions) {
    this.#clock = options.clock
    this.#timeouts = options.timeouts
    this.#maxAnswerBytes = options.maxAnswerBytes
    this.#connections = new Connections({
      proxy: options.proxy,
      connectMs: options.timeouts.connectMs,
      agent: {
        connections: 32,
        pipelining: 1,
        keepAliveTimeout: 30_000,
        headersTimeout: options.timeouts.headersMs,
        bodyTimeout: options.timeouts.bodyMs,
        maxResponseSize: options.maxAnswerBytes,
      },
    })
  }

  /** Rejects with a `SpApiError` when no whole answer came, and with the signal's reason when that aborts. */
  async send(call: HttpRequest): Promise<HttpAnswer> {
    call.signal?.throwIfAborted()
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(this.#tooLate(call)), this.#timeouts.totalMs)
    const onAbort = () => abort.abort(call.signal?.reason)
    call.signal?.addEventListener('abort', onAbort, { once: true })
    try {
      const answer = await request(call.url, {
        dispatcher: this.#connections.to(call.url),
        method: call.method,
        headers: { ...call.headers, 'accept-encoding': 'identity' },
        body: call.body ?? null,
        signal: abort.signal,
      })
      const answeredAt = this.#clock.monotonicMs()
      const body = await answer.body.text()
      return {
        status: answer.statusCode,
        body,
        receivedAt: this.#clock.now(),
        answeredAt,
        header(name) {
          const value = answer.headers[name]
          return (Array.isArray(value) ? value[0] : value) ?? null
        },
      }
    } catch (error) {
      if (abort.signal.aborted) throw abort.signal.reason
      throw this.#networkError(error, call)
    } finally {
      clearTimeout(timer)
      call.signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Ends connections, those in use as well. */
  async close(): Promise<void> {
    await this.#connections.close()
  }

  #tooLate(call: HttpRequest): SpApiError {
    return new SpApiError(
      { kind: 'timeout', transient: true, operation: call.operation },
      `${call.operation}: no whole answer within ${this.#timeouts.totalMs} ms`,
    )
  }

  /** Total: whatever the network throws becomes an error with a kind. Its own message may quote headers: left out. */
  #networkError(error: unknown, call: HttpRequest): SpApiError {
    const refusal = proxyRefusal(error)
    if (refusal !== null)
      return new SpApiError(
        { kind: 'unavailable', transient: refusal >= 500, undelivered: true, operation: call.operation },
        `${call.operation}: the proxy does not lead to ${call.url.host} (it answered ${refusal}): check HTTPS_PROXY and NO_PROXY`,
      )
    const code = errorCode(error)
    const { kind, transient, reason } = this.#byCode(code)
    return new SpApiError(
      { kind, transient, undelivered: UNDELIVERED.has(code), operation: call.operation },
      `${call.operation}: ${reason} (${call.url.origin}, ${code})`,
    )
  }

  #byCode(code: string): { kind: SpApiFailure; transient: boolean; reason: string } {
    const { connectMs, headersMs, bodyMs } = this.#timeouts
    const of = (kind: SpApiFailure, reason: string, transient = true) => ({ kind, transient, reason })
    switch (code) {
      case 'UND_ERR_CONNECT_TIMEOUT':
        return of('timeout', `no connection within ${connectMs} ms`)
      case 'UND_ERR_HEADERS_TIMEOUT':
        return of('timeout', `no answer within ${headersMs} ms`)
      case 'UND_ERR_BODY_TIMEOUT':
        return of('timeout', `the answer stopped for ${bodyMs} ms`)
      case 'ETIMEDOUT':
        return of('timeout', 'the connection timed out')
      case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
        return of('failed', `the answer is larger than ${this.#maxAnswerBytes} bytes`, false)
      case 'UND_ERR_HEADERS_OVERFLOW':
        return of('failed', "the answer's headers are too large", false)
      case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
        return of('failed', 'the answer is not as long as it says')
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        return of('unavailable', 'the host name can not be resolved: check the network and the endpoint')
      case 'ECONNREFUSED':
        return of('unavailable', 'the connection is refused: check the network, the endpoint and the proxy')
      default:
        if (code.startsWith('HPE_')) return of('failed', 'the answer is not HTTP as it should be')
        if (/CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO/.test(code))
          return of('unavailable', "the server's certificate is not trusted: check the endpoint", false)
        return of('unavailable', 'the connection broke')
    }
  }
}

/** No connection came about, so nothing was sent. */
const UNDELIVERED: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** The most telling code of an error, its causes and its parts. */
function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'UNKNOWN'
  if ('code' in error && typeof error.code === 'string') return error.code
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0)
    return errorCode(error.errors[0])
  if ('cause' in error && error.cause !== undefined) return errorCode(error.cause)
  return 'UNKNOWN'
}
