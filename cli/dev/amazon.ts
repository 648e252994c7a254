import { type Config, ConfigError, hasCredentials } from '#libs/service/config.ts'
import { parseUsagePlans } from '#libs/sp-api/index.ts'
import { sampleOptions } from '#simulator/catalogue/generate-products.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { UsageError } from '../failure.ts'
import { DEFAULT_BURST, DEFAULT_RATE, type DevOptions } from './options.ts'

/** Who answers as Amazon. */
export type Amazon =
  | { readonly kind: 'amazon' }
  | {
      readonly kind: 'simulator'
      readonly simulator: Simulator
      /** Requests a second, and how many at once. */
      readonly rate: number
      readonly burst: number
      /** The variables that lead to it. */
      readonly environment: Readonly<Record<string, string>>
    }

/** Amazon when its credentials are set, otherwise a simulator in this process. Throws for options that do not go together. */
export async function startAmazon(config: Config, options: DevOptions): Promise<Amazon> {
  if (hasCredentials(config)) {
    const given = options.rate !== undefined ? '--rate' : options.products !== undefined ? '--products' : null
    if (given) {
      throw new UsageError(
        `${given} is the simulator's, but Amazon's credentials are set: leave it out, or unset SP_API_CLIENT_ID.`,
      )
    }
    return { kind: 'amazon' }
  }
  if (config.SP_API_ENDPOINT !== undefined || config.LWA_ENDPOINT !== undefined) {
    throw new ConfigError([
      'SP_API_ENDPOINT or LWA_ENDPOINT is set, but no credentials are: set SP_API_CLIENT_ID, SP_API_CLIENT_SECRET and SP_API_REFRESH_TOKEN as well (for a simulator, any will do), or unset the endpoints to have a simulator brought along.',
    ])
  }
  const { rate, burst } = planOf(config, options)
  const { seed, asinsPerUpc, notFound } = sampleOptions
  const simulator = await startSimulator({ seed, asinsPerUpc, notFound, rate, burst, latencyMs: [30, 120] })
  return {
    kind: 'simulator',
    simulator,
    rate,
    burst,
    environment: {
      SP_API_ENDPOINT: simulator.url,
      LWA_ENDPOINT: simulator.url,
      SP_API_CLIENT_ID: 'dev',
      SP_API_CLIENT_SECRET: 'dev-secret-of-the-simulator',
      SP_API_REFRESH_TOKEN: 'dev-token-of-the-simulator',
      SP_API_USAGE_PLANS: `searchCatalogItems=${rate}/${burst}`,
    },
  }
}

/** The command line's rate, else the plan that SP_API_USAGE_PLANS says is granted, else a default. */
function planOf(config: Config, options: DevOptions): { rate: number; burst: number } {
  if (options.rate !== undefined) {
    return { rate: options.rate, burst: Math.max(1, Math.min(10_000, Math.round(options.rate * 2))) }
  }
  const granted = parseUsagePlans(config.SP_API_USAGE_PLANS ?? '').searchCatalogItems
  return granted
    ? { rate: granted.ratePerSecond, burst: granted.burst }
    : { rate: DEFAULT_RATE, burst: DEFAULT_BURST }
}
