import { DroppedRequests } from '#libs/db/dropped-requests.ts'
import { openLightDatabase } from '#libs/db/light-database.ts'
import { openSellers } from '#libs/service/open-sellers.ts'
import { startProcessorService } from '#libs/service/processor-service.ts'
import type { RunningService, ServiceContext } from '#libs/service/service.ts'
import { createCatalogFetcher } from './catalog-fetcher.ts'

export async function startCatalogFetcher(context: ServiceContext): Promise<RunningService> {
  const { config, metrics } = context
  const sellers = await openSellers(context)
  const cancellations = openCancellations(context)
  const processor = createCatalogFetcher({
    spApi: sellers.pool,
    config,
    metrics,
    ...(cancellations && { dropped: cancellations.dropped }),
  })
  const close = async (): Promise<void> => {
    await sellers.close()
    await cancellations?.close()
  }
  const service = await startProcessorService('catalog-fetcher', processor, context, () =>
    sellers.ready(),
  ).catch(async (error) => {
    await close()
    throw error
  })
  return {
    ...service,
    details: () => ({ sellers: sellers.status() }),
    async stop(graceMs) {
      await service.stop(graceMs)
      await close()
    },
  }
}

/** Knows of cancelled syncs where there is a database to ask; without one, what is on the log of them is looked up in vain. */
function openCancellations({ config, logger }: ServiceContext) {
  if (config.DATABASE_URL === undefined) return null
  const db = openLightDatabase(config.DATABASE_URL, 'asinstream-catalog-fetcher')
  const requests = new DroppedRequests({
    db,
    queuedTimeoutMs: config.QUEUED_TIMEOUT,
    onError: (error) => logger.warn({ err: error }, 'PostgreSQL can not be asked which syncs were cancelled'),
  })
  return {
    dropped: (all: Parameters<DroppedRequests['of']>[0]) => requests.of(all),
    close: () => db.close(),
  }
}
