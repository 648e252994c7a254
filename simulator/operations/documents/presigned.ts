/**
 * Presigned URLs as S3 gives and checks them (Amazon S3, "Authenticating requests: using query parameters"). The
 * signature is our own: nobody but the simulator can check one.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** What a URL is good for. */
export interface Purpose {
  readonly method: 'GET' | 'PUT'
  readonly key: string
  /** For uploads: the only Content-Type that is taken. */
  readonly contentType?: string
  /** For downloads: the Content-Encoding that S3 is to send. */
  readonly contentEncoding?: string
}

/** S3's error document. */
export interface S3Error {
  readonly status: number
  readonly code: string
  readonly message: string
}

const secret = randomBytes(32)

/** Amazon's times in signatures: `20261123T015300Z`. */
const compact = (ms: number) => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '')
const parseCompact = (text: string) =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

export function presign(origin: string, purpose: Purpose, now: number, expiresSeconds: number): string {
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `SIMULATOR/${compact(now).slice(0, 8)}/us-east-1/s3/aws4_request`,
    'X-Amz-Date': compact(now),
    'X-Amz-Expires': String(expiresSeconds),
    'X-Amz-SignedHeaders': purpose.contentType === undefined ? 'host' : 'content-type;host',
    ...(purpose.contentEncoding === undefined
      ? {}
      : { 'response-content-encoding': purpose.contentEncoding }),
  })
  query.set('X-Amz-Signature', signature(query, purpose))
  return `${origin}/documents/${purpose.key}?${query}`
}

/**
 * Why S3 would refuse a request, or null. The Content-Type is part of the signature of an upload, so another one is
 * refused as a wrong signature. `x-amz-…` headers must be signed, so an access token that was sent along is refused.
 */
export function refusalOf(
  query: URLSearchParams,
  purpose: Purpose,
  headers: IncomingHttpHeaders,
  now: number,
): S3Error | null {
  if (headers.authorization !== undefined) {
    const message =
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified'
    return { status: 400, code: 'InvalidArgument', message }
  }
  const unsigned = Object.keys(headers).filter((name) => name.startsWith('x-amz-'))
  if (unsigned.length > 0) {
    const message = `There were headers present in the request which were not signed: ${unsigned.join(', ')}`
    return { status: 403, code: 'AccessDenied', message }
  }
  const given = Buffer.from(query.get('X-Amz-Signature') ?? '')
  const right = Buffer.from(signature(query, purpose))
  if (given.length !== right.length || !timingSafeEqual(given, right)) {
    const message =
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.'
    return { status: 403, code: 'SignatureDoesNotMatch', message }
  }
  const signedAt = parseCompact(query.get('X-Amz-Date') ?? '')
  if (now >= signedAt + Number(query.get('X-Amz-Expires')) * 1_000)
    return { status: 403, code: 'AccessDenied', message: 'Request has expired' }
  return null
}

function signature(query: URLSearchParams, { method, key, contentType }: Purpose): string {
  const signed = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return createHmac('sha256', secret)
    .update(JSON.stringify([method, key, contentType ?? null, signed]))
    .digest('hex')
}
