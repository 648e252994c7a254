import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import {
  createSpApi,
  parseUsagePlans,
  RegionalEndpointManager,
  type SpApi,
  usagePlansWith,
} from '../index.ts'

const { env } = process

/**
 * The seller of these examples, from SP_API_CLIENT_ID, SP_API_CLIENT_SECRET and SP_API_REFRESH_TOKEN; at Amazon, or where
 * SP_API_ENDPOINT and LWA_ENDPOINT lead: `npm run simulator`, for one. Plans that Amazon has granted the seller stand in
 * SP_API_USAGE_PLANS, such as `searchOrders=0.1/20`. One process, so its memory counts the slots.
 */
export function connect(refreshToken = env.SP_API_REFRESH_TOKEN ?? '', sellerKey = 'my-shop'): SpApi {
  return createSpApi({
    application: {
      clientId: env.SP_API_CLIENT_ID ?? '',
      clientSecret: env.SP_API_CLIENT_SECRET ?? '',
    },
    refreshToken,
    sellerKey,
    bucket,
    endpoints,
    homeMarketplaceId: 'US',
    usagePlans: usagePlansWith(parseUsagePlans(env.SP_API_USAGE_PLANS ?? '')),
  })
}

/** One for all sellers: an application has a limit of its own over them. */
const bucket = createMemoryTokenBucket()
const endpoints = new RegionalEndpointManager({
  spApiEndpoint: env.SP_API_ENDPOINT,
  lwaEndpoint: env.LWA_ENDPOINT,
})
