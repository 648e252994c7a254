import { cpus } from 'node:os'
import { join } from 'node:path'
import { type Figures, type Finished, runCatalogue } from './support/catalogue-run.ts'
import { benchCommand } from './support/command.ts'
import { defineSection, type Row } from './support/section.ts'
import type { Usage } from './support/usage-watch.ts'

const SAMPLE = {
  seed: 7,
  asinsPerUpc: 1.1,
  notFound: 0.05,
  duplicates: 0.05,
  damaged: 0.03,
  restricted: 0.01,
}
/** What `GET /marketplace/amazon/sync-status` may take with a million products, in milliseconds. */
const STATUS_LIMIT_MS = 50
const STATUS_CALLS = 100
const LIST_CALLS = 10
const KEY = ['mode', 'products', 'run']

export const growth = defineSection({
  name: 'growth',
  title: 'Growth from ten thousand to a million products',
  about:
    'The same catalogue in several sizes, each on fresh servers that have synced others before (`--warm-up`: what a process ' +
    'pays once is paid), imported and then synced as in the pipeline above, checked product by product. A size that is named ' +
    'several times has several runs: how far those differ is what the machine does by itself. A fixed piece of work runs ' +
    'beside it all the while: what it costs differs with the pace of the machine, by which the two columns `at one pace` are ' +
    'brought to that of the first run. CPU is that of everything that runs, servers and simulator included. The API is asked ' +
    'over HTTP when all is done, each list by itself; what a start takes is the slowest service, with all products there.',
  options: {
    sizes: {
      full: '10000,100000,1000000,100000,10000',
      quick: '1000,3000',
      help: 'products of each catalogue, in this order',
    },
    mode: { full: 'cluster', quick: 'embedded', help: 'cluster or embedded' },
    fetchers: { full: 3, quick: 1, help: 'processes that fetch, in cluster mode' },
    persisters: { full: 2, quick: 1, help: 'processes that persist, in cluster mode' },
    'warm-up': { full: 100_000, quick: 0, help: 'products that are synced first and not measured' },
    rate: { full: 2_000, quick: 2_000, help: 'calls a second that the simulator grants' },
  },
  async run({ options, folder, say }) {
    const { mode, sizes } = options
    if (mode !== 'cluster' && mode !== 'embedded')
      throw new Error(`--mode takes cluster or embedded, not ${mode}`)
    const work: Row[] = []
    let firstUnit: number | undefined
    const memory: Row[] = []
    const questions: Row[] = []
    const findings: string[] = []
    const runs = new Map<number, number>()
    for (const products of sizes.split(',').map(Number)) {
      const run = (runs.get(products) ?? 0) + 1
      runs.set(products, run)
      const about = { mode, products, run }
      await runCatalogue(
        {
          ...options,
          // One process imports and syncs at once: there is no warm-up apart from that.
          warmUp: mode === 'cluster' ? options['warm-up'] : 0,
          mode,
          catalogue: { ...SAMPLE, count: products },
          folder: join(folder, `${mode}-${products}-${run}`),
          say: (line) => say(`${products}: ${line}`),
        },
        async (finished) => {
          const { figures } = finished
          const status = await times(`${finished.api}/marketplace/amazon/sync-status`, STATUS_CALLS)
          firstUnit ??= figures.pace.unitMicroseconds
          work.push({ ...about, ...workRow(products, figures, firstUnit) })
          memory.push({ ...about, ...memoryRow(figures.syncUsage) })
          questions.push({
            ...about,
            'sync-status, p50 ms': quantile(status, 0.5),
            'p99 ms': quantile(status, 0.99),
            'while it syncs, p50 ms': quantile(figures.statusMs, 0.5),
            'then p99 ms': quantile(figures.statusMs, 0.99),
            ...(await slowestLists(finished)),
            'start, s': round(figures.startSeconds),
          })
          findings.push(...figures.findings)
          const p50 = quantile(status, 0.5)
          if (p50 > STATUS_LIMIT_MS) findings.push(`sync-status takes ${p50} ms with ${products} products`)
        },
      )
    }
    return {
      tables: [
        { title: 'Time and CPU', rows: work, key: KEY },
        {
          title:
            'Memory while it syncs, MB of one process: at most (mean of the second → of the last quarter)',
          rows: memory,
          key: KEY,
        },
        { title: 'The API', rows: questions, key: KEY },
      ],
      notes: [],
      findings,
    }
  },
})

/** @param unit microseconds that the fixed piece of work took in the first run: the others are told at its pace */
function workRow(products: number, figures: Figures, unit: number): Row {
  const { importSeconds, syncSeconds, importUsage, syncUsage, pace, truth, throttled } = figures
  const busy = cpuOf(syncUsage)
  const slower = pace.unitMicroseconds / unit
  return {
    'import, rows/s': Math.round(products / importSeconds),
    'import, CPU µs per product': perProduct(cpuOf(importUsage), products),
    'sync, products/s': Math.round(products / syncSeconds),
    'sync, CPU µs per product': perProduct(busy, products),
    'fixed work beside it, CPU µs': pace.unitMicroseconds,
    'at one pace: products/s': Math.round((products / syncSeconds) * slower),
    'CPU µs per product': busy === null ? null : perProduct(busy / slower, products),
    'processors busy, %': busy === null ? null : Math.round((100 * busy) / (syncSeconds * cpus().length)),
    '429s': throttled,
    wrong: truth.wrongProducts,
    lost: truth.lost,
    'effects lost': truth.missingEffects,
    'effects twice': truth.duplicateEffects,
  }
}

