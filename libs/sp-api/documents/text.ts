import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { SpApiError } from '../errors.ts'
import { type Charset, charsetOfBytes, charsetOfContentType, flatFileCharset } from './charset.ts'
import type { Download } from './download.ts'

export interface TextOptions {
  /** Decides the character set of a flat file that does not say its own. */
  readonly marketplaceId: string | null
  /** Overrules what the document says of itself. */
  readonly charset?: Charset | undefined
}

export interface DocumentText {
  readonly charset: Charset
  readonly pieces: AsyncIterable<string>
}

/** So much of a document is looked at before its character set is decided. */
const HEAD_BYTES = 256 * 1024

/**
 * A document's text, piece by piece: gunzipped when its bytes are gzip, however it was announced (storage and proxies
 * disagree about who decompresses), and decoded with characters that the pieces cut in two put together again.
 */
export async function textOf({ contentType, bytes }: Download, options: TextOptions): Promise<DocumentText> {
  const plain = plainBytes(await peeked(bytes[Symbol.asyncIterator](), 2))
  const { head, rest } = await peeked(plain[Symbol.asyncIterator](), HEAD_BYTES)
  const charset =
    options.charset ??
    charsetOfContentType(contentType) ??
    charsetOfBytes(head, flatFileCharset(options.marketplaceId))
  return { charset, pieces: decoded(head, rest, charset) }
}

interface Peeked {
  readonly head: Buffer
  readonly rest: AsyncIterator<Buffer>
}

/** The first bytes, as many as asked for or all there are. */
async function peeked(source: AsyncIterator<Buffer>, wanted: number): Promise<Peeked> {
  const pieces: Buffer[] = []
  for (let length = 0; length < wanted; ) {
    const { value, done } = await source.next()
    if (done) break
    pieces.push(value)
    length += value.length
  }
  return { head: Buffer.concat(pieces), rest: source }
}

async function* joined({ head, rest }: Peeked): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

function plainBytes(stored: Peeked): AsyncIterable<Buffer> {
  const isGzip = stored.head[0] === 0x1f && stored.head[1] === 0x8b
  return isGzip ? gunzipped(joined(stored)) : joined(stored)
}

async function* gunzipped(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = Readable.from(bytes, { objectMode: false })
  const gunzip = createGunzip()
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
  }
}

async function* decoded(head: Buffer, rest: AsyncIterator<Buffer>, charset: Charset): AsyncGenerator<string> {
  // Drops a byte order mark by itself.
  const decoder = new TextDecoder(charset)
  for await (const piece of joined({ head, rest })) {
    const text = decoder.decode(piece, { stream: true })
    if (text !== '') yield text
  }
  const last = decoder.decode()
  if (last !== '') yield last
}
