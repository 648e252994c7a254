/** Lines of a quoted value that are followed at most: what the import takes as well. */
const MAX_RECORD_LINES = 100

/**
 * The refused lines of a file, as they stand in it, with what is wrong before each: a CSV (or NDJSON) that can be mended
 * and imported again. The file is read in pieces; only the refused lines are kept. `errors` are those of the import report.
 *
 * @param {Blob} file
 * @param {'csv' | 'ndjson'} format
 * @param {ReadonlyArray<{ line: number, field?: string, message: string }>} errors
 * @returns {Promise<Blob>}
 */
export async function refusedLines(file, format, errors) {
  const reasons = reasonsByLine(errors)
  const parts = format === 'csv' ? await csvParts(file, reasons) : await ndjsonParts(file, reasons)
  return new Blob(parts, { type: format === 'csv' ? 'text/csv' : 'application/x-ndjson' })
}

/**
 * The report itself as a CSV, for files whose lines can not be taken out (workbooks).
 *
 * @param {ReadonlyArray<{ line: number, field?: string, message: string, value?: string }>} errors
 */
export function reportCsv(errors) {
  const rows = errors.map(({ line, field = '', value = '', message }) =>
    [line, field, value, message].map(csvCell).join(','),
  )
  return new Blob(['\uFEFFline,column,value,reason\r\n', ...rows.map((row) => `${row}\r\n`)], {
    type: 'text/csv',
  })
}

/** Everything that is wrong with a line, and whether the line can be read as a record at all. */
function reasonsByLine(errors) {
  const reasons = new Map()
  for (const { line, field, message } of errors) {
    const known = reasons.get(line)
    const text = field === undefined ? message : `${field} ${message}`
    reasons.set(line, {
      text: known ? `${known.text}; ${text}` : text,
      readable: field !== undefined && known?.readable !== false,
    })
  }
  return reasons
}

async function csvParts(file, reasons) {
  const parts = []
  let header = false
  /** A record whose quoted value goes on in the next line. */
  let open = 0
  for await (const { number, text } of lines(file)) {
    if (!header) {
      if (text.trim() === '') continue
      header = true
      parts.push(`import_line,import_error,${withoutMark(text)}\r\n`)
    } else if (open > 0) {
      parts.push(`${text}\r\n`)
      open = oddQuotes(text) ? 0 : open - 1
    } else if (reasons.has(number)) {
      const { text: reason, readable } = reasons.get(number)
      parts.push(`${number},${csvCell(reason)},${text}\r\n`)
      // Of a line that can not be read, the import gave up one line and went on with the next.
      open = readable && oddQuotes(text) ? MAX_RECORD_LINES : 0
    }
  }
  return parts
}

async function ndjsonParts(file, reasons) {
  const parts = []
  for await (const { number, text } of lines(file)) if (reasons.has(number)) parts.push(`${text}\n`)
  return parts
}

/** The lines of a file without their endings, numbered from 1. */
async function* lines(file) {
  let rest = ''
  let number = 0
  for await (const chunk of file.stream().pipeThrough(new TextDecoderStream())) {
    const some = (rest + chunk).split('\n')
    rest = some.pop()
    for (const text of some) yield { number: ++number, text: text.endsWith('\r') ? text.slice(0, -1) : text }
  }
  if (rest !== '') yield { number: ++number, text: rest }
}

const oddQuotes = (text) => (text.split('"').length - 1) % 2 === 1
const withoutMark = (text) => (text.startsWith('\uFEFF') ? text.slice(1) : text)

/** A cell of a CSV in which nothing is run as a formula (OWASP, CSV Injection). */
function csvCell(value) {
  const text = String(value)
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
