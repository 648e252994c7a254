import { Problem } from '#libs/service/problem.ts'
import { columnNames, fieldNamed, type ProductField } from './product-row.ts'

/** The fields that the names of a file's columns stand for. Throws 400 for a header that can not be used. */
export function readHeader(names: readonly string[]): readonly ProductField[] {
  const columns = names.map(fieldNamed)
  const known = columnNames.join(', ')
  const unknown = names.filter((_, i) => columns[i] === undefined)
  if (unknown.length > 0) {
    const list = unknown.slice(0, 20).map((name) => JSON.stringify(name.trim().slice(0, 60)))
    throw new Problem(
      'invalid-document',
      `the header has ${unknown.length === 1 ? 'a column that is' : 'columns that are'} not known: ${list.join(', ')}. Remove or rename them; the known ones are ${known}`,
    )
  }
  const twice = columns.find((column, i) => columns.indexOf(column) !== i)
  if (twice) throw new Problem('invalid-document', `the header has the column ${twice} twice: keep one`)
  if (!columns.includes('sku')) {
    throw new Problem(
      'invalid-document',
      `the header has no sku column: add one; the known ones are ${known}`,
    )
  }
  return columns as readonly ProductField[]
}
