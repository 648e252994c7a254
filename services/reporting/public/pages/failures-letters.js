import {
  api,
  Button,
  Card,
  Dialog,
  Empty,
  ErrorBox,
  Facts,
  formatBytes,
  formatNumber,
  html,
  Loading,
  Notice,
  Num,
  Table,
  Time,
  toast,
  useAction,
  useEffect,
  usePoll,
  useSession,
  useState,
} from '../kit.js'

const PATH = '/api/review/dead-letters'

/** Records that nobody could use, by cause; after a mend they can be brought back. */
export function DeadLetters({ onRedriven }) {
  const { may } = useSession()
  const { data, error, loading, reload } = usePoll(PATH, { limit: 100 }, { everyMs: 15_000 })
  const [redriving, setRedriving] = useState(null)
  const groupColumns = [
    { key: 'cause', label: 'Cause', wide: true },
    { key: 'topic', label: 'Topic', render: (row) => html`<code>${row.topic ?? '–'}</code>` },
    { key: 'group', label: 'Rejected by', render: (row) => row.group ?? '–' },
    { key: 'count', label: 'Records', align: 'end', render: (row) => html`<${Num} value=${row.count} />` },
    { key: 'lastAt', label: 'Last', render: (row) => html`<${Time} value=${row.lastAt} />` },
    ...(may('sync')
      ? [
          {
            key: 'actions',
            label: 'Actions',
            labelHidden: true,
            render: (row) =>
              html`<${Button} small icon="retry" onClick=${() => setRedriving(row)}>Bring back<span class="visually-hidden"> ${row.cause}</span><//>`,
          },
        ]
      : []),
  ]
  const letterColumns = [
    { key: 'place', label: 'Place', render: (row) => html`<code>${row.place}</code>` },
    {
      key: 'origin',
      label: 'Came from',
      render: (row) =>
        row.origin
          ? html`<code>${row.origin.topic} ${row.origin.partition}:${row.origin.offset}</code>`
          : '–',
    },
    { key: 'reason', label: 'Reason', wide: true, render: (row) => row.reason ?? row.cause },
    { key: 'bytes', label: 'Size', align: 'end', hide: 'phone', render: (row) => formatBytes(row.bytes) },
    { key: 'at', label: 'When', render: (row) => html`<${Time} value=${row.at} />` },
    { key: 'redrivenAt', label: 'Brought back', render: (row) => html`<${Time} value=${row.redrivenAt} />` },
  ]
  const none = html`<${Empty} title="No dead letters" icon="check">Every record could be used.<//>`
  return html`
    ${error && html`<${ErrorBox} error=${error} retry=${reload} title="The dead letters could not be read" />`}
    <${Card} title="By cause" lead=${readWords(data)} flush>
      <${Table} caption="Dead letters by cause" columns=${groupColumns} rows=${data?.groups ?? []} rowKey=${(row) => `${row.topic} ${row.group} ${row.cause}`}
        loading=${loading} empty=${error && !data ? html`<span></span>` : none} />
    <//>
    ${
      data?.items.length > 0 &&
      html`<${Card} title="The newest" flush>
        <${Table} caption="The newest dead letters" columns=${letterColumns} rows=${data.items} rowKey=${(row) => row.place} />
      <//>`
    }
    <${RedriveDialog} group=${redriving} onClose=${() => setRedriving(null)} onDone=${() => {
      reload()
      onRedriven()
    }} />`
}

function readWords(data) {
  if (!data || data.read.complete) return undefined
  return `The newest ${formatNumber(data.read.records)} of ${formatNumber(data.read.of)} records were read.`
}

function RedriveDialog({ group, onClose, onDone }) {
  const open = group !== null
  const [preview, setPreview] = useState(null)
  const filter =
    group &&
    Object.fromEntries(
      ['topic', 'group', 'cause'].filter((name) => group[name]).map((name) => [name, group[name]]),
    )
  const [look, looking] = useAction(() => api.post(`${PATH}/redrive`, { filter, dryRun: true }))
  const [redrive, redriving] = useAction(() => api.post(`${PATH}/redrive`, { filter }))
  useEffect(() => {
    if (!open) return
    let current = true
    setPreview(null)
    redriving.reset()
    void look().then((answer) => current && setPreview(answer ?? null))
    return () => {
      current = false
    }
  }, [open])

  async function confirmed() {
    const result = await redrive()
    if (!result) return
    onClose()
    toast(`${formatNumber(result.redriven)} of ${formatNumber(result.chosen)} records were brought back`, {
      kind: 'good',
    })
    onDone()
  }
  const actions = html`
    <${Button} onClick=${onClose}>Not now<//>
    <${Button} kind="primary" icon="retry" busy=${redriving.busy} disabled=${!preview || preview.redriven === 0} onClick=${confirmed}>
      ${preview?.redriven > 0 ? `Bring back ${formatNumber(preview.redriven)}` : 'Bring back'}
    <//>`
  return html`
    <${Dialog} open=${open} onClose=${onClose} title="Bring these records back" actions=${actions}>
      <div class="stack">
        <p>${group?.cause}</p>
        <${Notice} kind="info" title="After a mend">They go back to where they came from, and are processed again. What is still wrong comes here again.<//>
        ${looking.error && html`<${ErrorBox} error=${looking.error} title="No preview could be made" />`}
        ${redriving.error && html`<${ErrorBox} error=${redriving.error} title="Nothing was brought back" />`}
        ${!preview && !looking.error && html`<${Loading} label="Counting" rows=${2} />`}
        ${
          preview &&
          html`<${Facts} columns=${3} items=${[
            { label: 'Chosen', value: formatNumber(preview.chosen) },
            { label: 'Would come back', value: formatNumber(preview.redriven) },
            { label: 'Stay', value: formatNumber(preview.left.length + preview.leftOmitted) },
          ]} />`
        }
        ${
          preview?.left.length > 0 &&
          html`<ul class="small">${preview.left.slice(0, 10).map(({ place, reason }) => html`<li key=${place}><code>${place}</code> ${reason}</li>`)}</ul>`
        }
      </div>
    <//>`
}
