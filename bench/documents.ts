import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { benchCommand } from './support/command.ts'
import { type DocumentFormat, documentFormats } from './support/document-content.ts'
import { defineSection, type Row } from './support/section.ts'
import { watchUsage } from './support/usage-watch.ts'

interface Served {
  readonly url: string
  readonly reportType: string
  readonly rows: number
  readonly textBytes: number
  readonly storedBytes: number
}

interface Reading {
  readonly rows: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peak: number | null
  readonly secondQuarter: number | null
  readonly lastQuarter: number | null
}

/** Memory of a young process that reads next to nothing, and what garbage may lie about; in MB. */
const MOST_MEGABYTES = 400
const GROWTH = 1.25
/** A shorter run is over before memory is what it will be. */
const SETTLED_SECONDS = 20

export const documents = defineSection({
  name: 'documents',
  title: 'Reports of a gigabyte as rows',
  about:
    'A report through the whole DocumentManager: asked for, waited for, downloaded from a local server, gunzipped, decoded ' +
    '(the flat file from Windows-1252) and parsed to rows, each an object, in a process of its own whose resident memory is ' +
    "sampled four times a second. Raw: the same bytes with Node's zlib and their line ends counted, in the same run.",
  options: {
    megabytes: { full: 1_000, quick: 8, help: 'text of each report' },
    formats: { full: documentFormats.join(','), quick: documentFormats.join(','), help: 'which reports' },
  },
  async run({ options, say }) {
    const rows: Row[] = []
    const findings: string[] = []
    for (const format of options.formats.split(',') as DocumentFormat[]) {
      const server = await startServer(format, options.megabytes * 1e6)
      try {
        const { served } = server
        const raw = await read('raw', served)
        say(`${format}: raw ${raw.seconds.toFixed(1)} s`)
        const ours = await read('ours', served)
        say(`${format}: ${ours.rows} rows in ${ours.seconds.toFixed(1)} s`)
        rows.push({
          report: format,
          'text, MB': Math.round(served.textBytes / 1e6),
          'stored, MB': Math.round(served.storedBytes / 1e6),
          rows: ours.rows,
          seconds: round(ours.seconds),
          'rows/s': Math.round(ours.rows / ours.seconds),
          'text, MB/s': round(served.textBytes / 1e6 / ours.seconds),
          'CPU s': round(ours.cpuSeconds),
          'raw: seconds': round(raw.seconds),
          'raw: CPU s': round(raw.cpuSeconds),
          'CPU, times raw': round(ours.cpuSeconds / raw.cpuSeconds),
          'peak MB': ours.peak,
          'MB, second quarter': ours.secondQuarter,
          'MB, last quarter': ours.lastQuarter,
          'raw: peak MB': raw.peak,
        })
        if (ours.rows !== served.rows) findings.push(`${format}: ${ours.rows} rows of ${served.rows}`)
        if ((ours.peak ?? 0) > MOST_MEGABYTES) findings.push(`${format}: ${ours.peak} MB of memory`)
        if (grew(ours)) findings.push(`${format}: memory grew to ${ours.lastQuarter} MB`)
      } finally {
        await server.stop()
      }
    }
    return { tables: [{ rows, key: ['report', 'text, MB'] }], notes: [], findings }
  },
})

function grew({ seconds, secondQuarter, lastQuarter }: Reading): boolean {
  if (seconds < SETTLED_SECONDS) return false
  return secondQuarter !== null && lastQuarter !== null && lastQuarter > secondQuarter * GROWTH
}

async function startServer(format: DocumentFormat, bytes: number) {
  const child = spawn(process.execPath, ['bench/support/document-server.ts', format, String(bytes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => {
      throw new Error('the server of documents ended before it listened')
    }),
  ])) as [string]
  return { served: JSON.parse(line) as Served, stop: () => end(child) }
}

async function read(how: 'ours' | 'raw', { url, reportType }: Served): Promise<Reading> {
  const child = spawn(process.execPath, ['bench/support/document-reader.ts', how, url, reportType], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const watched = watchUsage([{ name: how, pid: child.pid! }], 250)
  try {
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    const [usage] = watched()
    if (code !== 0) throw new Error(`the reader (${how}) ended with ${code}`)
    const { peakMegabytes, secondQuarterMegabytes, lastQuarterMegabytes } = usage!
    return {
      ...(JSON.parse(output) as Pick<Reading, 'rows' | 'seconds' | 'cpuSeconds'>),
      peak: peakMegabytes,
      secondQuarter: secondQuarterMegabytes,
      lastQuarter: lastQuarterMegabytes,
    }
  } finally {
    await end(child)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

function round(value: number): number {
  return Number(value.toFixed(1))
}

if (import.meta.main) await benchCommand([documents])
