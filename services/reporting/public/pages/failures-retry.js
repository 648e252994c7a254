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
  toast,
  useAction,
  useEffect,
  useState,
} from '../kit.js'

const PATH = '/api/review/failures/retry'

/** Asks Amazon again for what failed by some causes: first what that comes to, then so, as a sync that can be followed. */
export function RetryDialog({ groups, filter, onClose, onStarted }) {
  const open = groups !== null
  const [note, setNote] = useState('')
  const [preview, setPreview] = useState(null)
  const { marketplace, state, ...products } = filter
  const body = {
    filter: { ...products, ...(state && { state }), cause: (groups ?? []).map(({ cause }) => cause) },
    ...(marketplace && { marketplaces: marketplace }),
  }
  const [look, looking] = useAction(() => api.post(PATH, { ...body, dryRun: true }))
  const [retry, retrying] = useAction(() =>
    api.post(PATH, { ...body, ...(note.trim() !== '' && { note: note.trim() }) }),
  )
  useEffect(() => {
    if (!open) return
    let current = true
    setPreview(null)
    setNote('')
    retrying.reset()
    void look().then((answer) => current && setPreview(answer ?? null))
    return () => {
      current = false
    }
  }, [open])

  async function confirmed() {
    const job = await retry()
    if (!job) return
    onClose()
    onStarted()
    toast('They are asked for again', { kind: 'good', href: `/ui/jobs/${job.syncId}`, link: 'Follow it' })
  }
  const nothing = preview?.total === 0
  const actions = html`
    <${Button} onClick=${onClose}>Not now<//>
    <${Button} kind="primary" icon="retry" busy=${retrying.busy} disabled=${!preview || nothing} onClick=${confirmed}>
      ${preview && !nothing ? `Retry ${formatNumber(preview.total)}` : 'Retry'}
    <//>`
  return html`
    <${Dialog} open=${open} onClose=${onClose} title="Ask Amazon again" actions=${actions}>
      <div class="stack">
        <ul>${(groups ?? []).map(({ cause, count }) => html`<li key=${cause}>${cause} <span class="soft">(${formatNumber(count)})</span></li>`)}</ul>
        ${looking.error && html`<${ErrorBox} error=${looking.error} title="No preview could be made" />`}
        ${retrying.error && html`<${ErrorBox} error=${retrying.error} title="The retry was not started" />`}
        ${!preview && !looking.error && html`<${Loading} label="Counting" rows=${2} />`}
        ${nothing && html`<${Notice} kind="info" title="Nothing is left">They have got on meanwhile.<//>`}
        ${
          preview &&
          !nothing &&
          html`<${Facts} columns=${3} items=${[
            { label: 'Products', value: formatNumber(preview.total) },
            { label: 'Requests to Amazon', value: formatNumber(preview.requests) },
            { label: 'Takes', value: formatDuration(preview.seconds) },
          ]} />`
        }
        <${Field} label="Note" name="note" value=${note} onInput=${setNote} placeholder="why, for whoever looks later" maxlength="500" />
      </div>
    <//>`
}
