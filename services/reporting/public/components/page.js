import { useEffect, useId, useRef } from 'preact/hooks'
import { html } from '../core/html.js'
import { place } from '../core/router.js'
import { Icon } from './icon.js'

/** Whether somebody has come here from another page: then the heading takes the focus, and screen readers say where they are. */
let navigated = false
place.subscribe(() => {
  navigated = true
})

/** @param {string} title */
export function useTitle(title) {
  useEffect(() => {
    document.title = title ? `${title} · asinstream` : 'asinstream'
  }, [title])
}

/** A page: its heading, what can be done with all of it, and its parts. */
export function Page({ title, lead, back, actions, badge, children }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null))
  useTitle(title)
  useEffect(() => {
    if (navigated) heading.current?.focus({ preventScroll: true })
  }, [])
  return html`<div class="page stack">
    <div class="page-head">
      <div class="page-title">
        ${back && html`<a class="back" href=${back.href}><${Icon} name="chevron-left" />${back.label}</a>`}
        <div class="row"><h1 ref=${heading} tabindex="-1">${title}</h1>${badge}</div>
        ${lead && html`<p class="lead">${lead}</p>`}
      </div>
      ${actions && html`<div class="row page-actions">${actions}</div>`}
    </div>
    ${children}
  </div>`
}

/** A part of a page. `flush`: what is in it comes up to the edges, as tables do. */
export function Card({ title, lead, actions, flush = false, children, class: names = '', id }) {
  const own = useId()
  const titleId = id ?? `card-${own}`
  return html`<section class=${`card ${flush ? 'flush' : ''} ${names}`} aria-labelledby=${title ? titleId : undefined}>
    ${
      (title || actions) &&
      html`<div class="card-head">
        <div>
          ${title && html`<h2 id=${titleId}>${title}</h2>`}
          ${lead && html`<p class="soft small">${lead}</p>`}
        </div>
        ${actions && html`<div class="row">${actions}</div>`}
      </div>`
    }
    <div class="card-body">${children}</div>
  </section>`
}

/** Cards side by side, as many as fit. */
export function Grid({ min = '280px', children }) {
  return html`<div class="grid" style=${{ '--min': min }}>${children}</div>`
}
