import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { fetch } from 'undici'
import { z } from 'zod'
import { type ApiScope, apiScopes } from '#libs/db/api-keys.ts'
import { Problem } from '#libs/service/problem.ts'
import type { Caller } from './caller.ts'

export interface OidcOptions {
  /** As the tokens name it in `iss`; its configuration is read from below it. */
  readonly issuer: string
  /** What `aud` has to have. */
  readonly audience: string
  /** The claim with the scopes: a text with spaces, or a list. */
  readonly scopeClaim: string
}

/** A token is for us when its scopes begin so: another application's `admin` is nothing here. */
const SCOPE_MARK = 'asinstream:'
/** Asymmetric ones alone: whoever can verify must not be able to sign. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']
const CLOCK_TOLERANCE_S = 30
const TIMEOUT_MS = 5_000

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() })

/**
 * Checks access tokens (JWT) of an OpenID Connect issuer: its signature by the issuer's published keys, which are read
 * again when a token names one that is not known, its issuer, audience and time. Source: RFC 9068, section 4.
 */
export class OidcTokens {
  readonly #options: OidcOptions
  #keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined

  constructor(options: OidcOptions) {
    this.#options = options
  }

  /** Null for a token that is not valid. Throws 503 when the issuer can not be asked. */
  async callerOf(token: string): Promise<Caller | null> {
    const { issuer, audience } = this.#options
    try {
      const { payload } = await jwtVerify(token, await this.#issuerKeys(), {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_S,
        requiredClaims: ['sub', 'exp'],
      })
      return { name: `user ${nameOf(payload)}`, keyId: null, scopes: this.#scopesOf(payload) }
    } catch (error) {
      if (error instanceof Problem) throw error
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError))
        throw away(issuer, error)
      return null
    }
  }

  #scopesOf(payload: JWTPayload): ReadonlySet<ApiScope> {
    const claim = payload[this.#options.scopeClaim]
    const named = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
    return new Set(apiScopes.filter((scope) => named.includes(SCOPE_MARK + scope)))
  }

  #issuerKeys(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    if (this.#keys === undefined) {
      const keys = discover(this.#options.issuer)
      this.#keys = keys
      // Asked again by the next request.
      keys.catch(() => {
        this.#keys = undefined
      })
    }
    return this.#keys
  }
}

async function discover(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const address = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`
  try {
    const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}`)
    const found = discoverySchema.parse(await answer.json())
    if (found.issuer !== issuer) throw new Error(`${address} is of ${found.issuer}, not of ${issuer}`)
    return createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: TIMEOUT_MS })
  } catch (error) {
    throw away(issuer, error)
  }
}

function away(issuer: string, cause: unknown): Problem {
  return new Problem(
    'unavailable',
    `the token can not be checked: ${issuer} does not answer as an OpenID Connect issuer. Try again in a few seconds.`,
    { headers: { 'retry-after': '5' }, cause },
  )
}

/** What people know a user by, where the token says it. */
function nameOf(payload: JWTPayload): string {
  const { email, preferred_username: username, sub } = payload
  const name = [email, username, sub].find((value) => typeof value === 'string' && value !== '')
  return String(name).slice(0, 200)
}
