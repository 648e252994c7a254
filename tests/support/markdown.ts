/** null: not measured. */
export type Row = Readonly<Record<string, number | string | null>>

/** The columns of a table: the keys of its rows, in the order in which they first come. */
export function columnsOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))]
}

/** A table in Markdown, numbers with thousands separators. */
export function markdownTable(rows: readonly Row[]): string {
  const columns = columnsOf(rows)
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => cell(row[column])))),
  ].join('\n')
}

/** The document with `text` between the marks of a block, which must be there. */
export function withBlock(document: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const from = document.indexOf(open)
  const to = document.indexOf(close, from)
  if (from < 0 || to < 0) throw new Error(`the document has no place for it: put ${open} and ${close} there`)
  return `${document.slice(0, from)}${open}\n\n${text.trim()}\n\n${document.slice(to)}`
}

function cell(value: number | string | null | undefined): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'string') return value.replaceAll('|', '\\|')
  return value.toLocaleString('en', { maximumFractionDigits: 4 })
}
