import type { ExportRow } from '#libs/db/product-export.ts'
import { asTextFormula, withoutFormula } from '../spreadsheet-text.ts'

export const exportFormats = ['csv', 'ndjson', 'xlsx'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** Who reads a CSV: a spreadsheet program, which damages what it takes for numbers and runs what it takes for formulas. */
export const csvReaders = ['spreadsheet', 'program'] as const
export type CsvReader = (typeof csvReaders)[number]

export const contentTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

/** What a column holds: digits that are no number, text, or numbers. */
type Kind = 'identifier' | 'text' | 'number'

/** The columns in their order, by the names that an import takes where it knows them. */
export const exportColumns: ReadonlyArray<readonly [name: string, field: keyof ExportRow, kind: Kind]> = [
  ['sku', 'sku', 'identifier'],
  ['upc', 'upc', 'identifier'],
  ['title', 'title', 'text'],
  ['brand', 'brand', 'text'],
  ['supplier', 'supplier', 'text'],
  ['category', 'category', 'text'],
  ['pack_quantity', 'packQuantity', 'number'],
  ['marketplace', 'marketplace', 'text'],
  ['state', 'state', 'text'],
  ['asin', 'asin', 'identifier'],
  ['amazon_title', 'amazonTitle', 'text'],
  ['amazon_brand', 'amazonBrand', 'text'],
  ['sales_rank', 'salesRank', 'number'],
  ['sales_rank_category', 'salesRankCategory', 'text'],
  ['price', 'price', 'number'],
  ['shipping', 'shipping', 'number'],
  ['currency', 'currency', 'text'],
  ['fulfillment_channel', 'fulfillmentChannel', 'text'],
  ['featured_offer_price', 'featuredOfferPrice', 'number'],
  ['lowest_price', 'lowestPrice', 'number'],
  ['offer_count', 'offerCount', 'number'],
  ['price_observed_at', 'priceObservedAt', 'text'],
  ['result', 'result', 'text'],
  ['reason', 'reason', 'text'],
  ['synced_at', 'syncedAt', 'text'],
  ['gtin14', 'gtin14', 'identifier'],
  ['upc_repair', 'upcRepair', 'identifier'],
  ['product_id', 'productId', 'text'],
]

type Batches = AsyncIterable<readonly ExportRow[]>

/** Rows as bytes of a format, no faster than they are taken. */
export function encodeExport(
  batches: Batches,
  format: ExportFormat,
  reader: CsvReader,
): AsyncIterable<string | Uint8Array> {
  if (format === 'csv') return toCsv(batches, reader)
  return format === 'ndjson' ? toNdjson(batches) : toXlsx(batches)
}

async function* toNdjson(batches: Batches): AsyncGenerator<string> {
  for await (const rows of batches) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}

/** RFC 4180. For spreadsheet programs with a mark that says UTF-8, and nothing in it that they would damage or run. */
async function* toCsv(batches: Batches, reader: CsvReader): AsyncGenerator<string> {
  const header = exportColumns.map(([name]) => name).join(',')
  yield `${reader === 'spreadsheet' ? '\uFEFF' : ''}${header}\r\n`
  for await (const rows of batches) {
    yield rows
      .map(
        (row) => `${exportColumns.map(([, field, kind]) => csvCell(row[field], kind, reader)).join(',')}\r\n`,
      )
      .join('')
  }
}

function csvCell(value: string | number | null, kind: Kind, reader: CsvReader): string {
  if (value === null) return ''
  const text = String(value)
  const safe = reader === 'program' || kind === 'number' ? text : safeText(text, kind)
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const safeText = (text: string, kind: Kind): string =>
  kind === 'identifier' ? asTextFormula(text) : withoutFormula(text)

/** A workbook of one sheet: texts are texts there, so nothing has to be made safe. */
async function* toXlsx(batches: Batches): AsyncGenerator<Uint8Array> {
  const { writeXlsxStream } = await import('hucre/xlsx')
  const stream = writeXlsxStream(cells(batches), {
    name: 'Products',
    columns: exportColumns.map(([header]) => ({ header })),
    freezePane: { rows: 1 },
  })
  yield* stream as unknown as AsyncIterable<Uint8Array>
}

async function* cells(batches: Batches): AsyncGenerator<(string | number | null)[]> {
  for await (const rows of batches)
    for (const row of rows)
      yield exportColumns.map(([, field, kind]) => {
        const value = row[field]
        return kind === 'number' && value !== null ? Number(value) : value
      })
}
