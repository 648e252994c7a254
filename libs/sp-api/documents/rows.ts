import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { SpApiError } from '../errors.ts'

/** One line of a flat file: values by the names in its first line; what a line does not have is empty. */
export type Row = Readonly<Record<string, string>>

/** One line is no longer than this; a file without line ends must not fill the memory. */
const MAX_LINE_CHARACTERS = 4 * 1024 * 1024

/**
 * The rows of a flat file, tabs between values as in Amazon's reports, streamed. Amazon quotes nothing: a quotation
 * mark is a character like any other. Throws a `SpApiError` when a line is longer than four million characters.
 */
export async function* flatFileRows(pieces: AsyncIterable<string>): AsyncGenerator<Row> {
  const parser = parse({
    delimiter: '\t',
    quote: null,
    columns: (names: string[]) => named(names),
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_LINE_CHARACTERS,
  })
  const source = Readable.from(pieces, { objectMode: false, encoding: 'utf8' })
  source.once('error', (error) => parser.destroy(error))
  try {
    yield* source.pipe(parser) as AsyncIterable<Row>
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_'))
      throw new SpApiError(
        { kind: 'failed', operation: 'document' },
        `the document is no flat file: ${error.message}`,
      )
    throw error
  } finally {
    source.destroy()
    parser.destroy()
  }
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

/** The values of a document of JSON lines, as Data Kiosk's are. */
export async function* jsonLines(pieces: AsyncIterable<string>): AsyncGenerator<unknown> {
  let rest = ''
  let line = 0
  const read = (text: string) => {
    line++
    try {
      return JSON.parse(text) as unknown
    } catch {
      throw new SpApiError(
        { kind: 'failed', operation: 'document' },
        `line ${line} of the document is no JSON`,
      )
    }
  }
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop()!
    if (rest.length > MAX_LINE_CHARACTERS)
      throw new SpApiError(
        { kind: 'failed', operation: 'document' },
        `line ${line + 1} of the document is too long`,
      )
    for (const text of lines) if (text.trim() !== '') yield read(text)
  }
  if (rest.trim() !== '') yield read(rest)
}
