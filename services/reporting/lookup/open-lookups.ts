import type { Database } from '#libs/db/database.ts'
import type { ServiceContext } from '#libs/service/service.ts'
import { findMarketplace } from '#libs/sp-api/index.ts'
import { AmazonLookups } from './amazon-lookups.ts'
import type { LookupRoutes } from './lookup-routes.ts'
import { openLookupSellers } from './lookup-sellers.ts'
import { keepBrought, Lookups } from './lookups.ts'
import { RawAnswers } from './raw-answers.ts'

/** What lookups brought is kept for so long at least: a request may take for fresh what the default does not. */
const KEPT_MS = 7 * 86_400_000

export interface OpenLookups {
  readonly routes: LookupRoutes
  /** Ends connections to Amazon; lookups under way fail. */
  close(): Promise<void>
}

/** Lookups with what they need: sellers, the database, and the limits of the configuration. */
export async function openLookups(context: ServiceContext, db: Database): Promise<OpenLookups> {
  const { config, logger } = context
  const { REQUEST_TIMEOUT: timeoutMs, LOOKUP_MAX_AGE: maxAgeMs } = config
  const sellers = await openLookupSellers(context)
  const { pool, whyNot } = sellers
  const keptMs = Math.max(KEPT_MS, maxAgeMs)
  const amazon =
    pool &&
    new AmazonLookups({
      pool,
      workers: config.FETCH_CONCURRENCY,
      maxSlotWaitMs: timeoutMs,
      keep: (brought) => keepBrought(db, brought, keptMs),
      logger,
    })
  return {
    routes: {
      db,
      lookups: new Lookups({ db, amazon, whyNot, timeoutMs }),
      raw: new RawAnswers({ pool, whyNot, timeoutMs }),
      home: findMarketplace(config.MARKETPLACES[0] ?? 'US'),
      maxAgeMs,
      timeoutMs,
      maxBatch: config.MAX_BATCH_SIZE,
    },
    close: () => sellers.close(),
  }
}
