import type { Row, Table } from './section.ts'

export { columnsOf, markdownTable, withBlock } from '#tests/support/markdown.ts'

/**
 * The rows that a document or file keeps: those of this run, and those of earlier ones that it has no row for. Without a
 * key, those of this run alone. Earlier rows keep their place.
 */
export function mergeRows(table: Table, earlier: readonly Row[]): readonly Row[] {
  const { key, rows } = table
  if (key === undefined) return rows
  const nameOf = (row: Row) => JSON.stringify(key.map((column) => row[column] ?? null))
  const fresh = new Map(rows.map((row) => [nameOf(row), row]))
  const kept = earlier.map((row) => {
    const name = nameOf(row)
    const replacement = fresh.get(name)
    fresh.delete(name)
    return replacement ?? row
  })
  return [...kept, ...fresh.values()]
}
