import { isIP } from 'node:net'
import { listApiKeys } from '#libs/db/api-keys.ts'
import type { Database } from '#libs/db/database.ts'
import { type Config, ConfigError } from '#libs/service/config.ts'
import type { Logger } from '#libs/service/logger.ts'
import { Authentication } from './authenticate.ts'

/**
 * Who may come in, by the configuration; says so in the log where it is worth knowing. Rejects with a `ConfigError` when
 * tokens are to be taken and nobody said for whom they have to be.
 */
export async function authenticationOf(
  config: Config,
  db: Database,
  logger: Logger,
): Promise<Authentication> {
  const { API_AUTH, API_ADMIN_KEY, OIDC_ISSUER, OIDC_AUDIENCE, OIDC_SCOPE_CLAIM, HOST } = config
  if (OIDC_ISSUER !== undefined && OIDC_AUDIENCE === undefined)
    throw new ConfigError([
      'OIDC_AUDIENCE must be set with OIDC_ISSUER: a token for another application is not for this one',
    ])
  const open = (API_AUTH ?? (isLoopback(HOST) ? 'open' : 'keys')) === 'open'
  if (open && !isLoopback(HOST))
    logger.warn({ host: HOST }, 'API_AUTH=open: whoever reaches this address may change everything')
  if (!open && API_ADMIN_KEY === undefined && OIDC_ISSUER === undefined) {
    const usable = (await listApiKeys(db)).some((key) => key.revokedAt === null)
    if (!usable)
      logger.warn(
        'the API asks for a key and there is none yet: asinstream keys create --name me --scope admin',
      )
  }
  const oidc =
    OIDC_ISSUER === undefined || OIDC_AUDIENCE === undefined
      ? null
      : { issuer: OIDC_ISSUER, audience: OIDC_AUDIENCE, scopeClaim: OIDC_SCOPE_CLAIM }
  return new Authentication({ db, logger, open, adminKey: API_ADMIN_KEY, oidc })
}

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1'
}
