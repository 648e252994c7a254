import type Router from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import { apiScopes } from '#libs/db/api-keys.ts'
import { invalidFields, Problem } from '#libs/service/problem.ts'
import { readJson } from '../body.ts'
import { type Authentication, unauthenticated } from './authenticate.ts'
import { type Caller, mayDo } from './caller.ts'

const COOKIE = 'asinstream_key'
const MAX_BODY_BYTES = 10_000

export const sessionSchema = z.strictObject({ key: z.string().min(1).max(4_000) })

/** The key that the page's cookie has. */
export function sessionKey(ctx: Context): string | undefined {
  return ctx.cookies.get(COOKIE) || undefined
}

/**
 * How a browser comes in: the page sends a key once and gets it back as a cookie that no script can read and no other
 * site can make it send. Downloads and event streams, which take no headers, come with it as well.
 */
export function addSessionRoutes(router: Router, authentication: Authentication): void {
  const path = '/api/session'

  router.get(path, async (ctx) => {
    const caller = await authentication.callerOf(ctx)
    ctx.set('cache-control', 'no-store')
    ctx.body = caller ? describe(caller) : { caller: null, scopes: [] }
  })

  router.post(path, async (ctx) => {
    const parsed = sessionSchema.safeParse(await readJson(ctx.req, MAX_BODY_BYTES))
    if (!parsed.success) throw invalidFields([{ field: 'key', message: 'must be an API key' }])
    const { key } = parsed.data
    const caller = await authentication.callerWith(key)
    if (caller === null)
      throw unauthenticated('the key is not valid: asinstream keys list shows those that are')
    if (!/^[\w.~+/=-]+$/.test(key))
      throw new Problem('invalid-request', 'the key has characters that no key has')
    ctx.cookies.set(COOKIE, key, { httpOnly: true, sameSite: 'strict', secure: ctx.secure, path: '/' })
    ctx.body = describe(caller)
  })

  router.delete(path, (ctx) => {
    ctx.cookies.set(COOKIE, null, { path: '/' })
    ctx.status = 204
  })
}

function describe(caller: Caller): { readonly caller: string; readonly scopes: readonly string[] } {
  return { caller: caller.name, scopes: apiScopes.filter((scope) => mayDo(caller, scope)) }
}
