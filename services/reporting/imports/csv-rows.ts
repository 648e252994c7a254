import { Problem } from '#libs/service/problem.ts'
import { fromSpreadsheetText } from '../spreadsheet-text.ts'
import { parseCsvRecord } from './csv-record.ts'
import { type Column, readHeader } from './header.ts'
import { type Line, MAX_LINE_BYTES } from './lines.ts'
import { columnNames, type ProductField, type Row, toRow } from './product-row.ts'

/** Lines over which one quoted value may stretch. */
const MAX_RECORD_LINES = 100

type TextLine = Extract<Line, { text: string }>

/**
 * Products from a CSV with a header. A bad record costs one line: when a quote is left open, reading goes on with the line
 * after it, where a parser of whole files would take everything up to the next quote for one value. (csv-parse does,
 * which is why it is not used here.) Throws 400 for a header that can not be used.
 */
export async function* csvRows(lines: AsyncIterable<readonly Line[]>): AsyncGenerator<readonly Row[]> {
  const reader = new CsvReader()
  for await (const some of lines) {
    const rows = reader.push(some)
    if (rows.length > 0) yield rows
  }
  const last = reader.end()
  if (last.length > 0) yield last
}

class CsvReader {
  #columns: readonly Column[] | undefined
  /** Lines of a record whose quote is open. */
  #open: TextLine[] = []
  #openText = ''
  #openColumn = 0

  push(lines: readonly Line[]): Row[] {
    const rows: Row[] = []
    for (const line of lines) this.#take(line, rows)
    return rows
  }

  end(): Row[] {
    const rows: Row[] = []
    while (this.#open.length > 0) this.#giveUpOpen(rows)
    if (!this.#columns) {
      throw new Problem(
        'invalid-document',
        `the file is empty: it needs a header of ${columnNames.join(', ')}`,
      )
    }
    return rows
  }

  #take(line: Line, rows: Row[]): void {
    if ('problem' in line) {
      while (this.#open.length > 0) this.#giveUpOpen(rows)
      if (!this.#columns) throw new Problem('invalid-document', `line ${line.number}: ${line.problem}`)
      rows.push({ line: line.number, errors: [{ line: line.number, message: line.problem }] })
      return
    }
    if (this.#open.length > 0) this.#goOn(line, rows)
    else this.#begin(line, rows)
  }

  #begin(line: TextLine, rows: Row[]): void {
    if (line.text.trim() === '') return
    const record = parseCsvRecord(line.text)
    if (!this.#columns) {
      if (record.kind !== 'values') {
        const problem = record.kind === 'broken' ? record.problem : 'a quote is never closed'
        throw new Problem('invalid-document', `the header, line ${line.number}: ${problem}`)
      }
      this.#columns = readCsvHeader(record.values)
    } else if (record.kind === 'open') {
      this.#open = [line]
      this.#openText = line.text
      this.#openColumn = record.column
    } else if (record.kind === 'broken') {
      rows.push({ line: line.number, errors: [{ line: line.number, message: record.problem }] })
    } else {
      rows.push(toProductRow(line.number, this.#columns, record.values))
    }
  }

  #goOn(line: TextLine, rows: Row[]): void {
    this.#open.push(line)
    this.#openText += `\n${line.text}`
    const first = this.#open[0] as TextLine
    const columns = this.#columns as readonly Column[]
    if (line.text.includes('"')) {
      const record = parseCsvRecord(this.#openText)
      if (record.kind === 'values' && record.values.length === columns.length) {
        this.#open = []
        rows.push(toProductRow(first.number, columns, record.values))
        return
      }
      // It closed in the wrong place: the quote that opened was a mistake.
      if (record.kind !== 'open') {
        this.#giveUpOpen(rows)
        return
      }
    }
    if (this.#open.length > MAX_RECORD_LINES || this.#openText.length > MAX_LINE_BYTES) this.#giveUpOpen(rows)
  }

  /** Reports the line that opened the quote and reads those after it anew. */
  #giveUpOpen(rows: Row[]): void {
    const [first, ...rest] = this.#open as [TextLine, ...TextLine[]]
    const message = `the quote that opens in column ${this.#openColumn} is not closed: close it, or double the quotes inside a value ("12"" ruler")`
    rows.push({ line: first.number, errors: [{ line: first.number, message }] })
    this.#open = []
    for (const line of rest) this.#take(line, rows)
  }
}

function toProductRow(line: number, columns: readonly Column[], values: readonly string[]): Row {
  if (values.length !== columns.length) {
    const message = `has ${values.length} columns where the header has ${columns.length}: put values with commas in quotes`
    return { line, errors: [{ line, message }] }
  }
  const fields: Partial<Record<ProductField, string | null>> = {}
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as Column
    if (column === null) continue
    const value = fromSpreadsheetText((values[i] as string).trim())
    fields[column] = value === '' ? null : value
  }
  return toRow(line, fields)
}

function readCsvHeader(names: readonly string[]): readonly Column[] {
  const separator = names.length === 1 && /[;\t|]/.exec(names[0] ?? '')?.[0]
  if (separator) {
    const what = separator === '\t' ? 'tabs' : `"${separator}"`
    throw new Problem('invalid-document', `the header is separated by ${what}: separate columns by commas`)
  }
  return readHeader(names)
}
