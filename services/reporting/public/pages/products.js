import {
  Button,
  Card,
  Empty,
  ErrorBox,
  Field,
  Filters,
  html,
  Link,
  Page,
  Pager,
  productStates,
  StatePill,
  Table,
  Time,
  useEffect,
  useList,
  useMarketplaces,
  useQuery,
  useSearch,
  useSession,
  useState,
} from '../kit.js'
import { SyncDialog } from './product-sync.js'
import {
  exportAddress,
  filterOf,
  filterWords,
  productFields,
  searches,
  syncRequest,
} from './products-filter.js'

/** Of each kind: whoever sees as many narrows the search. */
const MOST_FOUND = 50

const stateFields = [
  {
    name: 'syncStatus',
    label: 'State',
    kind: 'choice',
    options: productStates.map(({ state, label }) => ({ value: state, label })),
  },
]

const columns = [
  { key: 'sku', label: 'Product', wide: true, render: (row) => html`<${Name} product=${row} />` },
  { key: 'upc', label: 'Code', render: (row) => html`<${ProductCode} product=${row} />` },
  { key: 'brand', label: 'Brand', render: (row) => html`<${Word} value=${row.brand} />` },
  {
    key: 'supplier',
    label: 'Supplier',
    hide: 'phone',
    render: (row) => html`<${Word} value=${row.supplier} />`,
  },
  { key: 'state', label: 'State', render: (row) => html`<${StatePill} state=${row.syncStatus} />` },
  { key: 'synced', label: 'Amazon answered', render: (row) => html`<${Time} value=${row.lastAmazonSync} />` },
]

export default function ProductsPage() {
  const [search, setSearch] = useSearch()
  const term = search.q?.[0] ?? ''
  const filter = filterOf(search)
  const list = useList(term === '' ? '/products' : null, { ...filter, limit: 50 })
  const found = useFound(term, filter)
  const shown = term === '' ? list : found
  const [syncing, setSyncing] = useState(false)
  const { may } = useSession()
  const { marketplaces } = useMarketplaces()
  const fields = [...stateFields, ...productFields(marketplaces)]
  const filtered = term !== '' || Object.keys(filter).length > 0

  const actions = html`
    ${
      may('sync') &&
      html`<${Button} icon="play" disabled=${shown.items.length === 0} onClick=${() => setSyncing(true)}>Sync these<//>`
    }
    <${Button} icon="download" href=${exportAddress(filter, term, shown.items)}>Export these<//>`
  const empty = filtered
    ? html`<${Empty} title="No product fits" icon="filter" action=${html`<${Button} onClick=${() => setSearch({})}>Show all<//>`}>
        ${term === '' ? 'Filters compare whole names, in the case that they are written in.' : `No SKU begins with ${term}, and no code or ASIN is it.`}
      <//>`
    : html`<${Empty} title="No products yet" icon="box" action=${html`<${Button} kind="primary" icon="upload" href="/ui/import">Import a file<//>`}>
        What has a code is looked up at Amazon by itself.
      <//>`
  return html`
    <${Page} title="Products" lead="The catalogue as its owner wrote it, and how each product stands with Amazon." actions=${actions}>
      <${SearchBox} term=${term} onSearch=${(q) => setSearch({ ...search, q: q === '' ? [] : [q] })} />
      <${Filters} label="Filter products" fields=${fields} values=${search} onChange=${setSearch} />
      ${shown.error && html`<${ErrorBox} error=${shown.error} retry=${shown.reload} title="Products could not be read" />`}
      <${Card} flush>
        <${Table}
          caption="Products"
          columns=${columns}
          rows=${shown.items}
          rowKey=${(row) => row.id}
          loading=${shown.loading}
          stale=${shown.stale}
          empty=${empty}
        />
      <//>
      ${term === '' ? html`<${Pager} list=${list} label="Products" />` : html`<p class="soft small" role="status">${foundWords(found)}</p>`}
      <${SyncDialog}
        open=${syncing}
        onClose=${() => setSyncing(false)}
        request=${syncRequest(filter, term, shown.items)}
        what=${term === '' ? filterWords(filter) : `What was found for ${term}.`}
      />
    <//>`
}

/** What a text names: looked for by the beginning of the SKU, by code and by ASIN at once, each by its index. */
function useFound(term, filter) {
  const wanted = searches(term)
  const beginning = useQuery(term === '' ? null : '/api/products/values', {
    field: 'sku',
    beginning: term,
    limit: MOST_FOUND,
  })
  const skus = beginning.data?.items ?? []
  const ask = (filters) =>
    useQuery(filters ? '/products' : null, { ...filter, ...filters, limit: MOST_FOUND })
  const answers = [
    beginning,
    ask(skus.length > 0 && !beginning.stale ? { sku: skus } : null),
    ask(wanted.upc),
    ask(wanted.asin),
  ]
  const items = new Map(
    answers
      .slice(1)
      .flatMap(({ data }) => data?.items ?? [])
      .map((item) => [item.id, item]),
  )
  return {
    items: term === '' ? [] : [...items.values()],
    loading: answers.some(({ loading }) => loading),
    stale: answers.some(({ stale }) => stale),
    error: answers.find(({ error }) => error)?.error ?? null,
    more: skus.length === MOST_FOUND || answers.some(({ data }) => data?.nextCursor),
    reload: () => answers.forEach(({ reload }) => void reload()),
  }
}

function foundWords({ items, loading, more }) {
  if (loading) return ''
  const count = items.length === 1 ? 'One product' : `${items.length} products`
  return more ? `The first ${items.length}; filters narrow it.` : `${count} found.`
}

function SearchBox({ term, onSearch }) {
  const [text, setText] = useState(term)
  useEffect(() => setText(term), [term])
  useEffect(() => {
    const wanted = text.trim()
    if (wanted === term) return
    const timer = setTimeout(() => onSearch(wanted), 250)
    return () => clearTimeout(timer)
  }, [text])
  return html`
    <form role="search" class="product-search" onSubmit=${(event) => {
      event.preventDefault()
      onSearch(text.trim())
    }}>
      <${Field}
        label="Find"
        name="q"
        value=${text}
        onInput=${setText}
        kind="search"
        placeholder="Beginning of a SKU, or a UPC, EAN, ISBN, ASIN"
        autocomplete="off"
      />
    </form>`
}

function Name({ product }) {
  return html`<div class="product-name">
    <${Link} href=${`/ui/products/${product.id}`}>${product.title ?? product.sku}<//>
    ${product.title && html`<div class="soft small mono">${product.sku}</div>`}
  </div>`
}

/** In one line; what is long is cut, and whole when pointed at. */
function Word({ value }) {
  return value
    ? html`<span class="product-word truncate" title=${value}>${value}</span>`
    : html`<span class="faint">–</span>`
}

function ProductCode({ product }) {
  if (!product.upc) return html`<span class="soft">none</span>`
  return html`<div>
    <code>${product.upc}</code>
    ${product.upcRepair && html`<div class="soft small product-mended">mended: ${product.upcRepair.replaceAll('_', ' ').replaceAll('+', ', ')}</div>`}
  </div>`
}
