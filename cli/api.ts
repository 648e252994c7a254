import type { Readable } from 'node:stream'
import { request } from 'undici'
import { CommandError, TemporaryError, UsageError } from './failure.ts'

export const DEFAULT_URL = 'http://127.0.0.1:8080'
/** Of a page of the API. */
const MOST_ITEMS = 200

/** The option that names a running asinstream; `ASINSTREAM_URL` stands in for it. */
export const urlOption = [
  '--url <url>',
  `a running asinstream (ASINSTREAM_URL, else ${DEFAULT_URL})`,
] as const

/** Base URL of the asinstream to talk to, without a slash at its end. Throws a `UsageError`. */
export function apiUrl(option: string | undefined, environment: NodeJS.ProcessEnv): string {
  const [text, source] =
    option !== undefined
      ? [option, '--url']
      : environment.ASINSTREAM_URL
        ? [environment.ASINSTREAM_URL, 'ASINSTREAM_URL']
        : [DEFAULT_URL, '']
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`${source} must be a URL such as ${DEFAULT_URL}, not "${text}".`)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

export interface ApiAnswer {
  readonly status: number
  /** The parsed JSON, a problem document included; null for an empty answer. */
  readonly body: unknown
  /** When to ask again, where the answer says so. */
  readonly retryAfterMs?: number
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Readable
}

/**
 * Asks a running asinstream. Rejects with a `CommandError` that says what to do when nobody answers, or when it is
 * something else that does.
 */
export async function callApi(base: string, path: string, options: ApiRequest = {}): Promise<ApiAnswer> {
  const { method = 'GET', headers = {}, body } = options
  try {
    const answer = await request(base + path, {
      method,
      headers: { accept: 'application/json', ...credentials(process.env), ...headers },
      ...(body === undefined ? {} : { body }),
      // A long import answers when its last line is stored.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    const seconds = Number(answer.headers['retry-after'])
    return {
      status: answer.statusCode,
      body: parse(base, answer.statusCode, await answer.body.text()),
      ...(seconds > 0 && { retryAfterMs: seconds * 1_000 }),
    }
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw unreachable(base, error)
  }
}

/** The body of an answer, as it comes. Rejects as `callApiOk` does. */
export async function openDownload(base: string, path: string): Promise<Readable> {
  const answer = await request(base + path, {
    headers: credentials(process.env),
    // The first row of a large list takes its time, and so does a slow line.
    headersTimeout: 0,
    bodyTimeout: 0,
  }).catch((error: unknown) => {
    throw unreachable(base, error)
  })
  if (answer.statusCode === 200) return answer.body
  throw problem(answer.statusCode, parse(base, answer.statusCode, await answer.body.text()))
}

/** The key of `ASINSTREAM_API_KEY`, or an access token, for a server that asks who calls. */
function credentials({ ASINSTREAM_API_KEY }: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return ASINSTREAM_API_KEY ? { authorization: `Bearer ${ASINSTREAM_API_KEY.trim()}` } : {}
}

/** As `callApi`, for answers that have to be a success. Rejects with a `CommandError` that shows the problem document. */
export async function callApiOk<T>(base: string, path: string, options: ApiRequest = {}): Promise<T> {
  const { status, body, retryAfterMs } = await callApi(base, path, options)
  if (status >= 200 && status < 300) return body as T
  const refused = problem(status, body)
  throw status === 429 || status >= 500 ? new TemporaryError(refused.message, { retryAfterMs }) : refused
}

/** As `callApiOk`, with a body of JSON. */
export function sendJson<T>(
  base: string,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: unknown = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  return callApiOk<T>(base, path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

/** All items of a list that has pages, `limit` of them at most, as they come. Rejects as `callApiOk` does. */
export async function* listedItems<T>(
  base: string,
  path: string,
  query: URLSearchParams,
  limit: number,
): AsyncGenerator<readonly T[]> {
  let left = limit
  const parameters = new URLSearchParams(query)
  while (left > 0) {
    parameters.set('limit', String(Math.min(left, MOST_ITEMS)))
    const page = await callApiOk<{ items: readonly T[]; nextCursor: string | null }>(
      base,
      `${path}?${parameters}`,
    )
    if (page.items.length > 0) yield page.items
    left -= page.items.length
    if (page.nextCursor === null) return
    parameters.set('cursor', page.nextCursor)
  }
}

/** A problem document (RFC 9457) in words. */
export function problem(status: number, body: unknown): CommandError {
  const { title, detail, errors, requestId } = (typeof body === 'object' && body !== null ? body : {}) as {
    title?: unknown
    detail?: unknown
    errors?: unknown
    requestId?: unknown
  }
  // What is wrong on the other side is found in its log by this.
  const request = status >= 500 && typeof requestId === 'string' ? `, request ${requestId}` : ''
  // The detail of a single one says the same.
  const listed = Array.isArray(errors) && errors.length > 1 ? errors : []
  const details = listed.slice(0, 20).map((entry) => `\n  - ${describe(entry)}`)
  const advice =
    status === 401 ? 'Set ASINSTREAM_API_KEY to a key of that server; asinstream keys create makes one.' : ''
  const what = [title, detail, advice].filter((text) => typeof text === 'string' && text !== '').join(': ')
  return new CommandError(
    `${what || 'the request was refused'} (status ${status}${request})${details.join('')}`,
  )
}

function describe(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return String(entry)
  const { line, field, message } = entry as { line?: unknown; field?: unknown; message?: unknown }
  const where = [line === undefined ? '' : `line ${line}`, field === undefined ? '' : String(field)]
  return [where.filter(Boolean).join(', '), String(message ?? JSON.stringify(entry))]
    .filter(Boolean)
    .join(': ')
}

function parse(base: string, status: number, text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    throw new CommandError(
      `what answers at ${base} (status ${status}) is not asinstream: name the right one with --url or ASINSTREAM_URL`,
    )
  }
}

function unreachable(base: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EHOSTUNREACH') {
    return new TemporaryError(
      `nothing answers at ${base} (${code}). Start asinstream with npm start, or name the one that runs with --url or ASINSTREAM_URL.`,
      { cause: error },
    )
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET') {
    return new TemporaryError(
      `${base} ended the connection before it answered (${code}). See its log; what was stored stays, and the same command can be run again.`,
      { cause: error },
    )
  }
  return error instanceof Error
    ? new TemporaryError(`${base}: ${message}`, { cause: error })
    : new Error(String(error))
}
