import {
  Button,
  Card,
  Code,
  Empty,
  ErrorBox,
  formatDuration,
  formatNumber,
  formatPercent,
  html,
  Loading,
  Page,
  partsOf,
  Stack,
  useEffect,
  usePoll,
  useRef,
  useSession,
  useState,
} from '../kit.js'
import { Causes, Exceptions } from './overview-exceptions.js'
import { RecentJobs } from './overview-jobs.js'
import { Marketplaces, Prices, percentOf, Quota, Rate, Services } from './overview-parts.js'

const SPOKEN_EVERY_MS = 15_000

/** How everything is, from second to second. */
export default function OverviewPage() {
  const { data, error, stale, reload } = usePoll('/api/overview')
  const percent = data ? percentOf(data.status) : null
  const waiting = data ? data.status.pending + data.status.queued : 0
  const { may } = useSession()
  return html`<${Page} title="Overview" lead="How far your catalogue is in step with Amazon."
      actions=${may('sync') && html`<${Button} kind="primary" icon="play" href="/ui/jobs?new=1">New sync<//>`}>
    ${error && !data && html`<${ErrorBox} error=${error} retry=${reload} title="The figures could not be read" />`}
    ${!data && !error && html`<${Card}><${Loading} label="Loading the figures" rows=${8} /><//>`}
    ${data && (data.status.total === 0 ? html`<${FirstSteps} marketplaces=${data.status.marketplaces} />` : html`<${Progress} status=${data.status} percent=${percent} stale=${stale && error} />`)}
    ${
      data &&
      html`<div class="overview-columns">
        <div class="stack">
          <${Rate} rates=${data.rates} status=${data.status} />
          <${RecentJobs} jobs=${data.jobs} />
          <${Exceptions} />
          ${data.status.marketplaces.length > 1 && html`<${Marketplaces} marketplaces=${data.status.marketplaces} />`}
          ${data.status.prices.levels.length > 0 && html`<${Prices} prices=${data.status.prices} />`}
        </div>
        <div class="stack">
          <${Quota} quota=${data.quota} backlog=${data.status.backlog} waiting=${waiting} />
          <${Services} lag=${data.lag} />
          <${Causes} errors=${data.status.states.error} />
        </div>
      </div>`
    }
    <${Spoken} text=${data ? summary(data.status, percent) : ''} />
  <//>`
}

function Progress({ status, percent, stale }) {
  const done = status.total - status.pending - status.queued
  const several = status.marketplaces.length > 1
  const parts = partsOf(status.states)
  return html`<${Card} class=${`hero ${stale ? 'is-old' : ''}`}>
    <div class="hero-top">
      <p class="hero-percent"><span class="num">${formatPercent(percent)}</span></p>
      <div>
        <p class="hero-title">${done === status.total ? 'Everything is looked up' : 'In step with Amazon'}</p>
        <p class="soft">${formatNumber(done)} of ${formatNumber(status.total)} ${several ? 'products × marketplaces' : 'products'} have their answer</p>
      </div>
      <dl class="figures">
        <${Figure} label="Rate" value=${`${formatNumber(status.ratePerSecond, 1)} /s`} />
        <${Figure} label="Time left" value=${status.pending + status.queued === 0 ? 'Done' : formatDuration(status.backlog.secondsLeft)} hint="at the rate that Amazon permits" />
        <${Figure} label="Amazon answers in" value=${status.averageResponseTimeMs === null ? '–' : `${formatNumber(status.averageResponseTimeMs)} ms`} />
        <${Figure} label="Errors" value=${formatNumber(status.errors)} tone=${status.errors > 0 ? 'bad' : undefined} />
      </dl>
    </div>
    <${Stack} parts=${parts} label="Outcomes" />
    <ul class="legend">
      ${parts.map(
        (part) =>
          html`<li key=${part.key} data-tone=${part.tone} class=${part.value === 0 ? 'none' : ''}>
            <a href=${`/ui/products?syncStatus=${part.key}`}>
              <span class="dot"></span><span class="legend-label">${part.label}</span>
              <span class="num">${formatNumber(part.value)}</span>
            </a>
          </li>`,
      )}
    </ul>
  <//>`
}

function Figure({ label, value, hint, tone }) {
  return html`<div data-tone=${tone} title=${hint}><dt>${label}</dt><dd class=${`num ${tone ? 'toned' : ''}`}>${value}</dd></div>`
}

function FirstSteps({ marketplaces }) {
  const { origin } = window.location
  return html`<${Card}>
    <${Empty} title="No products yet" icon="box" action=${html`<${Button} kind="primary" icon="upload" href="/ui/import">Import products<//>`}>
      <p>Import a CSV, an XLSX workbook or NDJSON with <code>sku</code> and <code>upc</code>, and what else you know. What has a
        code is looked up by itself${marketplaces.length > 0 ? ` in ${marketplaces.map((one) => one.countryCode).join(', ')}` : ''}.</p>
    <//>
    <div class="stack-small first-steps">
      <p class="small soft">Or from a terminal:</p>
      <${Code} copy label="Copy: import products" value=${`curl -H 'content-type: text/csv' --data-binary @products.csv ${origin}/products`} />
      <${Code} copy label="Copy: sync everything again" value=${`curl -X POST ${origin}/api/sync/force`} />
      <${Code} copy label="Copy: how far it is" value=${`curl ${origin}/marketplace/amazon/sync-status`} />
    </div>
  <//>`
}

function summary(status, percent) {
  const waiting = status.pending + status.queued
  if (status.total === 0) return 'No products yet'
  if (waiting === 0) return 'Everything is looked up'
  return `${percent} percent, time left ${formatDuration(status.backlog.secondsLeft)}`
}

/** Tells screen readers now and then, not every second. */
function Spoken({ text }) {
  const [spoken, setSpoken] = useState('')
  const at = useRef(0)
  useEffect(() => {
    if (text === '' || Date.now() - at.current < SPOKEN_EVERY_MS) return
    at.current = Date.now()
    setSpoken(text)
  }, [text])
  return html`<p class="visually-hidden" aria-live="polite">${spoken}</p>`
}
