import {
  Button,
  Empty,
  ErrorBox,
  Filters,
  html,
  Loading,
  Num,
  Page,
  Pager,
  toast,
  useAction,
  useEffect,
  useHotkeys,
  useList,
  useMarketplaces,
  usePoll,
  useQuery,
  useRef,
  useSearch,
  useSession,
  useState,
} from '../kit.js'
import { productFields } from './products-filter.js'
import { matchKey, matchPath, undo } from './review-api.js'
import { MatchPanel } from './review-match.js'

const FILTERS = ['marketplace', 'supplier', 'brand', 'category', 'text']

/** The queue of ambiguous matches: one is looked at, the others wait beside it. */
export default function ReviewPage() {
  const [search, setSearch] = useSearch()
  const { may } = useSession()
  const { marketplaces } = useMarketplaces()
  const summary = usePoll('/api/review/summary', undefined, { everyMs: 5_000 })
  const filter = Object.fromEntries(
    FILTERS.filter((name) => search[name]?.length > 0).map((name) => [name, search[name]]),
  )
  const list = useList('/api/review/matches', { ...filter, limit: 50 })
  /** What was decided here, by key: it stays in its place until the list is asked for again. */
  const [decided, setDecided] = useState(/** @type {Record<string, any>} */ ({}))
  const [history, setHistory] = useState([])
  const [round, setRound] = useState(0)

  const wanted = search.match?.[0]
  const queue = withWanted(list.items, wanted)
  const at = Math.max(
    0,
    queue.findIndex((item) => matchKey(item) === wanted),
  )
  const current = queue[at]
  const select = (item) => item && setSearch({ ...search, match: [matchKey(item)] })
  const move = (step) => select(queue[at + step])
  // The next one is asked for while this one is looked at: going on takes no time.
  const next = queue.slice(at + 1).find((item) => !decided[matchKey(item)])
  useQuery(next ? matchPath(next) : null)

  function onDecided(item, match, { words, goOn }) {
    // With one candidate less it may be open still.
    if (match.state !== 'ambiguous' || goOn) setDecided((before) => ({ ...before, [matchKey(item)]: words }))
    setHistory((before) => [{ item, version: match.version }, ...before])
    const when = match.effect === 'with-next-answer' ? ", with Amazon's next answer" : ''
    toast(`${words}: ${match.sku}${when}`)
    summary.reload()
    if (goOn && next) select(next)
  }
  /** Whatever was decided about it before can be taken back as well, by its new version. */
  function onUndone(item, match) {
    const key = matchKey(item)
    setHistory((before) =>
      before
        .toSpliced(
          before.findIndex((one) => matchKey(one.item) === key),
          1,
        )
        .map((one) => (matchKey(one.item) === key ? { ...one, version: match.version } : one)),
    )
    setDecided(({ [key]: _gone, ...others }) => others)
    toast(`Taken back: ${match.sku}`, { kind: 'info' })
    summary.reload()
  }
  const [takeBack, takingBack] = useAction(async () => {
    const [last] = history
    if (!last) return
    onUndone(last.item, await undo({ ...last.item, version: last.version }))
    setRound((n) => n + 1)
    select(last.item)
  })
  useHotkeys(
    [
      { keys: 'j', label: 'Next match', run: () => move(1) },
      { keys: 'k', label: 'Match before', run: () => move(-1) },
      { keys: 'u', label: 'Take the last decision back', run: () => void takeBack() },
    ],
    { group: 'Review' },
  )

  const fields = [
    ...productFields(marketplaces),
    { name: 'text', label: 'Words', kind: 'text', placeholder: 'in SKU or title' },
  ]
  const actions = html`<${Button} icon="undo" disabled=${history.length === 0} busy=${takingBack.busy} onClick=${() => takeBack()}>Undo<//>`
  return html`
    <${Page}
      title="Review"
      lead="Codes that fit several of Amazon's items too well to choose. What you decide is remembered: no later sync changes it."
      badge=${summary.data && html`<span class="review-count"><${Num} value=${summary.data.ambiguous} /> open</span>`}
      actions=${may('products') && actions}
    >
      <${Filters} label="Filter the queue" fields=${fields} values=${search} onChange=${(values) => setSearch({ ...values, match: [] })} />
      ${takingBack.error && html`<${ErrorBox} error=${takingBack.error} title="It could not be taken back" />`}
      ${list.error && html`<${ErrorBox} error=${list.error} retry=${list.reload} title="The queue could not be read" />`}
      ${list.loading && html`<${Loading} label="Loading the queue" rows=${6} />`}
      ${!list.loading && !list.error && queue.length === 0 && html`<${NothingLeft} list=${list} filtered=${Object.keys(filter).length > 0} clear=${() => setSearch({})} />`}
      ${
        current &&
        html`<div class="review">
          <${Queue} queue=${queue} current=${current} decided=${decided} list=${list} select=${select} />
          <${MatchPanel}
            key=${`${matchKey(current)} ${round}`}
            item=${current}
            deciding=${may('products')}
            position=${`${at + 1} of ${queue.length}${list.hasNext ? '+' : ''}`}
            onMove=${move}
            onDecided=${onDecided}
            onUndone=${onUndone}
          />
        </div>`
      }
    <//>`
}

