import { Card, Empty, ErrorBox, Field, html, Table, useQuery, useState } from '../kit.js'

/** What this process goes by, as the server shows it: secrets are masked there. */
export function Configuration() {
  const { data, error, loading, reload } = useQuery('/config')
  const [text, setText] = useState('')
  const rows = Object.entries(data ?? {})
    .map(([name, value]) => ({ name, value }))
    .filter(({ name }) => name.includes(text.trim().toUpperCase()))
  const columns = [
    { key: 'name', label: 'Variable', render: (row) => html`<code>${row.name}</code>` },
    { key: 'value', label: 'Value', wide: true, render: ({ value }) => shownValue(value) },
  ]
  return html`<${Card} title="Configuration" lead="What this process goes by; secrets are masked" flush>
    <div class="in-card"><${Field} kind="search" name="variable" label="Part of a variable’s name" value=${text} onInput=${setText} autocomplete="off" spellcheck=${false} placeholder="RETRY" /></div>
    ${error && html`<div class="in-card"><${ErrorBox} error=${error} retry=${reload} title="The configuration could not be read" /></div>`}
    <div class="configuration">
      <${Table} caption="Configuration" columns=${columns} rows=${rows} rowKey=${(row) => row.name} loading=${loading}
        empty=${!error && html`<${Empty} title="No variable is named so" icon="search" />`} />
    </div>
  <//>`
}

function shownValue(value) {
  if (value === null) return html`<span class="faint">not set</span>`
  return html`<code class="break">${typeof value === 'object' ? JSON.stringify(value) : String(value)}</code>`
}
