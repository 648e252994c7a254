import type { Database } from '#libs/db/database.ts'
import type { EventLog } from '#libs/event-log/port.ts'
import { OFFERS_REQUESTS, OFFERS_RESULTS, SYNC_REQUESTS, SYNC_RESULTS } from '#schemas/topics.ts'
import { CATALOG_FETCHER_GROUP } from '#services/catalog-fetcher/catalog-fetcher.ts'
import { OFFER_FETCHER_GROUP } from '#services/offer-fetcher/offer-fetcher.ts'
import { OFFERS_PERSISTER_GROUP } from '#services/persister/offers-persister.ts'
import { PERSISTER_GROUP } from '#services/persister/persister.ts'
import { checkTotals, type Finding } from '#tests/faults/checker.ts'
import { checkProducts, readFigures, readTotals } from '#tests/faults/facts.ts'
import { allPriced, checkPrices } from '#tests/faults/prices.ts'
import { waitFor } from '#tests/support/wait-for.ts'
import { areClaimsAtRest, expected } from './workload.ts'

/** Where it can be read what came of a cell. */
export interface Outcome {
  readonly db: Database
  readonly log: EventLog
  /** Base URL of the simulator. */
  readonly amazon: string
  /** How many were asked for. */
  readonly products: number
  /** Whether what they match is priced. */
  readonly prices: boolean
}

interface Reader {
  readonly group: string
  readonly topic: string
}
/** In the order in which work passes them. */
const READERS: readonly Reader[] = [
  { group: CATALOG_FETCHER_GROUP, topic: SYNC_REQUESTS },
  { group: PERSISTER_GROUP, topic: SYNC_RESULTS },
]
const READERS_OF_PRICES: readonly Reader[] = [
  ...READERS,
  { group: OFFER_FETCHER_GROUP, topic: OFFERS_REQUESTS },
  { group: OFFERS_PERSISTER_GROUP, topic: OFFERS_RESULTS },
]
const readersOf = ({ prices }: Pick<Outcome, 'prices'>): readonly Reader[] =>
  prices ? READERS_OF_PRICES : READERS

/** Every product is in a final state, every job is complete, and every match is priced. */
export async function isFinal({ db, products, prices }: Outcome): Promise<boolean> {
  const rows = await db.query(
    `select 1 from product_syncs where state not in ('pending', 'queued')
     having count(*) = $1
        and (select count(*) filter (where state = 'complete') = count(*) and count(*) > 0 from sync_jobs)`,
    [products],
  )
  return rows.length > 0 && (!prices || (await allPriced(db)))
}

// A job whose products all have their outcome is still to be ended; one that waits for a lost product never is.
const WAITING = `
  select 1 from product_syncs where state = 'pending'
  union all select 1 from sync_jobs where not expanded
  union all select 1 from sync_jobs j where state = 'running'
     and not exists (select 1 from product_syncs s where s.job_id = j.id and s.state in ('pending', 'queued'))
  limit 1`

/** Nothing is due, and everything that was asked for has been read to its end. */
export async function isIdle(outcome: Outcome): Promise<boolean> {
  const { db, log, prices } = outcome
  const waiting = await db.query(WAITING)
  if (waiting.length > 0 || (prices && !(await areClaimsAtRest(db)))) return false
  for (const { group, topic } of readersOf(outcome)) if (!(await isAtEnd(log, group, topic))) return false
  return true
}

/**
 * The checker of the fault scenarios on every product, counter, job and price.
 * @returns besides its findings the attempts beyond one per product
 */
export async function checkCell({
  db,
  log,
  amazon,
  products,
  prices,
}: Outcome): Promise<{ readonly findings: readonly Finding[]; readonly retried: number }> {
  const findings = [
    ...(await checkProducts(db, expected(products))),
    ...checkTotals(expected(products), await readTotals(db, log, amazon)),
  ]
  const { requeued, attempts } = await readFigures(db, amazon)
  if (requeued > 0)
    findings.push({ kind: 'lost', detail: `${requeued} products came back by their lease only` })
  if (prices) {
    findings.push(...(await checkPrices(db, amazon)))
    const [price] = await db.query<{ requeued: number }>(
      `select count(*)::int as requeued from price_audit where kind = 'requeue'`,
    )
    if (price!.requeued > 0)
      findings.push({ kind: 'lost', detail: `${price!.requeued} prices came back by their lease only` })
  }
  return { findings, retried: attempts - products }
}

/** Groups that do not reach the end of their topic. */
export async function checkReaders(outcome: Pick<Outcome, 'log' | 'prices'>): Promise<readonly Finding[]> {
  const { log } = outcome
  const findings: Finding[] = []
  for (const { group, topic } of readersOf(outcome)) {
    await waitFor(() => isAtEnd(log, group, topic), { what: `${group} at the end of ${topic}` }).catch(
      (error: Error) => findings.push({ kind: 'lost', detail: error.message }),
    )
  }
  return findings
}

async function isAtEnd(log: EventLog, group: string, topic: string): Promise<boolean> {
  const ends = await log.admin.endOffsets(topic)
  const committed = await log.admin.committedOffsets(group, topic)
  return [...ends].every(([partition, end]) => end === 0n || committed.get(partition) === end)
}

/** Records that were ever appended to a topic. */
export async function lengthOf(log: EventLog, topic: string): Promise<bigint> {
  const ends = await log.admin.endOffsets(topic)
  return [...ends.values()].reduce((sum, end) => sum + end, 0n)
}
