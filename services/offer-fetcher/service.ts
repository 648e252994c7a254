import { openSellers } from '#libs/service/open-sellers.ts'
import { startProcessorService } from '#libs/service/processor-service.ts'
import type { RunningService, ServiceContext } from '#libs/service/service.ts'
import { SellersOffers } from './ask-sellers.ts'
import { createOfferFetcher } from './offer-fetcher.ts'

export async function startOfferFetcher(context: ServiceContext): Promise<RunningService> {
  const { config } = context
  const sellers = await openSellers(context)
  const processor = createOfferFetcher({ offers: new SellersOffers(sellers.pool), config })
  const service = await startProcessorService('offer-fetcher', processor, context, () =>
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
