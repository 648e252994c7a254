import { api, Button, Card, ErrorBox, Field, fieldError, html, toast, useAction, useState } from '../kit.js'

const FIELDS = [
  { name: 'upc', label: 'Code', hint: 'A new code is looked up by itself.' },
  { name: 'title', label: 'Title' },
  { name: 'brand', label: 'Brand' },
  { name: 'supplier', label: 'Supplier' },
  { name: 'category', label: 'Category' },
  { name: 'packQuantity', label: 'Units in the pack', kind: 'number' },
]

/** The fields that the product's owner writes, where they are shown. Only what was changed is sent. */
export function EditProduct({ product, onDone, reload }) {
  // Its values as they were when editing began: what somebody else changes meanwhile is a conflict, not overwritten.
  const [before] = useState(product)
  const [values, setValues] = useState(() =>
    Object.fromEntries(FIELDS.map(({ name }) => [name, product[name] === null ? '' : String(product[name])])),
  )
  const changed = changesOf(before, values)
  const [save, saving] = useAction(() =>
    api.patch(`/products/${encodeURIComponent(product.id)}`, { ...changed, updatedAt: before.updatedAt }),
  )
  const conflict = saving.error?.status === 412

  async function submit(event) {
    event.preventDefault()
    if (Object.keys(changed).length === 0) return onDone()
    const saved = await save()
    if (!saved) return
    toast('upc' in changed ? 'Saved; the new code is looked up' : 'Saved', { kind: 'good' })
    onDone()
    reload()
  }
  const elsewhere = saving.error && FIELDS.every(({ name }) => fieldError(saving.error, name) === null)
  return html`
    <${Card} title="Edit" lead="As its owner writes it. An empty field clears it.">
      <form class="stack" onSubmit=${submit}>
        <div class="edit-fields">
          ${FIELDS.map(
            ({ name, label, kind, hint }, i) => html`<${Field}
              key=${name}
              name=${name}
              label=${label}
              kind=${kind}
              hint=${hint}
              min=${kind === 'number' ? 1 : undefined}
              value=${values[name]}
              onInput=${(value) => setValues({ ...values, [name]: value })}
              error=${fieldError(saving.error, name)}
              autocomplete="off"
              inputRef=${i === 0 ? focusOnce : undefined}
            />`,
          )}
        </div>
        ${
          elsewhere &&
          html`<${ErrorBox}
            error=${saving.error}
            title=${conflict ? 'Somebody else has changed it meanwhile: close this, look, and edit again' : 'It was not saved'}
          />`
        }
        <div class="row">
          <${Button} type="submit" kind="primary" icon="check" busy=${saving.busy}>Save<//>
          <${Button} onClick=${() => {
            onDone()
            if (conflict) reload()
          }}>${conflict ? 'Close' : 'Cancel'}<//>
        </div>
      </form>
    <//>`
}

/** Editing begins in its first field. */
const focusOnce = (input) => {
  if (!input || input.dataset.focused) return
  input.dataset.focused = 'true'
  input.focus()
}

/** What differs from what is stored, as PATCH takes it. */
function changesOf(product, values) {
  const changes = {}
  for (const { name, kind } of FIELDS) {
    const text = values[name].trim()
    const value = text === '' ? null : kind === 'number' ? Number(text) : text
    if (value !== product[name]) changes[name] = value
  }
  return changes
}
