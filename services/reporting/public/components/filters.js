import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { html } from '../core/html.js'
import { Button } from './button.js'
import { Icon } from './icon.js'
import { NO_OPTIONS, Suggestions, useSuggestions } from './suggestions.js'

const PAUSE_MS = 300

/**
 * Filters of a list. Values are lists by name, as `useSearch` has them; what no field names stays as it is.
 * @param {{
 *   fields: { name: string, label: string, kind?: 'text' | 'choice' | 'date', options?: { value: string, label: string }[], list?: readonly string[], suggest?: (beginning: string) => { path: string, query: Record<string, unknown> }, placeholder?: string }[],
 *   values: Record<string, string[]>,
 *   onChange: (values: Record<string, string[]>) => void,
 *   label: string,
 * }} props
 */
export function Filters({ fields, values, onChange, label }) {
  const latest = useRef(values)
  latest.current = values
  const set = (name, next) => {
    const { [name]: _before, ...rest } = latest.current
    // Text of several fields may change within one rendering.
    latest.current = next.length > 0 ? { ...rest, [name]: next } : rest
    onChange(latest.current)
  }
  const used = fields.filter(({ name }) => (values[name] ?? []).length > 0)
  const clear = () => {
    const names = new Set(fields.map(({ name }) => name))
    onChange(Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name))))
  }
  return html`<form class="filters" role="search" aria-label=${label} onSubmit=${(event) => event.preventDefault()}>
    ${fields.map(({ name, ...field }) => {
      const chosen = values[name] ?? []
      const props = { key: name, name, ...field, chosen, onChange: (next) => set(name, next) }
      return field.kind === 'choice' ? html`<${Choice} ...${props} />` : html`<${Text} ...${props} />`
    })}
    ${used.length > 0 && html`<${Button} kind="quiet" icon="close" onClick=${clear}>Clear<//>`}
  </form>`
}

function Text({ name, label, placeholder, kind = 'text', list = NO_OPTIONS, suggest, chosen, onChange }) {
  const id = useId()
  const given = chosen[0] ?? ''
  const [text, setText] = useState(given)
  const sent = useRef(given)
  const { options, onFocus } = useSuggestions(suggest, text.trim(), list)
  // Half of a name fits nothing: what can be suggested counts once it is one of these, or entered.
  const complete = suggest === undefined || text.trim() === '' || options.includes(text.trim())
  const tell = () => {
    const next = text.trim()
    if (next === sent.current) return
    sent.current = next
    onChange(next === '' ? [] : [next])
  }
  useEffect(() => {
    // From elsewhere: somebody went back, or cleared it.
    if (given !== sent.current) {
      sent.current = given
      setText(given)
    }
  }, [given])
  useEffect(() => {
    if (text.trim() === sent.current || !complete) return
    const timer = setTimeout(tell, PAUSE_MS)
    return () => clearTimeout(timer)
    // What was typed is what counts.
  }, [text, complete])
  return html`<div class="filter">
    <label for=${id}>${label}</label>
    <input id=${id} name=${name} type=${kind === 'date' ? 'date' : 'search'} value=${text} placeholder=${placeholder}
      autocomplete="off" spellcheck=${false} list=${options.length > 0 ? `${id}-list` : undefined}
      onFocus=${onFocus} onInput=${(event) => setText(event.currentTarget.value)} onChange=${tell} />
    <${Suggestions} id=${`${id}-list`} options=${options} />
  </div>`
}

/** Several of a few: a button that opens the list. */
function Choice({ name, label, options = [], chosen, onChange }) {
  const details = useRef(/** @type {HTMLDetailsElement | null} */ (null))
  useEffect(() => {
    const close = (event) => {
      const open = details.current
      if (!open?.open) return
      if (event.type === 'keydown' ? event.key === 'Escape' : !open.contains(event.target)) {
        open.open = false
        if (event.type === 'keydown') open.querySelector('summary')?.focus()
      }
    }
    document.addEventListener('click', close)
    document.addEventListener('keydown', close)
    return () => {
      document.removeEventListener('click', close)
      document.removeEventListener('keydown', close)
    }
  }, [])
  const words = options.filter(({ value }) => chosen.includes(value)).map((one) => one.label)
  const toggle = (value) =>
    onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value])
  return html`<div class="filter">
    <span class="filter-label" aria-hidden="true">${label}</span>
    <details ref=${details} class="choice">
      <summary>
        <span class="visually-hidden">${label}: </span>
        <span class="truncate">${words.length === 0 ? 'Any' : words.join(', ')}</span>
        <${Icon} name="chevron-down" />
      </summary>
      <fieldset class="choice-list">
        <legend class="visually-hidden">${label}</legend>
        ${options.map(
          (option) =>
            html`<label key=${option.value} class="check">
              <input type="checkbox" name=${name} value=${option.value} checked=${chosen.includes(option.value)}
                onChange=${() => toggle(option.value)} />
              <span>${option.label}</span>
            </label>`,
        )}
      </fieldset>
    </details>
  </div>`
}
