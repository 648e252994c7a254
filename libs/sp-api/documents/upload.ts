import { setTimeout as delay } from 'node:timers/promises'
import { SpApiError } from '../errors.ts'
import type { DocumentTransport } from './document-transport.ts'
import type { Content } from './spool.ts'

export interface UploadOptions {
  readonly transport: Pick<DocumentTransport, 'put'>
  /** Makes a document at Amazon, and again when its URL has expired before the content was there. */
  readonly mint: (signal?: AbortSignal) => Promise<{ readonly feedDocumentId: string; readonly url: string }>
  /** Exactly as the document was made with: it is part of what the URL is signed for. */
  readonly contentType: string
  readonly content: Content
  /** Tries after the first, each after a pause twice as long as the one before. */
  readonly retries?: number
  readonly firstPauseMs?: number
  readonly signal?: AbortSignal | undefined
}

const DEFAULT_RETRIES = 6
const DEFAULT_FIRST_PAUSE_MS = 500

/** Uploads a feed's content; the id of the document that has it. Rejects with a `SpApiError`. */
export async function upload(options: UploadOptions): Promise<string> {
  const { transport, mint, contentType, content, signal } = options
  const { retries = DEFAULT_RETRIES, firstPauseMs = DEFAULT_FIRST_PAUSE_MS } = options
  let document = await mint(signal)
  for (let failures = 0; ; failures++) {
    try {
      await transport.put(document.url, { contentType, content }, signal)
      return document.feedDocumentId
    } catch (error) {
      if (!(error instanceof SpApiError) || !error.transient || failures >= retries) throw error
      await delay(Math.random() * firstPauseMs * 2 ** failures, undefined, signal ? { signal } : {})
      if (error.httpStatus === 403) document = await mint(signal)
    }
  }
}
