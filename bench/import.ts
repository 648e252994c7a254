/**
 * How fast a CSV goes into the catalogue through the API, and what memory that takes.
 *
 *   node bench/import.ts [--rows 1000000]
 *
 * A real PostgreSQL and the reporting service as a process; the file is generated and streamed, never held.
 */
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { freePort } from '#libs/child-process/port.ts'
import { csvHeader, csvLine } from '#simulator/catalogue/csv.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { startCluster } from './support/cluster.ts'
import { cpuSeconds, residentMegabytes } from './support/process-usage.ts'
import { untilReady } from './support/ready.ts'

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } })
const count = Number(values.rows)

const cluster = await startCluster({ mode: 'embedded', amazon: 'http://127.0.0.1:9' })
try {
  const port = await freePort()
  const child = cluster.spawnService('reporting', { port })
  const api = `http://127.0.0.1:${port}`
  await Promise.race([untilReady(api), cluster.failed])
  const residentAtStart = residentMegabytes(child.pid)
  let residentPeak = 0
  const sampler = setInterval(() => {
    residentPeak = Math.max(residentPeak, residentMegabytes(child.pid) ?? 0)
  }, 500)

  const lines = function* () {
    yield csvHeader(false)
    for (const row of generateProducts({ seed: 7, count, damaged: 0.03, restricted: 0.01 })) {
      yield csvLine(row, false)
    }
  }
  const importOnce = async () => {
    const started = performance.now()
    const answer = await fetch(`${api}/products`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: Readable.toWeb(Readable.from(lines())) as ReadableStream,
      duplex: 'half',
    })
    const { inserted, updated, unchanged, rejected } = (await answer.json()) as Record<string, number>
    const seconds = (performance.now() - started) / 1_000
    return {
      seconds: round(seconds),
      rowsPerSecond: Math.round(count / seconds),
      inserted,
      updated,
      unchanged,
      rejected,
    }
  }
  const first = await Promise.race([importOnce(), cluster.failed])
  const again = await Promise.race([importOnce(), cluster.failed])
  clearInterval(sampler)
  const result = {
    rows: count,
    first,
    again,
    residentAtStart,
    residentPeak,
    cpuSeconds: cpuSeconds(child.pid),
  }
  console.log(JSON.stringify(result, null, 2))
} finally {
  await cluster.stop()
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
