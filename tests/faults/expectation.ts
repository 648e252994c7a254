import { Catalogue } from '#simulator/catalogue/catalogue.ts'
import {
  type GenerateOptions,
  generateProducts,
  type ProductRow,
} from '#simulator/catalogue/generate-products.ts'
import { itemData } from '#simulator/catalogue/item-data.ts'
import { DEFAULT_MARKETPLACE, marketplaces } from '#simulator/marketplaces.ts'
import type { Expected } from './checker.ts'

/** What each generated product must come to, by the simulator's seed; the same order at each call. */
export function* expectations(options: GenerateOptions): Generator<Expected> {
  const catalogue = new Catalogue(options)
  for (const row of generateProducts(options)) yield expectationOf(row, catalogue)
}

/** What one row must come to in a catalogue of its seed. */
export function expectationOf(row: ProductRow, catalogue: Catalogue): Expected {
  const { sku, expected: state, expectedAsin: asin } = row
  if (state === 'invalid' || state === 'restricted') {
    return { sku, state, asin, candidates: new Map(), gtin14: null }
  }
  // Of the damage that can be undone, a number forgets all but the apostrophe.
  const gtin = Number(row.upc.replace(/^'/, ''))
  const { gtin14, listings } = catalogue.lookup(DEFAULT_MARKETPLACE, gtin)
  const candidates = new Map(listings.map(({ asin, ordinal }) => [asin, rankOf(catalogue, gtin, ordinal)]))
  return { sku, state, asin, candidates, gtin14 }
}

/** The rank in the item's display group, as the simulator shows it. */
function rankOf(catalogue: Catalogue, gtin: number, ordinal: number): number | null {
  const marketplace = marketplaces.get(DEFAULT_MARKETPLACE)
  const item = catalogue.item(DEFAULT_MARKETPLACE, gtin, ordinal)
  if (!marketplace || !item)
    throw new Error(`the catalogue lists an item that it does not have: ${gtin}/${ordinal}`)
  const { salesRanks } = itemData([[marketplace, item]], new Set(['salesRanks'])) as {
    salesRanks: { displayGroupRanks?: { rank: number }[] }[]
  }
  return salesRanks[0]?.displayGroupRanks?.[0]?.rank ?? null
}
