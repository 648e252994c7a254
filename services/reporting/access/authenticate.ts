import { timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'
import { API_KEY_MARK, findApiKey, hashOf, touchApiKey } from '#libs/db/api-keys.ts'
import type { Database } from '#libs/db/database.ts'
import type { Logger } from '#libs/service/logger.ts'
import { Problem } from '#libs/service/problem.ts'
import { type Caller, localCaller } from './caller.ts'
import { OidcTokens } from './oidc.ts'
import { sessionKey } from './session.ts'

export interface AuthenticationOptions {
  readonly db: Database
  readonly logger: Logger
  /** Nobody is asked who they are. */
  readonly open: boolean
  readonly adminKey: string | undefined
  readonly oidc: { readonly issuer: string; readonly audience: string; readonly scopeClaim: string } | null
}

/** Finds out who sent a request. */
export class Authentication {
  readonly #options: AuthenticationOptions
  readonly #oidc: OidcTokens | null

  constructor(options: AuthenticationOptions) {
    this.#options = options
    this.#oidc = options.oidc && new OidcTokens(options.oidc)
  }

  /** Whoever reaches this address may do everything. */
  get isOpen(): boolean {
    return this.#options.open
  }

  /** Null: the request says nothing about it. Throws 401 for what is not valid, 503 when it can not be checked. */
  async callerOf(ctx: Context): Promise<Caller | null> {
    // Who is open asks nobody: a cookie or key of another server is no reason to refuse.
    if (this.#options.open) return localCaller
    const given = credentialOf(ctx)
    if (given === undefined) return null
    const caller = await this.callerWith(given)
    if (caller !== null) return caller
    throw unauthenticated('the key or token is not valid: it may have expired or been revoked, or be cut off')
  }

  /** Null for a key or token that is not valid. */
  async callerWith(credential: string): Promise<Caller | null> {
    const { adminKey } = this.#options
    if (adminKey !== undefined && timingSafeEqual(hashOf(credential), hashOf(adminKey)))
      return { name: 'key API_ADMIN_KEY', keyId: null, scopes: new Set(['admin']) }
    if (credential.startsWith(API_KEY_MARK)) return this.#callerOfKey(credential)
    return this.#oidc?.callerOf(credential) ?? null
  }

  async #callerOfKey(key: string): Promise<Caller | null> {
    const { db, logger } = this.#options
    const found = await findApiKey(db, key)
    if (found === null) return null
    touchApiKey(db, found.id).catch((error: unknown) => {
      logger.warn({ err: error, keyId: found.id }, 'the last use of an API key could not be noted')
    })
    return { name: `key ${found.name}`, keyId: found.id, scopes: new Set(found.scopes) }
  }
}

export function unauthenticated(detail: string): Problem {
  return new Problem('unauthenticated', detail, {
    headers: { 'www-authenticate': 'Bearer realm="asinstream"' },
  })
}

/** `Authorization: Bearer …`, `X-API-Key`, or the page's cookie. Throws 401 for another scheme. */
function credentialOf(ctx: Context): string | undefined {
  const authorization = ctx.get('authorization')
  if (authorization !== '') {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
    if (token === undefined)
      throw unauthenticated('send a key or token as: Authorization: Bearer …, or a key as: X-API-Key: …')
    return token
  }
  return ctx.get('x-api-key') || sessionKey(ctx)
}
