import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { html } from '../core/html.js'
import { Button } from './button.js'
import { Icon } from './icon.js'

const PAUSE_MS = 300

/**
 * Filters of a list. Values are lists by name, as `useSearch` has them; what no field names stays as it is.
 * @param {{
 *   fields: { name: string, label: string, kind?: 'text' | 'choice' | 'date', options?: { value: string, label: string }[], list?: readonly string[], placeholder?: string }[],
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

function Text({ name, label, placeholder, kind = 'text', list = [], chosen, onChange }) {
  const id = useId()
  const given = chosen[0] ?? ''
  const [text, setText] = useState(given)
  const sent = useRef(given)
  useEffect(() => {
    // From elsewhere: somebody went back, or cleared it.
    if (given !== sent.current) {
      sent.current = given
      setText(given)
    }
  }, [given])
  useEffect(() => {
    if (text.trim() === sent.current) return
    const timer = setTimeout(() => {
      sent.current = text.trim()
      onChange(sent.current === '' ? [] : [sent.current])
    }, PAUSE_MS)
    return () => clearTimeout(timer)
    // What was typed is what counts.
  }, [text])
  return html`<div class="filter">
    <label for=${id}>${label}</label>
    <input id=${id} name=${name} type=${kind === 'date' ? 'date' : 'search'} value=${text} placeholder=${placeholder}
      autocomplete="off" spellcheck=${false} list=${list.length > 0 ? `${id}-list` : undefined}
      onInput=${(event) => setText(event.currentTarget.value)} />
    ${list.length > 0 && html`<datalist id=${`${id}-list`}>${list.map((one) => html`<option key=${one} value=${one}></option>`)}</datalist>`}
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
