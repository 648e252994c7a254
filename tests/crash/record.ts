import type { ModelReport } from './model.ts'

const MARK = '<!-- crashes measured -->'

export interface Recorded {
  readonly log: string
  /** Prices were asked for as well, where that is not the service's work anyway. */
  readonly prices: boolean
  readonly sampled: boolean
  /** Whether the figures are added to those of the steps before. */
  readonly goesOn: boolean
  readonly report: ModelReport
}

/** The document with the service's row in the table after the mark: replaced, added to, or put at its end. */
export function withModelRow(document: string, { log, prices, sampled, goesOn, report }: Recorded): string {
  const at = document.indexOf(MARK)
  if (at < 0) throw new Error(`the document has no ${MARK}: put it before the table`)
  const lines = document.slice(at).split('\n')
  const first = lines.findIndex((line) => line.startsWith('|'))
  const after = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  const end = after < 0 ? lines.length : after
  const { service, ended, steps, chains, seconds, findings } = report
  const what = prices ? `${service}, with prices` : service
  const key = `| ${what} | ${log} | ${sampled ? 'drawn' : 'in turn'} |`
  const own = lines.findIndex((line, index) => index < end && line.startsWith(key))
  const sums = [ended.before, ended.sent, ended.answered, chains, seconds, findings.length]
  const old = goesOn ? numbersOf(lines[own]?.slice(key.length) ?? '') : []
  const row = `${key} ${[steps, ...sums.map((sum, i) => sum + (old[i + 1] ?? 0))].join(' | ')} |`
  if (own < 0) lines.splice(end, 0, row)
  else lines[own] = row
  return `${document.slice(0, at)}${lines.join('\n')}`
}

const numbersOf = (cells: string): readonly number[] => (cells.match(/\d+/g) ?? []).map(Number)
