import { useEffect, useId, useRef } from 'preact/hooks'
import { html } from '../core/html.js'
import { createStore, useStore } from '../core/store.js'
import { Button } from './button.js'

/** A modal dialog of the browser's: it holds the focus, Esc closes it, and the focus goes back to where it was. */
export function Dialog({ open, onClose, title, actions, wide = false, children }) {
  if (!open) return null
  return html`<${Opened} onClose=${onClose} title=${title} actions=${actions} wide=${wide}>${children}<//>`
}

function Opened({ onClose, title, actions, wide, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null))
  const id = useId()
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    // The first field, not the button that closes; on a touch screen the keyboard would cover what it is about.
    const field = dialog.current?.querySelector('.dialog-body :is(input, select, textarea)')
    if (field instanceof HTMLElement && window.matchMedia('(hover: hover)').matches) field.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  const cancel = (event) => {
    event.preventDefault()
    onClose()
  }
  return html`<dialog ref=${dialog} class=${`dialog ${wide ? 'wide' : ''}`} aria-labelledby=${id} onCancel=${cancel}
      onMouseDown=${(event) => event.target === event.currentTarget && onClose()}>
    <div class="dialog-inside">
      <div class="spread dialog-head">
        <h2 id=${id}>${title}</h2>
        <${Button} kind="quiet" small icon="close" label="Close" onClick=${onClose} />
      </div>
      <div class="dialog-body stack">${children}</div>
      ${actions && html`<div class="row dialog-actions">${actions}</div>`}
    </div>
  </dialog>`
}

const question = createStore(/** @type {any} */ (null))

/**
 * Asks before something that can not be undone.
 * @param {{ title: string, text?: any, action?: string, danger?: boolean }} what
 * @returns {Promise<boolean>}
 */
export function confirm(what) {
  question.get()?.resolve(false)
  const { promise, resolve } = Promise.withResolvers()
  question.set({ ...what, resolve })
  return promise
}

/** Where `confirm` asks: once, in the shell. */
export function Confirmation() {
  const asked = useStore(question)
  if (!asked) return null
  const answer = (yes) => () => {
    question.set(null)
    asked.resolve(yes)
  }
  return html`<${Dialog} open title=${asked.title} onClose=${answer(false)}
      actions=${html`<${Button} onClick=${answer(false)}>Cancel<//>
        <${Button} kind=${asked.danger ? 'danger' : 'primary'} onClick=${answer(true)}>${asked.action ?? 'OK'}<//>`}>
    ${asked.text && html`<p>${asked.text}</p>`}
  <//>`
}
