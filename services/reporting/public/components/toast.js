import { html } from '../core/html.js'
import { createStore, useStore } from '../core/store.js'
import { Button } from './button.js'
import { Icon } from './icon.js'

const SHOWN_MS = 6_000
const MOST = 4

const toasts = createStore(/** @type {any[]} */ ([]))
let last = 0

/**
 * Says that something was done. What went wrong belongs beside what caused it (`ErrorBox`), where it stays.
 * @param {any} text
 * @param {{ kind?: 'good' | 'bad' | 'info', href?: string, link?: string }} [options]
 */
export function toast(text, { kind = 'good', href, link } = {}) {
  last += 1
  const id = last
  toasts.set([...toasts.get(), { id, text, kind, href, link }].slice(-MOST))
  // Somebody needs longer to reach a link.
  setTimeout(() => dismiss(id), href ? SHOWN_MS * 2 : SHOWN_MS)
}

const dismiss = (id) => toasts.set(toasts.get().filter((one) => one.id !== id))

/** Where they show: once, in the shell. The region is always there, so that screen readers hear what comes into it. */
export function Toasts() {
  const shown = useStore(toasts)
  return html`<div class="toasts" role="status" aria-live="polite">
    ${shown.map(
      ({ id, text, kind, href, link }) =>
        html`<div key=${id} class=${`toast ${kind}`}>
          <${Icon} name=${kind === 'bad' ? 'alert' : kind === 'good' ? 'check' : 'info'} />
          <span>${text}${href && html` <a href=${href}>${link ?? 'Show'}</a>`}</span>
          <${Button} kind="quiet" small icon="close" label="Dismiss" onClick=${() => dismiss(id)} />
        </div>`,
    )}
  </div>`
}
