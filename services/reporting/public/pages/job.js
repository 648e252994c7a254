import {
  api,
  Button,
  Card,
  Chart,
  confirm,
  Dialog,
  Empty,
  ErrorBox,
  Facts,
  Field,
  formatDuration,
  formatNumber,
  formatPercent,
  html,
  Loading,
  Notice,
  Num,
  navigate,
  Page,
  partsOf,
  StatePill,
  Table,
  Time,
  toast,
  url,
  useAction,
  useEvents,
  useHotkeys,
  useMarketplaces,
  useMemo,
  usePoll,
  useQuery,
  useReducer,
  useRef,
  useSession,
  useState,
} from '../kit.js'
import { filterText, isFinal, JobOutcomes } from './job-parts.js'
import { Forecast } from './start-sync.js'

const STREAM = ['progress', 'queued', 'running', 'paused', 'cancelling', 'complete', 'failed', 'cancelled']
const MOST_EVENTS = 2_000
const TOGETHER_MS = 100

/** One sync, as it goes on. */
export default function JobPage({ params }) {
  const statusPath = `/api/sync/status/${params.id}`
  const first = useQuery(statusPath)
  const [events, add] = useReducer(collect, [])
  const waiting = useRef(/** @type {any[]} */ ([]))
  const [streaming, setStreaming] = useState(false)
  const ended = first.data && isFinal(first.data)
  const handlers = useMemo(
    () =>
      Object.fromEntries(
        STREAM.map((name) => [
          name,
          (data, id) => {
            // Hundreds come at once at first: they are shown together.
            if (waiting.current.push({ ...data, event: name, id: Number(id) }) > 1) return
            setTimeout(() => {
              const news = waiting.current.splice(0)
              add(news)
              // What stands in no event: when it began and ended.
              if (news.some(({ event }) => event !== 'progress')) first.reload()
            }, TOGETHER_MS)
          },
        ]),
      ),
    [first.reload],
  )
  useEvents(first.data ? `/api/sse/sync-progress/${params.id}` : null, handlers, { onState: setStreaming })
  // Where events can not come (too many watch, a proxy holds them back), it is asked for.
  const polled = usePoll(first.data && !ended && !streaming ? statusPath : null, {}, { everyMs: 2_000 })
  const job = newestOf(first.data, polled.data, events.at(-1))

  if (!job)
    return html`<${Page} title="Sync" back=${BACK}>
      ${first.error ? html`<${ErrorBox} error=${first.error} retry=${first.reload} title="The sync could not be read" />` : html`<${Card}><${Loading} label="Loading the sync" rows=${8} /><//>`}
    <//>`
  return html`<${Page} title=${`Sync ${params.id.slice(0, 8)}`} back=${BACK} lead=${filterText(job.filter)}
      badge=${html`<${StatePill} state=${job.status} of="job" />`} actions=${html`<${Actions} job=${job} reload=${first.reload} />`}>
    ${job.error && html`<${Notice} kind="bad" title="It failed"><p>${job.error}</p><//>`}
    <${Card}>
      <div class="stack">
        <div class="job-head">
          <p class="job-percent num">${formatPercent(job.progress)}</p>
          <p class="job-message">${sentence(job.message)}</p>
        </div>
        <${JobOutcomes} job=${job} />
        <${Counters} job=${job} />
      </div>
    <//>
    <div class="job-columns">
      <${Card} title="Progress">
        <${Course} events=${events} />
      <//>
      <${Card} title="About it">
        <${About} job=${job} />
      <//>
    </div>
    <${Log} events=${events} />
    <p class="visually-hidden" aria-live="polite">${isFinal(job) ? sentence(job.message) : ''}</p>
  <//>`
}

const BACK = { href: '/ui/jobs', label: 'Syncs' }

/** Events in the order of their ids; a stream that comes again begins where it ended. */
function collect(events, news) {
  const last = events.at(-1)?.id ?? 0
  return [...events, ...news.filter(({ id }) => id > last)].slice(-MOST_EVENTS)
}

/** The newest that is known: what has ended stays so. */
function newestOf(first, polled, event) {
  const read =
    polled && (!first || polled.lastEvent >= first.lastEvent) && !(first && isFinal(first)) ? polled : first
  if (!read || isFinal(read) || !event || event.id < read.lastEvent) return read
  const { event: _name, id, at: _at, ...rest } = event
  return { ...read, ...rest, lastEvent: id }
}

