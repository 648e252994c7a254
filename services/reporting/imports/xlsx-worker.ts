/**
 * Takes a workbook apart in a thread of its own: a file that unpacks to far more than it is ends this thread, whose
 * memory is limited, and not the service. Sends rows in batches, the next one when it is asked for.
 */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { streamXlsxRows } from 'hucre/xlsx'

/** A cell as JSON can have it; a date says that it was one. */
export type Cell = string | number | boolean | null | { readonly date: string }

export type FromWorker =
  | { readonly rows: readonly { readonly line: number; readonly cells: readonly Cell[] }[] }
  | { readonly end: true }
  | { readonly problem: string }

const BATCH = 1_000
const port = parentPort
if (port === null) throw new Error('this is a worker')

try {
  let rows: { line: number; cells: Cell[] }[] = []
  const send = async (): Promise<void> => {
    const taken = once(port, 'message')
    port.postMessage({ rows } satisfies FromWorker)
    rows = []
    await taken
  }
  for await (const { index, values } of streamXlsxRows(workerData as Uint8Array)) {
    rows.push({ line: index + 1, cells: values.map(toCell) })
    if (rows.length === BATCH) await send()
  }
  if (rows.length > 0) await send()
  port.postMessage({ end: true } satisfies FromWorker)
} catch (error) {
  port.postMessage({ problem: error instanceof Error ? error.message : String(error) } satisfies FromWorker)
}

function toCell(value: unknown): Cell {
  if (value instanceof Date) return { date: Number.isNaN(value.getTime()) ? '' : value.toISOString() }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return null
}
