import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { SpApiError } from '../errors.ts'

/** One line of a flat file: values by the names in its first line; what a line does not have is not there. */
export type Row = Readonly<Record<string, string>>

/** One line is no longer than this; a file without line ends must not fill the memory. */
const MAX_LINE_CHARACTERS = 4 * 1024 * 1024

/**
 * The rows of a flat file, streamed: values between tabs, as in nearly all of Amazon's reports, or between commas where
 * the first line has commas and no tab. Throws a `SpApiError` when a line is longer than four million characters.
 *
 * Between tabs Amazon escapes nothing: a quotation mark is a character like any other. In the reports whose first line
 * has every name in quotation marks (the inventory ledger's), those around values are taken off; the ones within are
 * sometimes doubled and sometimes not (selling-partner-api-models#4367), so that no CSV reader can make sense of them.
 */
export async function* flatFileRows(pieces: AsyncIterable<string>): AsyncGenerator<Row> {
  const source = pieces[Symbol.asyncIterator]()
  try {
    const { head, ended } = await firstLine(source)
    const line = head.slice(0, (head.indexOf('\n') + 1 || head.length + 1) - 1)
    const rest = restOf(head, ended, source)
    yield* !line.includes('\t') && line.includes(',') ? commaRows(rest) : tabRows(rest)
  } finally {
    await source.return?.()
  }
}

async function* tabRows(pieces: AsyncIterable<string>): AsyncGenerator<Row> {
  let names: readonly string[] | null = null
  let quoted = false
  for await (const line of linesOf(pieces)) {
    if (line === '') continue
    const values = line.split('\t')
    if (names === null) {
      quoted = values.every(isQuoted)
      names = named(quoted ? values.map(unquoted) : values)
      continue
    }
    const row: Record<string, string> = {}
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!
      row[names[index] ?? `column_${index + 1}`] = quoted ? unquoted(value) : value
    }
    yield row
  }
}

/** Between commas values may be quoted, as RFC 4180 has it. */
async function* commaRows(pieces: AsyncIterable<string>): AsyncGenerator<Row> {
  const parser = parse({
    columns: (names: string[]) => named(names),
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_LINE_CHARACTERS,
  })
  const source = Readable.from(pieces, { objectMode: false, encoding: 'utf8' })
  source.once('error', (error) => parser.destroy(error))
  try {
    yield* source.pipe(parser) as AsyncIterable<Row>
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_'))
      throw unreadable(`the document is no flat file: ${error.message}`)
    throw error
  } finally {
    source.destroy()
    parser.destroy()
  }
}

/** The values of a document of JSON lines, as Data Kiosk's are. */
export async function* jsonLines(pieces: AsyncIterable<string>): AsyncGenerator<unknown> {
  let count = 0
  for await (const line of linesOf(pieces)) {
    count++
    if (line.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      throw unreadable(`line ${count} of the document is no JSON`)
    }
    yield value
  }
}

/** Lines without their ends, the last one also when nothing ends it. */
async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  let count = 0
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop()!
    if (rest.length > MAX_LINE_CHARACTERS)
      throw unreadable(`line ${count + lines.length + 1} of the document is too long`)
    for (const line of lines) {
      count++
      yield line.endsWith('\r') ? line.slice(0, -1) : line
    }
  }
  if (rest !== '') yield rest.endsWith('\r') ? rest.slice(0, -1) : rest
}

/** As many pieces as the first line takes. */
async function firstLine(source: AsyncIterator<string>): Promise<{ head: string; ended: boolean }> {
  let head = ''
  while (!head.includes('\n') && head.length <= MAX_LINE_CHARACTERS) {
    const { value, done } = await source.next()
    if (done) return { head, ended: true }
    head += value
  }
  return { head, ended: false }
}

async function* restOf(head: string, ended: boolean, source: AsyncIterator<string>): AsyncGenerator<string> {
  if (head !== '') yield head
  if (ended) return
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
}

function isQuoted(value: string): boolean {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"')
}

function unquoted(value: string): string {
  return isQuoted(value) ? value.slice(1, -1).replaceAll('""', '"') : value
}

/** Columns without a name, or with one that stands there twice, get a number, so that no value is lost. */
function named(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((raw, index) => {
    const trimmed = raw.trim()
    // A row is an object: that name would set its prototype instead.
    const name = trimmed === '' || trimmed === '__proto__' ? `column_${index + 1}` : trimmed
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name}_${count}`
  })
}

function unreadable(reason: string): SpApiError {
  return new SpApiError({ kind: 'failed', operation: 'document' }, reason)
}
