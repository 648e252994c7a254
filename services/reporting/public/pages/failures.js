import { html, Page, Tabs, useSearch, useSession, useState } from '../kit.js'
import { AuditCard } from './failures-audit.js'
import { DeadLetters } from './failures-letters.js'
import { FailedProducts } from './failures-products.js'

const VIEWS = [
  { key: 'products', label: 'Products' },
  { key: 'letters', label: 'Dead letters' },
]

/** What failed, grouped by its cause: looked at, previewed, tried again in bulk, and recorded. */
export default function FailuresPage() {
  const [search, setSearch] = useSearch()
  const { may } = useSession()
  /** Counts up with each retry: it is recorded by then. */
  const [done, setDone] = useState(0)
  const recorded = () => setDone((count) => count + 1)
  const view = search.view?.[0] === 'letters' ? 'letters' : 'products'
  return html`
    <${Page} title="Failures" lead="What failed, by its cause. Each retry is previewed first and recorded.">
      <${Tabs} label="Failures of" items=${VIEWS} active=${view} onChange=${(key) => setSearch(key === 'products' ? {} : { view: [key] })} />
      ${view === 'products' ? html`<${FailedProducts} search=${search} setSearch=${setSearch} onRetried=${recorded} />` : html`<${DeadLetters} onRedriven=${recorded} />`}
      ${may('admin') && html`<${AuditCard} key=${done} actions=${view === 'products' ? ['failures.retry'] : ['dead-letters.redrive']} />`}
    <//>`
}
