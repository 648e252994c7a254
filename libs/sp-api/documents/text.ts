import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { SpApiError } from '../errors.ts'
import { type Charset, charsetOfContentType, flatFileCharset } from './charset.ts'
import { decode, type TextFindings } from './decode.ts'
import type { Download } from './download.ts'

export interface TextOptions {
  /** Decides the character set of a flat file that does not say its own. */
  readonly marketplaceId: string | null
  /** Overrules what the document says of itself. */
  readonly charset?: Charset | undefined
}

export interface DocumentText {
  readonly pieces: AsyncIterable<string>
  readonly findings: Readonly<TextFindings>
}

const GUNZIP_PIECE_BYTES = 128 * 1024

/**
 * A document's text, piece by piece: gunzipped when its bytes are gzip, however it was announced (storage, proxies and
 * `enableContentEncodingUrlHeader` disagree about who decompresses), and decoded. The download begins when the first
 * piece is asked for. Rejects with a `SpApiError` from within `pieces`.
 */
export function textOf(start: () => Promise<Download>, options: TextOptions): DocumentText {
  const findings: TextFindings = { charset: null, declared: null, mended: 0, damaged: 0 }
  return { findings, pieces: pieces(start, options, findings) }
}

async function* pieces(
  start: () => Promise<Download>,
  { charset, marketplaceId }: TextOptions,
  findings: TextFindings,
): AsyncGenerator<string> {
  const { contentType, bytes } = await start()
  const declared = charsetOfContentType(contentType)
  const flat = flatFileCharset(marketplaceId)
  for await (const piece of decode(plainBytes(bytes), { charset, declared, flat }, findings))
    if (piece !== '') yield piece
}

/** The bytes of a document, decompressed where they are gzip: once, and never by what is said about them. */
export async function* plainBytes(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = bytes[Symbol.asyncIterator]()
  try {
    let head = Buffer.alloc(0)
    let ended = false
    while (head.length < 2 && !ended) {
      const next = await source.next()
      ended = next.done === true
      if (!next.done) head = Buffer.concat([head, next.value])
    }
    const all = joined(head, ended, source)
    yield* head[0] === 0x1f && head[1] === 0x8b ? gunzipped(all) : all
  } finally {
    await source.return?.()
  }
}

async function* joined(head: Buffer, ended: boolean, source: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  if (ended) return
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
}

async function* gunzipped(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = Readable.from(bytes, { objectMode: false })
  const gunzip = createGunzip({ chunkSize: GUNZIP_PIECE_BYTES })
  source.once('error', (error) => gunzip.destroy(error))
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Buffer>
  } catch (error) {
    if (error instanceof SpApiError || !(error instanceof Error) || !('errno' in error)) throw error
    throw new SpApiError(
      { kind: 'failed', operation: 'document', transient: true },
      `the document can not be decompressed: ${error.message}`,
    )
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}
