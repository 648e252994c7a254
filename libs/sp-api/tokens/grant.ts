import { findMarketplace } from '../marketplaces.ts'
import type { GrantlessScope } from '../operations/traits.ts'

/** Credentials of the application at Login with Amazon. */
export interface LwaApplication {
  readonly clientId: string
  readonly clientSecret: string
  /**
   * The secret before it, while Amazon takes both: seven days from a rotation. It is used when Login with Amazon refuses
   * the newer one. Source: "Rotating your application's client secret".
   */
  readonly previousClientSecret?: string | undefined
}

/** What a restricted data token opens. */
export interface RestrictedResource {
  readonly method: string
  /** Without a slash at its end; with `{orderId}` and the like it holds for all of them. */
  readonly path: string
  readonly dataElements: readonly string[]
  /** Decides the region, in which alone the token is good. */
  readonly marketplaceId: string
}

/**
 * What a token is asked for with: a seller's refresh token, a scope of the application's own, or a seller's access token
 * and what the restricted data token is to open.
 */
export type TokenGrant =
  | { readonly refreshToken: string; readonly resource?: never }
  | { readonly refreshToken: string; readonly resource: RestrictedResource }
  | { readonly scope: GrantlessScope; readonly resource?: never }

/** A token as it was issued. */
export interface IssuedToken {
  readonly value: string
  /** Its whole life, in milliseconds. */
  readonly lifeMs: number
  /** In the clock's monotonic milliseconds. */
  readonly expiresAt: number
}

/** Names what a token is for, within one application; holds no secret but the refresh token. */
export function grantKey(grant: TokenGrant): string {
  if ('scope' in grant) return JSON.stringify(['scope', grant.scope])
  return JSON.stringify(['seller', grant.refreshToken, ...purposeOf(grant)])
}

/** The same without whose it is. */
export function purposeOf(grant: TokenGrant): readonly string[] {
  if ('scope' in grant) return [grant.scope]
  if (grant.resource === undefined) return []
  const { method, path, marketplaceId, dataElements } = grant.resource
  return [method, path, findMarketplace(marketplaceId).region, ...dataElements.toSorted()]
}
