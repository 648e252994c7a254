import type { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { SpApiError } from '../errors.ts'

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
  readonly #agent: Agent

  constructor(timeouts: Partial<DocumentTimeouts> = {}) {
    const { connectMs, headersMs, bodyMs } = { ...defaultDocumentTimeouts, ...timeouts }
    this.#agent = new Agent({
      connections: 4,
      connect: { timeout: connectMs },
      headersTimeout: headersMs,
      bodyTimeout: bodyMs,
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
  async put(url: string, contentType: string, body: Buffer | Readable, signal?: AbortSignal): Promise<void> {
    const answer = await this.#exchange('PUT', url, { 'content-type': contentType }, body, signal)
    await answer.body.resume().toArray()
    if (answer.status < 200 || answer.status > 299) throw refused('PUT', answer.status)
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #exchange(
    method: 'GET' | 'PUT',
    url: string,
    headers: Record<string, string>,
    body: Buffer | Readable | null,
    signal?: AbortSignal,
  ): Promise<DocumentAnswer> {
    signal?.throwIfAborted()
    try {
      const answer = await request(url, {
        dispatcher: this.#agent,
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
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
  return new SpApiError(
    { kind: code.includes('TIMEOUT') ? 'timeout' : 'unavailable', operation: 'document', transient: true },
    `${method} of a document: the connection broke (${code})`,
  )
}
