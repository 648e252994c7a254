import {
  Button,
  Card,
  Empty,
  ErrorBox,
  Filters,
  html,
  jobStates,
  Page,
  Pager,
  Table,
  useEffect,
  useHotkeys,
  useList,
  useMarketplaces,
  useSearch,
  useSession,
} from '../kit.js'
import { isFinal, jobColumns } from './job-parts.js'
import { StartSync } from './start-sync.js'

const EVERY_MS = 2_000

/** All syncs, the newest first; `?new=1` opens the dialog that starts one. */
export default function JobsPage() {
  const [{ new: wanted, ...search }, setSearch] = useSearch()
  const list = useList('/api/sync/history', { ...search, limit: 25 })
  const { marketplaces } = useMarketplaces()
  const { may } = useSession()
  const open = () => setSearch({ ...search, new: '1' })
  const close = () => setSearch(search)
  useHotkeys([{ keys: 'n', label: 'New sync', run: open }], { group: 'Syncs', when: may('sync') })
  useReloadWhile(list)
  const fields = [
    {
      name: 'status',
      label: 'State',
      kind: 'choice',
      options: jobStates.map(({ state, label }) => ({ value: state, label })),
    },
    {
      name: 'marketplace',
      label: 'Marketplace',
      kind: 'choice',
      options: marketplaces.map((one) => ({ value: one.countryCode, label: one.countryCode })),
    },
    { name: 'requestedBy', label: 'Asked for by', placeholder: 'local' },
    { name: 'since', label: 'Since', kind: 'date' },
    { name: 'until', label: 'Before', kind: 'date' },
  ]
  const filtered = Object.keys(search).length > 0
  const start = may('sync') && html`<${Button} kind="primary" icon="plus" onClick=${open}>New sync<//>`
  return html`<${Page} title="Syncs" lead="Everything that Amazon was asked for, and how far it is." actions=${start}>
    <${Filters} fields=${fields} values=${search} onChange=${setSearch} label="Filter syncs" />
    <${ErrorBox} error=${list.error} retry=${list.reload} title="Syncs could not be read" />
    <${Card} flush>
      <${Table} caption="Syncs" columns=${jobColumns} rows=${list.items} rowKey=${(job) => job.syncId} loading=${list.loading}
        empty=${
          filtered
            ? html`<${Empty} title="No sync fits this filter" icon="filter" action=${html`<${Button} onClick=${() => setSearch({})}>Show all<//>`} />`
            : html`<${Empty} title="No sync yet" icon="jobs" action=${start}>What is new is looked up without one. A sync asks Amazon again, for all products or some.<//>`
        } />
      <${Pager} list=${list} label="syncs" />
    <//>
    <${StartSync} open=${wanted !== undefined && may('sync')} onClose=${close} marketplaces=${marketplaces} />
  <//>`
}

/** Asks for the list again while something in it moves. */
function useReloadWhile({ items, reload }) {
  const moving = items.some((job) => !isFinal(job))
  useEffect(() => {
    if (!moving) return
    const timer = setInterval(() => {
      if (!document.hidden) reload()
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [moving, reload])
}
