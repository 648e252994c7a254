import {
  Button,
  Card,
  Dialog,
  Empty,
  ErrorBox,
  Filters,
  formatNumber,
  html,
  Link,
  Num,
  Pager,
  productStates,
  StatePill,
  Table,
  Time,
  useList,
  useMarketplaces,
  usePoll,
  useSession,
  useState,
} from '../kit.js'
import { RetryDialog } from './failures-retry.js'
import { productFields } from './products-filter.js'

const STATES = ['error', 'not_found', 'ambiguous', 'invalid', 'restricted']
const FILTERS = ['state', 'marketplace', 'supplier', 'brand', 'category']
const PATH = '/api/review/failures'

/** Products that need another try, grouped by what went wrong. */
export function FailedProducts({ search, setSearch, onRetried }) {
  const { may } = useSession()
  const { marketplaces } = useMarketplaces()
  // What has failed for good, unless somebody asks for more.
  const values = { ...search, state: search.state?.length > 0 ? search.state : ['error'] }
  const filter = Object.fromEntries(
    FILTERS.filter((name) => values[name]?.length > 0).map((name) => [name, values[name]]),
  )
  const { data, error, loading, stale, reload } = usePoll(PATH, filter, { everyMs: 10_000 })
  const [chosen, setChosen] = useState([])
  const [retrying, setRetrying] = useState(null)
  const [shown, setShown] = useState(null)
  const groups = data?.items ?? []
  const selected = groups.filter(({ cause }) => chosen.includes(cause))
  const toggle = (cause) =>
    setChosen(chosen.includes(cause) ? chosen.filter((one) => one !== cause) : [...chosen, cause])

  const columns = [
    ...(may('sync')
      ? [
          {
            key: 'chosen',
            label: 'Chosen',
            labelHidden: true,
            render: (row) =>
              html`<input type="checkbox" aria-label=${`Choose ${row.cause}`} checked=${chosen.includes(row.cause)} onChange=${() => toggle(row.cause)} />`,
          },
        ]
      : []),
    {
      key: 'cause',
      label: 'Cause',
      wide: true,
      render: (row) => html`<div>
        <p>${row.message || row.cause}</p>
        <p class="soft small">${row.result ?? ''}${row.countries.length > 0 ? ` · ${row.countries.join(', ')}` : ''} · such as <${Link} href=${`/ui/products/${row.sample.productId}`}>${row.sample.sku}<//></p>
      </div>`,
    },
    {
      key: 'states',
      label: 'States',
      render: (row) =>
        html`<div class="row">${Object.keys(row.states).map((state) => html`<${StatePill} key=${state} state=${state} />`)}</div>`,
    },
    { key: 'count', label: 'Products', align: 'end', render: (row) => html`<${Num} value=${row.count} />` },
    {
      key: 'firstAt',
      label: 'First',
      hide: 'phone',
      render: (row) => html`<${Time} value=${row.firstAt} />`,
    },
    { key: 'lastAt', label: 'Last', render: (row) => html`<${Time} value=${row.lastAt} />` },
    {
      key: 'actions',
      label: 'Actions',
      labelHidden: true,
      render: (row) => html`<div class="row failure-actions">
        <${Button} small onClick=${() => setShown(row)}>Show<span class="visually-hidden"> products of ${row.cause}</span><//>
        ${may('sync') && html`<${Button} small icon="retry" onClick=${() => setRetrying([row])}>Retry<span class="visually-hidden"> ${row.cause}</span><//>`}
      </div>`,
    },
  ]
  const fields = [
    {
      name: 'state',
      label: 'State',
      kind: 'choice',
      options: STATES.map((state) => ({
        value: state,
        label: productStates.find((one) => one.state === state)?.label ?? state,
      })),
    },
    ...productFields(marketplaces),
  ]
  const actions =
    may('sync') &&
    html`<${Button} icon="retry" kind="primary" disabled=${selected.length === 0} onClick=${() => setRetrying(selected)}>
      ${selected.length === 0 ? 'Retry the chosen' : `Retry ${selected.length === 1 ? 'one cause' : `${selected.length} causes`}`}
    <//>`
  return html`
    <${Filters} label="Filter failures" fields=${fields} values=${values} onChange=${setSearch} />
    ${error && html`<${ErrorBox} error=${error} retry=${reload} title="Failures could not be read" />`}
    <${Card} title="By cause" lead=${readWords(data)} actions=${actions} flush>
      <${Table} caption="Failures by cause" columns=${columns} rows=${groups} rowKey=${(row) => row.cause} loading=${loading} stale=${stale && error}
        empty=${html`<${Empty} title="Nothing has failed" icon="check">No product is in ${filter.state.length > 1 ? 'these states' : 'this state'}.<//>`} />
    <//>
    <${Products} group=${shown} filter=${filter} onClose=${() => setShown(null)} />
    <${RetryDialog} groups=${retrying} filter=${filter} onClose=${() => setRetrying(null)} onStarted=${() => {
      setChosen([])
      onRetried()
      reload()
    }} />`
}

function readWords(data) {
  if (!data || data.complete) return undefined
  return `The newest ${formatNumber(data.read)} of ${formatNumber(data.total)} were looked at.`
}

const productColumns = [
  {
    key: 'sku',
    label: 'SKU',
    render: (row) => html`<${Link} href=${`/ui/products/${row.productId}`}>${row.sku}<//>`,
  },
  { key: 'countryCode', label: 'Where' },
  { key: 'reason', label: 'Reason', wide: true, render: (row) => row.reason ?? '–' },
  { key: 'askedAt', label: 'Asked for', render: (row) => html`<${Time} value=${row.askedAt} />` },
]

/** The products of one cause. */
function Products({ group, filter, onClose }) {
  const list = useList(group ? `${PATH}/products` : null, { ...filter, cause: group?.cause, limit: 20 })
  return html`
    <${Dialog} open=${group !== null} onClose=${onClose} title=${group ? `${formatNumber(group.count)} products` : 'Products'} wide
      actions=${html`<${Button} onClick=${onClose}>Close<//>`}>
      <div class="stack">
        <p>${group?.cause}</p>
        ${list.error && html`<${ErrorBox} error=${list.error} retry=${list.reload} title="They could not be read" />`}
        <${Table} caption="Products of this cause" columns=${productColumns} rows=${list.items} rowKey=${(row) => `${row.productId} ${row.marketplaceId}`}
          loading=${list.loading} stale=${list.stale} empty=${html`<${Empty} title="None any more" icon="check">They have got on meanwhile.<//>`} />
        ${(list.hasNext || list.hasPrevious) && html`<${Pager} list=${list} label="Products of this cause" />`}
      </div>
    <//>`
}
