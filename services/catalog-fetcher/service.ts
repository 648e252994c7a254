import { createHash } from 'node:crypto'
import { type Config, ConfigError } from '#libs/service/config.ts'
import { startProcessorService } from '#libs/service/processor-service.ts'
import type { RunningService, ServiceContext } from '#libs/service/service.ts'
import {
  createSpApi,
  parseUsagePlans,
  RegionalEndpointManager,
  type SpApi,
  usagePlansWith,
} from '#libs/sp-api/index.ts'
import { createCatalogFetcher } from './catalog-fetcher.ts'

export async function startCatalogFetcher(context: ServiceContext): Promise<RunningService> {
  const { config, metrics } = context
  const spApi = openSpApi(context)
  const processor = createCatalogFetcher({ spApi, config, metrics })
  const service = await startProcessorService('catalog-fetcher', processor, context).catch(async (error) => {
    await spApi.close()
    throw error
  })
  return {
    ...service,
    async stop(graceMs) {
      await service.stop(graceMs)
      await spApi.close()
    },
  }
}

function openSpApi({ config, backends, logger, metrics }: ServiceContext): SpApi {
  const { clientId, clientSecret, refreshToken } = credentials(config)
  return createSpApi({
    application: { clientId, clientSecret },
    refreshToken,
    // Names the seller's buckets: the same in every process, and no way back to the token.
    sellerKey: createHash('sha256').update(refreshToken).digest('hex').slice(0, 16),
    bucket: backends.bucket(),
    endpoints: new RegionalEndpointManager({
      spApiEndpoint: config.SP_API_ENDPOINT,
      lwaEndpoint: config.LWA_ENDPOINT,
    }),
    usagePlans: usagePlansWith(parseUsagePlans(config.SP_API_USAGE_PLANS ?? '')),
    log: logger,
    onRequest(request) {
      const { operation } = request
      metrics.spApiRequests.inc({ operation, status: request.httpStatus ?? request.outcome })
      metrics.spApiSeconds.observe({ operation }, request.durationMs / 1_000)
    },
  })
}

function credentials(config: Config): { clientId: string; clientSecret: string; refreshToken: string } {
  const { SP_API_CLIENT_ID, SP_API_CLIENT_SECRET, SP_API_REFRESH_TOKEN } = config
  if (!SP_API_CLIENT_ID || !SP_API_CLIENT_SECRET || !SP_API_REFRESH_TOKEN) {
    throw new ConfigError([
      "SP_API_CLIENT_ID, SP_API_CLIENT_SECRET and SP_API_REFRESH_TOKEN must be set: they are on your application's page in Seller Central. To try things out without them, run `npm run simulator` and set SP_API_ENDPOINT and LWA_ENDPOINT to its URL; it takes any credentials.",
    ])
  }
  return {
    clientId: SP_API_CLIENT_ID,
    clientSecret: SP_API_CLIENT_SECRET,
    refreshToken: SP_API_REFRESH_TOKEN,
  }
}
