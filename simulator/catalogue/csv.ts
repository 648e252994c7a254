/** Product rows as CSV (RFC 4180, LF line ends), with the header that an import takes. */

import type { ProductRow } from './generate-products.ts'

export function csvHeader(withExpected: boolean): string {
  return `sku,upc,title,brand,supplier,category,pack_quantity${withExpected ? ',expected' : ''}\n`
}

export function csvLine(row: ProductRow, withExpected: boolean): string {
  const cells = [row.sku, row.upc, row.title, row.brand, row.supplier, row.category, String(row.packQuantity)]
  if (withExpected) cells.push(row.expected)
  return `${cells.map(csvCell).join(',')}\n`
}

function csvCell(value: string): string {
  return /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}
