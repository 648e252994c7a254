import {
  api,
  Button,
  Card,
  Empty,
  ErrorBox,
  Field,
  Filters,
  fieldError,
  html,
  Link,
  Num,
  Page,
  Pager,
  Table,
  toast,
  useAction,
  useHotkeys,
  useList,
  useMarketplaces,
  usePoll,
  useSearch,
  useSession,
  useState,
} from '../kit.js'
import { RepairDialog } from './invalid-repair.js'
import { productFields } from './products-filter.js'

const FILTERS = ['marketplace', 'supplier', 'brand', 'category', 'text', 'repair']
const REPAIRS = [
  { value: 'sure', label: 'Sure' },
  { value: 'proposed', label: 'With a proposal' },
  { value: 'none', label: 'Without' },
]

/** Codes that are none, each with what is wrong and what it was probably meant to be. */
export default function InvalidPage() {
  const [search, setSearch] = useSearch()
  const { may } = useSession()
  const { marketplaces } = useMarketplaces()
  const summary = usePoll('/api/review/summary', undefined, { everyMs: 5_000 })
  const filter = Object.fromEntries(
    FILTERS.filter((name) => search[name]?.length > 0).map((name) => [name, search[name]]),
  )
  if (filter.repair) filter.repair = widest(filter.repair)
  const list = useList('/api/review/invalid-codes', { ...filter, limit: 50 })
  const [mended, setMended] = useState({})
  const [at, setAt] = useState(0)
  const [repairing, setRepairing] = useState(false)
  const mending = may('products')
  const filtered = FILTERS.some((name) => filter[name]?.length > 0)

  const [mend, mendingNow] = useAction(async ({ item, upc }) => {
    await api.patch(`/products/${encodeURIComponent(item.productId)}`, { upc, updatedAt: item.updatedAt })
    setMended((before) => ({ ...before, [item.productId]: upc }))
    toast(`${item.sku} has the code ${upc}; it is looked up by itself`, {
      kind: 'good',
      href: `/ui/products/${item.productId}`,
      link: 'Look',
    })
    summary.reload()
  })
  const [failed, setFailed] = useState(null)
  const mendOne = async (item, upc) => {
    setFailed(item.productId)
    await mend({ item, upc })
  }
  const step = (by) => setAt((before) => Math.min(list.items.length - 1, Math.max(0, before + by)))
  const marked = list.items[at]
  useHotkeys(
    [
      { keys: 'j', label: 'Next code', run: () => step(1) },
      { keys: 'k', label: 'Code before', run: () => step(-1) },
      {
        keys: 'a',
        label: 'Take the first proposal',
        run: () => {
          const [first] = marked?.proposals ?? []
          if (!first || mended[marked.productId] || mendingNow.busy) return
          void mendOne(marked, first.code)
          step(1)
        },
      },
    ],
    { group: 'Invalid codes', when: mending },
  )

  const columns = [
    {
      key: 'sku',
      label: 'Product',
      render: (row) => html`<div class="product-name">
        <${Link} href=${`/ui/products/${row.productId}`}>${row.title ?? row.sku}<//>
        <div class="soft small">${row.sku}${row.supplier ? ` · ${row.supplier}` : ''}</div>
      </div>`,
    },
    {
      key: 'upc',
      label: 'Code',
      render: (row) =>
        row.upc ? html`<code class="invalid-code">${row.upc}</code>` : html`<span class="soft">none</span>`,
    },
    { key: 'diagnosis', label: 'What is wrong', wide: true, render: (row) => row.diagnosis.reason },
    {
      key: 'repair',
      label: 'Repair',
      render: (row) =>
        mended[row.productId]
          ? html`<span class="pill" data-tone="success">Mended: ${mended[row.productId]}</span>`
          : html`<${Repair} item=${row} mending=${mending} busy=${mendingNow.busy} onMend=${(upc) => mendOne(row, upc)}
              error=${failed === row.productId ? mendingNow.error : null} />`,
    },
  ]
  const fields = [
    { name: 'repair', label: 'Repair', kind: 'choice', options: REPAIRS },
    ...productFields(marketplaces),
    { name: 'text', label: 'Words', kind: 'text', placeholder: 'in SKU or title' },
  ]
  const none = filtered
    ? html`<${Empty} title="No code fits" icon="filter" action=${html`<${Button} onClick=${() => setSearch({})}>Show all<//>`}>Filters compare whole names.<//>`
    : html`<${Empty} title="Every code can be read" icon="check" action=${html`<${Button} href="/ui/import" icon="upload">Import a file<//>`}>
        What is wrong with a code is found when it is looked up.
      <//>`
  const further = html`<${Empty} title="None on this page" icon="barcode" action=${html`<${Button} onClick=${list.next}>Look further<//>`}>
    What was looked at so far does not fit.
  <//>`
  return html`
    <${Page}
      title="Invalid codes"
      lead="Codes that Amazon can not be asked for. A mended one is looked up by itself."
      badge=${summary.data && html`<span class="review-count"><${Num} value=${summary.data.invalid} /> open</span>`}
      actions=${mending && html`<${Button} kind="primary" icon="check" disabled=${list.items.length === 0} onClick=${() => setRepairing(true)}>Mend all that are sure<//>`}
    >
      <${Filters} label="Filter codes" fields=${fields} values=${search} onChange=${setSearch} />
      ${list.error && html`<${ErrorBox} error=${list.error} retry=${list.reload} title="The codes could not be read" />`}
      <${Card} flush>
        <${Table} caption="Invalid codes" columns=${columns} rows=${list.items} rowKey=${(row) => row.productId} loading=${list.loading}
          stale=${list.stale} empty=${list.error ? html`<span></span>` : list.hasNext ? further : none}
          rowProps=${(row) => ({ 'data-marked': mending && row === marked ? 'true' : undefined })} />
      <//>
      <${Pager} list=${list} label="Codes" />
      <${RepairDialog} open=${repairing} onClose=${() => setRepairing(false)} filter=${repairFilter(filter)} textIgnored=${'text' in filter}
        onDone=${() => {
          list.reload()
          summary.reload()
        }} />
    <//>`
}

