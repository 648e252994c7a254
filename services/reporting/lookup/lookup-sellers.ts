import { Registry } from 'prom-client'
import { ConfigError } from '#libs/service/config.ts'
import { metricDefinitions } from '#libs/service/metrics.ts'
import { openSellers } from '#libs/service/open-sellers.ts'
import type { ServiceContext } from '#libs/service/service.ts'
import { findMarketplace, type SellerPool } from '#libs/sp-api/index.ts'

/** Whom lookups are asked of. */
export interface LookupSellers {
  /** Null: nobody can be asked. */
  readonly pool: SellerPool | null
  /** Why nobody can be asked in a marketplace; null when somebody can. */
  whyNot(marketplaceId: string): string | null
  close(): Promise<void>
}

/**
 * The sellers of the configuration and the table, each asked in every marketplace unless it names its own: Amazon says
 * where an account may not look. Reporting does without them: then what is in the database is all that it knows.
 */
export async function openLookupSellers(context: ServiceContext): Promise<LookupSellers> {
  const { metrics, logger } = context
  try {
    // That a seller is stopped where nobody syncs is no alarm; where somebody does, the fetchers raise it.
    const unseen = new Registry()
    const sellers = await openSellers(
      {
        ...context,
        metrics: {
          ...metrics,
          circuitOpen: metricDefinitions.circuitOpen.create(unseen),
          sellerStopped: metricDefinitions.sellerStopped.create(unseen),
        },
      },
      { everywhere: true },
    )
    const { pool } = sellers
    return {
      pool,
      whyNot: (marketplaceId) =>
        pool.sellers.some(({ marketplaceIds }) => marketplaceIds.includes(marketplaceId))
          ? null
          : `no seller serves ${findMarketplace(marketplaceId).countryCode}: add it to the marketplaces of one`,
      close: () => sellers.close(),
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    logger.info(`lookups are answered from the database alone: ${error.problems.join(' ')}`)
    const why = `lookups can not be asked of Amazon by this server. ${error.problems.join(' ')}`
    return { pool: null, whyNot: () => why, close: async () => {} }
  }
}
