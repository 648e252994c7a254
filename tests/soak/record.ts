import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { withBlock } from '#tests/support/markdown.ts'
import { renderPlot } from './plot.ts'
import { problemsOf, renderFullTable, renderTable } from './report.ts'
import type { Sample } from './series.ts'
import type { SoakReport } from './soak.ts'

const FOLDER = 'docs/soak'
const DOCUMENT = 'docs/reliability.md'
/** Points of a series in the JSON. */
const POINTS = 60

/** Writes the plot, every verdict and the figures into `docs/soak/`, and the section of `docs/reliability.md`. */
export function recordSoak(report: SoakReport, samples: readonly Sample[]): void {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(`${FOLDER}/soak.svg`, renderPlot(samples))
  writeFileSync(`${FOLDER}/soak.json`, `${JSON.stringify({ ...report, samples: thinned(samples) })}\n`)
  writeFileSync(
    `${FOLDER}/README.md`,
    `# Every series of the soak\n\n${sentence(report)}\n\n![All series over time](soak.svg)\n\n${renderFullTable(report)}\n`,
  )
  writeFileSync(DOCUMENT, withBlock(readFileSync(DOCUMENT, 'utf8'), 'soak', renderSection(report)))
}

/** What the run was, and what came of it. */
export function renderSection(report: SoakReport): string {
  const problems = problemsOf(report)
  const verdict =
    problems.length === 0
      ? 'Every series was flat, and the checker found nothing.'
      : `Not well:\n\n${problems.map((problem) => `- ${problem}`).join('\n')}`
  return `${sentence(report)}\n\n${verdict}\n\n${renderTable(report)}`
}

function sentence(report: SoakReport): string {
  const { seconds, products, processes, brokers, rate, changes, asked, attempts } = report
  return (
    `${report.startedAt.slice(0, 16).replace('T', ' ')} UTC, ${Math.round(seconds / 60)} minutes at ${rate} products a ` +
    `second: ${products} products, ${processes} processes, ${brokers} broker${brokers === 1 ? '' : 's'}; ` +
    `${changes} changes of codes, ${asked} products asked for by ${report.jobs} jobs, the rest by the schedule; ` +
    `${attempts} attempts with those of the first sync, ${report.requeued} requeued, ${report.throttled429} 429s.`
  )
}

function thinned(samples: readonly Sample[]): readonly Sample[] {
  const step = Math.max(1, Math.floor(samples.length / POINTS))
  return samples
    .filter((_, index) => index % step === 0)
    .map(({ at, values }) => ({
      at,
      values: Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, Number(value.toPrecision(4))]),
      ),
    }))
}
