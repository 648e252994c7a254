import { useId } from 'preact/hooks'
import { html } from '../core/html.js'

const WIDTH = 600

/**
 * A small line over evenly spaced moments, the oldest first, drawn without uPlot: the first page needs no more.
 * @param {{ values: readonly number[], label: string, from: string, to: string, height?: number, format?: (value: number) => string }} props
 *   `from` and `to`: what the ends are called
 */
export function Area({ values, label, from, to, height = 150, format = String }) {
  const id = useId()
  const top = niceTop(Math.max(...values, 0))
  const x = (i) => (values.length < 2 ? 0 : (i / (values.length - 1)) * WIDTH)
  const y = (value) => height - (value / top) * height
  const line = values
    .map((value, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`)
    .join('')
  const words = `${label}: ${values.length === 0 ? 'none' : `now ${format(values.at(-1) ?? 0)}, at most ${format(Math.max(...values))}`}`
  return html`<figure class="area" aria-label=${words} role="img">
    <div class="area-plot">
      <div class="area-scale num" aria-hidden="true">
        ${[1, 0.5, 0].map((part) => html`<span key=${part}>${format(top * part)}</span>`)}
      </div>
      <svg viewBox=${`0 -2 ${WIDTH} ${height + 4}`} preserveAspectRatio="none" height=${height} aria-hidden="true">
        <defs><linearGradient id=${id} x1="0" y1="0" x2="0" y2="1"><stop offset="0" class="area-from" /><stop offset="1" class="area-to" /></linearGradient></defs>
        ${[0, 0.5, 1].map((part) => html`<line key=${part} x1="0" x2=${WIDTH} y1=${height * part} y2=${height * part} />`)}
        ${values.length > 1 && html`<path class="area-fill" d=${`${line}V${height}H0Z`} fill=${`url(#${id})`} /><path class="area-line" d=${line} />`}
      </svg>
    </div>
    <div class="area-ends spread" aria-hidden="true"><span>${from}</span><span>${to}</span></div>
  </figure>`
}

/** The next of 1, 2, 5, 10, 20, …: the scale stands still while the line moves. */
function niceTop(value) {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= value) ?? value
}
