import { askForKey, listenForKey } from './session.js'

/** Every state in the order of the bar: its words and what it means. */
const STATES = [
  ['success', 'Synced', 'an ASIN was chosen'],
  ['not_found', 'Not found', 'Amazon has nothing under this code'],
  ['ambiguous', 'Ambiguous', 'several ASINs, too close to call'],
  ['restricted', 'Restricted', 'a code for use inside shops'],
  ['invalid', 'Invalid', 'not a product code'],
  ['error', 'Error', 'every attempt failed'],
  ['queued', 'Queued', 'on its way to Amazon'],
  ['pending', 'Pending', 'waiting for its turn'],
]
const words = Object.fromEntries(STATES.map(([state, word]) => [state, word]))
/** States of syncs: words, and the colour of which product state. */
const JOB_STATES = {
  queued: ['pending', 'Waiting'],
  running: ['queued', 'Running'],
  paused: ['pending', 'Paused'],
  cancelling: ['pending', 'Cancelling'],
  cancelled: ['restricted', 'Cancelled'],
  complete: ['success', 'Complete'],
  failed: ['error', 'Failed'],
}
const EVERY_MS = 1_000
const LONGEST_WAIT_MS = 15_000
const TIMEOUT_MS = 10_000

const $ = (selector) => document.querySelector(selector)
const number = new Intl.NumberFormat('en')
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

/** An element with attributes and children; text is never read as HTML. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

/** Renders only what changed, so that a selection or the focus survives a second. */
const shown = new Map()
function render(selector, key, children) {
  const text = JSON.stringify(key)
  if (shown.get(selector) === text) return
  shown.set(selector, text)
  const target = $(selector)
  const focused = [...target.querySelectorAll('a')].indexOf(document.activeElement)
  target.replaceChildren(...children())
  if (focused >= 0) target.querySelectorAll('a')[focused]?.focus()
}

function duration(seconds) {
  if (seconds === null) return 'unknown'
  if (seconds <= 0) return 'none'
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ${Math.round((seconds % 3_600) / 60)} min`
  return `${Math.round(seconds / 86_400)} days`
}

function ago(time) {
  if (!time) return '–'
  const seconds = Math.max(0, (Date.now() - Date.parse(time)) / 1_000)
  if (seconds < 60) return 'just now'
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`
  return `${Math.floor(seconds / 86_400)} days ago`
}

const milliseconds = (ms) =>
  ms === null ? 'no answers yet' : ms < 10_000 ? `${number.format(ms)} ms` : duration(ms / 1_000)
const rate = (status) =>
  status.ratePerSecond === 0 ? '0 a second' : `${oneDigit.format(status.ratePerSecond)} a second`

function percentOf(status) {
  if (status.total === 0) return 0
  // 100 is for when nothing is left.
  return Math.floor(((status.total - status.pending - status.queued) / status.total) * 100)
}

const dot = (state) => make('span', { class: 'dot', 'data-state': state, 'aria-hidden': 'true' })

