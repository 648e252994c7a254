import { runService } from '#libs/service/run.ts'
import { startCatalogFetcher } from './service.ts'

process.exitCode = await runService('catalog-fetcher', startCatalogFetcher)
