import { type AmazonError, SpApiError, type SpApiFailure } from './errors.ts'
import type { HttpAnswer } from './transport.ts'

const LONGEST_MESSAGE = 500
/** An answer is untrusted: a Retry-After of a year must not stop the bucket for a year. */
const LONGEST_RETRY_AFTER_MS = 300_000

/** Who was asked, for messages. */
export interface Asked {
  readonly operation: string
  /** Takes secrets out of text. */
  readonly scrub: (text: string) => string
}

/** Total: every answer that is not a 2xx becomes an error, whatever it looks like. */
export function answerError(answer: HttpAnswer, asked: Asked): SpApiError {
  const body = parseBody(answer)
  const amazonErrors = body.kind === 'json' ? readErrorList(body.value, asked.scrub) : []
  const { kind, transient, advice } = byStatus(answer.status, amazonErrors)
  const said = amazonErrors.map(describe).join('; ')
  const shape = body.kind === 'json' ? '' : ` (${body.reason})`
  return new SpApiError(
    {
      kind,
      transient,
      operation: asked.operation,
      httpStatus: answer.status,
      requestId: requestIdOf(answer),
      retryAfterMs: retryAfterOf(answer),
      amazonErrors,
    },
    clip(`${asked.operation}: Amazon answered ${answer.status}${said ? `: ${said}` : shape}${advice}`),
  )
}

/** A 2xx whose body is no use. */
export function bodyError(answer: HttpAnswer, asked: Asked, reason: string, transient: boolean): SpApiError {
  return new SpApiError(
    {
      kind: 'failed',
      transient,
      operation: asked.operation,
      httpStatus: answer.status,
      requestId: requestIdOf(answer),
    },
    clip(`${asked.operation}: Amazon answered ${answer.status}, but ${asked.scrub(reason)}`),
  )
}

interface Status {
  readonly kind: SpApiFailure
  readonly transient: boolean
  readonly advice: string
}

function byStatus(status: number, errors: readonly AmazonError[]): Status {
  const plain = (kind: SpApiFailure, transient = false, advice = ''): Status => ({ kind, transient, advice })
  if (status >= 300 && status < 400)
    return plain('failed', false, '; redirects are not followed: check SP_API_ENDPOINT')
  switch (status) {
    case 400:
      // Amazon's gateway now and then answers 400 with HTML: that says nothing about the request.
      return errors.length > 0 ? plain('rejected') : plain('failed', true)
    case 401:
    case 403:
      // The grant is good, only this token is not: the next one will be.
      if (isTokenExpired(errors)) return plain('unavailable', true)
      if (errors.some((error) => error.code === 'MissingAuthenticationToken'))
        return plain('unauthorized', false, '; no such path there: check SP_API_ENDPOINT')
      return plain(
        'unauthorized',
        false,
        "; check the application's roles and that the seller has authorised it for this marketplace",
      )
    case 404:
      return errors.length > 0
        ? plain('not_found')
        : plain('failed', false, '; this is not how Amazon answers: check SP_API_ENDPOINT')
    case 408:
      return plain('timeout', true)
    case 429:
      return plain('throttled', true)
    case 500:
    case 502:
    case 503:
    case 504:
      return plain('unavailable', true)
    default:
      return status > 500 ? plain('unavailable') : plain('failed')
  }
}

/** A 403 whose details are about the token: another one may be taken, or Login with Amazon says what is wrong. */
export function isTokenRefused(errors: readonly AmazonError[]): boolean {
  return errors.some(({ message, details }) =>
    /access token.*(expired|revoked|malformed|invalid)/i.test(`${message} ${details ?? ''}`),
  )
}

/** A 403 with the code of a missing role; only the details tell that the token has merely expired. */
function isTokenExpired(errors: readonly AmazonError[]): boolean {
  return errors.some((error) => /access token.*expired/i.test(`${error.message} ${error.details ?? ''}`))
}

export type Body =
  | { readonly kind: 'json'; readonly value: object }
  | { readonly kind: 'other'; readonly reason: string }

/** Reads a body as a JSON object or array, by what it is rather than by what its header says. */
export function parseBody(answer: Pick<HttpAnswer, 'body' | 'header'>): Body {
  if (answer.body.trim() === '') return { kind: 'other', reason: 'the body is empty' }
  const contentType = answer.header('content-type') ?? ''
  if (/html/i.test(contentType) || /^\s*</.test(answer.body))
    return { kind: 'other', reason: 'the body is HTML, not JSON' }
  let value: unknown
  try {
    value = JSON.parse(answer.body)
  } catch {
    // The parser's message quotes the body, so it is not passed on.
    return { kind: 'other', reason: 'the body is not complete JSON' }
  }
  if (typeof value !== 'object' || value === null)
    return { kind: 'other', reason: 'the body is not a JSON object' }
  return { kind: 'json', value }
}

/** `ErrorList`, tolerantly: entries that are no errors are left out. */
function readErrorList(body: object, scrub: (text: string) => string): AmazonError[] {
  const list = 'errors' in body && Array.isArray(body.errors) ? body.errors : []
  const text = (value: unknown): string | null =>
    typeof value === 'string' && value !== '' ? clip(scrub(value)) : null
  return list.slice(0, 20).flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return []
    const fields = entry as Record<string, unknown>
    const code = text(fields.code)
    const message = text(fields.message)
    if (code === null && message === null) return []
    return [{ code: code ?? 'Unknown', message: message ?? '', details: text(fields.details) }]
  })
}

function describe(error: AmazonError): string {
  return `${error.code}: ${error.message}${error.details ? ` (${error.details})` : ''}`
}

/** Amazon's id of a request; null when there is none or it does not look like one. */
export function requestIdOf(answer: Pick<HttpAnswer, 'header'>): string | null {
  const id = answer.header('x-amzn-requestid') ?? answer.header('x-amz-request-id')
  return id !== null && /^[\w.:=+/-]{1,128}$/.test(id) ? id : null
}

/** When an answer was sent by Amazon's own clock, in milliseconds since the epoch; null when it does not say. */
export function dateOf(answer: Pick<HttpAnswer, 'header'>): number | null {
  const ms = Date.parse(answer.header('date') ?? '')
  return Number.isNaN(ms) ? null : ms
}

/** Retry-After in milliseconds, from seconds or a date; null when there is none. A date is by Amazon's own clock. */
export function retryAfterOf(answer: Pick<HttpAnswer, 'header' | 'receivedAt'>): number | null {
  const text = answer.header('retry-after')?.trim()
  if (!text) return null
  const now = dateOf(answer) ?? answer.receivedAt
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now
  if (Number.isNaN(ms)) return null
  return Math.min(Math.max(Math.round(ms), 0), LONGEST_RETRY_AFTER_MS)
}

/** A fifth of the slowest plan that Amazon publishes; a bucket that believed in less would stand still for days. */
const LOWEST_RATE = 0.001

/** `x-amzn-RateLimit-Limit` in requests a second; null when absent or not a sane number. */
export function rateLimitOf(answer: Pick<HttpAnswer, 'header'>): number | null {
  const text = answer.header('x-amzn-ratelimit-limit')?.trim() ?? ''
  const rate = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  return rate >= LOWEST_RATE && rate <= 10_000 ? rate : null
}

export function clip(text: string): string {
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 1)}…` : text
}
