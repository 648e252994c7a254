import { setTimeout as delay } from 'node:timers/promises'
import { SpApiError } from '../errors.ts'
import { broken, type DocumentAnswer, type DocumentTransport, refused } from './document-transport.ts'

/** Where a document lies just now. */
export interface DocumentUrl {
  /** Presigned: whoever has it has the document, for five minutes. */
  readonly url: string
  readonly compressionAlgorithm?: string | undefined
}

export interface DownloadOptions {
  readonly transport: DocumentTransport
  /**
   * Asks Amazon for the URL. Called when the bytes are wanted, not before, and again when the URL has expired: that
   * costs a request of a slow usage plan (`getReportDocument`: one a minute).
   */
  readonly mint: (signal?: AbortSignal) => Promise<DocumentUrl>
  /** Longest document in bytes, as it is stored. */
  readonly maxBytes?: number
  /** Tries after the first, each after a pause twice as long as the one before. They start again at nought as bytes come. */
  readonly retries?: number
  readonly firstPauseMs?: number
  readonly signal?: AbortSignal | undefined
}

const DEFAULT_MAX_BYTES = 16 * 1024 ** 3
const DEFAULT_RETRIES = 6
const DEFAULT_FIRST_PAUSE_MS = 500

/** The stored bytes of a document, and what its storage said about them with the first ones. */
export interface Download {
  readonly contentType: string | null
  readonly bytes: AsyncIterable<Buffer>
}

/**
 * Starts to download a document. When the connection breaks, it goes on at the byte where it broke; when the URL has
 * expired meanwhile, with a new one. Bytes of two different documents are never put together: the storage is held to
 * the ETag of the first answer. Rejects, also from within `bytes`, with a `SpApiError`.
 */
export async function download(options: DownloadOptions): Promise<Download> {
  const source = new Source(options)
  const first = await source.open()
  return { contentType: first.header('content-type'), bytes: source.bytes(first) }
}

class Source {
  readonly #options: DownloadOptions
  #url: string | null = null
  #etag: string | null = null
  /** How many bytes the document has, as its storage says. */
  #total: number | null = null
  #offset = 0
  #failures = 0

  constructor(options: DownloadOptions) {
    this.#options = options
  }

  /** The answer that begins at the offset; tries again what may be tried again. */
  async open(): Promise<DocumentAnswer> {
    for (;;) {
      try {
        return await this.#ask()
      } catch (error) {
        await this.#pause(error)
      }
    }
  }

  async *bytes(first: DocumentAnswer): AsyncGenerator<Buffer> {
    const { maxBytes = DEFAULT_MAX_BYTES, signal } = this.#options
    for (let answer = first; ; answer = await this.open()) {
      if (this.#isWhole(answer)) {
        answer.discard()
        return
      }
      try {
        for await (const piece of answer.body as AsyncIterable<Buffer>) {
          signal?.throwIfAborted()
          this.#offset += piece.length
          if (this.#offset > maxBytes) throw tooLarge(maxBytes)
          this.#failures = 0
          yield piece
        }
        return
      } catch (error) {
        signal?.throwIfAborted()
        if (error instanceof SpApiError) throw error
        // A storage may hang up while its last bytes still wait here to be read: all of it is there.
        if (this.#offset === this.#total) return
        await this.#pause(broken('GET', error))
      } finally {
        answer.discard()
      }
    }
  }

  async #ask(): Promise<DocumentAnswer> {
    const { mint, transport, signal } = this.#options
    if (this.#url === null) {
      const { url, compressionAlgorithm } = await mint(signal)
      if (compressionAlgorithm !== undefined && compressionAlgorithm !== 'GZIP')
        throw new SpApiError(
          { kind: 'failed', operation: 'document' },
          `the document is compressed by ${compressionAlgorithm}, which is not known here`,
        )
      this.#url = url
    }
    const from = { offset: this.#offset, etag: this.#etag }
    const answer = await transport.get(this.#url, from, signal)
    if (answer.status === (this.#offset === 0 ? 200 : 206) || this.#isWhole(answer)) {
      this.#etag ??= answer.header('etag')
      const length = answer.header('content-length')
      if (answer.status === 200 && length !== null) this.#total = Number(length)
      return answer
    }
    answer.discard()
    // Without an ETag nobody knows whether the whole that came instead of the rest is the same document.
    if (answer.status === 403) this.#url = null
    if (answer.status === 412 || answer.status === 200) throw changed()
    throw refused('GET', answer.status)
  }

  /** The connection broke after the last byte: there is nothing left to ask for. */
  #isWhole({ status, header }: DocumentAnswer): boolean {
    return status === 416 && this.#offset > 0 && header('content-range') === `bytes */${this.#offset}`
  }

  /** Waits before the next try, or throws when there is to be none. */
  async #pause(error: unknown): Promise<void> {
    const { retries = DEFAULT_RETRIES, firstPauseMs = DEFAULT_FIRST_PAUSE_MS, signal } = this.#options
    if (error instanceof SpApiError && error.kind === 'throttled' && error.retryAfterMs !== null) {
      // The URL has expired and the next slot is minutes away: hours of download are worth the wait.
      await delay(error.retryAfterMs, undefined, signal ? { signal } : {})
      return
    }
    if (!(error instanceof SpApiError) || !error.transient || this.#failures >= retries) throw error
    const ceiling = firstPauseMs * 2 ** this.#failures++
    await delay(Math.random() * ceiling, undefined, signal ? { signal } : {})
  }
}

function tooLarge(maxBytes: number): SpApiError {
  return new SpApiError(
    { kind: 'failed', operation: 'document' },
    `the document is larger than ${maxBytes} bytes: raise maxBytes if that is right`,
  )
}

function changed(): SpApiError {
  return new SpApiError(
    { kind: 'failed', operation: 'document' },
    'the document is another one than it was when its download began: start again',
  )
}