function showStatus(status) {
  const percent = percentOf(status)
  const done = status.total - status.pending - status.queued
  const several = status.marketplaces.length > 1
  $('#percent').textContent = status.total === 0 ? '–' : `${percent}%`
  $('#summary').textContent =
    status.total === 0
      ? 'nothing to sync yet'
      : `${number.format(done)} of ${number.format(status.total)} looked up${several ? ` (${number.format(status.products)} products in ${status.marketplaces.length} marketplaces)` : ''}`
  $('#empty').hidden = status.total > 0
  document.title = status.pending + status.queued > 0 ? `${percent}% · asinstream` : 'asinstream'
  const bar = $('#bar')
  bar.setAttribute('aria-valuenow', percent)
  bar.setAttribute('aria-valuetext', `${percent} %, ${number.format(status.pending + status.queued)} waiting`)
  for (const [state, word] of STATES) {
    const n = status.states[state]
    const part =
      bar.querySelector(`[data-state=${state}]`) ?? bar.appendChild(make('span', { 'data-state': state }))
    part.hidden = n === 0
    part.style.flex = `${n} 0 0`
    part.title = `${word}: ${number.format(n)}`
  }
  const figures = [
    ['Rate', rate(status)],
    ['Time left', duration(status.secondsLeft)],
    ['Amazon answers in', milliseconds(status.averageResponseTimeMs)],
    ['Errors', number.format(status.errors)],
  ]
  render('#figures', figures, () =>
    figures.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))),
  )
  render('#states', status.states, () =>
    STATES.map(([state, word, meaning]) =>
      make(
        'li',
        {},
        dot(state),
        make('span', {}, stateName(state, word, status.states[state]), make('small', {}, meaning)),
        make('span', { class: 'n' }, number.format(status.states[state])),
      ),
    ),
  )
  $('#marketplaces').hidden = !several
  if (several) {
    render('#marketplaces tbody', status.marketplaces, () =>
      status.marketplaces.map((one) =>
        row(
          one.countryCode,
          meter(percentOf(one)),
          [number.format(one.pending + one.queued)],
          [number.format(one.errors)],
          [oneDigit.format(one.ratePerSecond)],
          [duration(one.secondsLeft)],
        ),
      ),
    )
  }
  speak(
    status.total === 0
      ? 'No products yet'
      : done === status.total
        ? 'Everything is looked up'
        : `${percent} percent, time left ${duration(status.secondsLeft)}`,
  )
}

const LEVELS = { price: 'Featured offer', offers: 'Offers by channel' }

/** How far matches are priced; hidden when none are to be. */
function showPrices({ levels }) {
  $('#prices').hidden = levels.length === 0
  render('#prices tbody', levels, () =>
    levels.map(({ level, operation, total, states, ratePerSecond, secondsLeft, secondsToCover }) => {
      const open = states.pending + states.stale + states.queued
      return row(
        labelled(LEVELS[level], operation),
        meter(total === 0 ? 0 : Math.floor(((total - open) / total) * 100)),
        [number.format(states.pending)],
        [number.format(states.stale)],
        [number.format(states.no_price + states.not_found)],
        [oneDigit.format(ratePerSecond)],
        [duration(secondsLeft)],
        [duration(secondsToCover)],
      )
    }),
  )
}

function stateName(state, word, n) {
  return n === 0 ? word : make('a', { href: `/products?syncStatus=${state}` }, word)
}

/** Tells screen readers now and then, not every second. */
let spokenAt = 0
function speak(text) {
  const region = $('#spoken')
  if (region.textContent === text || Date.now() - spokenAt < 15_000) return
  spokenAt = Date.now()
  region.textContent = text
}

/** A table row; a cell in brackets is a number. */
function row(...cells) {
  return make(
    'tr',
    {},
    ...cells.map((cell) =>
      Array.isArray(cell) ? make('td', { class: 'n' }, ...cell) : make('td', {}, cell),
    ),
  )
}

function meter(percent) {
  return make(
    'span',
    { class: 'meter' },
    make('progress', { max: 100, value: percent, 'aria-label': `${percent} %` }),
    `${percent} %`,
  )
}

function labelled(text, more) {
  return make('span', {}, text, ...(more ? [make('small', { title: more }, more)] : []))
}

const stateCell = (state, word) => make('span', { class: 'state' }, dot(state), word)

function filterText(filter) {
  const parts = Object.entries(filter).map(([name, value]) =>
    name === 'notSyncedSince'
      ? `not synced since ${new Date(value).toLocaleString()}`
      : `${name} ${[value].flat().slice(0, 3).join(', ')}${value.length > 3 && Array.isArray(value) ? ` and ${value.length - 3} more` : ''}`,
  )
  return parts.join('; ') || 'all products'
}

function showTable(section, items, none, toRow) {
  $(`${section} .none`).hidden = items.length > 0
  $(`${section} .none`).textContent = none
  $(`${section} .scroll`).hidden = items.length === 0
  render(`${section} tbody`, [items, Math.floor(Date.now() / 60_000)], () => items.map(toRow))
}

