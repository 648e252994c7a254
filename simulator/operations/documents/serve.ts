/** Down- and uploads by presigned URL, as S3 answers them: ranges, entity tags, errors in XML. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ControlRoute, Resource } from '../operation.ts'
import { createDocumentStore, etagOf, type StoredDocument } from './document-store.ts'
import { type Purpose, refusalOf, type S3Error } from './presigned.ts'

const MAX_UPLOAD_BYTES = 256 * 1024 * 1024
const NO_SUCH_KEY: S3Error = { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' }

export const downloadDocument: Resource = {
  name: 'downloadDocument',
  method: 'GET',
  path: '/documents/{key}',
  async serve(request, response, { path, query }, world) {
    const store = world.part(createDocumentStore)
    const document = store.byKey(path.key ?? '')
    request.resume()
    const purpose: Purpose = { method: 'GET', key: path.key ?? '' }
    const refusal =
      refusalOf(query, purpose, request.headers, world.date().getTime()) ??
      (document === null ? NO_SUCH_KEY : store.random() < store.manners.slowDown ? SLOW_DOWN : null)
    if (refusal !== null || document === null) return refuse(response, refusal ?? NO_SUCH_KEY)
    const bytes = await store.bytes(document)
    const cut = store.random() < store.manners.cut ? store.random() : null
    sendBytes(request, response, { document, bytes, encoding: query.get('response-content-encoding'), cut })
  },
}

export const uploadDocument: Resource = {
  name: 'uploadDocument',
  method: 'PUT',
  path: '/documents/{key}',
  async serve(request, response, { path, query }, world) {
    const store = world.part(createDocumentStore)
    const document = store.byKey(path.key ?? '')
    const purpose: Purpose = {
      method: 'PUT',
      key: path.key ?? '',
      contentType: request.headers['content-type'] ?? '',
    }
    const refusal =
      refusalOf(query, purpose, request.headers, world.date().getTime()) ??
      (document === null
        ? NO_SUCH_KEY
        : store.random() < store.manners.slowDown
          ? SLOW_DOWN
          : lengthOf(request))
    if (refusal !== null || document === null) {
      request.resume()
      return refuse(response, refusal ?? NO_SUCH_KEY)
    }
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    document.uploaded = Buffer.concat(chunks)
    response.writeHead(200, { etag: etagOf(document.uploaded), 'content-length': 0 }).end()
  },
}

const SLOW_DOWN: S3Error = { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' }

/** S3 must know the length beforehand: chunks without one are a feature that it does not have. */
function lengthOf({ headers }: IncomingMessage): S3Error | null {
  if (headers['content-length'] === undefined) {
    const message = 'A header you provided implies functionality that is not implemented'
    return { status: 501, code: 'NotImplemented', message }
  }
  if (Number(headers['content-length']) <= MAX_UPLOAD_BYTES) return null
  const message = 'Your proposed upload exceeds the maximum allowed size'
  return { status: 400, code: 'EntityTooLarge', message }
}

interface Download {
  readonly document: StoredDocument
  readonly bytes: Buffer
  readonly encoding: string | null
  /** Where the connection breaks, as a share of what is sent; null when it holds. */
  readonly cut: number | null
}

function sendBytes(request: IncomingMessage, response: ServerResponse, download: Download): void {
  const { document, bytes, encoding, cut } = download
  const etag = etagOf(bytes)
  const { range, 'if-range': ifRange } = request.headers
  const part = ifRange === undefined || ifRange === etag ? rangeOf(range, bytes.length) : undefined
  if (part === null) {
    const message = 'The requested range is not satisfiable'
    refuse(response, { status: 416, code: 'InvalidRange', message }, `bytes */${bytes.length}`)
    return
  }
  const { first, end } = part ?? { first: 0, end: bytes.length }
  const body = bytes.subarray(first, end)
  response.writeHead(part === undefined ? 200 : 206, {
    'content-type': document.contentType,
    'content-length': body.length,
    'accept-ranges': 'bytes',
    etag,
    ...(encoding === null ? {} : { 'content-encoding': encoding }),
    ...(part === undefined ? {} : { 'content-range': `bytes ${first}-${end - 1}/${bytes.length}` }),
  })
  if (cut === null) response.end(body)
  else response.write(body.subarray(0, Math.floor(body.length * cut)), () => response.destroy())
}

/** The bytes that a Range header asks for; undefined for all of them, null for none that are there (RFC 9110 §14). */
function rangeOf(
  header: string | undefined,
  length: number,
): { first: number; end: number } | null | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  if (match[1] === '') {
    const count = Math.min(Number(match[2]), length)
    return count === 0 ? null : { first: length - count, end: length }
  }
  const first = Number(match[1])
  const end = match[2] === '' ? length : Math.min(Number(match[2]) + 1, length)
  return first >= length || end <= first ? null : { first, end }
}

function refuse(response: ServerResponse, { status, code, message }: S3Error, contentRange?: string): void {
  const requestId = String(response.getHeader('x-amzn-RequestId'))
  const body = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId></Error>`,
  )
  response.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': body.length,
    ...(contentRange === undefined ? {} : { 'content-range': contentRange }),
  })
  response.end(body)
}

export const changeDocuments: ControlRoute = {
  route: 'POST /_simulator/documents',
  answer({ body }, world) {
    const { manners } = world.part(createDocumentStore)
    for (const [name, value] of Object.entries(body)) {
      if (!(name in manners))
        throw new Error(`Documents have ${Object.keys(manners).join(', ')}, not ${name}.`)
      const most = name === 'expiresSeconds' ? 604_800 : 1
      if (typeof value !== 'number' || !(value >= 0 && value <= most))
        throw new Error(`${name} must be a number from 0 to ${most}, not ${value}.`)
    }
    return Object.assign(manners, body)
  },
}
