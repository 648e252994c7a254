import {
  api,
  Button,
  Dialog,
  ErrorBox,
  Facts,
  formatNumber,
  html,
  Loading,
  Notice,
  Table,
  toast,
  useAction,
  useEffect,
  useState,
} from '../kit.js'

const PATH = '/api/review/invalid-codes/repair'

const columns = [
  { key: 'sku', label: 'SKU' },
  { key: 'from', label: 'Is', render: (row) => html`<code>${row.from}</code>` },
  { key: 'to', label: 'Becomes', render: (row) => html`<code>${row.to}</code>` },
  { key: 'how', label: 'How', wide: true, render: (row) => row.how.replaceAll('_', ' ') },
]

/** Mends every code of a filter whose repair is certain: first what would become of them, then so. */
export function RepairDialog({ open, onClose, filter, textIgnored, onDone }) {
  const [preview, setPreview] = useState(null)
  const [done, setDone] = useState(0)
  const [look, looking] = useAction(() => sendAll(filter, true, () => {}))
  const [repair, repairing] = useAction(() => sendAll(filter, false, setDone))
  useEffect(() => {
    if (!open) return
    let current = true
    setPreview(null)
    setDone(0)
    repairing.reset()
    void look().then((answer) => current && setPreview(answer ?? null))
    return () => {
      current = false
    }
  }, [open, JSON.stringify(filter)])

  async function confirmed() {
    const result = await repair()
    if (!result) return
    onClose()
    toast(`${formatNumber(result.repaired)} codes were mended; they are looked up by themselves`, {
      kind: 'good',
      href: '/',
      link: 'Watch',
    })
    onDone()
  }
  const actions = html`
    <${Button} onClick=${onClose}>Not now<//>
    <${Button} kind="primary" icon="check" busy=${repairing.busy} disabled=${!preview || preview.proposed === 0} onClick=${confirmed}>
      ${preview && preview.proposed > 0 ? `Mend ${formatNumber(preview.proposed)}` : 'Mend'}
    <//>`
  return html`
    <${Dialog} open=${open} onClose=${onClose} title="Mend codes whose repair is sure" actions=${actions} wide>
      <div class="stack">
        <p>A repair is sure when the check digit confirms it, and nothing else would do. Each is recorded with who did it.</p>
        ${textIgnored && html`<${Notice} kind="info" title="Words are left out">A repair goes by the other filters.<//>`}
        ${looking.error && html`<${ErrorBox} error=${looking.error} title="No preview could be made" />`}
        ${repairing.error && html`<${ErrorBox} error=${repairing.error} title=${done > 0 ? `It broke off after ${formatNumber(done)}` : 'Nothing was mended'} />`}
        ${!preview && !looking.error && html`<${Loading} label="Looking at the codes" rows=${3} />`}
        ${
          preview &&
          html`<${Facts} columns=${3} items=${[
            { label: 'Looked at', value: formatNumber(preview.looked) },
            { label: 'Sure', value: formatNumber(preview.proposed) },
            { label: 'For a person', value: formatNumber(preview.without) },
          ]} />`
        }
        ${preview?.sample.length > 0 && html`<${Table} caption="The first of them" columns=${columns} rows=${preview.sample} rowKey=${(row) => row.productId} />`}
        ${repairing.busy && html`<p class="soft" role="status">${formatNumber(done)} mended so far</p>`}
      </div>
    <//>`
}

/** The API looks at so many products a request: the answers together. `onPart`: how many were mended so far. */
async function sendAll(filter, dryRun, onPart) {
  const sum = { looked: 0, repaired: 0, proposed: 0, without: 0, sample: [] }
  for (let cursor = null; ; ) {
    const answer = await api.post(PATH, { filter, dryRun, ...(cursor !== null && { cursor }) })
    for (const name of ['looked', 'repaired', 'proposed', 'without']) sum[name] += answer[name]
    sum.sample = [...sum.sample, ...answer.sample].slice(0, 20)
    onPart(sum.repaired)
    if (answer.complete) return sum
    cursor = answer.cursor
  }
}
