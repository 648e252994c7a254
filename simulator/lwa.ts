/** Login with Amazon: tokens (`POST /auth/o2/token`; RFC 6749 §5 and the Selling Partner API's "Connect" guide). */

import { createHash, randomBytes } from 'node:crypto'
import type { Answer } from './answer.ts'

/** Whom an access token speaks for. `seller` is null for grantless operations. */
export interface Identity {
  readonly application: string
  readonly seller: string | null
  /** What a token of an application alone may be used for; empty for a seller's. */
  readonly scopes: readonly string[]
  /** What a restricted data token opens, and nothing else; null for other tokens. */
  readonly restricted: readonly RestrictedResource[] | null
}

/** A path with the data about buyers that may be read there (model `tokens_2021-03-01`). */
export interface RestrictedResource {
  readonly method: string
  /** As it is called, or with names in braces for its variable parts. */
  readonly path: string
  readonly dataElements: readonly string[]
}

interface Grant extends Identity {
  readonly refreshToken: string | null
  readonly expiresAt: number
}

export interface LwaOptions {
  readonly tokenTtlSeconds: number
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  readonly now: () => number
}

const SCOPES = ['sellingpartnerapi::notifications', 'sellingpartnerapi::client_credential:rotation'] as const
export type Scope = (typeof SCOPES)[number]

/** Expired tokens are remembered this long, so that they are told from unknown ones. */
const REMEMBER_MS = 3_600_000

export class Lwa {
  readonly #options: LwaOptions
  readonly #grants = new Map<string, Grant>()
  readonly #revokedTokens = new Set<string>()
  readonly #revokedClients = new Set<string>()
  #tokenTtlSeconds: number
  /** Of the one application that is known, the newest first, each until its end. */
  #secrets: readonly { readonly secret: string; readonly until: number }[]
  /** Tokens that were asked for here; restricted ones are not. */
  issued = 0

  constructor(options: LwaOptions) {
    this.#options = options
    this.#tokenTtlSeconds = options.tokenTtlSeconds
    const { clientSecret: secret } = options
    this.#secrets = secret === undefined ? [] : [{ secret, until: Number.POSITIVE_INFINITY }]
  }

