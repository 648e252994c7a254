import type { Readable } from 'node:stream'
import { request } from 'undici'
import { SpApiError } from '../errors.ts'
import { Connections, type ProxyServers, proxyRefusal } from '../proxy.ts'
import type { Content } from './spool.ts'

/** Amazon's storage answered, well or not. */
export interface DocumentAnswer {
  readonly status: number
  readonly header: (name: string) => string | null
  readonly body: Readable
  /** Ends the answer; nobody wants the rest of it. */
  discard(): void
}

export interface DocumentTimeouts {
  readonly connectMs: number
  readonly headersMs: number
  /** Between two pieces of a document. */
  readonly bodyMs: number
}

export const defaultDocumentTimeouts: DocumentTimeouts = {
  connectMs: 5_000,
  headersMs: 30_000,
  bodyMs: 30_000,
}

/**
 * Amazon's document storage by its presigned URLs: no token goes there, no redirect is followed, and no URL comes into
 * a message, since whoever has one has the document.
 */
export class DocumentTransport {
  readonly #connections: Connections

  constructor(timeouts: Partial<DocumentTimeouts> = {}, proxy?: ProxyServers) {
    const { connectMs, headersMs, bodyMs } = { ...defaultDocumentTimeouts, ...timeouts }
    this.#connections = new Connections({
      proxy,
      connectMs,
      agent: { connections: 4, headersTimeout: headersMs, bodyTimeout: bodyMs },
    })
  }

  /** Bytes from `offset` on, of the document that `etag` names where one is known. */
  async get(
    url: string,
    from: { readonly offset: number; readonly etag: string | null },
    signal?: AbortSignal,
  ): Promise<DocumentAnswer> {
    const range = from.offset === 0 ? {} : { range: `bytes=${from.offset}-` }
    const condition = from.etag === null ? {} : { 'if-match': from.etag }
    // Identity: a document that is stored compressed comes as it is stored, and is decompressed once, by us.
    return this.#exchange('GET', url, { 'accept-encoding': 'identity', ...range, ...condition }, null, signal)
  }

  /** Rejects with a `SpApiError` unless the storage took all of it. */
  async put(
    url: string,
    { contentType, content }: { readonly contentType: string; readonly content: Content },
    signal?: AbortSignal,
  ): Promise<void> {
    const headers = { 'content-type': contentType, 'content-length': String(content.bytes) }
    const body = content.open()
    try {
      const answer = await this.#exchange('PUT', url, headers, body, signal)
      await answer.body.resume().toArray()
      if (answer.status < 200 || answer.status > 299) throw refused('PUT', answer.status)
    } finally {
      if (!Buffer.isBuffer(body)) body.destroy()
    }
  }

  async close(): Promise<void> {
    await this.#connections.close()
  }

  async #exchange(
    method: 'GET' | 'PUT',
    url: string,
    headers: Record<string, string>,
    body: Buffer | Readable | null,
    signal?: AbortSignal,
  ): Promise<DocumentAnswer> {
    signal?.throwIfAborted()
    const target = documentUrl(url)
    try {
      const answer = await request(target, {
        dispatcher: this.#connections.to(target),
        method,
        headers,
        body,
        signal: signal ?? null,
      })
      return {
        status: answer.statusCode,
        body: answer.body,
        discard() {
          // Undici tells a body that ends early of it as of an error.
          answer.body.on('error', () => {})
          answer.body.destroy()
        },
        header: (name) => {
          const value = answer.headers[name]
          return (Array.isArray(value) ? value[0] : value) ?? null
        },
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw broken(method, error)
    }
  }
}

/** Amazon's answer is not to be trusted with what is sent where. */
function documentUrl(text: string): URL {
  const url = URL.parse(text)
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url
  throw new SpApiError(
    { kind: 'failed', operation: 'document' },
    'Amazon named no usable URL for the document',
  )
}

/** The storage's own refusal; 403 is what it says of a URL whose time is over. */
export function refused(method: string, status: number): SpApiError {
  return new SpApiError(
    {
      kind: status >= 500 ? 'unavailable' : 'failed',
      operation: 'document',
      httpStatus: status,
      transient: true,
    },
    `${method} of a document: Amazon's storage answered ${status}`,
  )
}

/** A connection that broke. Its own message may quote the URL: left out. */
export function broken(method: string, error: unknown): SpApiError {
  const refusal = proxyRefusal(error)
  if (refusal !== null)
    return new SpApiError(
      { kind: 'unavailable', operation: 'document', transient: refusal >= 500, undelivered: true },
      `${method} of a document: the proxy does not lead to it (it answered ${refusal}): check HTTPS_PROXY and NO_PROXY`,
    )
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
  return new SpApiError(
    { kind: code.includes('TIMEOUT') ? 'timeout' : 'unavailable', operation: 'document', transient: true },
    `${method} of a document: the connection broke (${code})`,
  )
}
