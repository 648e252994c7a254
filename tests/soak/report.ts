import { markdownTable } from '#tests/support/markdown.ts'
import { type Panel, panels } from './series.ts'
import type { SeriesVerdict, SoakReport } from './soak.ts'

/** One row per kind of series: the one that comes nearest to its limit. */
export function renderTable(report: SoakReport): string {
  const rows = panels.flatMap((panel) => {
    const verdicts = report.verdicts.filter((verdict) => verdict.panel === panel.key)
    const worst = verdicts.toSorted((a, b) => used(b, panel) - used(a, panel))[0]
    if (worst === undefined) return []
    return [row(panel, worst, `${verdicts.filter(({ flat }) => flat).length} of ${verdicts.length}`)]
  })
  return markdownTable(rows)
}

/** One row per series. */
export function renderFullTable(report: SoakReport): string {
  const rows = report.verdicts.flatMap((verdict) => {
    const panel = panels.find(({ key }) => key === verdict.panel)
    return panel ? [row(panel, verdict, verdict.flat ? 'yes' : 'NO')] : []
  })
  return markdownTable(rows)
}

/** What makes the run a failure, in words; empty when all is well. */
export function problemsOf(report: SoakReport): readonly string[] {
  return [
    ...report.verdicts
      .filter(({ flat }) => !flat)
      .map(
        ({ panel, series, growth, limit }) =>
          `${panel}/${series} grew by ${shown(growth)}, and ${shown(limit)} is the limit`,
      ),
    ...report.endedByThemselves.map(({ name, code, signal }) => `${name} ended by itself: ${code ?? signal}`),
    ...report.badExits.map(({ name, code }) => `${name} ended with ${code} when it was asked to`),
    ...report.failures,
    ...Object.entries(report.findings).flatMap(([kind, details]) =>
      details.map((detail) => `${kind}: ${detail}`),
    ),
  ]
}

function row(panel: Panel, verdict: SeriesVerdict, flat: string) {
  return {
    what: panel.unit === '' ? panel.title : `${panel.title}, ${panel.unit}`,
    series: verdict.series,
    '2nd quarter': shown(verdict.early),
    'last quarter': shown(verdict.late),
    grew: shown(verdict.growth),
    'may grow': shown(verdict.limit),
    flat,
  }
}

function used({ growth, limit }: SeriesVerdict, panel: Panel): number {
  return (panel.tolerance?.bothWays === true ? Math.abs(growth) : growth) / limit
}

/** Three digits that count. */
function shown(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return String(Number(value.toFixed(digits)))
}
