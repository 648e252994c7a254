import { useEffect, useRef, useState } from 'preact/hooks'
import { html } from '../core/html.js'
import { Loading } from './notices.js'

/**
 * A table. On a phone each row becomes a card: the roles keep it a table for screen readers, and each cell shows the label of
 * its column.
 * @param {{
 *   caption: string,
 *   columns: { key: string, label: string, labelHidden?: boolean, render?: (row: any) => any, align?: 'end', wide?: boolean, hide?: 'phone' }[],
 *   rows: readonly any[],
 *   rowKey?: (row: any) => string,
 *   rowProps?: (row: any) => Record<string, unknown>,
 *   empty?: any, loading?: boolean, stale?: boolean,
 * }} props
 */
export function Table({ caption, columns, rows, rowKey, rowProps, empty, loading, stale }) {
  if (loading && rows.length === 0) return html`<${Loading} label=${`Loading ${caption}`} rows=${6} />`
  if (rows.length === 0 && empty) return empty
  return html`<${Scroll} label=${caption}>
    <table class=${`table ${stale ? 'is-stale' : ''}`} role="table" aria-busy=${stale ? 'true' : undefined}>
      <caption class="visually-hidden">${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map(
            ({ key, label, labelHidden, align, wide, hide }) =>
              html`<th key=${key} scope="col" role="columnheader" class=${classes(align, wide, hide)}>
                <span class=${labelHidden ? 'visually-hidden' : ''}>${label}</span>
              </th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          (row, i) =>
            html`<tr key=${rowKey ? rowKey(row) : i} role="row" ...${rowProps?.(row)}>
              ${columns.map(
                ({ key, label, labelHidden, render, align, wide, hide }) =>
                  html`<td key=${key} role="cell" class=${classes(align, wide, hide)} data-label=${labelHidden ? undefined : label}>
                    <div class="cell">${render ? render(row) : row[key]}</div>
                  </td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  <//>`
}

/** Scrolls what is too large for it, then also by keys. */
function Scroll({ label, children }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null))
  const [overflows, setOverflows] = useState(false)
  useEffect(() => {
    const place = /** @type {HTMLElement} */ (box.current)
    const observer = new ResizeObserver(() =>
      setOverflows(place.scrollWidth > place.clientWidth || place.scrollHeight > place.clientHeight),
    )
    observer.observe(place)
    if (place.firstElementChild) observer.observe(place.firstElementChild)
    return () => observer.disconnect()
  }, [])
  return html`<div ref=${box} class="table-scroll" role=${overflows ? 'group' : undefined} aria-label=${overflows ? label : undefined}
    tabindex=${overflows ? 0 : undefined}>${children}</div>`
}

const classes = (align, wide, hide) =>
  [align === 'end' && 'end', wide && 'wide', hide === 'phone' && 'not-phone'].filter(Boolean).join(' ') ||
  undefined
