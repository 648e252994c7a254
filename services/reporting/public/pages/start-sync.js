import {
  api,
  Button,
  Dialog,
  ErrorBox,
  Facts,
  Field,
  fieldError,
  formatDuration,
  formatNumber,
  html,
  Notice,
  navigate,
  productStates,
  toast,
  useAction,
  useEffect,
  useRef,
  useState,
} from '../kit.js'

const EMPTY = {
  supplier: '',
  brand: '',
  category: '',
  sku: '',
  upc: '',
  staleFor: '',
  force: false,
  states: [],
  marketplaces: [],
}
/** Suppliers, brands or categories that begin as what is typed. */
const suggest = (field) => (beginning) => ({
  path: '/api/products/values',
  query: { field, beginning, limit: 20 },
})

const LISTS = ['supplier', 'brand', 'category', 'sku', 'upc']

/** Values one a line, or between commas where no value has one of its own. @param {string} text */
const listOf = (text) =>
  text
    .split(text.includes('\n') ? '\n' : ',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

/** The request that the form means. */
function toRequest(form) {
  const filter = {
    ...Object.fromEntries(
      LISTS.map((name) => [name, listOf(form[name])]).filter(([, values]) => values.length > 0),
    ),
    ...(form.states.length > 0 && { status: form.states }),
    ...(form.staleFor.trim() !== '' && { staleFor: form.staleFor.trim() }),
  }
  return {
    ...(Object.keys(filter).length > 0 && { filter }),
    ...(form.marketplaces.length > 0 && { marketplaces: form.marketplaces }),
  }
}

/** A name that nobody else gives: `randomUUID` is for secure contexts alone. */
const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )

/** Starts a sync: of what, where, and first what it would come to. */
export function StartSync({ open, onClose, marketplaces }) {
  return open && html`<${Form} onClose=${onClose} marketplaces=${marketplaces} />`
}

function Form({ onClose, marketplaces }) {
  const [form, setForm] = useState(EMPTY)
  const [forecast, setForecast] = useState(/** @type {any} */ (null))
  // Pressed twice, or sent again after the connection was cut, it starts one sync.
  const key = useRef(newKey())
  const set = (name) => (value) => {
    setForm((before) => ({ ...before, [name]: value }))
    setForecast(null)
    key.current = newKey()
  }
  const toggle = (name, value) => () =>
    set(name)(form[name].includes(value) ? form[name].filter((one) => one !== value) : [...form[name], value])
  const path = form.force ? '/api/sync/force' : '/api/sync/start'
  const [preview, previewing] = useAction(async () =>
    setForecast(await api.post(path, { ...toRequest(form), dryRun: true })),
  )
  const [start, starting] = useAction(async () => {
    const job = await api.post(path, toRequest(form), { headers: { 'idempotency-key': key.current } })
    toast('The sync is under way')
    navigate(`/ui/jobs/${job.syncId}`)
  })
  const error = starting.error ?? previewing.error
  const busy = starting.busy || previewing.busy
  const text = (name, label, rest = {}) =>
    html`<${Field} label=${label} name=${name} value=${form[name]} onInput=${set(name)} error=${fieldError(error, `filter.${name}`)} autocomplete="off" ...${rest} />`
  const submit = (event) => {
    event.preventDefault()
    void (forecast ? start() : preview())
  }
  return html`<${Dialog} open onClose=${onClose} title="New sync" wide
      actions=${html`<${Button} onClick=${() => preview()} busy=${previewing.busy} disabled=${busy} icon="search">What would it take?<//>
        <${Button} kind="primary" icon="play" onClick=${() => start()} busy=${starting.busy} disabled=${busy}>Start<//>`}>
    <form class="stack" onSubmit=${submit}>
      <p class="soft">Asks Amazon for products again. Without a filter it goes over the whole catalogue; every filter that is set must fit.</p>
      <div class="form-grid">
        ${text('supplier', 'Supplier', { suggest: suggest('supplier') })}
        ${text('brand', 'Brand', { suggest: suggest('brand') })}
        ${text('category', 'Category', { suggest: suggest('category') })}
        ${text('staleFor', 'Not synced for', { placeholder: '24h or 7d' })}
        ${text('sku', 'SKUs', { kind: 'textarea', rows: 2, hint: 'One a line' })}
        ${text('upc', 'Codes', { kind: 'textarea', rows: 2, hint: 'One a line' })}
      </div>
      <fieldset class="choices">
        <legend>State now</legend>
        ${productStates.map(({ state, label }) => html`<label key=${state} class="check"><input type="checkbox" name="states" value=${state} checked=${form.states.includes(state)} onChange=${toggle('states', state)} /><span>${label}</span></label>`)}
      </fieldset>
      ${
        marketplaces.length > 1 &&
        html`<fieldset class="choices">
          <legend>Marketplaces (none chosen: all)</legend>
          ${marketplaces.map(({ countryCode }) => html`<label key=${countryCode} class="check"><input type="checkbox" name="marketplaces" value=${countryCode} checked=${form.marketplaces.includes(countryCode)} onChange=${toggle('marketplaces', countryCode)} /><span>${countryCode}</span></label>`)}
        </fieldset>`
      }
      <${Field} kind="checkbox" name="force" label="Ask for everything, however fresh it is" value=${form.force} onInput=${set('force')}
        hint="Otherwise what Amazon has answered for lately counts as it is." />
      <button type="submit" hidden></button>
    </form>
    <div aria-live="polite">${forecast && html`<${Forecast} forecast=${forecast} />`}</div>
    <${ErrorBox} error=${error} />
  <//>`
}

/** What a sync would come to. */
export function Forecast({ forecast }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null))
  useEffect(() => box.current?.scrollIntoView({ block: 'nearest' }), [forecast])
  const { total, requests, seconds } = forecast
  const nothing = total === 0
  const title = nothing
    ? 'No product fits'
    : requests === 0
      ? 'Nothing to ask: Amazon has answered for all of it lately'
      : `${formatNumber(requests)} ${requests === 1 ? 'request' : 'requests'} to Amazon, ${formatDuration(seconds)}`
  return html`<div ref=${box}><${Notice} kind=${nothing ? 'warn' : 'info'} title=${title}>
    ${
      !nothing &&
      html`<${Facts} columns=${3} items=${[
        {
          label: 'Products × marketplaces',
          value: html`<span class="num">${formatNumber(forecast.total)}</span>`,
        },
        {
          label: 'Fresh, not asked again',
          value: html`<span class="num">${formatNumber(forecast.fresh)}</span>`,
        },
        {
          label: 'Without a code',
          value: html`<span class="num">${formatNumber(forecast.withoutCode)}</span>`,
        },
        { label: 'Different codes', value: html`<span class="num">${formatNumber(forecast.codes)}</span>` },
        {
          label: 'Requests a second',
          value: html`<span class="num">${formatNumber(forecast.requestsPerSecond, 2)}</span>`,
        },
        {
          label: 'With what waits before it',
          value: html`<span class="num">${formatDuration(forecast.secondsWithBacklog)}</span>`,
        },
      ]} />`
    }
  <//></div>`
}