function showJobs({ items }) {
  showTable('#jobs', items, 'None yet. Products that are new are looked up without one.', (job) =>
    row(
      make('a', { href: `/marketplace/amazon/sync-jobs/${job.id}` }, job.id.slice(0, 8)),
      labelled(`${number.format(job.total)}${job.expanded ? '' : ' so far'}`, filterText(job.filter)),
      stateCell(...JOB_STATES[job.state]),
      meter(job.progress),
      labelled(ago(job.createdAt), `by ${job.requestedBy}`),
    ),
  )
}

function showExceptions({ items }) {
  showTable('#exceptions', items, 'None: no product needs a person.', (one) =>
    row(
      labelled(make('a', { href: `/products/${one.productId}` }, one.sku), one.title),
      make('code', {}, one.upc ?? 'none'),
      stateCell(one.state, words[one.state]),
      one.lastReason ?? one.lastResult ?? 'unknown',
      make('span', { class: 'state' }, labelled(ago(one.occurredAt), one.countryCode)),
    ),
  )
}

function showCommands() {
  const { origin } = window.location
  const commands = [
    ['Import products', `curl -H 'content-type: text/csv' --data-binary @products.csv ${origin}/products`],
    ['Sync everything again', `curl -X POST ${origin}/marketplace/amazon/sync`],
    ['See how far it is', `curl ${origin}/marketplace/amazon/sync-status`],
  ]
  $('#commands').replaceChildren(
    ...commands.map(([name, line]) => {
      const button = make('button', { type: 'button', 'aria-label': `Copy: ${name}` }, 'Copy')
      button.addEventListener('click', async () => {
        button.textContent = await navigator.clipboard.writeText(line).then(
          () => 'Copied',
          () => 'Select it',
        )
        setTimeout(() => (button.textContent = 'Copy'), 2_000)
      })
      return make(
        'div',
        {},
        make('dt', {}, name),
        make('dd', {}, make('pre', { tabindex: '0' }, line), button),
      )
    }),
  )
}

async function load(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  const body = await answer.json()
  if (!answer.ok) {
    const error = new Error(body.detail ?? `the server answered ${answer.status}`)
    error.status = answer.status
    throw error
  }
  return body
}

let round = 0
let failures = 0
let timer

async function refresh() {
  clearTimeout(timer)
  try {
    // Jobs and exceptions cost more and change less.
    const [status, jobs, exceptions] = await Promise.all([
      load('/marketplace/amazon/sync-status'),
      round % 2 === 0 ? load('/marketplace/amazon/sync-jobs?limit=5') : undefined,
      round % 5 === 0 ? load('/marketplace/amazon/sync-exceptions?limit=10') : undefined,
    ])
    round += 1
    failures = 0
    askForKey(false)
    showStatus(status)
    showPrices(status.prices)
    if (jobs) showJobs(jobs)
    if (exceptions) showExceptions(exceptions)
    connection('live', 'live')
  } catch (error) {
    failures += 1
    round = 0
    askForKey(error.status === 401)
    connection(
      'lost',
      'not connected',
      `The server can not be asked (${error.message}). The page goes on trying; what it shows may be old.`,
    )
  }
  const wait = failures === 0 ? EVERY_MS : Math.min(LONGEST_WAIT_MS, EVERY_MS * 2 ** failures)
  clearTimeout(timer)
  timer = setTimeout(refresh, document.hidden ? LONGEST_WAIT_MS : wait)
}

function connection(state, word, problem = '') {
  $('#connection').dataset.state = state
  $('#connection').textContent = word
  $('#problem').hidden = problem === ''
  if ($('#problem').textContent !== problem) $('#problem').textContent = problem
  document.body.classList.toggle('stale', state === 'lost')
  if (state === 'lost' && shown.size === 0) $('#summary').textContent = 'No figures yet'
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refresh()
})
showCommands()
listenForKey(refresh)
void refresh()
