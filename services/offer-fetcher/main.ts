import { runService } from '#libs/service/run.ts'
import { startOfferFetcher } from './service.ts'

process.exitCode = await runService('offer-fetcher', startOfferFetcher)