/** The queue, with the match that the address names before it when it is on no page here. */
function withWanted(items, wanted) {
  if (!wanted || items.some((item) => matchKey(item) === wanted)) return items
  const [productId, marketplaceId] = wanted.split('/')
  return productId && marketplaceId
    ? [{ productId, marketplaceId, sku: 'This match', title: null, linked: true }, ...items]
    : items
}

function NothingLeft({ list, filtered, clear }) {
  if (list.hasNext)
    return html`<${Empty} title="None on this page" icon="scale" action=${html`<${Button} onClick=${list.next}>Look further<//>`}>
      What was looked at so far does not fit.
    <//>`
  return filtered
    ? html`<${Empty} title="No match fits" icon="filter" action=${html`<${Button} onClick=${clear}>Show all<//>`}>Filters compare whole names.<//>`
    : html`<${Empty} title="Nothing to decide" icon="check" action=${html`<${Button} href="/ui/products">See products<//>`}>
        Every code that Amazon answered for leads to one item, or to none.
      <//>`
}

function Queue({ queue, current, decided, list: pages, select }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null))
  const selected = matchKey(current)
  useEffect(() => {
    const list = box.current
    const item = list?.querySelector('[aria-current]')
    if (!item) return
    // The queue moves, the page stays where it is.
    const [outer, inner] = [list.getBoundingClientRect(), item.getBoundingClientRect()]
    if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom
    else if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top
  }, [selected])
  return html`
    <nav class="review-queue" aria-label="Matches to decide">
      <ol ref=${box}>
        ${queue.map((item) => {
          const key = matchKey(item)
          const isCurrent = key === selected
          return html`<li key=${key}>
            <button type="button" class="review-item" data-decided=${decided[key] ? 'true' : undefined} aria-current=${isCurrent ? 'true' : undefined} onClick=${() => select(item)}>
              <span class="truncate">${item.title ?? item.sku}</span>
              <span class="soft small truncate">
                ${decided[key] ? html`<span class="review-decided">${decided[key]}</span>` : html`${item.sku} · ${item.countryCode ?? ''}${item.candidates ? ` · ${item.candidates} candidates` : ''}`}
              </span>
            </button>
          </li>`
        })}
      </ol>
      ${
        queue.every((item) => decided[matchKey(item)]) &&
        html`<p class="review-more"><${Button} small icon="retry" onClick=${pages.reload}>What else is open<//></p>`
      }
      ${(pages.hasNext || pages.hasPrevious) && html`<${Pager} list=${pages} label="Matches" />`}
    </nav>`
}
