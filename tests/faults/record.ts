import type { Report } from './trial.ts'

const MARK = '<!-- measured -->'

/** The document with the scenario's row in the table after the mark: replaced, or added at its end. */
export function withRow(document: string, report: Report): string {
  const at = document.indexOf(MARK)
  if (at < 0) throw new Error(`the document has no ${MARK}: put it before the table`)
  const [head, table] = [document.slice(0, at), document.slice(at).trimEnd().split('\n')]
  const cells = [
    report.scenario,
    report.seed,
    report.products,
    report.brokers,
    report.processes,
    report.faults,
    report.seconds,
    report.attempts,
    report.logRows,
    report.requeued,
    report.asksPerCode,
    report.throttled429,
    report.endedByThemselves,
    report.badExits.length,
    Object.values(report.findings).flat().length,
    Object.entries(report.more ?? {})
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  ]
  const row = `| ${cells.join(' | ')} |`
  const old = table.findIndex((line) => line.startsWith(`| ${report.scenario} |`))
  if (old < 0) table.splice(endOf(table), 0, row)
  else table[old] = row
  return `${head}${table.join('\n')}\n`
}

/** The line after the first table: whatever follows it is somebody else's. */
function endOf(lines: readonly string[]): number {
  const first = lines.findIndex((line) => line.startsWith('|'))
  const after = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  return after < 0 ? lines.length : after
}
