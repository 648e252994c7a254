import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command, Option } from 'commander'
import { apiUrl, openDownload, urlOption } from '../api.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import type { Finish } from '../main.ts'
import { addProductFilter, type ProductFilterOptions, productStates, several, severalOf } from '../options.ts'
import { bytes } from '../terminal.ts'

const formats = ['csv', 'ndjson', 'xlsx'] as const

interface ExportOptions extends ProductFilterOptions {
  readonly url?: string
  readonly format?: (typeof formats)[number]
  readonly csvFor?: string
  readonly asin?: readonly string[]
  readonly marketplace?: readonly string[]
  readonly state?: readonly string[]
  readonly failures?: true
  readonly job?: string
}

export function exportCommand(finish: Finish): Command {
  const command = new Command('export')
    .description('take products away with what Amazon told: as CSV, NDJSON or XLSX')
    .argument('<file>', 'where to; - writes to standard output')
    .addOption(
      new Option('--format <format>', 'what to write; default by the name’s ending').choices(formats),
    )
    .addOption(
      new Option('--csv-for <reader>', 'who reads a CSV')
        .choices(['spreadsheet', 'program'])
        .default('spreadsheet'),
    )
  return addProductFilter(command)
    .addOption(several('--asin <asin>', 'only with this item among the candidates'))
    .addOption(several('--marketplace <country>', 'only rows of this marketplace'))
    .addOption(severalOf('--state <state>', 'only rows in this state in their marketplace', productStates))
    .addOption(
      new Option('--failures', 'only rows that came to no match, each with its reason').conflicts('state'),
    )
    .option('--job <id>', 'only what this sync was the last to ask for')
    .option(...urlOption)
    .addHelpText(
      'after',
      `
A row per product and marketplace, as they are at one moment. A CSV for spreadsheet programs has identifiers as ="0123", so
that they keep their zeros, and an apostrophe before what would be run as a formula; an import takes both back. The file
gets its name when it is whole.

Examples:
  npm run export -- products.xlsx
  npm run export -- failed.csv --failures --supplier "Blue Ridge Wholesale"
  npm run export -- failed.xlsx --job <sync> --failures
  npm run -s export -- - --format ndjson | jq -r 'select(.price != null) | [.sku, .price] | @tsv'`,
    )
    .action(async (file: string, options: ExportOptions) => finish(await exportProducts(file, options)))
}

async function exportProducts(file: string, options: ExportOptions): Promise<number> {
  const base = apiUrl(options.url, process.env)
  const format = options.format ?? formatOf(file)
  const body = await openDownload(base, `/products/export?${query(options, format)}`)
  if (file === '-') {
    await pipeline(body, process.stdout as unknown as Writable, { end: false })
    return exitCodes.ok
  }
  const draft = `${file}.part`
  let written = 0
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      written += chunk.length
      done(null, chunk)
    },
  })
  try {
    await pipeline(body, counting, createWriteStream(draft))
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw new CommandError(`${file} was not written: ${(error as Error).message}. Run it again.`, {
      cause: error,
    })
  }
  process.stderr.write(`${file}: ${bytes(written)}\n`)
  return exitCodes.ok
}

function query(options: ExportOptions, format: string): URLSearchParams {
  const { supplier, brand, category, sku, upc, asin, status, state, failures, job, csvFor } = options
  const { marketplace } = options
  const wanted = { supplier, brand, category, sku, upc, asin, syncStatus: status, state, marketplace }
  const parameters = new URLSearchParams({ format })
  for (const [name, values] of Object.entries(wanted))
    for (const value of values ?? []) parameters.append(name, value)
  if (failures) parameters.set('failures', 'true')
  if (job !== undefined) parameters.set('job', job)
  if (format === 'csv' && csvFor !== undefined) parameters.set('csvFor', csvFor)
  return parameters
}

function formatOf(file: string): string {
  const ending = /\.(\w+)$/.exec(file)?.[1]?.toLowerCase()
  const format = formats.find((known) => known === ending)
  if (format) return format
  const what =
    file === '-' ? 'standard output has no name' : `the name ${file} does not end in .csv, .ndjson or .xlsx`
  throw new UsageError(`${what}: say what to write with --format csv, ndjson or xlsx.`)
}