  /** Answers a token request; `parameters` is the form or JSON body. */
  token(parameters: ReadonlyMap<string, string>): Answer {
    const grantType = parameters.get('grant_type')
    const clientId = parameters.get('client_id')
    const secret = parameters.get('client_secret')
    if (!grantType) return missing('grant_type')
    if (!['refresh_token', 'client_credentials', 'authorization_code'].includes(grantType)) {
      return refusal(
        400,
        'unsupported_grant_type',
        'The authorization grant type is not supported by the authorization server',
      )
    }
    if (!clientId) return missing('client_id')
    if (!secret || !this.#isClient(clientId, secret))
      return refusal(401, 'invalid_client', 'Client authentication failed')
    if (this.#revokedClients.has(clientId)) {
      return refusal(
        400,
        'unauthorized_client',
        'The client is not authorized to request an access token using this method.',
      )
    }
    if (grantType === 'refresh_token') return this.#refresh(clientId, parameters.get('refresh_token'))
    if (grantType === 'client_credentials') return this.#clientCredentials(clientId, parameters.get('scope'))
    return refusal(400, 'invalid_grant', 'The request has an invalid grant parameter : code')
  }

  /** A restricted data token for whoever `accessToken` speaks for. It lives for an hour, as others do. */
  restrict(
    accessToken: string,
    resources: readonly RestrictedResource[],
  ): { token: string; expiresIn: number } {
    const grant = this.#grants.get(accessToken)
    if (grant === undefined) throw new Error('A token of nobody can not be restricted.')
    const token = this.#issue({ ...grant, restricted: resources }, 'Atz.sprdt|')
    return { token, expiresIn: Math.ceil(this.#tokenTtlSeconds) }
  }

  /** Whom a token speaks for, or why it speaks for nobody. */
  identify(accessToken: string): Identity | 'expired' | 'invalid' {
    const grant = this.#grants.get(accessToken)
    if (grant === undefined) return 'invalid'
    if (this.#options.now() >= grant.expiresAt) return 'expired'
    return grant
  }

  /** A seller takes back the authorisation: the refresh token and its access tokens stop working. */
  revokeRefreshToken(refreshToken: string): void {
    this.#revokedTokens.add(refreshToken)
    for (const [token, grant] of this.#grants)
      if (grant.refreshToken === refreshToken) this.#grants.delete(token)
  }

  /** An application loses the right to ask for tokens; those it has work until they expire. */
  revokeClient(clientId: string): void {
    this.#revokedClients.add(clientId)
  }

  /** The seller authorises the application again; for new access tokens only. */
  restoreRefreshToken(refreshToken: string): void {
    this.#revokedTokens.delete(refreshToken)
  }

  restoreClient(clientId: string): void {
    this.#revokedClients.delete(clientId)
  }

  /** How long tokens live that are issued from now on. */
  setTokenTtl(seconds: number): void {
    this.#tokenTtlSeconds = seconds
  }

  /**
   * The application gets a new client secret; those that it has end after so long. Amazon gives them seven days
   * ("Rotating your application's client secret"). Throws when any application is taken.
   */
  rotateSecret(secret: string, olderValidSeconds: number): void {
    if (this.#options.clientId === undefined)
      throw new Error('Any application is taken: give the simulator a client id and secret to rotate it.')
    const end = this.#options.now() + olderValidSeconds * 1000
    const older = this.#secrets.map((one) => ({ ...one, until: Math.min(one.until, end) }))
    this.#secrets = [{ secret, until: Number.POSITIVE_INFINITY }, ...older]
  }

  #isClient(clientId: string, secret: string): boolean {
    const { clientId: id, now } = this.#options
    if (id === undefined) return true
    return clientId === id && this.#secrets.some((one) => one.secret === secret && now() < one.until)
  }

  #refresh(clientId: string, refreshToken: string | undefined): Answer {
    if (!refreshToken) return missing('refresh_token')
    if (this.#revokedTokens.has(refreshToken)) {
      return refusal(
        400,
        'invalid_grant',
        "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission.",
      )
    }
    const seller = sellerName(refreshToken)
    const token = this.#issue({ application: clientId, seller, scopes: [], restricted: null, refreshToken })
    this.issued++
    return success({ access_token: token, refresh_token: refreshToken, ...this.#lifetime() })
  }

  #clientCredentials(clientId: string, scope: string | undefined): Answer {
    if (!scope) return missing('scope')
    const scopes = scope.split(' ')
    if (!scopes.every((one) => SCOPES.includes(one as Scope))) {
      return refusal(400, 'invalid_scope', 'The requested scope is invalid, unknown, or malformed.')
    }
    const grant = { application: clientId, seller: null, scopes, restricted: null, refreshToken: null }
    const token = this.#issue(grant)
    this.issued++
    return success({ access_token: token, scope, ...this.#lifetime() })
  }

  #lifetime() {
    return { token_type: 'bearer', expires_in: Math.ceil(this.#tokenTtlSeconds) }
  }

  #issue(grant: Omit<Grant, 'expiresAt'>, prefix = 'Atza|'): string {
    const now = this.#options.now()
    // Oldest first: the map is in order of issue.
    for (const [token, old] of this.#grants) {
      if (old.expiresAt + REMEMBER_MS > now) break
      this.#grants.delete(token)
    }
    const token = `${prefix}${randomBytes(96).toString('base64url')}`
    this.#grants.set(token, { ...grant, expiresAt: now + this.#tokenTtlSeconds * 1000 })
    return token
  }
}

/** A refresh token is a secret; figures show this name for the seller who gave it. */
export function sellerName(refreshToken: string): string {
  return `seller-${createHash('sha256').update(refreshToken).digest('hex').slice(0, 10)}`
}

const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' }

const success = (body: object): Answer => ({ status: 200, body, headers: noStore })

const refusal = (status: number, error: string, description: string): Answer => ({
  status,
  body: { error, error_description: description },
  headers: noStore,
})

const missing = (parameter: string): Answer =>
  refusal(400, 'invalid_request', `The request is missing a required parameter : ${parameter}`)
