import { useEffect, useState } from 'preact/hooks'
import { formatAgo, formatNumber, formatPercent, formatTime } from '../core/format.js'
import { html } from '../core/html.js'
import { createStore, useStore } from '../core/store.js'
import { Button } from './button.js'

const now = createStore(Date.now())
setInterval(() => {
  if (!document.hidden) now.set(Date.now())
}, 10_000)

/** When: in words, exact on hover; with `absolute` the other way round. @param {{ value: string | null | undefined, absolute?: boolean }} props */
export function Time({ value, absolute = false }) {
  const at = useStore(now)
  if (!value) return html`<span class="faint">–</span>`
  // What came after the last tick is not in the future.
  const ago = formatAgo(value, Math.max(at, Date.now()))
  return html`<time datetime=${value} title=${absolute ? ago : formatTime(value)}>${absolute ? formatTime(value) : ago}</time>`
}

/** @param {{ value: number | null | undefined, digits?: number, unit?: string }} props */
export function Num({ value, digits = 0, unit = '' }) {
  const none = value === null || value === undefined
  return html`<span class=${`num ${none ? 'faint' : ''}`}>${formatNumber(value, digits)}${none ? '' : unit}</span>`
}

/** How much of something. @param {{ value: number, max?: number, label: string, tone?: string, showValue?: boolean }} props */
export function Meter({ value, max = 100, label, tone = 'accent', showValue = false }) {
  const percent = max <= 0 ? 0 : Math.min(100, Math.max(0, (value / max) * 100))
  return html`<span class="meter">
    <span class="meter-bar" role="progressbar" aria-label=${label} aria-valuemin="0" aria-valuemax="100"
      aria-valuenow=${Math.floor(percent)} data-tone=${tone}>
      <span style=${{ width: `${percent}%` }}></span>
    </span>
    ${showValue && html`<span class="num small">${formatPercent(percent)}</span>`}
  </span>`
}

/** Parts of a whole, with their counts in words for whoever does not see them. */
export function Stack({ parts, label }) {
  const shown = parts.filter(({ value }) => value > 0)
  const words = shown.map((part) => `${part.label} ${formatNumber(part.value)}`).join(', ')
  return html`<div class="stack-bar" role="img" aria-label=${`${label}: ${words || 'none'}`}>
    ${shown.map(
      (part) =>
        html`<span key=${part.key} data-tone=${part.tone} title=${`${part.label}: ${formatNumber(part.value)}`}
          style=${{ flexGrow: part.value }}></span>`,
    )}
  </div>`
}

/** Names and values. @param {{ items: { label: string, value: any }[], columns?: number }} props */
export function Facts({ items, columns = 1 }) {
  return html`<dl class="facts" style=${{ '--columns': columns }}>
    ${items.map(({ label, value }) => html`<div key=${label}><dt>${label}</dt><dd>${value ?? html`<span class="faint">–</span>`}</dd></div>`)}
  </dl>`
}

/** Text to copy. @param {{ value: string, copy?: boolean, label?: string }} props */
export function Code({ value, copy = false, label = 'Copy' }) {
  const [done, setDone] = useState('')
  useEffect(() => {
    if (done === '') return
    const timer = setTimeout(() => setDone(''), 2_000)
    return () => clearTimeout(timer)
  }, [done])
  if (!copy) return html`<code>${value}</code>`
  const take = async () => {
    // Without permission, or over plain HTTP, there is no clipboard: the text can be selected.
    setDone(
      await Promise.resolve(navigator.clipboard?.writeText(value)).then(
        () => (navigator.clipboard ? 'Copied' : 'Select it'),
        () => 'Select it',
      ),
    )
  }
  return html`<div class="code-box">
    <pre tabindex="0"><code>${value}</code></pre>
    <${Button} small icon=${done === 'Copied' ? 'check' : 'copy'} onClick=${take} aria-label=${done === '' ? label : undefined}>${done || 'Copy'}<//>
  </div>`
}

/** A document as it came; `open`: it shows at once. */
export function Json({ value, label = 'As it came', open = false }) {
  return html`<details class="raw" open=${open}><summary>${label}</summary><pre tabindex="0"><code>${JSON.stringify(value, null, 2)}</code></pre></details>`
}

/** Views of one thing. @param {{ items: { key: string, label: string, count?: number | null }[], active: string, onChange: (key: string) => void, label: string }} props */
export function Tabs({ items, active, onChange, label }) {
  return html`<div class="tabs" role="group" aria-label=${label}>
    ${items.map(
      ({ key, label: word, count }) =>
        html`<button key=${key} type="button" aria-pressed=${key === active ? 'true' : 'false'} onClick=${() => onChange(key)}>
          ${word}${count === undefined || count === null ? null : html` <span class="count num">${formatNumber(count)}</span>`}
        </button>`,
    )}
  </div>`
}
