import { api, createStore } from '../kit.js'

/**
 * Imports of this visit. They live outside the page, so that leaving it does not end them: a file goes on while its
 * sender looks at something else.
 *
 * @typedef {{ id: number, file: File, format: string, type: string, state: 'waiting' | 'sending' | 'storing' | 'done' | 'failed' | 'cancelled',
 *   sent: number, total: number, report: object | null, error: Error | null }} Import
 */

/** The media types that POST /products takes, by the ending of a file's name. */
const TYPES = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
  json: 'application/json',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}
export const endings = Object.keys(TYPES).map((ending) => `.${ending}`)

/** The newest first. */
export const imports = createStore(/** @type {readonly Import[]} */ ([]))
let lastId = 0
let running = false
/** @type {Map<number, AbortController>} */
const aborts = new Map()

/** Files are sent one after the other, in the order in which they came. */
export function addFiles(files) {
  for (const file of files) {
    const ending = file.name.toLowerCase().split('.').pop()
    const type = TYPES[ending]
    const format = ending === 'jsonl' ? 'ndjson' : ending
    const unknown = new Error(`${file.name} is none of ${endings.join(', ')}: save it as one of these.`)
    lastId += 1
    /** @type {Import} */
    const added = {
      id: lastId,
      file,
      format,
      type,
      state: type ? 'waiting' : 'failed',
      sent: 0,
      total: file.size,
      report: null,
      error: type ? null : unknown,
    }
    imports.set([added, ...imports.get()])
  }
  void sendAll()
}

export function cancelImport(id) {
  const one = imports.get().find((item) => item.id === id)
  if (one?.state === 'waiting') change(id, { state: 'cancelled' })
  else aborts.get(id)?.abort()
}

/** Takes an import that has ended off the list. */
export function forgetImport(id) {
  imports.set(imports.get().filter((item) => item.id !== id))
}

async function sendAll() {
  if (running) return
  running = true
  window.addEventListener('beforeunload', holdPage)
  for (let next = nextWaiting(); next; next = nextWaiting()) await send(next)
  window.removeEventListener('beforeunload', holdPage)
  running = false
}

const nextWaiting = () => imports.get().findLast(({ state }) => state === 'waiting')

async function send({ id, file, type }) {
  const abort = new AbortController()
  aborts.set(id, abort)
  change(id, { state: 'sending' })
  try {
    const onProgress = ({ sent, total }) =>
      change(id, { sent, total, state: sent >= total ? 'storing' : 'sending' })
    const report = await api.upload('/products', file, { type, onProgress, signal: abort.signal })
    change(id, { state: 'done', report, sent: file.size })
  } catch (error) {
    const state = abort.signal.aborted ? 'cancelled' : 'failed'
    change(id, { state, error: state === 'failed' ? error : null, report: reportOf(error) })
  } finally {
    aborts.delete(id)
  }
}

/** A refused import says what became of its lines all the same, when it came as far as a line. */
function reportOf(error) {
  const problem = error?.problem ?? {}
  const report = problem.imported ?? problem
  return report.received > 0 ? report : null
}

function change(id, fields) {
  imports.set(imports.get().map((item) => (item.id === id ? { ...item, ...fields } : item)))
}

/** The browser asks before it lets a page go that still sends. */
function holdPage(event) {
  event.preventDefault()
}