const sentence = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1)}` : '')

function Actions({ job, reload }) {
  const { may } = useSession()
  const [retrying, setRetrying] = useState(false)
  const act = (action) => async () => {
    await api.post(`/api/sync/${action}/${job.syncId}`)
    reload()
  }
  const [pause, pausing] = useAction(act('pause'))
  const [resume, resuming] = useAction(act('resume'))
  const [cancel, cancelling] = useAction(async () => {
    const yes = await confirm({
      title: 'Cancel this sync?',
      text: 'What it has not asked Amazon for gets back the state that it had. What is done stays.',
      action: 'Cancel the sync',
      danger: true,
    })
    if (yes) await act('cancel')()
  })
  const open = !isFinal(job)
  const can = {
    pause: may('sync') && ['queued', 'running'].includes(job.status),
    resume: may('sync') && job.status === 'paused',
    cancel: may('sync') && open && job.status !== 'cancelling',
    retry: may('sync') && !open && failuresOf(job) > 0,
  }
  useHotkeys(
    [
      ...(can.pause ? [{ keys: 'p', label: 'Pause', run: () => pause() }] : []),
      ...(can.resume ? [{ keys: 'p', label: 'Resume', run: () => resume() }] : []),
      ...(can.cancel ? [{ keys: 'c', label: 'Cancel', run: () => cancel() }] : []),
      ...(can.retry ? [{ keys: 'r', label: 'Retry what failed', run: () => setRetrying(true) }] : []),
    ],
    { group: 'This sync' },
  )
  const error = pausing.error ?? resuming.error ?? cancelling.error
  return html`
    ${can.pause && html`<${Button} icon="pause" onClick=${() => pause()} busy=${pausing.busy}>Pause<//>`}
    ${can.resume && html`<${Button} kind="primary" icon="play" onClick=${() => resume()} busy=${resuming.busy}>Resume<//>`}
    ${can.cancel && html`<${Button} kind="danger" icon="stop" onClick=${() => cancel()} busy=${cancelling.busy}>Cancel<//>`}
    ${can.retry && html`<${Button} kind="primary" icon="retry" onClick=${() => setRetrying(true)}>Retry what failed<//>`}
    <${Button} icon="download" href=${url('/products/export', { job: job.syncId, format: 'xlsx' })} download>Export<//>
    ${error && html`<${ErrorBox} error=${error} />`}
    ${retrying && html`<${Retry} job=${job} onClose=${() => setRetrying(false)} />`}`
}

const RETRIABLE = ['error', 'not_found', 'ambiguous', 'invalid', 'restricted']
const failuresOf = ({ outcomes }) => RETRIABLE.reduce((sum, outcome) => sum + (outcomes[outcome] ?? 0), 0)

/** Asks again for what came to chosen outcomes. */
function Retry({ job, onClose }) {
  const there = partsOf(job.outcomes).filter(({ key, value }) => RETRIABLE.includes(key) && value > 0)
  const [outcomes, setOutcomes] = useState(() => (job.outcomes.error > 0 ? ['error'] : [there[0]?.key]))
  const [forecast, setForecast] = useState(/** @type {any} */ (null))
  const path = `/api/sync/retry/${job.syncId}`
  const [preview, previewing] = useAction(async () =>
    setForecast(await api.post(path, { outcomes, dryRun: true })),
  )
  const [start, starting] = useAction(async () => {
    const started = await api.post(path, { outcomes })
    toast('What failed is asked for again')
    navigate(`/ui/jobs/${started.syncId}`)
  })
  const toggle = (key) => () => {
    setForecast(null)
    setOutcomes(outcomes.includes(key) ? outcomes.filter((one) => one !== key) : [...outcomes, key])
  }
  const none = outcomes.length === 0
  return html`<${Dialog} open onClose=${onClose} title="Retry what failed"
      actions=${html`<${Button} icon="search" disabled=${none} busy=${previewing.busy} onClick=${() => preview()}>What would it take?<//>
        <${Button} kind="primary" icon="retry" disabled=${none} busy=${starting.busy} onClick=${() => start()}>Retry<//>`}>
    <p class="soft">A new sync of the products that this one came to these outcomes with, and that still stand so.</p>
    <div class="stack-small">
      ${there.map(({ key, label, value }) => html`<${Field} key=${key} kind="checkbox" name=${key} label=${html`${label} <span class="soft num">${formatNumber(value)}</span>`} value=${outcomes.includes(key)} onInput=${toggle(key)} />`)}
    </div>
    <div aria-live="polite">${forecast && html`<${Forecast} forecast=${forecast} />`}</div>
    <${ErrorBox} error=${starting.error ?? previewing.error} />
  <//>`
}

