import { createReadStream } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { Command, Option } from 'commander'
import { apiUrl, callApi, problem, urlOption } from '../api.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import type { Finish } from '../main.ts'
import { progressBar } from '../progress-bar.ts'
import { bytes, count, counted } from '../terminal.ts'

const contentTypes = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  json: 'application/json',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const
type Format = keyof typeof contentTypes
const formats = Object.keys(contentTypes) as Format[]

/** Bad lines that are printed; `--errors` writes all that the server lists. */
const SHOWN_ERRORS = 20

interface ImportOptions {
  readonly url?: string
  readonly format?: Format
  readonly errors?: string
  readonly allowErrors?: true
  readonly json?: true
}

interface BadLine {
  readonly line?: number
  readonly field?: string
  readonly message: string
}

interface ImportReport {
  readonly received: number
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly rejected: number
  readonly errors: readonly BadLine[]
  readonly errorsOmitted: number
}

export function importCommand(finish: Finish): Command {
  return new Command('import')
    .description('send products to a running asinstream: CSV, NDJSON, JSON or XLSX')
    .argument('<file>', 'the file; - reads standard input')
    .addOption(new Option('--format <format>', 'what it is; default by the name’s ending').choices(formats))
    .option('--errors <file>', 'write the bad lines there, as CSV: line, field, message')
    .option('--allow-errors', 'exit 0 also when lines were bad')
    .option('--json', 'print the report as JSON')
    .option(...urlOption)
    .addHelpText(
      'after',
      `
A CSV begins with a header: sku and any of upc, title, brand, supplier, category, pack_quantity, in any order. A sku that
is there already is updated; a column that is absent keeps what is stored. Of a workbook the first sheet is read, its first
row as the header. Files that end in .gz are sent as they are.

Examples:
  npm run import -- products.csv
  npm run import -- products.ndjson --errors bad-lines.csv
  cat products.csv | npm run import -- - --format csv

The exit code is 1 when any line was bad; the good ones are kept.`,
    )
    .action(async (file: string, options: ImportOptions) => finish(await importFile(file, options)))
}

async function importFile(file: string, options: ImportOptions): Promise<number> {
  const base = apiUrl(options.url, process.env)
  const format = options.format ?? formatOf(file)
  const { stream, size } = await open(file)
  const bar = progressBar()
  const answer = await callApi(base, '/products', {
    method: 'POST',
    headers: {
      'content-type': contentTypes[format],
      ...(file.endsWith('.gz') ? { 'content-encoding': 'gzip' } : {}),
    },
    body: Readable.from(counting(stream, size, bar), { objectMode: false }),
  }).finally(() => {
    bar.stop()
    stream.destroy()
  })
  const report = reportOf(answer.body)
  if (report === null) throw problem(answer.status, answer.body)
  if (options.errors !== undefined) await writeErrors(options.errors, report.errors)
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  else printReport(report, options.errors)
  return report.rejected > 0 && !options.allowErrors ? exitCodes.failed : exitCodes.ok
}

function formatOf(file: string): Format {
  const ending = /\.(\w+)(?:\.gz)?$/.exec(file)?.[1]?.toLowerCase()
  const format = ending === 'jsonl' ? 'ndjson' : formats.find((known) => known === ending)
  if (format) return format
  const what =
    file === '-'
      ? 'standard input has no name'
      : `the name ${file} does not end in .csv, .ndjson, .json or .xlsx`
  throw new UsageError(`${what}: say what it is with --format csv, ndjson, json or xlsx.`)
}

async function open(file: string): Promise<{ stream: Readable; size: number | null }> {
  if (file === '-') return { stream: process.stdin, size: null }
  try {
    const info = await stat(file)
    if (info.isDirectory()) throw new CommandError(`${file} is a folder: name a file in it.`)
    return { stream: createReadStream(file), size: info.isFile() ? info.size : null }
  } catch (error) {
    if (error instanceof CommandError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : message
    throw new CommandError(`${file}: ${why}.`, { cause: error })
  }
}

async function* counting(
  stream: Readable,
  size: number | null,
  bar: ReturnType<typeof progressBar>,
): AsyncGenerator<Buffer> {
  let sent = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    sent += chunk.length
    const total = size ?? sent
    bar.update(sent, total, sent >= total && size !== null ? 'storing' : bytes(sent))
    yield chunk
  }
}

/** The report, also where it comes as a problem because every line was bad; null for any other answer. */
function reportOf(body: unknown): ImportReport | null {
  if (typeof body !== 'object' || body === null || !('rejected' in body) || !('errors' in body)) return null
  const { received, inserted, updated, unchanged, rejected, errors, errorsOmitted } = body as ImportReport
  return { received, inserted, updated, unchanged, rejected, errors, errorsOmitted }
}

async function writeErrors(file: string, errors: readonly BadLine[]): Promise<void> {
  const cell = (value: string | number | undefined) => {
    const text = value === undefined ? '' : String(value)
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const lines = errors.map((bad) => [bad.line, bad.field, bad.message].map(cell).join(','))
  try {
    await writeFile(file, ['line,field,message', ...lines, ''].join('\n'))
  } catch (error) {
    throw new CommandError(
      `the products are stored, but the bad lines could not be written to ${file}: ${(error as Error).message}`,
      { cause: error },
    )
  }
}

function printReport(report: ImportReport, errorsFile: string | undefined): void {
  const { received, inserted, updated, unchanged, rejected, errors, errorsOmitted } = report
  process.stdout.write(
    `${counted(received, 'line')}: ${count(inserted)} inserted, ${count(updated)} updated, ` +
      `${count(unchanged)} unchanged, ${count(rejected)} rejected.\n`,
  )
  if (rejected === 0) return
  for (const bad of errors.slice(0, SHOWN_ERRORS)) {
    const where = [bad.line === undefined ? '' : `line ${bad.line}`, bad.field ?? '']
      .filter(Boolean)
      .join(', ')
    process.stderr.write(`  ${where}: ${bad.message}\n`)
  }
  const more = Math.max(0, errors.length - SHOWN_ERRORS) + errorsOmitted
  if (more > 0) {
    const hint = errorsFile === undefined ? ' (--errors FILE writes them)' : ''
    process.stderr.write(`  … and ${count(more)} more${hint}\n`)
  }
  if (errorsFile !== undefined) process.stderr.write(`  The bad lines are in ${errorsFile}.\n`)
}
