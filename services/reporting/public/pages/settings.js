import {
  Button,
  Card,
  Code,
  Empty,
  ErrorBox,
  Facts,
  formatDuration,
  formatNumber,
  html,
  Loading,
  Notice,
  Page,
  setTheme,
  signOut,
  Table,
  Tabs,
  theme,
  usePoll,
  useQuery,
  useSession,
  useStore,
} from '../kit.js'
import { Configuration } from './settings-configuration.js'
import { Keys } from './settings-keys.js'

/** How the server is, who may use it, and how this page looks. */
export default function SettingsPage() {
  const { may } = useSession()
  return html`<${Page} title="Settings and health" lead="How the services are, who may use the API, and how this page looks.">
    <${Health} />
    <div class="settings-columns">
      <${You} />
      <${Marketplaces} />
    </div>
    ${may('admin') && html`<${Keys} />`}
    <${Documentation} />
    ${may('admin') && html`<${Configuration} />`}
  <//>`
}

function Health() {
  const { data, error, loading, reload } = usePoll('/health', {}, { everyMs: 5_000 })
  // What is not well is answered with 503, and with the same document.
  const health = data ?? (error?.problem?.checks ? error.problem : null)
  if (!health)
    return html`<${Card} title="Services">
      ${loading ? html`<${Loading} label="Loading the health of the services" rows=${4} />` : html`<${ErrorBox} error=${error} retry=${reload} title="The health could not be read" />`}
    <//>`
  const well = health.status === 'ok' && health.live
  const rows = Object.entries(health.checks).map(([service, check]) => ({ service, check }))
  const columns = [
    { key: 'service', label: 'Service', render: (row) => html`<b class="nowrap">${row.service}</b>` },
    {
      key: 'check',
      label: 'State',
      wide: true,
      render: ({ check }) =>
        check === 'ok'
          ? html`<span class="pill" data-tone="good">Ready</span>`
          : html`<span class="pill" data-tone="bad">Not ready</span> <span class="break">${check}</span>`,
    },
  ]
  return html`<${Card} title="Services" flush lead=${`This process has been up for ${formatDuration(health.uptimeSeconds)}`}
      actions=${html`<span class="pill" data-tone=${well ? 'good' : 'bad'}>${well ? 'All is well' : sentence(health.status)}</span>`}>
    <${Table} caption="Services of this process" columns=${columns} rows=${rows} rowKey=${(row) => row.service}
      empty=${html`<${Empty} title="The server is shutting down" icon="info" />`} />
    <${Sellers} details=${health.details ?? {}} />
  <//>`
}

/** Sellers that Amazon refuses, and those whose credentials can not be used. */
function Sellers({ details }) {
  const all = Object.values(details).flatMap(({ sellers }) => (sellers ? [sellers] : []))
  const stopped = unique(all.flatMap((one) => one.stopped ?? []))
  const unusable = unique(all.flatMap((one) => one.unusable ?? []))
  if (stopped.length === 0 && unusable.length === 0) return null
  return html`<div class="in-card stack">
    ${stopped.map((one) => html`<${Notice} key=${JSON.stringify(one)} kind="bad" title=${`${one.seller} is stopped in ${one.marketplaceId}`}><p>${one.reason}</p><//>`)}
    ${unusable.map((one) => html`<${Notice} key=${JSON.stringify(one)} kind="warn" title=${`${one.seller ?? one.name} can not be used`}><p>${one.reason}</p><//>`)}
  </div>`
}

const unique = (items) => [...new Map(items.map((one) => [JSON.stringify(one), one])).values()]
const sentence = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1)}` : '')

const THEMES = [
  { key: 'auto', label: 'As the system' },
  { key: 'light', label: 'Light' },
  { key: 'dark', label: 'Dark' },
]

function You() {
  const { caller, scopes, open } = useSession()
  const chosen = useStore(theme)
  return html`<${Card} title="You" actions=${caller && !open && html`<${Button} small icon="logout" onClick=${signOut}>Sign out<//>`}>
    <div class="stack">
      <${Facts} items=${[
        {
          label: 'Known to the server as',
          value: open ? 'Nobody in particular: it asks for no key' : caller,
        },
        { label: 'May', value: scopes.join(', ') },
      ]} />
      <div><p class="small soft theme-label" id="theme-label">Theme</p>
        <${Tabs} items=${THEMES} active=${chosen} onChange=${setTheme} label="Theme" /></div>
    </div>
  <//>`
}

function Marketplaces() {
  const { data, error, loading, reload } = useQuery('/marketplace/amazon/sync-status')
  const columns = [
    {
      key: 'countryCode',
      label: 'Marketplace',
      render: (one) => html`<b>${one.countryCode}</b><small class="mono">${one.marketplaceId}</small>`,
    },
    { key: 'total', label: 'Products', align: 'end', render: (one) => formatNumber(one.total) },
  ]
  return html`<${Card} title="Marketplaces" lead="As MARKETPLACES names them" flush>
    ${error && !data && html`<div class="in-card"><${ErrorBox} error=${error} retry=${reload} /></div>`}
    ${
      !(error && !data) &&
      html`<${Table} caption="Marketplaces" columns=${columns} rows=${data?.marketplaces ?? []} loading=${loading} rowKey=${(one) => one.marketplaceId}
      empty=${html`<${Empty} title="No marketplace is enabled yet" icon="info">product-change enables those of <code>MARKETPLACES</code> when it starts.<//>`} />`
    }
  <//>`
}

function Documentation() {
  const { origin } = window.location
  return html`<${Card} title="For programs">
    <div class="stack">
      <p>Everything that this page does is in the API: <a href="/docs">read about it</a>, or take${' '}
        <a href="/openapi.json">openapi.json</a>. <a href="/metrics">Metrics</a> are for Prometheus.</p>
      <${Code} copy label="Copy: command to see the health" value=${`curl ${origin}/health`} />
    </div>
  <//>`
}
