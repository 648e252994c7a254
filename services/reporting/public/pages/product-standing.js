import { Card, Facts, html, Link, Notice, StatePill, Time } from '../kit.js'

/** How a product stands in one marketplace, and why. */
export function Standing({ product, marketplace }) {
  if (!marketplace)
    return html`<${Card} title="At Amazon">
      <${Notice} kind="info" title="No marketplace is enabled">Those of MARKETPLACES are, when product-change starts.<//>
    <//>`
  const { state, attempt, failures, nextAttemptAt, syncedAt, lastReason, jobId, countryCode } = marketplace
  const items = [
    { label: 'State', value: html`<${StatePill} state=${state} />` },
    { label: 'Amazon answered', value: html`<${Time} value=${syncedAt} />` },
    { label: 'Code looked up', value: product.gtin14 ? html`<code>${product.gtin14}</code>` : '–' },
    ...(product.upcRepair
      ? [
          {
            label: 'The code was mended',
            value: product.upcRepair.replaceAll('_', ' ').replaceAll('+', ', '),
          },
        ]
      : []),
    { label: 'Asked for', value: attempt === 1 ? 'once' : `${attempt} times` },
    ...(failures > 0 ? [{ label: 'Failed in a row', value: String(failures) }] : []),
    ...(nextAttemptAt ? [{ label: 'Next try', value: html`<${Time} value=${nextAttemptAt} />` }] : []),
    ...(jobId
      ? [{ label: 'Asked for by', value: html`<${Link} href=${`/ui/jobs/${jobId}`}>this sync<//>` }]
      : []),
  ]
  return html`
    <${Card} title=${`At Amazon ${countryCode}`}>
      <div class="stack">
        ${lastReason && html`<p class="product-reason" data-tone=${state}>${lastReason}</p>`}
        <${Facts} items=${items} columns=${2} />
      </div>
    <//>`
}
