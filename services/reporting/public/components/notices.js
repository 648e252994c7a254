import { html } from '../core/html.js'
import { Button } from './button.js'
import { Icon } from './icon.js'

/** Nothing is there: why, and what to do. */
export function Empty({ title, icon = 'info', action, children }) {
  return html`<div class="empty">
    <${Icon} name=${icon} />
    <p class="empty-title">${title}</p>
    ${children && html`<div class="soft">${children}</div>`}
    ${action && html`<div class="row center">${action}</div>`}
  </div>`
}

/** The shape of what comes. */
export function Loading({ label = 'Loading', rows = 4 }) {
  return html`<div class="loading" data-loading role="status">
    <span class="visually-hidden">${label}</span>
    ${Array.from({ length: rows }, (_, i) => html`<span key=${i} class="bone" aria-hidden="true"></span>`)}
  </div>`
}

const ICONS = { info: 'info', good: 'check', warn: 'alert', bad: 'alert' }

/** @param {{ kind?: 'info' | 'good' | 'warn' | 'bad', title?: any, children?: any, action?: any, role?: string }} props */
export function Notice({ kind = 'info', title, children, action, role }) {
  return html`<div class=${`notice ${kind}`} role=${role}>
    <${Icon} name=${ICONS[kind]} />
    <div class="notice-text">
      ${title && html`<p class="notice-title">${title}</p>`}
      ${children}
    </div>
    ${action && html`<div class="notice-action">${action}</div>`}
  </div>`
}

/** What went wrong, in the server's words, with what there is to do about it. */
export function ErrorBox({ error, title, retry }) {
  if (!error) return null
  const { errors = [], problem = {}, requestId } = error
  const job = ['sync-under-way', 'idempotency-key-reused'].includes(error.code) ? problem.syncId : undefined
  return html`<${Notice} kind="bad" role="alert" title=${title ?? error.title ?? 'Something went wrong'}
      action=${retry && html`<${Button} icon="retry" small onClick=${retry}>Try again<//>`}>
    ${
      errors.length > 0
        ? html`<ul class="plain">${errors.map(({ field, line, message }) => html`<li key=${`${field} ${line} ${message}`}>${where(field, line)}${message}</li>`)}</ul>`
        : html`<p>${error.message}</p>`
    }
    ${job && html`<p><a href=${`/ui/jobs/${job}`}>Go to that sync</a></p>`}
    ${requestId && html`<p class="small soft">Request <code>${requestId}</code></p>`}
  <//>`
}

function where(field, line) {
  const place = [line !== undefined && `line ${line}`, field].filter(Boolean).join(', ')
  return place === '' ? null : html`<b>${place}</b>: `
}