function Counters({ job }) {
  const parts = partsOf(job.outcomes, 'outcome').filter(({ value }) => value > 0)
  return html`<dl class="counters">
    <div><dt title="Products × marketplaces">In all</dt><dd class="num">${formatNumber(job.total)}${job.expanded ? '' : ' so far'}</dd></div>
    <div><dt>Have their outcome</dt><dd class="num">${formatNumber(job.done)}</dd></div>
    ${parts.map(({ key, label, tone, value }) => html`<div key=${key}><dt><span class="dot" data-tone=${tone}></span> ${label}</dt><dd class="num">${formatNumber(value)}</dd></div>`)}
    ${!isFinal(job) && html`<div><dt>Rate</dt><dd><${Num} value=${job.ratePerSecond} digits=${1} unit=" /s" /></dd></div>`}
    ${!isFinal(job) && html`<div><dt>Time left</dt><dd class="num">${formatDuration(job.secondsLeft)}</dd></div>`}
  </dl>`
}

function About({ job }) {
  const { countryOf } = useMarketplaces()
  return html`<${Facts} items=${[
    { label: 'Asked for', value: html`<${Time} value=${job.createdAt} absolute /> by ${job.requestedBy}` },
    { label: 'Began', value: job.startedAt && html`<${Time} value=${job.startedAt} absolute />` },
    { label: 'Ended', value: job.completedAt && html`<${Time} value=${job.completedAt} absolute />` },
    { label: 'Took', value: job.duration === null ? null : formatDuration(job.duration) },
    { label: 'Marketplaces', value: job.marketplaces.map(countryOf).join(', ') },
    ...(job.freshSince
      ? [{ label: 'Counts as fresh since', value: html`<${Time} value=${job.freshSince} absolute />` }]
      : []),
    ...(job.retryOf
      ? [
          {
            label: 'Retries',
            value: html`<a href=${`/ui/jobs/${job.retryOf}`}>Sync ${job.retryOf.slice(0, 8)}</a>`,
          },
        ]
      : []),
    { label: 'Id', value: html`<code>${job.syncId}</code>` },
  ]} />`
}

/** Outcomes over time. */
function Course({ events }) {
  const points = useMemo(() => events.filter((one, i) => i === 0 || one.at !== events[i - 1].at), [events])
  const times = useMemo(() => points.map(({ at }) => Date.parse(at) / 1_000), [points])
  const done = useMemo(() => points.map((one) => one.done), [points])
  return html`<${Chart} label="Products with an outcome over time" times=${times} zero height=${270} legend=${false}
    series=${[{ label: 'Have their outcome', values: done, fill: true }]} format=${(value) => formatNumber(value)}
    empty="It has not moved yet." />`
}

/** What happened, the newest first; progress between two states in one line. */
function Log({ events }) {
  const rows = useMemo(() => {
    const newestFirst = events.toReversed()
    return newestFirst.filter(
      (one, i) => one.event !== 'progress' || newestFirst[i - 1]?.event !== 'progress',
    )
  }, [events])
  const columns = [
    { key: 'at', label: 'When', render: (one) => html`<${Time} value=${one.at} absolute />` },
    {
      key: 'event',
      label: 'Event',
      render: (one) =>
        one.event === 'progress'
          ? html`<span class="soft">Progress</span>`
          : html`<${StatePill} state=${one.event} of="job" />`,
    },
    {
      key: 'message',
      label: 'What',
      wide: true,
      render: (one) => html`<span class="break">${sentence(one.error ?? one.message)}</span>`,
    },
    {
      key: 'progress',
      label: 'Progress',
      align: 'end',
      render: (one) => html`<${Num} value=${one.progress} unit=" %" />`,
    },
  ]
  return html`<${Card} title="What happened" flush>
    <${Table} caption="Events" columns=${columns} rows=${rows} rowKey=${(one) => String(one.id)}
      empty=${html`<${Empty} title="Nothing yet" icon="jobs" />`} />
  <//>`
}
