import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { Context, Middleware } from 'koa'
import { Problem } from '#libs/service/problem.ts'

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
/** What requests of the API carry beyond the headers that any page may send. */
const REQUEST_HEADERS = [
  'authorization',
  'content-encoding',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'x-api-key',
  'x-request-id',
].join(', ')
/** What a page may read of an answer, beyond its type. */
const ANSWER_HEADERS = [
  'content-disposition',
  'etag',
  'idempotency-replayed',
  'link',
  'location',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'www-authenticate',
  'x-request-id',
].join(', ')
const PREFLIGHT_SECONDS = 600

/**
 * Cross-origin resource sharing (Fetch standard) for pages of exactly these origins; without any, no page but our own reads
 * an answer. They may send the session's cookie: browsers do so for pages of the same site alone (`SameSite=Strict`),
 * others come with a key. A preflight is answered here, before anybody is asked who they are, as it carries no key.
 */
export function shareWith(origins: ReadonlySet<string>): Middleware {
  return async (ctx, next) => {
    // An answer without the headers must not be kept for an origin that gets them.
    if (origins.size > 0) ctx.vary('Origin')
    const origin = ctx.get('origin')
    if (!origins.has(origin)) return next()
    ctx.set({ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' })
    if (!isPreflight(ctx)) {
      ctx.set('access-control-expose-headers', ANSWER_HEADERS)
      return next()
    }
    ctx.vary('Access-Control-Request-Method, Access-Control-Request-Headers')
    ctx.set({
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': String(PREFLIGHT_SECONDS),
    })
    ctx.status = 204
  }
}

const isPreflight = (ctx: Context): boolean =>
  ctx.method === 'OPTIONS' && ctx.get('access-control-request-method') !== ''

/**
 * Refuses what a page of another site makes a browser send: without a password on loopback, any page could start a sync.
 * Browsers name the origin of every request that is not a GET; programs send none.
 */
export function refuseCrossSite(origins: ReadonlySet<string>): Middleware {
  return async (ctx, next) => {
    const origin = ctx.get('origin')
    const foreign =
      ctx.get('sec-fetch-site') === 'cross-site' || (origin !== '' && URL.parse(origin)?.host !== ctx.host)
    if (foreign && !origins.has(origin) && ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      throw new Problem(
        'cross-site',
        'send this from the page of this server, from one whose origin is in CORS_ORIGINS, or from a program, without Origin',
      )
    }
    await next()
  }
}

/**
 * Refuses requests that name another host than this machine. For a server that asks nobody for a key because only this
 * machine reaches it: a page can have its own name lead here (DNS rebinding), and is of this origin then, as a browser sees it.
 */
export function refuseForeignHosts(): Middleware {
  return async (ctx, next) => {
    if (!isLocalName(ctx.hostname)) {
      throw new Problem(
        'cross-site',
        'this server listens for its own machine alone: call it by localhost or 127.0.0.1, or set API_AUTH to say who may use it',
      )
    }
    await next()
  }
}

/** An address is no name that leads anywhere else. */
function isLocalName(name: string): boolean {
  const known = ['', 'localhost', hostname().toLowerCase()]
  const lower = name.toLowerCase()
  return known.includes(lower) || lower.endsWith('.localhost') || isIP(lower.replaceAll(/^\[|\]$/g, '')) !== 0
}
