import { Problem } from '#libs/service/problem.ts'
import { exportColumns } from '../exports/formats.ts'
import { columnNames, fieldNamed, type ProductField } from './product-row.ts'

/** What stands in a file's column; null: something that is passed over. */
export type Column = ProductField | null

/** Only our own exports have it: what else they have is known to be ours, and not for us to import. */
const EXPORT_MARK = 'product_id'
const exported: ReadonlySet<string> = new Set(exportColumns.map(([name]) => name))

/** Columns that the page puts before refused lines, so that they can be mended and come again as they are. */
const REFUSED: ReadonlySet<string> = new Set(['import_line', 'import_error'])

/** The fields that the names of a file's columns stand for. Throws 400 for a header that can not be used. */
export function readHeader(names: readonly string[]): readonly Column[] {
  const plain = names.map((name) => name.trim().toLowerCase())
  const isExport = plain.includes(EXPORT_MARK)
  const passedOver = (name: string): boolean => REFUSED.has(name) || (isExport && exported.has(name))
  const columns = plain.map((name) => fieldNamed(name) ?? (passedOver(name) ? null : undefined))
  const known = columnNames.join(', ')
  const unknown = names.filter((_, i) => columns[i] === undefined)
  if (unknown.length > 0) {
    const list = unknown.slice(0, 20).map((name) => JSON.stringify(name.trim().slice(0, 60)))
    throw new Problem(
      'invalid-document',
      `the header has ${unknown.length === 1 ? 'a column that is' : 'columns that are'} not known: ${list.join(', ')}. Remove or rename them; the known ones are ${known}`,
    )
  }
  const twice = columns.find((column, i) => column && columns.indexOf(column) !== i)
  if (twice) throw new Problem('invalid-document', `the header has the column ${twice} twice: keep one`)
  if (!columns.includes('sku')) {
    throw new Problem(
      'invalid-document',
      `the header has no sku column: add one; the known ones are ${known}`,
    )
  }
  return columns as readonly Column[]
}
