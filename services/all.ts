import type { StartService } from '#libs/service/service.ts'

/**
 * Every service by the name that `asinstream serve` takes, in the order in which they are started in one process. Each
 * is loaded when it is started: a process that runs one of them has no memory for what the others import.
 */
export const services = {
  reporting: async (...args: Parameters<typeof import('./reporting/service.ts').startReporting>) =>
    (await import('./reporting/service.ts')).startReporting(...args),
  persister: async (context) => (await import('./persister/service.ts')).startPersister(context),
  'catalog-fetcher': async (context) =>
    (await import('./catalog-fetcher/service.ts')).startCatalogFetcher(context),
  'offer-fetcher': async (context) => (await import('./offer-fetcher/service.ts')).startOfferFetcher(context),
  'product-change': async (context) =>
    (await import('./product-change/service.ts')).startProductChange(context),
} as const satisfies Readonly<Record<string, StartService>>

export type ServiceName = keyof typeof services

export const serviceNames = Object.keys(services) as readonly ServiceName[]
