import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Problem } from '#libs/service/problem.ts'
import { fromSpreadsheetText } from '../spreadsheet-text.ts'
import { type Column, readHeader } from './header.ts'
import { columnNames, type ProductField, type Row, type RowError, shownValue, toRow } from './product-row.ts'
import type { Cell, FromWorker } from './xlsx-worker.ts'

/** Largest workbook: it has to be held in memory as it came. A million short lines take about half of it. */
export const MAX_XLSX_BYTES = 50_000_000
/** What the texts of a workbook may take once it is unpacked, in megabytes. */
const MAX_HEAP_MB = 512

/**
 * Products from the first sheet of an XLSX workbook, whose first row names the columns. Lines are the rows of the sheet.
 * Throws 400 for what is no workbook or has no usable header, 413 for one that unpacks to more than the memory it is given.
 */
export async function* xlsxRows(workbook: Buffer, heapMb = MAX_HEAP_MB): AsyncGenerator<readonly Row[]> {
  let columns: readonly Column[] | undefined
  for await (const some of sheetRows(workbook, heapMb)) {
    const rows: Row[] = []
    for (const { line, cells } of some) {
      if (cells.every(isEmpty)) continue
      if (columns === undefined) columns = readHeader(headerOf(cells))
      else rows.push(toProductRow(line, columns, cells))
    }
    if (rows.length > 0) yield rows
  }
  if (columns === undefined)
    throw new Problem(
      'invalid-document',
      `the first sheet is empty: it needs a header of ${columnNames.join(', ')}`,
    )
}

export interface SheetRow {
  readonly line: number
  readonly cells: readonly Cell[]
}

/** The rows of the first sheet, a thousand at a time. Rejects as `xlsxRows` does. */
export async function* sheetRows(workbook: Buffer, heapMb: number): AsyncGenerator<readonly SheetRow[]> {
  const worker = new Worker(new URL('./xlsx-worker.ts', import.meta.url), {
    workerData: new Uint8Array(workbook),
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    stdout: true,
    stderr: true,
  })
  try {
    // `on` rejects when the worker ends by an error.
    for await (const [message] of on(worker, 'message') as AsyncIterable<[FromWorker]>) {
      if ('end' in message) return
      if ('problem' in message) throw noWorkbook(message.problem)
      yield message.rows
      worker.postMessage('next')
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error
    throw new Problem(
      'body-too-large',
      `the workbook unpacks to more than ${heapMb} MB of texts: split it, or send it as CSV, which is streamed`,
      { cause: error },
    )
  } finally {
    await worker.terminate()
  }
}

function noWorkbook(reason: string): Problem {
  return new Problem(
    'invalid-document',
    `the body is not a workbook that can be read (${reason.slice(0, 200)}): save it as .xlsx, or send a CSV`,
  )
}

const isEmpty = (cell: Cell): boolean => cell === null || (typeof cell === 'string' && cell.trim() === '')

/** Without empty columns at the end, which were only formatted. */
function headerOf(cells: readonly Cell[]): readonly string[] {
  const last = cells.findLastIndex((cell) => !isEmpty(cell))
  return cells.slice(0, last + 1).map((cell) => (typeof cell === 'string' ? cell : String(cell ?? '')))
}

function toProductRow(line: number, columns: readonly Column[], cells: readonly Cell[]): Row {
  const beyond = cells.findIndex((cell, i) => i >= columns.length && !isEmpty(cell))
  if (beyond >= 0) {
    const message = `has a value in column ${beyond + 1}, which has no name in the header: remove it or name the column`
    return { line, errors: [{ line, message }] }
  }
  const errors: RowError[] = []
  const fields: Partial<Record<ProductField, unknown>> = {}
  columns.forEach((field, i) => {
    if (field === null) return
    const { value, problem } = toValue(field, cells[i] ?? null)
    if (problem === undefined) fields[field] = value
    else errors.push({ line, field, message: problem, ...shownValue(shownCell(cells[i])) })
  })
  const row = toRow(line, fields)
  if (errors.length === 0) return row
  const broken = new Set(errors.map((error) => error.field))
  const others =
    'errors' in row ? row.errors.filter(({ field }) => field === undefined || !broken.has(field)) : []
  // A field that could not be read is not one that is missing.
  return { line, errors: [...errors, ...others] }
}

const shownCell = (cell: Cell | undefined): unknown =>
  typeof cell === 'object' && cell !== null ? cell.date : cell

/** What a cell says about a field. Spreadsheet programs make numbers and dates of what was typed: some lose nothing. */
function toValue(field: ProductField, cell: Cell): { readonly value?: unknown; readonly problem?: string } {
  if (isEmpty(cell)) return { value: null }
  if (typeof cell === 'string') return { value: fromSpreadsheetText(cell.trim()) }
  if (typeof cell === 'object')
    return {
      problem: `is a date: the spreadsheet program made one of what was typed. Format the column as text and type it again`,
    }
  if (typeof cell === 'boolean') return { value: String(cell).toUpperCase() }
  if (field === 'packQuantity') return { value: cell }
  if ((field === 'sku' || field === 'upc') && !Number.isSafeInteger(cell))
    return {
      problem: `is the number ${cell}: digits were lost, or it is no identifier. Format the column as text and enter it again`,
    }
  return { value: String(cell) }
}
