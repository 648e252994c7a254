import { parseGtin } from '#simulator/catalogue/gtin.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import type { ItemOffers } from '#simulator/catalogue/offers.ts'
import type { Simulator } from '#simulator/server.ts'

export const US = 'ATVPDKIKX0DER'

/** The ASINs that a code truly has in the United States. */
export function asinsOf(simulator: Simulator, upc: string): string[] {
  return simulator.catalogue.lookup(US, parseGtin(upc)!).listings.map(({ asin }) => asin)
}

/** What is truly offered for the first `count` items of the catalogue. */
export function offeredAsins(simulator: Simulator, count: number): ItemOffers[] {
  const offered: ItemOffers[] = []
  for (let number = 0; offered.length < count; number++) {
    const [asin] = asinsOf(simulator, upcOf(number))
    const item = asin === undefined ? null : simulator.market.offersOf(US, asin)
    if (item !== null) offered.push(item)
  }
  return offered
}
