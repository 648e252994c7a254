import { openSellers } from '#libs/service/open-sellers.ts'
import { startProcessorService } from '#libs/service/processor-service.ts'
import type { RunningService, ServiceContext } from '#libs/service/service.ts'
import { createCatalogFetcher } from './catalog-fetcher.ts'

export async function startCatalogFetcher(context: ServiceContext): Promise<RunningService> {
  const { config, metrics } = context
  const sellers = await openSellers(context)
  const processor = createCatalogFetcher({ spApi: sellers.pool, config, metrics })
  const service = await startProcessorService('catalog-fetcher', processor, context, () =>
    sellers.ready(),
  ).catch(async (error) => {
    await sellers.close()
    throw error
  })
  return {
    ...service,
    details: () => ({ sellers: sellers.status() }),
    async stop(graceMs) {
      await service.stop(graceMs)
      await sellers.close()
    },
  }
}
