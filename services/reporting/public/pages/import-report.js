import {
  Button,
  Card,
  ErrorBox,
  formatBytes,
  formatNumber,
  html,
  Meter,
  Notice,
  Num,
  Table,
  toast,
  useState,
} from '../kit.js'
import { refusedLines, reportCsv } from './import-lines.js'
import { cancelImport, forgetImport } from './import-store.js'

const PAGE = 50
const STATES = {
  waiting: 'Waits for its turn',
  sending: 'Being sent and stored',
  storing: 'All sent: the last lines are being stored',
  done: 'Imported',
  failed: 'Not imported',
  cancelled: 'Cancelled',
}

/** One file: how far it is, and what became of its lines. */
export function ImportCard({ item }) {
  const { id, file, state, sent, total, report, error } = item
  const going = ['waiting', 'sending', 'storing'].includes(state)
  const actions = going
    ? html`<${Button} small icon="stop" onClick=${() => cancelImport(id)}>Cancel<//>`
    : html`<${Button} small kind="quiet" icon="close" label=${`Take ${file.name} off the list`} onClick=${() => forgetImport(id)} />`
  return html`
    <${Card} title=${file.name} lead=${`${formatBytes(file.size)} · ${STATES[state]}`} actions=${actions}>
      <div class="stack" data-import=${state}>
        ${going && html`<${Meter} value=${total === 0 ? 0 : Math.floor((sent / total) * 100)} max=${100} label=${`Progress of ${file.name}`} showValue />`}
        ${going && html`<p class="soft small">${formatBytes(sent)} of ${formatBytes(total)}. It goes on when you look at another page.</p>`}
        ${state === 'cancelled' && html`<${Notice} kind="info" title="Cancelled">Lines that were stored before stay. The same file again repeats nothing.<//>`}
        ${state === 'failed' && html`<${Failure} error=${error} report=${report} />`}
        ${report && html`<${Report} item=${item} />`}
      </div>
    <//>`
}

function Failure({ error, report }) {
  if (report && report.rejected === report.received)
    return html`<${Notice} kind="bad" title="Not one line could be taken">Mend what is listed below, and send the file again.<//>`
  return html`<${ErrorBox} error=${error} title=${report ? 'It broke off: what is counted below is stored' : 'The file could not be imported'} />`
}

function Report({ item }) {
  const { report } = item
  const { received, inserted, updated, unchanged, rejected } = report
  const figures = [
    ['Lines', received, ''],
    ['New', inserted, inserted > 0 ? 'good' : ''],
    ['Changed', updated, updated > 0 ? 'good' : ''],
    ['As they were', unchanged, ''],
    ['Refused', rejected, rejected > 0 ? 'bad' : ''],
  ]
  return html`
    <dl class="import-figures">
      ${figures.map(
        ([label, value, tone]) =>
          html`<div key=${label} data-tone=${tone}><dt>${label}</dt><dd><${Num} value=${value} /></dd></div>`,
      )}
    </dl>
    ${rejected > 0 && html`<${RefusedLines} item=${item} />`}
    ${
      inserted + updated > 0 &&
      html`<div class="row">
        <${Button} href="/" icon="play">Watch the sync<//>
        <${Button} href="/ui/products" icon="box">See products<//>
        <${Button} href="/ui/invalid" icon="barcode">Mend invalid codes<//>
      </div>`
    }`
}

function RefusedLines({ item }) {
  const { file, format, report } = item
  const { errors, errorsOmitted } = report
  const [field, setField] = useState('')
  const [page, setPage] = useState(0)
  const fitting = field === '' ? errors : errors.filter((error) => (error.field ?? 'line') === field)
  const shown = fitting.slice(page * PAGE, (page + 1) * PAGE)
  const pages = Math.ceil(fitting.length / PAGE)
  const takesLines = format === 'csv' || format === 'ndjson'

  async function download(make, name) {
    try {
      save(await make(), name)
    } catch (error) {
      toast(`The lines could not be read from ${file.name} again: ${error.message}`, { kind: 'bad' })
    }
  }
  const columns = [
    { key: 'line', label: 'Line', align: 'end' },
    {
      key: 'field',
      label: 'Column',
      render: (row) => (row.field ? html`<code>${row.field}</code>` : 'the line'),
    },
    {
      key: 'value',
      label: 'Value',
      render: (row) => (row.value === undefined ? '–' : html`<code class="import-value">${row.value}</code>`),
    },
    { key: 'message', label: 'Reason', wide: true },
  ]
  return html`
    <div class="stack">
      <div class="spread">
        <${FieldChoice} errors=${errors} field=${field} onChange=${(name) => {
          setField(name)
          setPage(0)
        }} />
        <div class="row">
          ${
            takesLines &&
            html`<${Button} small icon="download" onClick=${() => download(() => refusedLines(file, format, errors), `refused-${stem(file.name)}.${format}`)}>Refused lines, to mend<//>`
          }
          <${Button} small icon="download" onClick=${() => download(() => reportCsv(errors), `report-${stem(file.name)}.csv`)}>Report<//>
        </div>
      </div>
      <${Table} caption="Refused lines" columns=${columns} rows=${shown} rowKey=${(row) => `${row.line} ${row.field ?? ''} ${row.message}`} />
      ${
        pages > 1 &&
        html`<nav class="row" aria-label="Refused lines, pages">
          <${Button} small icon="chevron-left" disabled=${page === 0} onClick=${() => setPage(page - 1)}>Before<//>
          <span class="soft small" aria-live="polite">${page * PAGE + 1}–${page * PAGE + shown.length} of ${formatNumber(fitting.length)}</span>
          <${Button} small icon="chevron-right" disabled=${page + 1 >= pages} onClick=${() => setPage(page + 1)}>Next<//>
        </nav>`
      }
      ${errorsOmitted > 0 && html`<p class="soft small">${formatNumber(errorsOmitted)} more were not listed: mend these first.</p>`}
    </div>`
}

/** How many lines each column has spoilt; one of them alone. */
function FieldChoice({ errors, field, onChange }) {
  const counts = new Map()
  for (const error of errors) counts.set(error.field ?? 'line', (counts.get(error.field ?? 'line') ?? 0) + 1)
  if (counts.size < 2) return html`<p class="soft small">${formatNumber(errors.length)} things to mend</p>`
  const choices = [
    ['', 'all', errors.length],
    ...[...counts].map(([name, count]) => [name, name === 'line' ? 'whole lines' : name, count]),
  ]
  return html`
    <div class="row" role="group" aria-label="Show one column's">
      ${choices.map(
        ([name, label, count]) =>
          html`<${Button} key=${name} small kind=${name === field ? 'primary' : 'quiet'} aria-pressed=${name === field ? 'true' : 'false'} onClick=${() => onChange(name)}>${label} ${formatNumber(count)}<//>`,
      )}
    </div>`
}

const stem = (name) => name.replace(/\.[^.]*$/, '')

/** Gives a file to whoever asked for it. */
function save(blob, name) {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has taken hold of the data once the click is over.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
