import { useEffect, useRef, useState } from 'preact/hooks'
import { loadStyle } from '../core/assets.js'
import { formatTime } from '../core/format.js'
import { html } from '../core/html.js'
import { useStore } from '../core/store.js'
import { theme } from '../core/theme.js'
import { ErrorBox, Loading } from './notices.js'

/** uPlot is loaded when the first chart shows. */
let loading
function loadUplot() {
  loading ??= Promise.all([import('uplot'), loadStyle('vendor/uplot.css')]).then(([module]) => module.default)
  // A failed download is tried again by the next chart.
  loading.catch(() => {
    loading = undefined
  })
  return loading
}

const MOST_ROWS_SPOKEN = 100

/**
 * Values over time. Screen readers get them as a table.
 * @param {{
 *   label: string,
 *   times: readonly number[],
 *   series: readonly { label: string, values: readonly (number | null)[], tone?: string, step?: boolean, fill?: boolean }[],
 *   height?: number, format?: (value: number) => string, empty?: string, zero?: boolean, legend?: boolean,
 * }} props times in seconds since the epoch, ascending; `zero`: the scale begins there
 */
export function Chart({
  label,
  times,
  series,
  height = 220,
  format = String,
  empty,
  zero = false,
  legend = true,
}) {
  if (times.length < 2)
    return html`<p class="chart-empty soft">${empty ?? 'A line needs two points: there is one at most so far.'}</p>`
  return html`<figure class="chart">
    <${Drawing} ...${{ label, times, series, height, format, zero, legend }} />
    <${Spoken} ...${{ label, times, series, format }} />
  </figure>`
}

function Drawing({ label, times, series, height, format, zero, legend }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null))
  const plot = useRef(/** @type {any} */ (null))
  const [uPlot, setUplot] = useState(/** @type {any} */ (null))
  const [error, setError] = useState(/** @type {any} */ (null))
  const chosen = useStore(theme)
  const dark = useDark()
  const latest = useRef(format)
  latest.current = format
  const shape = series.map((one) => `${one.label} ${one.tone} ${one.step} ${one.fill}`).join('\n')
  const data = [times, ...series.map(({ values }) => values)]

  useEffect(() => {
    let gone = false
    loadUplot().then(
      (loaded) => gone || setUplot(() => loaded),
      (failed) => gone || setError(failed),
    )
    return () => {
      gone = true
    }
  }, [])

  useEffect(() => {
    const place = box.current
    if (!uPlot || !place) return
    const options = optionsOf(uPlot, { series, zero, legend, format: (value) => latest.current(value) })
    const size = () => ({ width: Math.max(120, place.clientWidth), height })
    plot.current = new uPlot({ ...options, ...size() }, data, place)
    const observer = new ResizeObserver(() => plot.current?.setSize(size()))
    observer.observe(place)
    return () => {
      observer.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
    // New data is handed to the same plot below; colours come from the theme.
  }, [uPlot, shape, height, zero, legend, chosen, dark])

  useEffect(() => {
    plot.current?.setData(data)
  }, [times, ...series.map(({ values }) => values)])

  if (error) return html`<${ErrorBox} error=${error} title="The chart could not be loaded" />`
  return html`<div class="chart-box" ref=${box} style=${{ minHeight: `${height}px` }} aria-hidden="true">
    ${!uPlot && html`<${Loading} label=${`Loading ${label}`} rows=${3} />`}
  </div>`
}

/** Whether the page is dark now, by the system or by choice. */
function useDark() {
  const query = useRef(window.matchMedia('(prefers-color-scheme: dark)')).current
  const [dark, setDark] = useState(query.matches)
  useEffect(() => {
    const update = () => setDark(query.matches)
    query.addEventListener('change', update)
    return () => query.removeEventListener('change', update)
  }, [query])
  return dark
}

/** A canvas knows no variables: the colour that one comes to now. */
function colour(name) {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const value = getComputedStyle(probe).color
  probe.remove()
  return value
}

/** The same with an opacity. */
function faded(name, alpha) {
  return `color-mix(in srgb, ${colour(name)} ${alpha * 100}%, transparent)`
}

function optionsOf(uPlot, { series, zero, legend, format }) {
  const soft = colour('--soft')
  const grid = { stroke: colour('--line'), width: 1 }
  const axis = {
    stroke: soft,
    grid,
    ticks: { show: false },
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  }
  return {
    cursor: { points: { size: 7 }, drag: { x: true, y: false } },
    legend: { show: legend, live: true },
    scales: { y: { range: (_plot, low, high) => rangeOf(low, high, zero) } },
    axes: [
      { ...axis, space: 84, values: momentsOf },
      {
        ...axis,
        size: 64,
        values: (_plot, values) => values.map((value) => (value === null ? '' : format(value))),
      },
    ],
    series: [
      {
        label: 'Time',
        value: (_plot, seconds) =>
          seconds === null ? '–' : formatTime(new Date(seconds * 1_000).toISOString()),
      },
      ...series.map(({ label, tone = 'accent', step = false, fill = false }) => ({
        label,
        stroke: colour(`--${tone}`),
        width: 2,
        ...(fill && { fill: faded(`--${tone}`, 0.12) }),
        ...(step && { paths: uPlot.paths.stepped({ align: 1 }) }),
        points: { show: step, size: 5, fill: colour(`--${tone}`) },
        value: (_plot, value) => (value === null ? '–' : format(value)),
      })),
    ],
  }
}

/** The marks of the time axis, as exact as they are close. */
function momentsOf(_plot, moments, _axis, _space, seconds) {
  const format = seconds < 60 ? clockSeconds : seconds < 86_400 ? clock : day
  let last = ''
  return moments.map((moment) => {
    const date = new Date(moment * 1_000)
    const today = day.format(date)
    // A day stands below the first mark that is in it.
    const below = format !== day && today !== last ? `\n${today}` : ''
    last = today
    return format.format(date) + below
  })
}

const clockSeconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

/** Room above and below; a flat line stands in the middle. */
function rangeOf(low, high, zero) {
  if (low === null || high === null) return [0, 1]
  const room = high === low ? Math.max(Math.abs(high) * 0.1, 0.5) : (high - low) * 0.1
  return [
    zero ? Math.min(0, low) : Math.max(low >= 0 ? 0 : Number.NEGATIVE_INFINITY, low - room),
    high + room,
  ]
}

function Spoken({ label, times, series, format }) {
  // The newest, as many as anybody listens to.
  const from = Math.max(0, times.length - MOST_ROWS_SPOKEN)
  // Around it, as a table grows with what is in it, hidden or not.
  return html`<div class="visually-hidden"><table>
    <caption>${label}</caption>
    <thead><tr><th scope="col">Time</th>${series.map((one) => html`<th key=${one.label} scope="col">${one.label}</th>`)}</tr></thead>
    <tbody>
      ${times.slice(from).map(
        (time, i) =>
          html`<tr key=${time}><th scope="row">${formatTime(new Date(time * 1_000).toISOString())}</th>
            ${series.map(({ label: name, values }) => {
              const value = values[from + i]
              return html`<td key=${name}>${value === null || value === undefined ? 'none' : format(value)}</td>`
            })}
          </tr>`,
      )}
    </tbody>
  </table></div>`
}
