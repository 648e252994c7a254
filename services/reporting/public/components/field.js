import { useId } from 'preact/hooks'
import { html } from '../core/html.js'

/** What an error says of one field, or null. @param {any} error @param {string} name */
export function fieldError(error, name) {
  const found = error?.errors?.filter(({ field }) => field === name) ?? []
  return found.length === 0 ? null : found.map(({ message }) => message).join('; ')
}

/**
 * A field of a form with its label, a hint and what is wrong with it. `list` are values that it proposes.
 * @param {{ label: string, name: string, kind?: string, value?: any, onInput?: (value: any) => void, options?: { value: string, label: string }[], list?: readonly string[], hint?: any, error?: string | null, inputRef?: any, [name: string]: any }} props
 */
export function Field({
  label,
  name,
  kind = 'text',
  value,
  onInput,
  options = [],
  list = [],
  hint,
  error,
  inputRef,
  ...rest
}) {
  const id = useId()
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
  const common = {
    id,
    name,
    ref: inputRef,
    'aria-describedby': described,
    'aria-invalid': error ? 'true' : undefined,
    ...rest,
  }
  const tell = (event) => onInput?.(event.currentTarget.value)
  if (kind === 'checkbox')
    return html`<div class="field">
      <label class="check"><input type="checkbox" ...${common} checked=${Boolean(value)}
        onChange=${(event) => onInput?.(event.currentTarget.checked)} /><span>${label}</span></label>
      <${Notes} id=${id} hint=${hint} error=${error} />
    </div>`
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${
      kind === 'select'
        ? html`<select ...${common} value=${value} onChange=${tell}>
            ${options.map((one) => html`<option key=${one.value} value=${one.value}>${one.label}</option>`)}
          </select>`
        : kind === 'textarea'
          ? html`<textarea ...${common} value=${value} onInput=${tell}></textarea>`
          : html`<input type=${kind} ...${common} value=${value} onInput=${tell} list=${list.length > 0 ? `${id}-list` : undefined} />`
    }
    ${list.length > 0 && html`<datalist id=${`${id}-list`}>${list.map((one) => html`<option key=${one} value=${one}></option>`)}</datalist>`}
    <${Notes} id=${id} hint=${hint} error=${error} />
  </div>`
}

function Notes({ id, hint, error }) {
  return html`${hint && html`<p id=${`${id}-hint`} class="hint">${hint}</p>`}
    ${error && html`<p id=${`${id}-error`} class="field-error">${error}</p>`}`
}
