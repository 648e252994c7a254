import { explainDatabaseError } from '#libs/db/errors.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { readSyncStatus, type SyncStatusReport } from '#libs/db/sync-status.ts'
import { createBackends, databaseUrl } from '#libs/service/backends.ts'
import type { Config } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { secretsOf } from '#libs/service/secrets.ts'
import { resolveMarketplaces } from '#libs/sp-api/index.ts'
import { type AllServices, startAllServices } from '../all-services.ts'
import { bringUpToDate } from '../bring-up-to-date.ts'
import { CommandError, UsageError } from '../failure.ts'
import type { Amazon } from './amazon.ts'
import type { LogFile } from './log-file.ts'
import { type SampleReport, seedSample } from './sample.ts'

/** After Ctrl-C: what services get to finish their work in flight. */
const GRACE_MS = 700

export interface DevServices {
  readonly services: AllServices
  readonly sample: SampleReport
  readStatus(): Promise<SyncStatusReport>
}

export interface StartServices {
  readonly config: Config
  readonly amazon: Amazon['kind']
  /** Size of the sample catalogue. */
  readonly products: number | undefined
  readonly log: LogFile
  /** What was opened, to be closed in reverse. */
  readonly opened: AsyncDisposableStack
  readonly signal: AbortSignal
}

/**
 * Migrates, seeds, and starts every service on one set of backends and metrics. Resolves to null when `signal` aborted
 * before the services were started.
 */
export async function startServices(options: StartServices): Promise<DevServices | null> {
  const { config, amazon, products, log, opened, signal } = options
  const secrets = secretsOf(config)
  const loggerOf = (service: string) =>
    createLogger({ level: config.LOG_LEVEL, service, destination: log, secrets })
  const metrics = createMetrics()
  const backends = createBackends({ config, service: 'dev', logger: loggerOf('dev'), metrics })
  opened.defer(() => backends.close())
  const db = await backends.database()
  const sample = await explained(config, async () => {
    await bringUpToDate(config, backends)
    // Before the first product comes in, so that it is pending in each of them at once.
    await enableMarketplaces(db, resolveMarketplaces(config.MARKETPLACES))
    return seedSample(db, amazon, products)
  })
  if (signal.aborted) return null
  const services = await startAllServices((name) => ({ config, backends, metrics, logger: loggerOf(name) }))
  opened.defer(() => services.stop(GRACE_MS))
  return { services, sample, readStatus: () => readSyncStatus(db) }
}

async function explained<T>(config: Config, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // These say what to do already.
    if (error instanceof UsageError) throw error
    if (error instanceof Error && ['EventLogError', 'RegistryError'].includes(error.name)) throw error
    throw new CommandError(explainDatabaseError(error, databaseUrl(config)), { cause: error })
  }
}
