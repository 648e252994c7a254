import {
  Area,
  Card,
  Empty,
  formatDuration,
  formatNumber,
  html,
  Meter,
  Notice,
  Num,
  partsOf,
  Stack,
  Table,
  usePoll,
} from '../kit.js'

/** Whole percent of what has its answer; 100 is for when nothing is left. */
export const percentOf = ({ total, pending, queued }) =>
  total === 0 ? 0 : Math.floor(((total - pending - queued) / total) * 100)

/** Outcomes a second over the last two minutes. */
export function Rate({ rates, status }) {
  return html`<${Card} title="Answers a second" lead="Products that got their outcome, over the last two minutes"
      actions=${html`<span class="big-number num">${formatNumber(status.ratePerSecond, 1)}</span>`}>
    <${Area} label="Answers a second over the last two minutes" values=${rates.perSecond} from="2 min ago" to="now"
      format=${(value) => formatNumber(value, 1)} />
  <//>`
}

/** What Amazon lets through, and who waits for it. */
export function Quota({ quota, backlog, waiting }) {
  const several = new Set(quota.quotas.map(({ seller }) => seller)).size > 1
  return html`<${Card} title="Amazon's quota" lead=${backlog.requestsPerSecond > 0 ? `${formatNumber(backlog.requestsPerSecond, 2)} lookups a second${waiting === 0 ? ' are permitted' : `; the backlog takes ${formatDuration(backlog.secondsLeft)}`}` : undefined}>
    <div class="stack">
      ${quota.note && html`<${Notice} kind="info"><p class="small">${quota.note}</p><//>`}
      ${quota.quotas.length === 0 && !quota.note && html`<p class="soft">Nothing has been asked of Amazon yet.</p>`}
      ${quota.quotas.map((one) => html`<${Bucket} several=${several} key=${`${one.application} ${one.seller} ${one.operation}`} bucket=${one} />`)}
    </div>
  <//>`
}

function Bucket({ bucket, several }) {
  const {
    operation,
    seller,
    tokens,
    burst,
    ratePerSecond,
    planRatePerSecond,
    learned,
    queued,
    waitSeconds,
    throttled,
  } = bucket
  return html`<div class="bucket">
    <div class="spread">
      <span class="truncate"><b>${operation}</b>${several && html` <span class="soft small">${seller}</span>`}</span>
      <span class="num small soft">${formatNumber(Math.max(0, tokens), 1)} of ${formatNumber(burst)} free</span>
    </div>
    <${Meter} value=${Math.max(0, tokens)} max=${burst} label=${`Free requests of ${operation}`} tone=${queued > 0 ? 'queued' : 'good'} />
    <p class="small soft bucket-facts">
      <span class="num">${formatNumber(ratePerSecond, 3)} /s</span>
      ${learned && html`<span class="num" title="What Amazon's answers taught; the plan says otherwise">learned, plan ${formatNumber(planRatePerSecond, 3)}</span>`}
      <span class="num">${formatNumber(queued)} waiting${queued > 0 ? `, ${formatDuration(waitSeconds)}` : ''}</span>
      <span class=${`num ${throttled > 0 ? 'warned' : ''}`}>${formatNumber(throttled)} × 429</span>
    </p>
  </div>`
}

const TOPICS = {
  'catalog.sync-requests': 'lookups to make',
  'catalog.sync-results': 'answers to store',
  'offers.requests': 'prices to ask for',
  'offers.results': 'prices to store',
}

/** What each service has before it, and whether it can work. */
export function Services({ lag }) {
  const health = usePoll('/health', {}, { everyMs: 5_000 })
  const checks = (health.data ?? health.error?.problem)?.checks ?? {}
  const names = [...new Set([...Object.keys(checks), ...lag.groups.map(({ service }) => service)])]
  const rows = names.flatMap((service) => {
    const groups = lag.groups.filter((group) => group.service === service)
    return groups.length === 0
      ? [{ service, check: checks[service] }]
      : groups.map((group) => ({ ...group, check: checks[service] }))
  })
  const columns = [
    {
      key: 'service',
      label: 'Service',
      wide: true,
      render: (row) =>
        html`<b class="nowrap">${row.service}</b><small>${TOPICS[row.topic] ?? (row.topic || 'no queue of its own')}</small>`,
    },
    { key: 'check', label: 'State', render: (row) => html`<${Ready} check=${row.check} />` },
    {
      key: 'waiting',
      label: 'Waiting',
      align: 'end',
      render: (row) =>
        html`<${Num} value=${row.waiting} />${row.waiting > 0 && html`<small title="Time to drain, at the rate of the last minute">${row.secondsToDrain === null ? '' : `${formatDuration(row.secondsToDrain)} left`}</small>`}`,
    },
  ]
  return html`<${Card} title="Services" lead="What waits on the log for each of them" flush>
    ${lag.note && html`<div class="in-card"><${Notice} kind="warn"><p class="small">Lag is not known: ${lag.note}</p><//></div>`}
    <${Table} caption="Services" columns=${columns} rows=${rows} rowKey=${(row) => row.group ?? row.service} loading=${health.loading && lag.groups.length === 0}
      empty=${html`<${Empty} title="No service has reported" />`} />
  <//>`
}

