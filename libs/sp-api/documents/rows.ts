import { SpApiError, SpApiInputError } from '../errors.ts'
import { flatFileRows, jsonLines, type Row } from './flat-file.ts'
import { jsonRows } from './json-rows.ts'
import { type ReportFormat, reportTraits } from './report-types.ts'
import { type XmlElement, xmlRows } from './xml-rows.ts'

/** A line of a flat file by its columns, an item of a JSON array, or an XML element. */
export type DocumentRow = Row | XmlElement | unknown

export interface RowOptions {
  /** Default: what is known of the type of the report, or else what the document begins like. */
  readonly format?: ReportFormat | 'json-lines'
  /** The array of a JSON document whose items are the rows; null when the document itself is the array. */
  readonly array?: string | null
  /** The element of an XML document that is a row. */
  readonly element?: string
}

/**
 * The rows of a document: `Row` for a flat file, `XmlElement` for XML, whatever the array holds for JSON. Throws a
 * `SpApiInputError` when nobody knows which array or element is meant, a `SpApiError` when the document is another thing.
 */
export async function* documentRows(
  pieces: AsyncIterable<string>,
  reportType: string,
  options: RowOptions = {},
): AsyncGenerator<DocumentRow> {
  const traits = reportTraits(reportType)
  const source = pieces[Symbol.asyncIterator]()
  try {
    const head = await firstText(source)
    const all = joined(head, source)
    switch (options.format ?? traits.format ?? formatOf(head.text)) {
      case 'json':
        yield* jsonRows(all, arrayOf(reportType, traits.arrays, options.array, head.text))
        break
      case 'json-lines':
        yield* jsonLines(all)
        break
      case 'xml':
        yield* xmlRows(all, elementOf(reportType, options.element ?? traits.element))
        break
      default:
        yield* flatFileRows(all)
    }
  } finally {
    await source.return?.()
  }
}

function formatOf(text: string): ReportFormat {
  const start = text.trimStart()
  if (start.startsWith('PK\x03\x04') || start.startsWith('%PDF'))
    throw new SpApiError(
      { kind: 'failed', operation: 'document' },
      'the document is a spreadsheet or a PDF, which has no rows to read: take its bytes',
    )
  if (start.startsWith('<')) return 'xml'
  return start.startsWith('{') || start.startsWith('[') ? 'json' : 'flat'
}

function arrayOf(
  reportType: string,
  known: readonly string[] | undefined,
  asked: string | null | undefined,
  head: string,
): string | null {
  if (asked !== undefined) return asked
  if (known?.length === 1) return known[0]!
  if (known === undefined && head.trimStart().startsWith('[')) return null
  throw new SpApiInputError(
    'INVALID_REQUEST',
    `${reportType} is JSON: name the array whose items are the rows by the option array${known ? `: ${known.join(' or ')}` : ''}`,
  )
}

function elementOf(reportType: string, element: string | undefined): string {
  if (element !== undefined) return element
  throw new SpApiInputError(
    'INVALID_REQUEST',
    `${reportType} is XML: name the element that is a row by the option element`,
  )
}

interface Head {
  readonly text: string
  readonly ended: boolean
}

/** The first pieces, up to one that is not white space alone. */
async function firstText(source: AsyncIterator<string>): Promise<Head> {
  let text = ''
  while (text.trim() === '' && text.length < 1_000_000) {
    const next = await source.next()
    if (next.done) return { text, ended: true }
    text += next.value
  }
  return { text, ended: false }
}

async function* joined({ text, ended }: Head, source: AsyncIterator<string>): AsyncGenerator<string> {
  if (text !== '') yield text
  if (ended) return
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
}
