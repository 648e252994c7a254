import type { StartService } from '#libs/service/service.ts'
import { startCatalogFetcher } from './catalog-fetcher/service.ts'
import { startPersister } from './persister/service.ts'
import { startProductChange } from './product-change/service.ts'
import { startReporting } from './reporting/service.ts'

/** Every service by the name that `asinstream serve` takes, in the order in which they are started in one process. */
export const services = {
  reporting: startReporting,
  persister: startPersister,
  'catalog-fetcher': startCatalogFetcher,
  'product-change': startProductChange,
} as const satisfies Readonly<Record<string, StartService>>

export type ServiceName = keyof typeof services

export const serviceNames = Object.keys(services) as readonly ServiceName[]
