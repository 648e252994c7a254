import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { comparePrices, type PriceTruth } from '#tests/support/price-truth.ts'
import { type SimulatorProcess, spawnSimulator } from '#tests/support/simulator-process.ts'
import { US } from './support/catalogue-database.ts'
import { startCluster } from './support/cluster.ts'
import { benchCommand } from './support/command.ts'
import { defineSection, type Row } from './support/section.ts'
import { type Usage, watchUsage } from './support/usage-watch.ts'

const OPERATIONS = { price: 'getCompetitivePricing', offers: 'getItemOffersBatch' } as const
type Level = keyof typeof OPERATIONS
const levels = Object.keys(OPERATIONS) as Level[]
const CATALOGUE = { seed: 7, asinsPerUpc: 1, notFound: 0 }
/** Amazon's own plans, requests a second; both have a burst of 1. */
const PUBLISHED = { price: 0.5, offers: 0.1 } as const

export const offers = defineSection({
  name: 'offers',
  title: 'Prices of all matches',
  about:
    'Matches without a price, from the start of product-change to the last price in PostgreSQL, both levels at once: ' +
    'featured offer and counts by `getCompetitivePricing`, price with fulfilment by `getItemOffersBatch`. Every stored ' +
    'price is compared with what the simulator truly offers. The plans are raised to the given rate for the first table; ' +
    "the second is at Amazon's own, over a fixed time, counted by the simulator.",
  options: {
    matches: { full: 100_000, quick: 600, help: 'matches to be priced' },
    rate: { full: 25, quick: 10, help: 'requests a second that each operation is granted' },
    mode: { full: 'cluster', quick: 'embedded', help: 'cluster or embedded' },
    fetchers: { full: 2, quick: 1, help: 'processes that fetch offers' },
    slow: { full: 180, quick: 12, help: "seconds at Amazon's own plans" },
  },
  async run({ options, folder, say }) {
    const { matches, rate, mode, fetchers, slow } = options
    if (mode !== 'cluster' && mode !== 'embedded')
      throw new Error(`--mode takes cluster or embedded, not ${mode}`)
    const findings: string[] = []
    const common = { mode, fetchers, say } as const
    const fast = await priced(
      { ...common, matches, rates: { price: rate, offers: rate }, burst: rate, folder: join(folder, 'fast') },
      async ({ db, started }) => {
        for (;;) {
          const left = await openPrices(db)
          if (left === 0) return performance.now() - started
          say(`${left} of ${matches * levels.length} to go`)
          await sleep(left > 20_000 ? 5_000 : 500)
        }
      },
    )
    const { truth, usage, history, seconds } = fast
    if (truth.missing > 0) findings.push(`${truth.missing} matches were not priced`)
    if (truth.wrong > 0) findings.push(`${truth.wrong} prices are wrong: ${truth.differences[0]}`)
    if (fast.throttled > 0) findings.push(`${fast.throttled} requests were answered with 429`)
    const rows = levels.map(
      (level): Row => callsRow(level, fast.calls[level], { mode, rate, burst: rate, seconds }),
    )
    const published = await priced(
      { ...common, matches: 2_000, rates: PUBLISHED, burst: 1, folder: join(folder, 'slow') },
      async ({ resetStats }) => {
        // The burst is not what is measured.
        await sleep(2_000)
        await resetStats()
        const began = performance.now()
        await sleep(slow * 1_000)
        return performance.now() - began
      },
    )
    return {
      tables: [
        {
          title: 'Every match, at a raised rate',
          rows: rows.map((row) => ({
            ...row,
            'stored and compared': truth.compared,
            wrong: truth.wrong,
            missing: truth.missing,
            '429s': fast.throttled,
          })),
          key: ['mode', 'level'],
        },
        {
          title: 'What it took',
          rows: [
            {
              mode,
              matches,
              'prices a second, both levels': Math.round((matches * levels.length) / seconds),
              'changes in the history': history,
              ...Object.fromEntries(
                usage.map(({ name, cpuSeconds }) => [`${name}, CPU s`, cpuSeconds && round(cpuSeconds, 1)]),
              ),
            },
          ],
          key: ['mode', 'matches'],
        },
        {
          title: "At Amazon's own plans",
          rows: levels.map((level) =>
            callsRow(level, published.calls[level], {
              mode,
              rate: PUBLISHED[level],
              burst: 0,
              seconds: published.seconds,
            }),
          ),
          key: ['mode', 'level'],
        },
      ],
      notes: [],
      findings,
    }
  },
})

interface Run {
  readonly mode: 'cluster' | 'embedded'
  readonly fetchers: number
  readonly matches: number
  readonly rates: Readonly<Record<Level, number>>
  readonly burst: number
  readonly folder: string
  readonly say: (line: string) => void
}

interface Calls {
  readonly calls: number
  readonly items: number
}

interface Priced {
  readonly truth: PriceTruth
  readonly usage: readonly Usage[]
  readonly calls: Readonly<Record<Level, Calls>>
  readonly throttled: number
  readonly history: number
  readonly seconds: number
}

