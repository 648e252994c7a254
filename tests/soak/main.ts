/**
 * A whole cluster under a steady stream of changes for an hour: does anything grow that should not?
 *
 *   npm run soak -- [--duration 1h] [--rate 30] [--products 50000] [--brokers 1] [--seed 1] [--keep] [--record]
 *
 * Prints a line a minute, then a table and the report. Ctrl-C ends the load early and judges what there is. Exit code 1
 * when a series is not flat, a process ended by itself, a request failed or the checker found something. `--record` writes
 * docs/soak/ and the section in docs/reliability.md; `--keep` leaves logs and samples in `.asinstream/soak-…`.
 */

import { writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseDuration } from '#libs/service/duration.ts'
import {
  oneOf,
  positiveNumber,
  readCommandLine,
  UsageError,
  wholeNumber,
} from '#tests/support/command-line.ts'
import { renderPlot } from './plot.ts'
import { recordSoak } from './record.ts'
import { problemsOf, renderTable } from './report.ts'
import { runSoak } from './soak.ts'

const asked = readCommandLine(
  import.meta.filename,
  {
    duration: { type: 'string', default: '1h' },
    rate: { type: 'string', default: '30' },
    products: { type: 'string', default: '50000' },
    brokers: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
  (values) => {
    const durationMs = parseDuration(values.duration)
    if (durationMs === null || durationMs < 60_000)
      throw new UsageError(`--duration must be a minute or more, such as 4m or 1h, not "${values.duration}"`)
    return {
      durationMs,
      rate: positiveNumber('rate', values.rate),
      products: wholeNumber('products', values.products, 1),
      brokers: oneOf('brokers', values.brokers, ['1', '3']) === '3' ? (3 as const) : (1 as const),
      seed: wholeNumber('seed', values.seed),
      keep: values.keep,
      record: values.record,
    }
  },
)

const folder = resolve('.asinstream', `soak-${process.pid}`)
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())

const { report, samples } = await runSoak({
  products: asked.products,
  rate: asked.rate,
  durationMs: asked.durationMs,
  brokers: asked.brokers,
  seed: asked.seed,
  folder,
  signal: interrupted.signal,
  say: (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
})
console.log(renderTable(report))
const { verdicts: _, ...figures } = report
console.log(JSON.stringify(figures, null, 2))
const problems = problemsOf(report)
for (const problem of problems) console.log(`NOT WELL: ${problem}`)
if (problems.length > 0) process.exitCode = 1
if (asked.record) recordSoak(report, samples)
if (asked.keep) {
  writeFileSync(join(folder, 'soak.svg'), renderPlot(samples))
  process.stderr.write(`logs, samples and plot: ${folder}\n`)
} else await rm(folder, { recursive: true, force: true })
