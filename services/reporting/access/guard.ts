import type Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { recordAudit } from '#libs/db/api-keys.ts'
import type { Database } from '#libs/db/database.ts'
import type { Logger } from '#libs/service/logger.ts'
import { Problem } from '#libs/service/problem.ts'
import { type Authentication, unauthenticated } from './authenticate.ts'
import { type Caller, mayDo } from './caller.ts'
import { accessOf } from './scopes.ts'

const WINDOW_S = 60
/** Wrong keys that one address may send, as a share of the requests that a caller may; then it is told to wait. */
const WRONG_KEYS = 1 / 200

const WRONG_KEYS_CAME = 'too many keys that are not valid came from this address'

export interface GuardOptions {
  readonly router: Router
  readonly authentication: Authentication
  readonly db: Database
  readonly logger: Logger
  /** Requests a minute of one caller. */
  readonly requestsPerMinute: number
}

/**
 * What every request passes before any route: who sends it, whether they may, whether they send too many; and what they
 * changed is written down. The caller stands in `ctx.state.caller`.
 */
export function guard(options: GuardOptions): Middleware {
  const { router, authentication, logger, requestsPerMinute } = options
  const requests = new RateLimiterMemory({ points: requestsPerMinute, duration: WINDOW_S })
  const wrongKeys = new RateLimiterMemory({
    points: Math.ceil(requestsPerMinute * WRONG_KEYS),
    duration: WINDOW_S,
  })

  return async (ctx, next) => {
    // No other site may ask; what a browser asks beforehand tells nothing.
    if (ctx.method === 'OPTIONS') return next()
    const access = accessOf(ctx.method, patternOf(router, ctx))
    if (access === 'public') return ctx.method === 'POST' ? comeIn(ctx, next) : next()
    // What asks for `read` changes nothing, whatever its method.
    const audited = access !== 'read' && ctx.method !== 'GET' && ctx.method !== 'HEAD'
    let caller: Caller | null = null
    let status = 500
    try {
      caller = await known(ctx, authentication, wrongKeys)
      ctx.state.caller = caller
      await count(ctx, requests, caller.name === 'local' ? `local ${ctx.ip}` : caller.name, requestsPerMinute)
      if (!mayDo(caller, access)) throw forbidden(caller, access)
      await next()
      status = ctx.status
    } catch (error) {
      if (error instanceof Problem) status = error.status
      throw error
    } finally {
      // What writes down its own action has done so with it, unless it came to nothing.
      const told = ctx.state.audited === true && status < 400
      if (audited && !told) await audit(options, ctx, caller, status)
    }
  }

  /** Who comes in with a key has to be looked up: nobody may try as many as they like. */
  async function comeIn(ctx: Context, next: () => Promise<unknown>): Promise<void> {
    try {
      await next()
    } catch (error) {
      if (error instanceof Problem && error.status === 401) await spend(wrongKeys, ctx.ip, WRONG_KEYS_CAME)
      throw error
    }
  }

  async function audit(
    { db }: GuardOptions,
    ctx: Context,
    caller: Caller | null,
    status: number,
  ): Promise<void> {
    const entry = {
      caller: caller?.name ?? `nobody ${ctx.ip}`,
      keyId: caller?.keyId ?? null,
      method: ctx.method,
      path: ctx.path,
      status,
      requestId: String(ctx.state.requestId),
    }
    // What was done stays done: the log has what the table could not take.
    await recordAudit(db, entry).catch((error: unknown) =>
      logger.error({ err: error, ...entry }, 'the audit could not be written'),
    )
  }
}

async function known(
  ctx: Context,
  authentication: Authentication,
  wrongKeys: RateLimiterMemory,
): Promise<Caller> {
  try {
    const caller = await authentication.callerOf(ctx)
    if (caller !== null) return caller
  } catch (error) {
    if (error instanceof Problem && error.status === 401) await spend(wrongKeys, ctx.ip, WRONG_KEYS_CAME)
    throw error
  }
  throw unauthenticated(
    'say who asks: Authorization: Bearer <key or token>, or X-API-Key: <key>. asinstream keys create makes a key.',
  )
}

/** Counts a request, and says in the answer how many are left (draft-ietf-httpapi-ratelimit-headers). */
async function count(
  ctx: Context,
  limiter: RateLimiterMemory,
  key: string,
  perMinute: number,
): Promise<void> {
  ctx.set('ratelimit-policy', `"requests";q=${perMinute};w=${WINDOW_S}`)
  const left = await spend(limiter, key, `more than ${perMinute} requests a minute`)
  ctx.set('ratelimit', `"requests";r=${left.remainingPoints};t=${Math.ceil(left.msBeforeNext / 1_000)}`)
}

async function spend(limiter: RateLimiterMemory, key: string, what: string): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key)
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1_000))
    throw new Problem('too-many-requests', `${what}: try again in ${seconds} seconds`, {
      headers: { 'retry-after': String(seconds) },
    })
  }
}

function forbidden(caller: Caller, needed: string): Problem {
  return new Problem(
    'forbidden',
    `${caller.name} lacks the scope ${needed}: asinstream keys create --scope ${needed} makes a key that has it`,
  )
}

/** The path of the route that will answer, as it was declared; the request's own where there is none. */
function patternOf(router: Router, ctx: Context): string {
  const method = ctx.method === 'HEAD' ? 'GET' : ctx.method
  const layer = router.match(ctx.path, method).pathAndMethod.at(-1)
  return layer === undefined ? ctx.path : String(layer.path)
}
