import {
  formatDuration,
  formatNumber,
  formatTime,
  html,
  Meter,
  partsOf,
  Stack,
  StatePill,
  stateOf,
  Time,
} from '../kit.js'

const FINAL = ['complete', 'failed', 'cancelled']
/** Whether a sync has ended. @param {{ status: string }} job */
export const isFinal = ({ status }) => FINAL.includes(status)

const LABELS = {
  upc: 'Code',
  sku: 'SKU',
  status: 'State',
  notSyncedSince: 'Not synced since',
  staleFor: 'Not synced for',
}

/** A filter in words. @param {Record<string, unknown>} filter */
export function filterText(filter) {
  const parts = Object.entries(filter).map(([name, value]) => {
    const values = [value].flat().map((one) => valueText(name, String(one)))
    const more = values.length > 3 ? ` and ${formatNumber(values.length - 3)} more` : ''
    return `${LABELS[name] ?? name[0]?.toUpperCase() + name.slice(1)}: ${values.slice(0, 3).join(', ')}${more}`
  })
  return parts.join(' · ') || 'All products'
}

function valueText(name, value) {
  if (name === 'status') return stateOf(value).label
  return name === 'notSyncedSince' ? formatTime(value) : value
}

const TONES = { complete: 'good', failed: 'bad', cancelled: 'neutral', paused: 'warn' }

export function JobProgress({ job }) {
  return html`<${Meter} value=${job.progress} label=${`Progress of sync ${job.syncId.slice(0, 8)}`} tone=${TONES[job.status] ?? 'accent'} showValue />`
}

export function JobOutcomes({ job }) {
  const left = Math.max(0, job.total - job.done)
  const parts = [
    ...partsOf(job.outcomes, 'outcome'),
    { key: 'left', label: 'To come', tone: 'none', value: left },
  ]
  return html`<${Stack} parts=${parts} label="Outcomes" />`
}

/** Columns of lists of syncs. */
export const jobColumns = [
  {
    key: 'syncId',
    label: 'Sync',
    render: (job) => html`<a class="mono" href=${`/ui/jobs/${job.syncId}`}>${job.syncId.slice(0, 8)}</a>`,
  },
  { key: 'status', label: 'State', render: (job) => html`<${StatePill} state=${job.status} of="job" />` },
  {
    key: 'filter',
    label: 'Products',
    wide: true,
    render: (job) =>
      html`<span class="break">${filterText(job.filter)}</span><small class="num">${formatNumber(job.total)}${job.expanded ? '' : ' so far'}</small>`,
  },
  {
    key: 'progress',
    label: 'Progress',
    render: (job) => html`<div class="job-progress"><${JobProgress} job=${job} /></div>`,
  },
  {
    key: 'time',
    label: 'Took, or left',
    align: 'end',
    hide: 'phone',
    render: (job) =>
      isFinal(job)
        ? html`<span class="num">${formatDuration(job.duration)}</span>`
        : job.status === 'paused' || job.secondsLeft === null
          ? html`<span class="faint">–</span>`
          : html`<span class="num">${formatDuration(job.secondsLeft)} left</span>`,
  },
  {
    key: 'createdAt',
    label: 'Asked for',
    align: 'end',
    render: (job) => html`<${Time} value=${job.createdAt} /><small>by ${job.requestedBy}</small>`,
  },
]
