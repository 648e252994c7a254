import {
  Card,
  Empty,
  ErrorBox,
  formatNumber,
  html,
  Link,
  Loading,
  Meter,
  StatePill,
  Table,
  Time,
  usePoll,
} from '../kit.js'

/** Products that need a person, the newest first. */
export function Exceptions() {
  const { data, error, loading, reload } = usePoll(
    '/marketplace/amazon/sync-exceptions',
    { limit: 8 },
    { everyMs: 5_000 },
  )
  const columns = [
    {
      key: 'sku',
      label: 'Product',
      render: (one) =>
        html`<a href=${`/ui/products/${one.productId}`}>${one.sku}</a>${one.title && html`<small class="clip" title=${one.title}>${one.title}</small>`}`,
    },
    { key: 'state', label: 'State', render: (one) => html`<${StatePill} state=${one.state} />` },
    {
      key: 'reason',
      label: 'Why',
      wide: true,
      render: (one) =>
        html`<span class="two-lines" title=${one.lastReason}>${one.lastReason ?? one.lastResult ?? 'unknown'}</span>`,
    },
    {
      key: 'at',
      label: 'When',
      align: 'end',
      render: (one) => html`<${Time} value=${one.occurredAt} /><small>${one.countryCode}</small>`,
    },
  ]
  return html`<${Card} title="Needs a person" lead="The newest ambiguous matches, invalid codes and failures" flush
      actions=${html`<${Link} href="/ui/review" class="small">Review<//>`}>
    ${error && !data && html`<div class="in-card"><${ErrorBox} error=${error} retry=${reload} /></div>`}
    ${
      !(error && !data) &&
      html`<${Table} caption="Products that need a person" columns=${columns} rows=${data?.items ?? []} loading=${loading}
      rowKey=${(one) => `${one.productId} ${one.marketplaceId}`}
      empty=${html`<${Empty} title="Nothing waits for you" icon="check">No match is ambiguous, no code is invalid, nothing has failed.<//>`} />`
    }
  <//>`
}

/** Failures by cause; the counting reads rows, so that it is asked for less often and only where there are some. */
export function Causes({ errors }) {
  const { data, error, loading, reload } = usePoll(
    errors > 0 ? '/api/review/failures' : null,
    {},
    { everyMs: 30_000 },
  )
  const items = (errors > 0 ? data?.items : []) ?? []
  const most = Math.max(1, ...items.map((one) => one.count))
  return html`<${Card} title="Errors by cause" lead=${errors > 0 ? 'Products whose every attempt has failed' : undefined}
      actions=${items.length > 0 && html`<${Link} href="/ui/failures" class="small">Retry or look closer<//>`}>
    ${error && !data && html`<${ErrorBox} error=${error} retry=${reload} />`}
    ${loading && html`<${Loading} label="Loading causes" rows=${3} />`}
    ${errors === 0 && html`<${Empty} title="No errors" icon="check">Every product that Amazon was asked for got an answer.<//>`}
    <ul class="causes plain">
      ${items.slice(0, 6).map(
        (one) =>
          html`<li key=${one.cause}>
            <div class="spread"><span class="truncate" title=${one.sample?.reason ?? one.cause}>${one.cause}</span><b class="num">${formatNumber(one.count)}</b></div>
            <${Meter} value=${one.count} max=${most} label=${one.cause} tone="bad" />
          </li>`,
      )}
    </ul>
    ${data && !data.complete && html`<p class="small soft">Of the newest ${formatNumber(data.read)} of ${formatNumber(data.total)}.</p>`}
  <//>`
}
