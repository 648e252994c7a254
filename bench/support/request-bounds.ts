import { expectedPages } from '#libs/sp-api/batch-size.ts'
import { Catalogue } from '#simulator/catalogue/catalogue.ts'
import { type GenerateOptions, generateProducts } from '#simulator/catalogue/generate-products.ts'
import { DEFAULT_MARKETPLACE } from '#simulator/marketplaces.ts'

const MAX_IDENTIFIERS = 20
const PAGE_SIZE = 20

/** What the catalogue takes at best, in requests. */
export function boundsOf(options: GenerateOptions): { codes: number; bound: number; blind: number } {
  const catalogue = new Catalogue(options)
  const codes = new Set<number>()
  for (const { upc } of generateProducts(options)) codes.add(Number(upc))
  const weights: number[] = []
  let items = 0
  for (const code of codes) {
    const count = catalogue.countOf(DEFAULT_MARKETPLACE, code)
    items += count
    for (let length = weights.length; length <= count; length++) weights.push(0)
    weights[count]! += 1
  }
  const perRequest = Math.max(...expectedPages(weights).map((pages, index) => (index + 1) / pages))
  return {
    codes: codes.size,
    bound: Math.ceil(Math.max(codes.size / MAX_IDENTIFIERS, items / PAGE_SIZE)),
    blind: codes.size / perRequest,
  }
}
