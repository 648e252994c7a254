import {
  Button,
  Card,
  Empty,
  ErrorBox,
  html,
  Link,
  Num,
  Pager,
  StatePill,
  Table,
  Time,
  useList,
  useState,
} from '../kit.js'

/** Attempts that come with a product. */
const NEWEST = 50

/** Attempts, the newest first. */
export function ProductLog({ product, marketplaces }) {
  const [all, setAll] = useState(false)
  const list = useList(all ? `/products/${product.id}/logs` : null, { limit: 50 })
  // The newest come with the product, which is asked for again and again; the older ones page by page.
  const rows = all ? list.items : product.logs
  const more = !all && product.logs.length === NEWEST
  const country = Object.fromEntries(marketplaces.map((one) => [one.marketplaceId, one.countryCode]))
  const columns = [
    { key: 'occurredAt', label: 'When', render: (row) => html`<${Time} value=${row.occurredAt} />` },
    ...(marketplaces.length > 1
      ? [
          {
            key: 'marketplaceId',
            label: 'Where',
            render: (row) => country[row.marketplaceId] ?? row.marketplaceId,
          },
        ]
      : []),
    {
      key: 'result',
      label: 'Result',
      render: (row) => html`<${StatePill} state=${stateOf(row.result)} label=${row.result} />`,
    },
    { key: 'reason', label: 'Reason', wide: true, render: (row) => row.reason ?? '–' },
    {
      key: 'responseTimeMs',
      label: 'Amazon took',
      align: 'end',
      render: (row) => html`<${Num} value=${row.responseTimeMs} unit=" ms" />`,
    },
    { key: 'httpStatus', label: 'HTTP', align: 'end', render: (row) => row.httpStatus ?? '–' },
    {
      key: 'jobId',
      label: 'Sync',
      hide: 'phone',
      render: (row) => (row.jobId ? html`<${Link} href=${`/ui/jobs/${row.jobId}`}>sync<//>` : '–'),
    },
  ]
  return html`
    <${Card} title="Attempts" lead="Every time that Amazon was asked for this code." flush>
      ${list.error && html`<${ErrorBox} error=${list.error} retry=${list.reload} title="The attempts could not be read" />`}
      <${Table}
        caption="Attempts, the newest first"
        columns=${columns}
        rows=${rows}
        rowKey=${(row) => `${row.marketplaceId} ${row.attempt} ${row.occurredAt}`}
        loading=${all && list.loading}
        stale=${list.stale}
        empty=${html`<${Empty} title="No attempt yet" icon="info">It waits for its turn.<//>`}
      />
    <//>
    ${more && html`<p><${Button} onClick=${() => setAll(true)}>Older attempts<//></p>`}
    ${all && html`<${Pager} list=${list} label="Attempts" />`}`
}

/** Results of attempts in the colours of states: what will be tried again is pending. */
const RESULTS = {
  success: 'success',
  not_found: 'not_found',
  ambiguous: 'ambiguous',
  restricted: 'restricted',
  invalid_upc: 'invalid',
  timeout: 'error',
  failed: 'error',
}
const stateOf = (result) => RESULTS[result] ?? 'pending'
