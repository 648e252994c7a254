import { Dialog } from '../components/dialog.js'
import { html } from '../core/html.js'

/** The keys that do something on this page now. */
export function Help({ open, onClose, groups }) {
  return html`<${Dialog} open=${open} onClose=${onClose} title="Keys" wide>
    <div class="keys">
      ${groups.map(
        ({ group, keys }) =>
          html`<section key=${group}>
            <h3>${group}</h3>
            <dl>
              ${keys.map(
                ({ keys: name, label }) =>
                  html`<div key=${name}><dt>${name.split(' ').map((key) => html`<kbd key=${key}>${key}</kbd>`)}</dt><dd>${label}</dd></div>`,
              )}
            </dl>
          </section>`,
      )}
    </div>
    <p class="small soft">Esc closes what is open. Keys are silent while you type.</p>
  <//>`
}
