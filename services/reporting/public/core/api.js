import { createStore } from './store.js'

const READ_TIMEOUT_MS = 15_000
/** A dry run of the whole catalogue counts it. */
const CHANGE_TIMEOUT_MS = 120_000
const TYPE_PREFIX = 'urn:asinstream:problem:'
/** Answers that are kept with their ETag. */
const MOST_TAGGED = 60

/** Whether the server answers: 'loading' | 'live' | 'lost', and why not. */
export const connection = createStore({ state: 'loading', reason: '' })
/** True while the server asks who is there. */
export const locked = createStore(false)

/** An answer that is not what was asked for: the server's problem document, or that there was none. */
export class ApiError extends Error {
  /**
   * @param {number} status 0: the server could not be reached
   * @param {Record<string, any>} problem the document; `{}` when there was none
   * @param {{ message: string, retryAfter?: number | null }} rest
   */
  constructor(status, problem, { message, retryAfter = null }) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.problem = problem
    this.code = status === 0 ? 'unreachable' : String(problem.type ?? '').replace(TYPE_PREFIX, '')
    this.title = problem.title ?? 'The server does not answer'
    /** @type {{ field?: string, line?: number, message: string }[]} */
    this.errors = problem.errors ?? []
    this.requestId = problem.requestId ?? null
    this.retryAfter = retryAfter
  }

  /** Whether asking again may help. */
  get transient() {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/**
 * An address with its query: arrays repeat their name, what is empty is left out.
 * @param {string} path
 * @param {Record<string, unknown>} [query]
 */
export function url(path, query = {}) {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) {
      if (one !== undefined && one !== null && one !== '') search.append(name, String(one))
    }
  }
  const text = search.toString()
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`
}

/** The last answers that had an ETag, by address: what has not changed is not sent again. */
const tagged = new Map()

/**
 * @typedef {{ query?: Record<string, unknown>, headers?: Record<string, string>, signal?: AbortSignal, timeoutMs?: number }} Options
 */

/** @param {string} path @param {Options} [options] */
async function get(path, options) {
  return (await getWithTag(path, options)).data
}

/**
 * The answer and its ETag, for a later `if-match`.
 * @param {string} path
 * @param {Options} [options]
 */
async function getWithTag(path, { query, headers = {}, signal, timeoutMs = READ_TIMEOUT_MS } = {}) {
  const address = url(path, query)
  const known = tagged.get(address)
  const answer = await send(
    address,
    { headers: { ...headers, ...(known && { 'if-none-match': known.etag }) } },
    timeoutMs,
    signal,
  )
  if (answer.status === 304 && known) return known
  const etag = answer.headers.get('etag')
  const result = { data: await read(answer), etag }
  tagged.delete(address)
  if (etag) tagged.set(address, result)
  if (tagged.size > MOST_TAGGED) tagged.delete(tagged.keys().next().value)
  return result
}

/** @param {string} method */
const change =
  (method) =>
  /** @param {string} path @param {unknown} [body] @param {Options} [options] */
  async (path, body, { query, headers = {}, signal } = {}) => {
    const init = {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }
    return read(await send(url(path, query), init, CHANGE_TIMEOUT_MS, signal))
  }

/**
 * Sends a file and says how far it is: `fetch` can not tell what has left.
 * @param {string} path
 * @param {Blob} file
 * @param {{ type: string, onProgress?: (progress: { sent: number, total: number }) => void, signal?: AbortSignal, headers?: Record<string, string>, query?: Record<string, unknown> }} options
 */
function upload(path, file, { type, onProgress, signal, headers = {}, query }) {
  const { promise, resolve, reject } = Promise.withResolvers()
  const request = new XMLHttpRequest()
  request.open('POST', url(path, query))
  for (const [name, value] of Object.entries({ 'content-type': type, ...headers }))
    request.setRequestHeader(name, value)
  request.upload.addEventListener('progress', ({ loaded, total }) => onProgress?.({ sent: loaded, total }))
  request.addEventListener('load', () => {
    const answer = new Response(request.status === 204 ? null : request.responseText, {
      status: request.status,
      headers: {
        'content-type': request.getResponseHeader('content-type') ?? '',
        'retry-after': request.getResponseHeader('retry-after') ?? '',
      },
    })
    checked(answer).then(read).then(resolve, reject)
  })
  request.addEventListener('error', () => reject(unreachable('the connection was cut')))
  request.addEventListener('abort', () => reject(new DOMException('cancelled', 'AbortError')))
  signal?.addEventListener('abort', () => request.abort())
  request.send(file)
  return promise
}

/** @param {string} address @param {RequestInit} init @param {number} timeoutMs @param {AbortSignal} [signal] */
async function send(address, init, timeoutMs, signal) {
  const limit = AbortSignal.timeout(timeoutMs)
  let answer
  try {
    // Our ETags are kept here, where the page sees a 304.
    answer = await fetch(address, {
      cache: 'no-store',
      ...init,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw unreachable(limit.aborted ? `no answer within ${timeoutMs / 1_000} seconds` : 'no connection')
  }
  return checked(answer)
}

/** @param {Response} answer */
async function checked(answer) {
  if (answer.ok || answer.status === 304) {
    connection.set(live)
    return answer
  }
  /** @type {Record<string, any> | null} */
  const document = await answer.json().catch(() => null)
  const problem = document ?? {}
  const wait = Number(answer.headers.get('retry-after') || Number.NaN)
  const error = new ApiError(answer.status, problem, {
    message: problem.detail ?? `the server answered ${answer.status}`,
    retryAfter: Number.isNaN(wait) ? null : wait,
  })
  if (answer.status === 401) locked.set(true)
  // What is no document of ours comes from a proxy that has lost the server.
  if (error.code === 'unavailable' || (answer.status >= 500 && document === null)) lost(error.message)
  else connection.set(live)
  throw error
}

const live = { state: 'live', reason: '' }

/** @param {string} reason */
function lost(reason) {
  const { state, reason: before } = connection.get()
  if (state !== 'lost' || before !== reason) connection.set({ state: 'lost', reason })
}

/** @param {string} reason */
function unreachable(reason) {
  lost(reason)
  return new ApiError(0, {}, { message: `The server can not be reached: ${reason}.` })
}

/** @param {Response} answer */
async function read(answer) {
  if (answer.status === 204) return undefined
  return answer.headers.get('content-type')?.includes('json') ? answer.json() : answer.text()
}

/** What was known of addresses before somebody else signed in. */
export function forgetAnswers() {
  tagged.clear()
}

export const api = {
  get,
  getWithTag,
  upload,
  post: change('POST'),
  patch: change('PATCH'),
  put: change('PUT'),
  del: change('DELETE'),
}
