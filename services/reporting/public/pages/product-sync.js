import {
  api,
  Button,
  Dialog,
  ErrorBox,
  Facts,
  Field,
  formatDuration,
  formatNumber,
  html,
  Loading,
  Notice,
  navigate,
  toast,
  useAction,
  useEffect,
  useState,
} from '../kit.js'

/**
 * Says what a sync of a filter would come to, and starts it.
 * @param {{ open: boolean, onClose: () => void, request: { filter: Record<string, string[]>, marketplaces?: string[] }, what: string }} props `what`: the request
 *   in words; `request` as POST /api/sync/start takes it.
 */
export function SyncDialog({ open, onClose, request, what }) {
  const [force, setForce] = useState(false)
  const path = force ? '/api/sync/force' : '/api/sync/start'
  const [preview, previewing] = useAction((at) => api.post(at, { ...request, dryRun: true }))
  const [start, starting] = useAction(() => api.post(path, request))
  const [forecast, setForecast] = useState(null)

  useEffect(() => {
    if (!open) return
    let current = true
    setForecast(null)
    starting.reset()
    void preview(path).then((answer) => current && setForecast(answer ?? null))
    return () => {
      current = false
    }
  }, [open, path, JSON.stringify(request)])

  async function confirmed() {
    const job = await start()
    if (!job) return
    onClose()
    toast(job.message ?? 'The sync has begun', {
      kind: 'good',
      href: `/ui/jobs/${job.syncId}`,
      link: 'Follow it',
    })
    navigate(`/ui/jobs/${job.syncId}`)
  }

  const nothing = forecast !== null && forecast.total === 0
  const actions = html`
    <${Button} onClick=${onClose}>Not now<//>
    <${Button} kind="primary" icon="play" busy=${starting.busy} disabled=${forecast === null || nothing} onClick=${confirmed}>
      ${forecast && !nothing ? `Sync ${formatNumber(forecast.total)}` : 'Sync'}
    <//>`
  return html`
    <${Dialog} open=${open} onClose=${onClose} title="Sync these products" actions=${actions}>
      <div class="stack">
        <p>${what}</p>
        <${Field}
          kind="checkbox"
          name="force"
          label="Ask again for what Amazon has answered for lately"
          value=${force}
          onInput=${(value) => setForce(Boolean(value))}
        />
        ${previewing.error && html`<${ErrorBox} error=${previewing.error} title="No preview could be made" />`}
        ${forecast === null && !previewing.error && html`<${Loading} label="Working out what it comes to" rows=${3} />`}
        ${forecast && html`<${Forecast} forecast=${forecast} />`}
        ${starting.error && html`<${ErrorBox} error=${starting.error} title="The sync was not started" />`}
      </div>
    <//>`
}

function Forecast({ forecast }) {
  const { total, fresh, withoutCode, codes, requests, requestsPerSecond, seconds, secondsWithBacklog } =
    forecast
  if (total === 0) return html`<${Notice} kind="info" title="Nothing fits">No product fits this filter.<//>`
  const items = [
    { label: 'Products × marketplaces', value: formatNumber(total) },
    { label: 'Fresh: count as they are', value: formatNumber(fresh) },
    { label: 'Without a code', value: formatNumber(withoutCode) },
    { label: 'Different codes to ask for', value: formatNumber(codes) },
    {
      label: 'Requests to Amazon',
      value: `${formatNumber(requests)} at ${formatNumber(requestsPerSecond, 1)} a second`,
    },
    { label: 'Takes', value: formatDuration(seconds) },
    { label: 'With what waits already', value: formatDuration(secondsWithBacklog) },
  ]
  return html`<${Facts} items=${items} columns=${2} />`
}
