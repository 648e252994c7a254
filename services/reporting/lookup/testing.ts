import { upcOf } from '#simulator/catalogue/numbering.ts'
import type { SimulatorOptions } from '#simulator/options.ts'
import type { startSimulator } from '#simulator/server.ts'
import { startBesideAmazon } from '../test-amazon.ts'

/** Reporting in front of a simulated Amazon, for this folder's suites. */
export async function startLookups(
  environment: Readonly<Record<string, string>> = {},
  simulated: Partial<SimulatorOptions> = {},
) {
  const stage = await startBesideAmazon({
    environment: { SP_API_USAGE_PLANS: 'searchCatalogItems=200/200', ...environment },
    simulated: { rate: 200, burst: 200, asinsPerUpc: 2.5, notFound: 0.2, ...simulated },
  })
  const { amazon, api } = stage
  return {
    ...stage,
    get: (path: string) => api.ask(path),
    post: (path: string, body: unknown) => api.post(path, 'application/json', JSON.stringify(body)),
    /** Calls for items that Amazon was sent. */
    calls: () => amazon.stats().searchCatalogItems.firstPages.calls,
  }
}

/** Codes of the simulated catalogue with what they have in a marketplace, by kind and number of items. */
export function simulatedCode(
  { catalogue }: Awaited<ReturnType<typeof startSimulator>>,
  marketplaceId: string,
) {
  return (kind: string, nth = 0, size?: number) => {
    for (let index = 0; ; index++) {
      const upc = upcOf(index)
      const content = catalogue.lookup(marketplaceId, Number(upc))
      const fits = content.kind === kind && (size === undefined || content.listings.length === size)
      if (fits && nth-- === 0) return { upc, asins: content.listings.map(({ asin }) => asin), ...content }
    }
  }
}