/** A row of all processes: what the largest of a name had at most, and how it went on. */
function memoryRow(usage: readonly Usage[]): Row {
  const cell = ({ peakMegabytes, secondQuarterMegabytes, lastQuarterMegabytes }: Usage) =>
    `${peakMegabytes ?? '–'} (${secondQuarterMegabytes ?? '–'} → ${lastQuarterMegabytes ?? '–'})`
  return Object.fromEntries(usage.map((of) => [of.name, cell(of)]))
}

/** Asks for every list and detail of the API, with the words of a product that is there. */
async function slowestLists({ api, db }: Finished): Promise<Row> {
  const [one] = await db.query<{
    id: string
    sku: string
    upc: string
    supplier: string
    brand: string
    category: string
    asin: string
  }>(
    `select p.id, p.sku, p.upc, p.supplier, p.brand, p.category, d.asin
       from products p join amazon_market_data d on d.product_id = p.id and d.chosen
      where p.sync_status = 'success' limit 1`,
  )
  if (!one) throw new Error('no product was found at Amazon')
  const by = (name: string, value: string) =>
    `/products?${new URLSearchParams({ [name]: value, limit: '100' })}`
  const page = (await (await fetch(`${api}/products?limit=100`)).json()) as { nextCursor?: string | null }
  const paths: Readonly<Record<string, string>> = {
    'GET /products': '/products?limit=100',
    ...(page.nextCursor && {
      'the page after it': `/products?limit=100&cursor=${encodeURIComponent(page.nextCursor)}`,
    }),
    '… by sku': by('sku', one.sku),
    '… by upc': by('upc', one.upc),
    '… by asin': by('asin', one.asin),
    '… by supplier': by('supplier', one.supplier),
    '… by brand': by('brand', one.brand),
    '… by category': by('category', one.category),
    '… by supplier and brand': `${by('supplier', one.supplier)}&brand=${encodeURIComponent(one.brand)}`,
    ...Object.fromEntries(
      ['success', 'not_found', 'ambiguous', 'invalid', 'restricted', 'error', 'pending', 'queued'].map(
        (state) => [`… with syncStatus ${state}`, by('syncStatus', state)],
      ),
    ),
    'GET /products/:id': `/products/${one.id}`,
    'GET /products/:id/logs': `/products/${one.id}/logs`,
    'GET /api/overview': '/api/overview',
    'GET /api/review/summary': '/api/review/summary',
    'GET /api/review/matches': '/api/review/matches',
    'GET /api/review/invalid-codes': '/api/review/invalid-codes',
    'GET /api/review/failures': '/api/review/failures',
    'GET /api/sync/history': '/api/sync/history',
    'GET /marketplace/amazon/sync-jobs': '/marketplace/amazon/sync-jobs',
    'GET /marketplace/amazon/sync-exceptions': '/marketplace/amazon/sync-exceptions',
  }
  let slowest = { question: '', p50: -1 }
  let longest = 0
  for (const [question, path] of Object.entries(paths)) {
    const taken = await times(`${api}${path}`, LIST_CALLS)
    const p50 = quantile(taken, 0.5)
    if (p50 > slowest.p50) slowest = { question, p50 }
    longest = Math.max(longest, quantile(taken, 1))
  }
  return {
    'lists asked': Object.keys(paths).length,
    'slowest list, p50 ms': slowest.p50,
    'which is': slowest.question,
    'longest call, ms': longest,
  }
}

/** Milliseconds of each call, one after the other, ascending; the first is not counted. */
async function times(url: string, calls: number): Promise<number[]> {
  const taken: number[] = []
  for (let call = 0; call <= calls; call++) {
    const started = performance.now()
    const response = await fetch(url)
    const body = await response.text()
    if (!response.ok) throw new Error(`${url}: ${response.status} ${body.slice(0, 300)}`)
    if (call > 0) taken.push(performance.now() - started)
  }
  return taken.sort((a, b) => a - b)
}

function quantile(ascending: readonly number[], share: number): number {
  return round(ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0)
}

function cpuOf(usage: readonly Usage[]): number | null {
  return usage.reduce<number | null>(
    (all, { cpuSeconds }) => (all === null || cpuSeconds === null ? null : all + cpuSeconds),
    0,
  )
}

function perProduct(seconds: number | null, products: number): number | null {
  return seconds === null ? null : Math.round((seconds * 1e6) / products)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

if (import.meta.main) await benchCommand([growth])