/** Seeds matches, starts the services, and measures while `work` waits; it resolves to the milliseconds that count. */
async function priced(
  { mode, fetchers, matches, rates, burst, folder, say }: Run,
  work: (running: {
    readonly db: Database
    readonly started: number
    readonly resetStats: () => Promise<void>
  }) => Promise<number>,
): Promise<Priced> {
  const simulator = await spawnSimulator({
    seed: CATALOGUE.seed,
    'asins-per-upc': CATALOGUE.asinsPerUpc,
    'not-found': CATALOGUE.notFound,
    latency: '20-60',
  })
  const stops: (() => Promise<unknown>)[] = [() => simulator.stop()]
  try {
    for (const level of levels) await grant(simulator, OPERATIONS[level], rates[level], burst)
    const cluster = await startCluster({
      mode,
      folder,
      amazon: simulator.url,
      variables: {
        OFFERS_POLICY: '{"price":{},"offers":{}}',
        SP_API_USAGE_PLANS: levels.map((level) => `${OPERATIONS[level]}=${rates[level]}/${burst}`).join(','),
      },
    })
    stops.push(() => cluster.stop())
    const db = await openDatabase({ url: cluster.databaseUrl, poolSize: 2, applicationName: 'bench' })
    stops.push(() => db.close())
    await enableMarketplaces(db, [{ marketplaceId: US, countryCode: 'US' }])
    await seedMatches(db, matches)
    say(`${matches} matches are there`)
    const services = [
      await cluster.startService('persister'),
      ...(await Promise.all(
        Array.from({ length: fetchers }, (_, index) => cluster.startService('offer-fetcher', index)),
      )),
    ]
    const used = watchUsage([
      ...services,
      ...Object.entries(cluster.servers).map(([name, pid]) => ({ name, pid, tree: name === 'PostgreSQL' })),
    ])
    const started = performance.now()
    services.push(await cluster.startService('product-change'))
    const resetStats = () => simulator.resetStats()
    const ms = await Promise.race([work({ db, started, resetStats }), cluster.failed])
    const usage = used()
    const stats = await simulator.stats()
    const truth = await comparePrices(db, simulator.url, US, levels)
    const [row] = await db.query<{ n: number }>('select count(*)::int as n from pricing_history')
    return {
      truth,
      usage,
      calls: { price: callsOf(stats, OPERATIONS.price), offers: callsOf(stats, OPERATIONS.offers) },
      throttled: stats.throttled,
      history: row!.n,
      seconds: ms / 1_000,
    }
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

async function grant(
  simulator: SimulatorProcess,
  operation: string,
  rate: number,
  burst: number,
): Promise<void> {
  const answer = await fetch(`${simulator.url}/_simulator/plan`, {
    method: 'POST',
    body: JSON.stringify({ operation, rate, burst }),
  })
  if (!answer.ok) throw new Error(`the plan of ${operation} could not be set: ${await answer.text()}`)
}

type Stats = Awaited<ReturnType<SimulatorProcess['stats']>>

function callsOf({ batches }: Stats, operation: string): Calls {
  const { calls = 0, items = 0 } = batches[operation] ?? {}
  return { calls, items }
}

function callsRow(
  level: Level,
  { calls, items }: Calls,
  of: { readonly mode: string; readonly rate: number; readonly burst: number; readonly seconds: number },
): Row {
  const permitted = of.rate * of.seconds + of.burst
  return {
    mode: of.mode,
    level,
    operation: OPERATIONS[level],
    'requests a second granted': of.rate,
    seconds: round(of.seconds, 1),
    requests: calls,
    'quota used, %': round((100 * calls) / permitted, 1),
    'ASINs a request': calls === 0 ? null : round(items / calls, 2),
    'ASINs a second': round(items / of.seconds, 1),
  }
}

/** What is not priced yet, of both levels; the rows of matches may still be on their way. */
async function openPrices(db: Database): Promise<number> {
  const [row] = await db.query<{ open: number }>(
    `select 2 * (select count(*)::int from products)
            - (select coalesce(sum(n), 0)::int from offer_state_counts where state in ('priced', 'no_price', 'not_found')) as open`,
  )
  return row!.open
}

/** Matches as a finished sync leaves them: the simulator's own items, each with a rank. */
async function seedMatches(db: Database, count: number): Promise<void> {
  const rows = [...generateProducts({ ...CATALOGUE, count })].filter(
    ({ expectedAsin }) => expectedAsin !== null,
  )
  for (let i = 0; i < rows.length; i += 5_000) {
    const page = rows.slice(i, i + 5_000)
    await db.query(
      `with p as (insert into products (sku, upc, title) select * from unnest($1::text[], $2::text[], $3::text[])
                  returning id, sku)
       insert into amazon_market_data (product_id, marketplace_id, asin, chosen, score, reasons, title, sales_rank, observed_at, operation)
         select p.id, $5, r.asin, true, 1, '[]', r.title, r.rank, now(), 'seeded'
           from p join unnest($1::text[], $3::text[], $4::text[], $6::bigint[]) r (sku, title, asin, rank) using (sku)`,
      [
        page.map(({ sku }) => sku),
        page.map(({ upc }) => upc),
        page.map(({ title }) => title),
        page.map(({ expectedAsin }) => expectedAsin),
        US,
        page.map((_, index) => i + index + 1),
      ],
    )
  }
  await db.query(`update product_syncs set state = 'success', attempt = 1, synced_at = now()`)
  await db.query('analyze')
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

if (import.meta.main) await benchCommand([offers])
