import { useId } from 'preact/hooks'
import { html } from '../core/html.js'
import { Suggestions, useSuggestions } from './suggestions.js'

/** What an error says of one field, or null. @param {any} error @param {string} name */
export function fieldError(error, name) {
  const found = error?.errors?.filter(({ field }) => field === name) ?? []
  return found.length === 0 ? null : found.map(({ message }) => message).join('; ')
}

/**
 * A field of a form with its label, a hint and what is wrong with it. `list` are values that it proposes, `suggest` where they come from while one types.
 * @param {{ label: string, name: string, kind?: string, value?: any, onInput?: (value: any) => void, options?: { value: string, label: string }[], list?: readonly string[], suggest?: (beginning: string) => { path: string, query: Record<string, unknown> }, hint?: any, error?: string | null, inputRef?: any, [name: string]: any }} props
 */
export function Field({
  label,
  name,
  kind = 'text',
  value,
  onInput,
  options = [],
  list,
  suggest,
  hint,
  error,
  inputRef,
  ...rest
}) {
  const id = useId()
  const proposed = useSuggestions(suggest, String(value ?? '').trim(), list)
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
          : html`<input type=${kind} ...${common} value=${value} onInput=${tell} onFocus=${proposed.onFocus}
              list=${proposed.options.length > 0 ? `${id}-list` : undefined} />`
    }
    <${Suggestions} id=${`${id}-list`} options=${proposed.options} />
    <${Notes} id=${id} hint=${hint} error=${error} />
  </div>`
}

function Notes({ id, hint, error }) {
  return html`${hint && html`<p id=${`${id}-hint`} class="hint">${hint}</p>`}
    ${error && html`<p id=${`${id}-error`} class="field-error">${error}</p>`}`
}
