import { type Panel, panels, type Sample, seriesOf } from './series.ts'
import type { Point } from './verdict.ts'

const COLUMNS = 2
const PANEL = { width: 520, height: 190, gap: 24 }
const PLOT = { left: 54, top: 30, right: 162, bottom: 24 }
/** Series that a legend has room for: the largest; the others are drawn as well. */
const LEGEND = 8
/** The largest values of a panel stand at a round number near the top. */
const ROUND = [1, 2, 2.5, 5, 10]
/** Below this many pixels lines hide nothing that a reader could see. */
const POINTS = 240

/** Small multiples, one for each panel, as an SVG that follows the reader's light or dark theme. */
export function renderPlot(samples: readonly Sample[]): string {
  const shown = panels
    .map((panel) => ({ panel, series: seriesOf(panel, samples) }))
    .filter(({ series }) => series.size > 0)
  const rows = Math.ceil(shown.length / COLUMNS)
  const width = COLUMNS * (PANEL.width + PANEL.gap) + PANEL.gap
  const height = rows * (PANEL.height + PANEL.gap) + PANEL.gap
  const until = samples.at(-1)?.at ?? 0
  const drawn = shown.map(({ panel, series }, index) => {
    const x = PANEL.gap + (index % COLUMNS) * (PANEL.width + PANEL.gap)
    const y = PANEL.gap + Math.floor(index / COLUMNS) * (PANEL.height + PANEL.gap)
    return `<g transform="translate(${x} ${y})">${renderPanel(panel, series, until)}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>What was measured during the soak, by time in minutes</title>
<style>${style()}</style>
<rect class="page" width="${width}" height="${height}"/>
${drawn.join('\n')}
</svg>
`
}

function renderPanel(panel: Panel, series: ReadonlyMap<string, readonly Point[]>, until: number): string {
  const inner = {
    width: PANEL.width - PLOT.left - PLOT.right,
    height: PANEL.height - PLOT.top - PLOT.bottom,
  }
  const top = ceiling(Math.max(...[...series.values()].flat().map(({ value }) => value)))
  const x = (at: number) => PLOT.left + (until === 0 ? 0 : (at / until) * inner.width)
  const y = (value: number) => PLOT.top + inner.height * (1 - value / top)
  const title = panel.unit === '' ? panel.title : `${panel.title} (${panel.unit})`
  const horizontal = [0, 0.5, 1].map((share) => {
    const at = y(share * top).toFixed(1)
    return (
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.left + inner.width}" y1="${at}" y2="${at}"/>` +
      `<text class="tick" x="${PLOT.left - 6}" y="${at}" dy="4" text-anchor="end">${label(share * top)}</text>`
    )
  })
  const vertical = ticks(until / 60).map(
    (minute) =>
      `<text class="tick" x="${x(minute * 60).toFixed(1)}" y="${PANEL.height - 8}" text-anchor="middle">${minute} min</text>`,
  )
  // A process has the same colour in every panel that shows the same ones.
  const lines = [...series]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, points], index) => ({ name, points, colour: `c${index % COLOURS.length}` }))
  const paths = lines.map(({ points, colour }) => {
    const path = thinned(points).map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`)
    return `<polyline class="line ${colour}" points="${path.join(' ')}"/>`
  })
  const largest = lines.toSorted((a, b) => lastOf(b.points) - lastOf(a.points)).slice(0, LEGEND)
  const legend = largest.map(({ name, colour }, index) => {
    const at = PLOT.top + 6 + index * 17
    return (
      `<line class="line ${colour}" x1="${PANEL.width - PLOT.right + 10}" x2="${PANEL.width - PLOT.right + 24}" y1="${at}" y2="${at}"/>` +
      `<text class="tick" x="${PANEL.width - PLOT.right + 29}" y="${at}" dy="4">${escapeText(name)}</text>`
    )
  })
  const more =
    lines.length > LEGEND
      ? `<text class="tick" x="${PANEL.width - PLOT.right + 29}" y="${PLOT.top + 10 + LEGEND * 17}">+ ${lines.length - LEGEND} smaller</text>`
      : ''
  return [
    `<rect class="panel" width="${PANEL.width}" height="${PANEL.height}" rx="6"/>`,
    `<text class="title" x="12" y="20">${escapeText(title)}</text>`,
    ...horizontal,
    ...vertical,
    ...paths,
    ...legend,
    more,
  ].join('')
}

/** Okabe and Ito's colours, which the colour-blind tell apart; two are brighter on dark ground. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#a67c00', '#56b4e9', '#7a5fb0', '#8a8a8a']
const DARK = ['#4aa8e0', '#ff8540', '#2cc79b', '#e39bc3', '#e5b83b', '#8fd0f5', '#b39be6', '#b0b0b0']

function style(): string {
  const strokes = (colours: readonly string[]) =>
    colours.map((colour, index) => `.c${index}{stroke:${colour}}`).join('')
  return [
    'text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:13px}.tick{font-size:11px}',
    '.page{fill:#fff}.panel{fill:#f6f8fa}.grid{stroke:#d0d7de}.line{fill:none;stroke-width:1.6;stroke-linejoin:round}',
    strokes(COLOURS),
    '@media (prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}.panel{fill:#161b22}.grid{stroke:#30363d}',
    strokes(DARK),
    '}',
  ].join('')
}

/** The least round number that is not below; 1 for nothing. */
export function ceiling(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return power * (ROUND.find((round) => round * power >= value) as number)
}

function lastOf(points: readonly Point[]): number {
  return points.at(-1)?.value ?? 0
}

/** Four to eight whole minutes along the axis. */
function ticks(minutes: number): number[] {
  const step = [1, 2, 5, 10, 15, 30, 60, 120].find((one) => minutes / one <= 7) ?? 240
  return Array.from({ length: Math.floor(minutes / step) + 1 }, (_, i) => i * step)
}

function label(value: number): string {
  return value >= 10_000 ? `${Number((value / 1_000).toFixed(1))}k` : String(Number(value.toPrecision(3)))
}

function thinned(points: readonly Point[]): readonly Point[] {
  const step = Math.max(1, Math.ceil(points.length / POINTS))
  return points.filter((_, index) => index % step === 0 || index === points.length - 1)
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
