import { styleText } from 'node:util'

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Text in colour where `stream` is a terminal that shows it; `NO_COLOR` is obeyed. */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream })
}

/** `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1 product`, `12,345 products`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** `0.4 s`, `24 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return join(Math.floor(whole / 60), 'min', whole % 60, 's')
  const minutes = Math.round(whole / 60)
  return join(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return `${count(large)} ${largeUnit}${small === 0 ? '' : ` ${small} ${smallUnit}`}`
}

/** `512 B`, `1.5 kB`, `23 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let size = value
  let unit = 0
  while (size >= 1_000 && unit < units.length - 1) {
    size /= 1_000
    unit++
  }
  return `${size >= 10 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`
}

/** Rows as aligned columns, numbers to the right; lines end without blanks. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const text = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? count(cell) : cell)))
  const widths: number[] = []
  for (const row of text)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    })
  return rows
    .map((row, i) =>
      row
        .map((cell, column) => {
          const shown = text[i]?.[column] ?? ''
          const width = widths[column] ?? 0
          return typeof cell === 'number' ? shown.padStart(width) : shown.padEnd(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Narrower than this a column says nothing. */
const NARROWEST = 8

/**
 * Rows as a table that is no wider than `width`: texts of the widest columns end in … until it fits, but not those of the
 * first, by which a row is called. Without a width, as for a pipe, nothing is cut.
 */
export function fittedTable(
  rows: readonly (readonly (string | number)[])[],
  width: number | undefined = process.stdout.columns,
): string {
  if (width === undefined) return table(rows)
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const lengthOf = (cell: string | number | undefined) =>
    typeof cell === 'number' ? count(cell).length : (cell ?? '').length
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => lengthOf(row[column]))),
  )
  for (let over = sum(widths) + 2 * (columns - 1) - width; over > 0; over--) {
    const widest = widths.indexOf(Math.max(...widths.slice(1)), 1)
    if ((widths[widest] ?? 0) <= NARROWEST) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return table(
    rows.map((row) =>
      row.map((cell, column) => (typeof cell === 'number' ? cell : shortened(cell, widths[column] ?? 0))),
    ),
  )
}

/** A text of others on one line: control characters, which could steer the terminal, are shown as such. */
export function printable(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '\uFFFD')
}

const shortened = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
