import { createHash } from 'node:crypto'
import type { Context, Middleware } from 'koa'

/** Answers that are asked for again and again: JSON, and the files of the pages. Metrics and downloads are not. */
const REVALIDATED = ['application/json', 'text/html', 'text/css', 'text/javascript']

/**
 * Gives whole answers of a GET an `ETag` of their bytes unless their route gave them one, and answers 304 to whoever has
 * those bytes already. Streams pass as they are.
 */
export function conditionalAnswers(): Middleware {
  return async (ctx, next) => {
    await next()
    if ((ctx.method !== 'GET' && ctx.method !== 'HEAD') || ctx.status !== 200) return
    if (!REVALIDATED.includes(ctx.type)) return
    const bytes = bytesOf(ctx.body)
    if (bytes === null) return
    if (!ctx.response.get('etag')) {
      ctx.body = bytes
      ctx.set('etag', `"${createHash('sha1').update(bytes).digest('base64url')}"`)
    }
    if (isKnown(ctx, ctx.response.get('etag'))) ctx.status = 304
  }
}

/** Whether the client has what this `ETag` names. (Koa's own `fresh` says no to `cache-control: no-cache`, which `fetch` adds.) */
export function isKnown(ctx: Context, etag: string): boolean {
  return ctx
    .get('if-none-match')
    .split(',')
    .map((known) => known.trim().replace(/^W\//, ''))
    .some((known) => known === etag || known === '*')
}

function bytesOf(body: unknown): Buffer | null {
  if (Buffer.isBuffer(body)) return body
  if (typeof body === 'string') return Buffer.from(body)
  const isStream = typeof body !== 'object' || body === null || 'pipe' in body || 'getReader' in body
  return isStream ? null : Buffer.from(JSON.stringify(body))
}
