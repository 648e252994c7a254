import {
  api,
  Button,
  Card,
  Code,
  confirm,
  Dialog,
  Empty,
  ErrorBox,
  Field,
  fieldError,
  html,
  Notice,
  Table,
  Time,
  toast,
  useAction,
  useQuery,
  useState,
} from '../kit.js'

const SCOPES = [
  { scope: 'read', meaning: 'see everything' },
  { scope: 'sync', meaning: 'start and steer syncs' },
  { scope: 'products', meaning: 'import, correct, decide on matches' },
  { scope: 'admin', meaning: 'all of it, and keys' },
]
const LIVES = [
  { value: '', label: 'Never' },
  { value: '30d', label: 'In 30 days' },
  { value: '90d', label: 'In 90 days' },
  { value: '365d', label: 'In a year' },
]

/** Keys of the API: who has one, what it may, and when it was last used. */
export function Keys() {
  const { data, error, loading, reload } = useQuery('/api/keys')
  const [making, setMaking] = useState(false)
  const [revoke, revoking] = useAction(async (key) => {
    const yes = await confirm({
      title: `Revoke ${key.name}?`,
      text: 'It stops working at once, for ever. Whoever uses it needs a new one.',
      action: 'Revoke',
      danger: true,
    })
    if (!yes) return
    await api.del(`/api/keys/${key.id}`)
    toast(`${key.name} is revoked`)
    reload()
  })
  const columns = [
    {
      key: 'name',
      label: 'Name',
      render: (key) => html`<b class="break">${key.name}</b><small class="mono">${key.prefix}…</small>`,
    },
    { key: 'scopes', label: 'May', wide: true, render: (key) => key.scopes.join(', ') },
    {
      key: 'createdAt',
      label: 'Made',
      render: (key) => html`<${Time} value=${key.createdAt} /><small>by ${key.createdBy}</small>`,
    },
    { key: 'lastUsedAt', label: 'Last used', render: (key) => html`<${Time} value=${key.lastUsedAt} />` },
    { key: 'state', label: 'State', render: (key) => html`<${KeyState} apiKey=${key} />` },
    {
      key: 'actions',
      label: 'Actions',
      labelHidden: true,
      align: 'end',
      render: (key) =>
        !key.revokedAt &&
        html`<${Button} small kind="danger" onClick=${() => revoke(key)} aria-label=${`Revoke ${key.name}`}>Revoke<//>`,
    },
  ]
  return html`<${Card} title="API keys" lead="For programs, and for people who sign in here" flush
      actions=${html`<${Button} icon="plus" onClick=${() => setMaking(true)}>New key<//>`}>
    ${(error || revoking.error) && html`<div class="in-card"><${ErrorBox} error=${revoking.error ?? error} retry=${reload} /></div>`}
    <${Table} caption="API keys" columns=${columns} rows=${data?.items ?? []} loading=${loading} rowKey=${(key) => key.id}
      empty=${html`<${Empty} title="No keys" icon="key">A server that listens on another address than loopback asks for one.<//>`} />
    ${
      making &&
      html`<${NewKey} onClose=${() => {
        setMaking(false)
        reload()
      }} />`
    }
  <//>`
}

function KeyState({ apiKey: { revokedAt, expiresAt } }) {
  if (revokedAt) return html`<span class="pill" data-tone="neutral">Revoked</span>`
  if (!expiresAt) return html`<span class="pill" data-tone="good">Valid</span>`
  const over = Date.parse(expiresAt) < Date.now()
  return html`<span class="pill" data-tone=${over ? 'bad' : 'good'}>${over ? 'Expired' : 'Valid'}</span><small><${Time} value=${expiresAt} /></small>`
}

function NewKey({ onClose }) {
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState(['read'])
  const [expiresIn, setExpiresIn] = useState('90d')
  const [made, setMade] = useState(/** @type {any} */ (null))
  const [make, { busy, error }] = useAction(async () =>
    setMade(await api.post('/api/keys', { name, scopes, ...(expiresIn && { expiresIn }) })),
  )
  const toggle = (scope) => () =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope])
  if (made)
    return html`<${Dialog} open onClose=${onClose} title=${`Key ${made.name}`} actions=${html`<${Button} kind="primary" onClick=${onClose}>I have kept it<//>`}>
      <${Notice} kind="warn" title="It is shown this once"><p>The server keeps a hash of it. Whoever loses it needs a new one.</p><//>
      <${Code} value=${made.key} copy label="Copy the key" />
    <//>`
  const submit = (event) => {
    event.preventDefault()
    void make()
  }
  return html`<${Dialog} open onClose=${onClose} title="New key">
    <form class="stack" onSubmit=${submit}>
      <${Field} label="Name" name="name" value=${name} onInput=${setName} required maxlength="100" hint="Whoever will use it" error=${fieldError(error, 'name')} autocomplete="off" />
      <fieldset class="scopes">
        <legend>May</legend>
        ${SCOPES.map(({ scope, meaning }) => html`<label key=${scope} class="check"><input type="checkbox" name="scopes" value=${scope} checked=${scopes.includes(scope)} onChange=${toggle(scope)} /><span><b>${scope}</b> <span class="soft">${meaning}</span></span></label>`)}
      </fieldset>
      <${Field} label="Expires" name="expiresIn" kind="select" options=${LIVES} value=${expiresIn} onInput=${setExpiresIn} />
      ${error && html`<${ErrorBox} error=${error} />`}
      <div class="row end"><${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" icon="key" busy=${busy} disabled=${scopes.length === 0}>Make the key<//></div>
    </form>
  <//>`
}
