import { join } from 'node:path'
import { Readable } from 'node:stream'
import { openDatabase } from '#libs/db/database.ts'
import { csvHeader, csvLine } from '#simulator/catalogue/csv.ts'
import { generateProducts, type ProductRow } from '#simulator/catalogue/generate-products.ts'
import { startCluster } from './support/cluster.ts'
import { benchCommand } from './support/command.ts'
import { defineSection, type Row } from './support/section.ts'
import { watchUsage } from './support/usage-watch.ts'

export const imports = defineSection({
  name: 'import',
  title: 'Imports of a million lines',
  about:
    'A file streamed into `POST /products` of the reporting service, on a real PostgreSQL: all new, and the same file ' +
    'again, which changes nothing. The lines are made while they are sent, and neither side holds the file; memory is that ' +
    'of the reporting process, sampled each second.',
  options: {
    rows: { full: 1_000_000, quick: 5_000, help: 'lines of the file' },
    formats: { full: 'csv,ndjson', quick: 'csv,ndjson', help: 'csv, ndjson or both' },
  },
  async run({ options, folder, say }) {
    const rows: Row[] = []
    const findings: string[] = []
    for (const name of options.formats.split(',')) {
      const format = formats[name]
      if (!format) throw new Error(`--formats takes ${Object.keys(formats).join(', ')}, not ${name}`)
      const cluster = await startCluster({
        mode: 'embedded',
        folder: join(folder, name),
        amazon: 'http://127.0.0.1:9',
      })
      try {
        const reporting = await cluster.startService('reporting')
        for (const turn of ['new', 'unchanged'] as const) {
          const used = watchUsage([
            reporting,
            { name: 'PostgreSQL', pid: cluster.servers.PostgreSQL!, tree: true },
          ])
          const started = performance.now()
          const report = await Promise.race([importRows(reporting.url, format, options.rows), cluster.failed])
          const seconds = (performance.now() - started) / 1_000
          const [api, postgres] = used()
          const { inserted, updated, unchanged, rejected } = report
          say(`${name}, ${turn}: ${seconds.toFixed(1)} s`)
          const stored = await countProducts(cluster.databaseUrl)
          rows.push({
            format: name,
            rows: options.rows,
            'the rows are': turn,
            'rows/s': Math.round(options.rows / seconds),
            seconds: Math.round(seconds * 10) / 10,
            'API, CPU s per 100,000': per100k(api?.cpuSeconds, options.rows),
            'PostgreSQL, CPU s per 100,000': per100k(postgres?.cpuSeconds, options.rows),
            'peak MB': api?.peakMegabytes ?? null,
            'MB, second quarter': api?.secondQuarterMegabytes ?? null,
            'MB, last quarter': api?.lastQuarterMegabytes ?? null,
            inserted,
            updated,
            unchanged,
            rejected,
            stored,
          })
          const expected = turn === 'new' ? inserted : unchanged
          if (expected !== options.rows || stored !== options.rows) {
            findings.push(`${name}, ${turn}: ${expected} of ${options.rows} rows, ${stored} stored`)
          }
        }
      } finally {
        await cluster.stop()
      }
    }
    return { tables: [{ rows, key: ['format', 'rows', 'the rows are'] }], notes: [], findings }
  },
})

interface Format {
  readonly contentType: string
  readonly header: string
  line(row: ProductRow): string
}

const formats: Readonly<Record<string, Format>> = {
  csv: { contentType: 'text/csv', header: csvHeader(false), line: (row) => csvLine(row, false) },
  ndjson: {
    contentType: 'application/x-ndjson',
    header: '',
    line: ({ sku, upc, title, brand, supplier, category, packQuantity }) =>
      `${JSON.stringify({ sku, upc: upc === '' ? null : upc, title, brand, supplier, category, packQuantity })}\n`,
  },
}

interface Report {
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly rejected: number
}

async function importRows(
  api: string,
  { contentType, header, line }: Format,
  count: number,
): Promise<Report> {
  const body = function* () {
    let text = header
    for (const row of generateProducts({ seed: 7, count, damaged: 0.03, restricted: 0.01 })) {
      text += line(row)
      if (text.length < 65_536) continue
      yield text
      text = ''
    }
    if (text !== '') yield text
  }
  const answer = await fetch(`${api}/products`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: Readable.toWeb(Readable.from(body())) as ReadableStream,
    duplex: 'half',
  })
  if (!answer.ok) throw new Error(`the import failed: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Report
}

async function countProducts(url: string): Promise<number> {
  const db = await openDatabase({ url, poolSize: 1, applicationName: 'bench' })
  try {
    const [row] = await db.query<{ n: number }>('select count(*)::int as n from products')
    return row?.n ?? 0
  } finally {
    await db.close()
  }
}

function per100k(cpuSeconds: number | null | undefined, rows: number): number | null {
  return cpuSeconds === null || cpuSeconds === undefined ? null : Math.round((cpuSeconds / rows) * 1e7) / 100
}

if (import.meta.main) await benchCommand([imports])
