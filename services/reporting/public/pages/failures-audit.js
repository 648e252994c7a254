import { Card, Empty, ErrorBox, formatNumber, html, Table, Time, usePoll } from '../kit.js'

const WORDS = {
  'match.accept': 'accepted a match',
  'match.reject': 'rejected candidates',
  'match.undo': 'took a decision back',
  'codes.repair': 'mended codes',
  'product.edit': 'edited a product',
  'failures.retry': 'retried failures',
  'dead-letters.redrive': 'brought records back',
}

const columns = [
  { key: 'at', label: 'When', render: (row) => html`<${Time} value=${row.at} />` },
  { key: 'caller', label: 'Who' },
  {
    key: 'action',
    label: 'What',
    wide: true,
    render: (row) => `${WORDS[row.action] ?? row.action ?? row.path}${countOf(row)}`,
  },
  { key: 'note', label: 'Note', render: (row) => row.details?.note ?? '–' },
]

const countOf = ({ details }) =>
  typeof details?.count === 'number' ? `: ${formatNumber(details.count)}` : ''

/** Who did what, the newest first. */
export function AuditCard({ actions }) {
  const { data, error, loading, reload } = usePoll(
    '/api/audit',
    { action: actions, limit: 10 },
    { everyMs: 10_000 },
  )
  return html`
    <${Card} title="Done so far" flush>
      ${error && html`<${ErrorBox} error=${error} retry=${reload} title="The record could not be read" />`}
      <${Table} caption="Who did what" columns=${columns} rows=${data?.items ?? []} rowKey=${(row) => row.id} loading=${loading}
        empty=${html`<${Empty} title="Nothing yet" icon="info">Each retry stands here, with who asked for it.<//>`} />
    <//>`
}
