import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '#libs/db/database.ts'
import { csvHeader, csvLine } from '#simulator/catalogue/csv.ts'
import type { ProductRow } from '#simulator/catalogue/generate-products.ts'
import { createRandom } from '#simulator/catalogue/hash.ts'
import { noticeClosed } from '#tests/faults/trial.ts'
import type { MovingCatalogue } from './moving-catalogue.ts'

export interface LoadOptions {
  /** Base URL of the API. */
  readonly api: string
  /** As a PIM writes: past the API. */
  readonly pim: Database
  readonly catalogue: MovingCatalogue
  readonly seed: number
  /** Products a second whose code changes. */
  readonly changesPerSecond: number
  /** Products a second that a job asks for. */
  readonly asksPerSecond: number
  readonly signal: AbortSignal
}

/** What the stream has asked for so far. */
export interface Load {
  readonly changes: number
  /** By job: how many products it was asked for. */
  readonly jobs: ReadonlyMap<string, number>
  /** Requests that did not get the answer that they must. */
  readonly failures: readonly string[]
  /** Resolves when the signal has ended the stream and nothing of it is under way. */
  readonly ended: Promise<void>
}

const TICK_MS = 1_000
/** Ticks from one job to the next. */
const JOB_EVERY = 5

/** What people look at meanwhile, one a second. */
const reads = [
  '/marketplace/amazon/sync-status',
  '/products?limit=100',
  '/products?syncStatus=not_found&limit=50',
  '/marketplace/amazon/sync-exceptions',
  '/marketplace/amazon/sync-jobs?limit=20',
]

/**
 * A steady stream of what a catalogue goes through: each second some products get other codes, by an import and by SQL in
 * turns; every five seconds a job asks for some again; and somebody reads a list.
 */
export function startLoad(options: LoadOptions): Load {
  const { api, pim, catalogue, changesPerSecond, asksPerSecond, signal } = options
  const random = createRandom(options.seed)
  const jobs = new Map<string, number>()
  const failures: string[] = []
  let changes = 0

  const request = async (path: string, init?: RequestInit): Promise<string> => {
    await noticeClosed()
    const response = await fetch(`${api}${path}`, { ...init, signal: AbortSignal.timeout(60_000) })
    const body = await response.text()
    if (!response.ok) throw new Error(`${response.status} ${body.slice(0, 300)}`)
    return body
  }
  const some = (count: number): readonly number[] => {
    const chosen = new Set<number>()
    while (chosen.size < count) chosen.add(Math.floor(random() * catalogue.size))
    return [...chosen]
  }
  const change = async (tick: number): Promise<void> => {
    const products = some(atTick(changesPerSecond, tick))
    if (products.length === 0) return
    const rows = products.map((product) => catalogue.next(product))
    if (tick % 2 === 0) await importRows(rows)
    else await writeRows(pim, rows)
    for (const product of products) catalogue.move(product)
    changes += products.length
  }
  const importRows = (rows: readonly ProductRow[]) =>
    request('/products', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: csvHeader(false) + rows.map((row) => csvLine(row, false)).join(''),
    })
  const ask = async (): Promise<void> => {
    const skus = some(Math.max(1, Math.round(asksPerSecond * JOB_EVERY))).map((product) =>
      catalogue.sku(product),
    )
    const job = await request('/marketplace/amazon/sync', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ filter: { sku: skus } }),
    })
    jobs.set((JSON.parse(job) as { id: string }).id, skus.length)
  }
  const noting = async (what: string, work: Promise<unknown>): Promise<void> => {
    await work.catch((error: Error) => {
      const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
      failures.push(`${what}: ${error.message}${cause}`)
    })
  }
  const stream = async (): Promise<void> => {
    const started = performance.now()
    for (let tick = 0; !signal.aborted; tick++) {
      await noting('a change', change(tick))
      if (tick % JOB_EVERY === 0) await noting('a job', ask())
      const path = reads[tick % reads.length] as string
      await noting(`GET ${path}`, request(path))
      const wait = Math.max(0, started + (tick + 1) * TICK_MS - performance.now())
      await sleep(wait, undefined, { signal }).catch(() => {})
    }
  }
  return {
    get changes() {
      return changes
    },
    jobs,
    failures,
    ended: stream(),
  }
}

/** Whole products in this tick, so that they are `rate` a second on the whole. */
export function atTick(rate: number, tick: number): number {
  return Math.round(rate * (tick + 1)) - Math.round(rate * tick)
}

async function writeRows(pim: Database, rows: readonly ProductRow[]): Promise<void> {
  await pim.query(
    `update products p set upc = r.upc, title = r.title, brand = r.brand, supplier = r.supplier,
            category = r.category, pack_quantity = r.pack, updated_at = now()
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[])
         r (sku, upc, title, brand, supplier, category, pack)
      where p.sku = r.sku`,
    [
      rows.map((row) => row.sku),
      rows.map((row) => row.upc),
      rows.map((row) => row.title),
      rows.map((row) => row.brand),
      rows.map((row) => row.supplier),
      rows.map((row) => row.category),
      rows.map((row) => row.packQuantity),
    ],
  )
}