function Ready({ check }) {
  if (check === undefined)
    return html`<span class="pill" data-tone="neutral" title="It runs in another process, which has its own /readyz">Elsewhere</span>`
  return check === 'ok'
    ? html`<span class="pill" data-tone="good">Ready</span>`
    : html`<span class="pill" data-tone="bad" title=${check}>Not ready</span><small>${check}</small>`
}

/** @param {{ marketplaces: any[] }} props */
export function Marketplaces({ marketplaces }) {
  const columns = [
    { key: 'countryCode', label: 'Marketplace', render: (one) => html`<b>${one.countryCode}</b>` },
    {
      key: 'progress',
      label: 'Progress',
      wide: true,
      render: (one) =>
        html`<${Meter} value=${percentOf(one)} label=${`Progress in ${one.countryCode}`} tone="good" showValue />`,
    },
    {
      key: 'waiting',
      label: 'Waiting',
      align: 'end',
      render: (one) => html`<${Num} value=${one.pending + one.queued} />`,
    },
    { key: 'errors', label: 'Errors', align: 'end', render: (one) => html`<${Num} value=${one.errors} />` },
    {
      key: 'rate',
      label: 'A second',
      align: 'end',
      render: (one) => html`<${Num} value=${one.ratePerSecond} digits=${1} />`,
    },
    {
      key: 'left',
      label: 'Time left',
      align: 'end',
      render: (one) =>
        html`<span class="num">${one.pending + one.queued === 0 ? 'none' : formatDuration(one.secondsLeft)}</span>`,
    },
  ]
  return html`<${Card} title="Marketplaces" flush>
    <${Table} caption="Marketplaces" columns=${columns} rows=${marketplaces} rowKey=${(one) => one.marketplaceId} />
  <//>`
}

const LEVELS = { price: 'Featured offer', offers: 'Offers by channel' }

/** How far matches are priced. */
export function Prices({ prices }) {
  const open = ({ states }) => states.pending + states.stale + states.queued
  const columns = [
    {
      key: 'level',
      label: 'What',
      render: (one) => html`<b>${LEVELS[one.level] ?? one.level}</b><small>${one.operation}</small>`,
    },
    {
      key: 'states',
      label: 'State',
      wide: true,
      render: (one) =>
        html`<${Stack} parts=${partsOf(one.states, 'price')} label=${LEVELS[one.level] ?? one.level} />`,
    },
    {
      key: 'priced',
      label: 'Up to date',
      align: 'end',
      render: (one) =>
        html`<${Num} value=${one.total === 0 ? null : Math.floor(((one.total - open(one)) / one.total) * 100)} unit=" %" />`,
    },
    {
      key: 'never',
      label: 'Never priced',
      align: 'end',
      render: (one) => html`<${Num} value=${one.states.pending} />`,
    },
    {
      key: 'stale',
      label: 'To renew',
      align: 'end',
      render: (one) => html`<${Num} value=${one.states.stale} />`,
    },
    {
      key: 'rate',
      label: 'A second',
      align: 'end',
      render: (one) => html`<${Num} value=${one.ratePerSecond} digits=${1} />`,
    },
    {
      key: 'left',
      label: 'Time left',
      align: 'end',
      render: (one) =>
        html`<span class="num">${open(one) === 0 ? 'none' : formatDuration(one.secondsLeft)}</span>`,
    },
  ]
  return html`<${Card} title="Prices of matches" flush>
    <${Table} caption="Prices of matches" columns=${columns} rows=${prices.levels} rowKey=${(one) => one.level} />
  <//>`
}