/** The API takes one kind: what is sure has a proposal, and those with and without one are all. */
function widest(kinds) {
  if (kinds.length === 1) return kinds[0]
  return kinds.includes('none') ? undefined : 'proposed'
}

/** What the bulk repair takes of the list's filter. @param {Record<string, any>} all */
function repairFilter({ text: _text, repair: _repair, ...filter }) {
  return filter
}

/** What a code was probably meant to be, a click each; or whatever somebody knows better. */
function Repair({ item, mending, busy, onMend, error }) {
  const [writing, setWriting] = useState(false)
  const [upc, setUpc] = useState(item.upc ?? '')
  const { proposals } = item
  const wrong = fieldError(error, 'upc') ?? error?.message ?? null
  if (!mending)
    return proposals.length === 0
      ? html`<span class="soft">no proposal</span>`
      : html`<code>${proposals[0].code}</code> <span class="soft small">${proposals[0].why}</span>`
  return html`
    <div class="invalid-repair">
      ${proposals.slice(0, 3).map(
        (one) => html`<div key=${one.code}>
          <${Button} small kind=${one.sure ? 'primary' : 'default'} icon="check" disabled=${busy} onClick=${() => onMend(one.code)}>
            <span class="visually-hidden">Mend ${item.sku} to </span><code>${one.code}</code>
          <//>
          <p class="soft small">${one.why}</p>
        </div>`,
      )}
      ${
        writing
          ? html`<form class="row invalid-own" onSubmit=${(event) => {
              event.preventDefault()
              onMend(upc.trim())
            }}>
              <${Field} label=${`Code of ${item.sku}`} name="upc" value=${upc} onInput=${setUpc} error=${wrong} autocomplete="off" />
              <${Button} small type="submit" kind="primary" busy=${busy}>Save<//>
            </form>`
          : html`<${Button} small kind="quiet" icon="edit" onClick=${() => setWriting(true)}>${proposals.length === 0 ? 'Write the code' : 'Another code'}<span class="visually-hidden"> for ${item.sku}</span><//>`
      }
      ${!writing && wrong && html`<p class="field-error" role="alert">${wrong}</p>`}
    </div>`
}
