import {
  createSpApi,
  parseUsagePlans,
  RegionalEndpointManager,
  type Seller,
  SpApiInputError,
  usagePlansWith,
} from '#libs/sp-api/index.ts'
import { rateLimitOf, retryOf } from './call-limits.ts'
import { ConfigError, proxyOf } from './config.ts'
import type { SellerAccount } from './sellers.ts'
import type { ServiceContext } from './service.ts'

/** One seller with its own tokens, quota and circuit. Throws a `ConfigError`; connects to nothing yet. */
export function openSeller(
  account: SellerAccount,
  marketplaceIds: readonly string[],
  { config, backends, logger, metrics }: ServiceContext,
): Seller {
  const { name, bucketKey, clientId, clientSecret, previousClientSecret, refreshToken } = account
  const api = createSpApi({
    application: { clientId, clientSecret, previousClientSecret },
    refreshToken,
    sellerKey: bucketKey,
    bucket: backends.bucket(),
    tokenStore: backends.tokenStore(),
    endpoints: new RegionalEndpointManager({
      spApiEndpoint: config.SP_API_ENDPOINT,
      lwaEndpoint: config.LWA_ENDPOINT,
    }),
    usagePlans: plansOf(account),
    rateLimit: rateLimitOf(config),
    retry: retryOf(config),
    proxy: proxyOf(config),
    log: logger.child({ seller: name }),
    onRequest(request) {
      const { operation } = request
      metrics.spApiRequests.inc({ operation, status: request.httpStatus ?? request.outcome })
      metrics.spApiSeconds.observe({ operation }, request.durationMs / 1_000)
      metrics.slotWaitSeconds.observe({ operation }, request.slotWaitMs / 1_000)
    },
    onCircuit: (open) => metrics.circuitOpen.set({ seller: name }, open ? 1 : 0),
  })
  return { name, api, marketplaceIds }
}

function plansOf({ name, usagePlans }: SellerAccount) {
  try {
    return usagePlansWith(parseUsagePlans(usagePlans ?? ''))
  } catch (error) {
    if (!(error instanceof SpApiInputError)) throw error
    throw new ConfigError([`the seller ${name}: ${error.message}`])
  }
}
