import {
  api,
  Button,
  Card,
  Empty,
  ErrorBox,
  Field,
  Filters,
  formatNumber,
  html,
  Link,
  Page,
  productStates,
  StatePill,
  Table,
  toast,
  url,
  useAction,
  useMarketplaces,
  useQuery,
  useSearch,
  useState,
} from '../kit.js'
import { exportQuery, exportWords, previewQuery } from './exports-query.js'
import { productFields } from './products-filter.js'

const states = productStates.map(({ state, label }) => ({ value: state, label }))
const FORMATS = [
  { value: 'csv', label: 'CSV', text: 'Opens in any spreadsheet; can be imported again as it is.' },
  { value: 'xlsx', label: 'XLSX', text: 'A workbook: codes keep their zeros, figures are figures.' },
  { value: 'ndjson', label: 'NDJSON', text: 'A JSON object a line, for programs.' },
]

export default function ExportsPage() {
  const [search, setSearch] = useSearch()
  const { marketplaces } = useMarketplaces()
  const fields = [
    { name: 'state', label: 'State at Amazon', kind: 'choice', options: states },
    ...productFields(marketplaces),
    { name: 'asin', label: 'ASIN', kind: 'text', placeholder: 'of a candidate' },
  ]
  const [format, setFormat] = useState('csv')
  const [forPrograms, setForPrograms] = useState(false)
  const query = exportQuery(search)
  const jobId = search.job?.[0] ?? ''
  const [download, downloading] = useAction(async () => {
    const address = url('/products/export', {
      ...query,
      format,
      ...(format === 'csv' && forPrograms && { csvFor: 'program' }),
    })
    await checkExport(address)
    startDownload(address)
    toast('The download begins', { kind: 'good' })
  })
  return html`
    <${Page} title="Exports" lead="Products with what Amazon told: a row per product and marketplace, as all of them are at one moment.">
      <${Card} title="Which rows">
        <div class="stack">
          <${Filters} label="Filter the export" fields=${fields} values=${search} onChange=${setSearch} />
          <${JobChoice} jobId=${jobId} onChange=${(id) => setSearch({ ...search, job: id === '' ? [] : [id] })} />
          <${Field} kind="checkbox" name="failures" label="Only what came to no match, with the reason"
            value=${search.failures !== undefined}
            onInput=${(only) => setSearch({ ...search, failures: only ? ['true'] : [], state: only ? [] : search.state })} />
          ${
            search.sku?.length > 0 &&
            html`<p class="row">
              <span>${search.sku.length === 1 ? `Only ${search.sku[0]}` : `Only ${search.sku.length} SKUs that were searched for`}</span>
              <${Button} small kind="quiet" icon="close" onClick=${() => setSearch({ ...search, sku: [] })}>All SKUs<//>
            </p>`
          }
        </div>
      <//>
      <${Card} title="As what">
        <fieldset class="export-formats">
          <legend class="visually-hidden">Format</legend>
          ${FORMATS.map(
            ({ value, label, text }) => html`
              <label key=${value} class="export-format">
                <input type="radio" name="format" value=${value} checked=${format === value} onChange=${() => setFormat(value)} />
                <span><b>${label}</b><span class="soft small">${text}</span></span>
              </label>`,
          )}
        </fieldset>
        ${
          format === 'csv' &&
          html`<${Field}
            kind="checkbox"
            name="programs"
            label="Plain, for programs: without what keeps spreadsheets from spoiling codes and running formulas"
            value=${forPrograms}
            onInput=${(value) => setForPrograms(Boolean(value))}
          />`
        }
      <//>
      <div class="stack">
        <p class="export-summary">${exportWords(query)}</p>
        <div class="row">
          <${Button} kind="primary" icon="download" busy=${downloading.busy} onClick=${() => download()}>Download ${format.toUpperCase()}<//>
        </div>
        ${downloading.error && html`<${ErrorBox} error=${downloading.error} title="The export could not begin" />`}
      </div>
      ${jobId === '' && html`<${Preview} query=${query} />`}
    <//>`
}

/** Any of the newest syncs: its rows alone. */
function JobChoice({ jobId, onChange }) {
  const { data, error } = useQuery('/api/sync/history', { limit: 50 })
  if (error) return html`<${ErrorBox} error=${error} title="Syncs could not be read" />`
  const jobs = data?.items ?? []
  const options = [
    { value: '', label: 'Any' },
    ...(jobId !== '' && !jobs.some(({ syncId }) => syncId === jobId)
      ? [{ value: jobId, label: `Sync ${jobId}` }]
      : []),
    ...jobs.map((job) => ({ value: job.syncId, label: jobWords(job) })),
  ]
  return html`
    <div class="export-job">
      <${Field} kind="select" name="job" label="Asked for last by this sync" value=${jobId} options=${options} onInput=${onChange} />
      ${jobId !== '' && html`<${Link} href=${`/ui/jobs/${jobId}`}>Look at the sync<//>`}
    </div>`
}

function jobWords({ createdAt, requestedBy, total, outcomes, status }) {
  const when = new Date(createdAt).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })
  const failed = outcomes?.error > 0 ? `, ${formatNumber(outcomes.error)} failed` : ''
  return `${when}, by ${requestedBy}: ${formatNumber(total)} products, ${status}${failed}`
}

const previewColumns = [
  {
    key: 'sku',
    label: 'SKU',
    render: (row) => html`<${Link} class="nowrap" href=${`/ui/products/${row.id}`}>${row.sku}<//>`,
  },
  { key: 'title', label: 'Title', wide: true, render: (row) => row.title ?? '–' },
  {
    key: 'supplier',
    label: 'Supplier',
    render: (row) => html`<span class="nowrap">${row.supplier ?? '–'}</span>`,
  },
  { key: 'syncStatus', label: 'State', render: (row) => html`<${StatePill} state=${row.syncStatus} />` },
]

/** The first of them, so that a filter that fits nothing is seen before the download. */
function Preview({ query }) {
  const { data, error, loading, stale, reload } = useQuery('/products', previewQuery(query))
  if (error) return html`<${ErrorBox} error=${error} retry=${reload} title="No preview could be made" />`
  return html`
    <${Card} title="The first of them" lead=${query.state ? 'By the state of the product, the most urgent of its marketplaces.' : undefined} flush>
      <${Table} caption="The first products of the export" columns=${previewColumns} rows=${data?.items ?? []} rowKey=${(row) => row.id}
        loading=${loading && !data} stale=${stale}
        empty=${html`<${Empty} title="No product fits" icon="filter">The file would have a header and nothing else.<//>`} />
    <//>`
}

/** A download that is refused would be a file with an error in it: so it is asked for its head first. */
async function checkExport(address) {
  const answer = await fetch(address, { method: 'HEAD' })
  // The head has no body that says why: the answer to a GET has.
  if (!answer.ok) await api.get(address)
}

function startDownload(address) {
  const link = document.createElement('a')
  link.href = address
  link.download = ''
  link.click()
}
