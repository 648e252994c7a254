import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ClientGone, Problem } from '#libs/service/problem.ts'

/** Longest JSON document: it has to be held in memory as a whole. */
export const MAX_JSON_BYTES = 10_000_000
/** A body of which nothing more comes for so long is given up. */
const IDLE_MS = 60_000
/** What of a refused body is still read, so that its sender can read the answer, before the connection is cut. */
const DISCARD_BYTES = 64_000_000
const DISCARD_MS = 10_000

export interface ContentType {
  /** Lower case, without parameters; empty when the header is absent. */
  readonly type: string
}

/** Throws 415 when the header names a charset that is not UTF-8. */
export function contentType(req: IncomingMessage): ContentType {
  const header = req.headers['content-type'] ?? ''
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(header)?.[1]?.toLowerCase()
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset)) {
    throw new Problem(
      'unsupported-content',
      `the charset ${JSON.stringify(charset.slice(0, 40))} is not taken: send UTF-8`,
    )
  }
  return { type: (header.split(';')[0] ?? '').trim().toLowerCase() }
}

export interface BodyOptions {
  readonly maxBytes: number
  /** How long nothing may come; default one minute. */
  readonly idleMs?: number
  /** What to do about a body that is too large. */
  readonly advice?: string
}

const STREAM_ADVICE = 'split the file, or raise MAX_BODY_BYTES'
const JSON_ADVICE = 'send lists as application/x-ndjson or text/csv, which are streamed'

/**
 * The bytes of a body, unpacked, no faster than they are taken. Throws 413 past `maxBytes` (packed or unpacked), 408 when
 * nothing comes for a minute, 400 when the packing is damaged, 415 for another packing than gzip, and `ClientGone`.
 * A body that takes hours is fine as long as it moves: an import may come over a slow line.
 */
export async function* readBody(
  req: IncomingMessage,
  { maxBytes, idleMs = IDLE_MS, advice = STREAM_ADVICE }: BodyOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const gzip = isGzip(req)
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes, advice)
  const source = gzip ? gunzip(req) : req
  const chunks = source.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  let total = 0
  try {
    for (;;) {
      const next = await within(idleMs, chunks.next())
      if (next.done) return
      total += next.value.length
      if (total > maxBytes) throw tooLarge(maxBytes, advice)
      yield next.value
    }
  } catch (error) {
    throw explain(error, req)
  } finally {
    // Not awaited: after the idle time a read is still open, and this waits behind it.
    chunks.return?.().catch(() => {})
    if (source !== req) {
      req.unpipe()
      source.destroy()
    }
  }
}

/** A whole body. Throws what `readBody` throws. */
export async function readBytes(req: IncomingMessage, options: BodyOptions): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of readBody(req, options)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A whole JSON document; undefined when the body is empty. Throws what `readBody` throws, and 400 for what is no JSON. */
export async function readJson(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  const bytes = await readBytes(req, { maxBytes, advice: JSON_ADVICE })
  if (!isUtf8(bytes)) {
    throw new Problem('invalid-document', 'the document is not UTF-8: save or send it as UTF-8')
  }
  const text = bytes.toString().replace(/^\uFEFF/, '')
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Problem('invalid-document', `the body is not valid JSON: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/**
 * Reads on what is left of a body that was answered early, for a while: a connection that is cut while the other side
 * still writes loses the answer on its way.
 */
export function discardRest(req: IncomingMessage): void {
  const hasBody = 'content-length' in req.headers || 'transfer-encoding' in req.headers
  if (!hasBody || req.complete || req.destroyed) return
  let left = DISCARD_BYTES
  const timer = setTimeout(() => req.destroy(), DISCARD_MS)
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) req.destroy()
  })
  req.once('close', () => clearTimeout(timer))
  // A sender that goes away now is no news.
  req.on('error', () => {})
  req.resume()
}

function isGzip(req: IncomingMessage): boolean {
  const encoding = (req.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity') return false
  if (encoding === 'gzip' || encoding === 'x-gzip') return true
  throw new Problem(
    'unsupported-content',
    `the content-encoding ${JSON.stringify(encoding.slice(0, 40))} is not taken: send gzip, or nothing packed`,
    { headers: { 'accept-encoding': 'gzip' } },
  )
}

function gunzip(req: IncomingMessage): Readable {
  const unpacker = createGunzip()
  req.once('error', (error) => unpacker.destroy(error))
  return req.pipe(unpacker)
}

/** A promise of its own each time: `Promise.race` with one that lasts keeps every value that ever won. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const advice = `no more of the body came for ${ms / 1_000} seconds: send it again, without a pause`
  const timer = setTimeout(() => reject(new Problem('request-timeout', advice)), ms)
  work.then(resolve, reject)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

function explain(error: unknown, req: IncomingMessage): unknown {
  if (error instanceof Problem) return error
  if (req.destroyed && !req.complete) {
    return new ClientGone('the client went away in the middle of the body', { cause: error })
  }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
    return new Problem('invalid-document', `the gzip data is damaged (${error.message}): pack it anew`, {
      cause: error,
    })
  }
  return error
}

function tooLarge(maxBytes: number, advice: string): Problem {
  const limit = maxBytes.toLocaleString('en-US')
  return new Problem('body-too-large', `a body may have ${limit} bytes, unpacked: ${advice}`)
}
