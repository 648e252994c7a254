import { useMemo } from 'preact/hooks'
import { useQuery } from './query.js'

/** The marketplaces that are enabled, and the country of an id; the id itself of one that is not. */
export function useMarketplaces() {
  const { data } = useQuery('/marketplace/amazon/sync-status')
  return useMemo(() => {
    /** @type {{ marketplaceId: string, countryCode: string }[]} */
    const marketplaces = data?.marketplaces ?? []
    const countries = new Map(marketplaces.map((one) => [one.marketplaceId, one.countryCode]))
    return { marketplaces, countryOf: (/** @type {string} */ id) => countries.get(id) ?? id }
  }, [data])
}
