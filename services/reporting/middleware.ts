import type Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import type { Logger } from '#libs/service/logger.ts'
import type { Metrics } from '#libs/service/metrics.ts'
import { Problem } from '#libs/service/problem.ts'
import { discardRest } from './body.ts'

/**
 * Scripts, styles and data of our own and nothing else; what the page needs, and no more.
 * @param inline hashes of scripts inside the page, as sources of `script-src`
 */
export function contentSecurityPolicy(inline: readonly string[] = []): string {
  const scripts = ["'self'", ...inline].join(' ')
  return `default-src 'none'; script-src ${scripts}; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
}

export function securityHeaders(): Middleware {
  const policy = contentSecurityPolicy()
  return async (ctx, next) => {
    ctx.set({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    })
    await next()
  }
}

/** Says where people read about the kind of problem that an answer is: `type` names it for programs, and is no address. */
export function linkProblems(): Middleware {
  return async (ctx, next) => {
    await next()
    if (ctx.type !== 'application/problem+json') return
    const { type } = ctx.body as { readonly type: string }
    ctx.append('link', `</docs#${type}>; rel="help"`)
  }
}

/** Counts and logs requests by route pattern: an address in a label would be a new series for each product. */
export function observeRequests(metrics: Metrics, logger: Logger): Middleware {
  return async (ctx, next) => {
    const startedAt = performance.now()
    try {
      await next()
    } finally {
      const seconds = (performance.now() - startedAt) / 1_000
      const route = routeOf(ctx)
      metrics.httpSeconds.observe({ method: methodLabel(ctx.method), route, status: ctx.status }, seconds)
      // Pages and probes ask every second; what changes something is worth a line.
      const level = ctx.method === 'GET' || ctx.method === 'HEAD' ? 'debug' : 'info'
      const { requestId } = ctx.state
      const fields = { requestId, method: ctx.method, route, status: ctx.status, seconds }
      logger[level](fields, 'request')
    }
  }
}

function routeOf(ctx: Context): string {
  const matched: unknown = (ctx as { _matchedRoute?: unknown })._matchedRoute
  return typeof matched === 'string' ? matched : 'none'
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const methodLabel = (method: string): string => (methods.has(method) ? method : 'other')

/** Lets whoever still sends a body that was refused read why. */
export function drainRefusedBodies(): Middleware {
  return async (ctx, next) => {
    await next()
    discardRest(ctx.req)
  }
}

/**
 * A path that is a route is that route alone: without this, `PATCH /products/export` would be a change of the product
 * `export`.
 */
export function refuseOtherMethods(router: Router): Middleware {
  return async (ctx, next) => {
    const exact = router.match(ctx.path, ctx.method).path.filter(({ path }) => path === ctx.path)
    const methods = new Set(exact.flatMap((layer) => layer.methods))
    if (methods.size > 0 && !methods.has(ctx.method) && ctx.method !== 'OPTIONS') {
      const allow = [...methods, 'OPTIONS'].join(', ')
      throw new Problem('method-not-allowed', `${ctx.path} takes ${allow}, not ${ctx.method}`, {
        headers: { allow },
      })
    }
    await next()
  }
}

interface MatchedLayer {
  readonly path: unknown
  readonly methods: readonly string[]
}

/** What no route answered: 405 with `Allow` where only the method is wrong, 404 with the routes that there are. */
export function answerUnrouted(routes: readonly string[]): Middleware {
  return (ctx) => {
    const layers = (ctx as { matched?: readonly MatchedLayer[] }).matched ?? []
    // `/products/export` is that route alone, although it would fit `/products/:id` as well.
    const exact = layers.filter(({ path }) => path === ctx.path)
    const matched = (exact.length > 0 ? exact : layers).flatMap((layer) => layer.methods)
    if (matched.length === 0) {
      throw new Problem(
        'unknown-route',
        `there is nothing at ${ctx.path.slice(0, 200)}; routes has what there is`,
        { members: { routes } },
      )
    }
    const allow = [...new Set([...matched, 'OPTIONS'])].join(', ')
    if (ctx.method === 'OPTIONS') {
      ctx.status = 204
      ctx.set('allow', allow)
      return
    }
    throw new Problem('method-not-allowed', `${ctx.path.slice(0, 200)} takes ${allow}, not ${ctx.method}`, {
      headers: { allow },
    })
  }
}
