import { csvHeader, csvLine } from '#simulator/catalogue/csv.ts'
import { generateProducts, type ProductRow, sampleOptions } from '#simulator/catalogue/generate-products.ts'

/** Who sells the products of the tour's file: what the reader filters by. */
export const SUPPLIER = 'Tour Trading'
const PRODUCTS = 400
const DAMAGED = 0.1

/** Products that `npm start` does not have and its simulator knows, one in ten with a damaged code, as a PIM exports them. */
export function tourProducts(): readonly ProductRow[] {
  const { count } = sampleOptions
  const all = [...generateProducts({ ...sampleOptions, count: count + PRODUCTS, damaged: DAMAGED })]
  return all.slice(count).map((row) => ({ ...row, sku: `TOUR-${row.sku}`, supplier: SUPPLIER }))
}

export function tourCsv(): string {
  return (
    csvHeader(false) +
    tourProducts()
      .map((row) => csvLine(row, false))
      .join('')
  )
}
