import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { asinstream } from '#cli/testing.ts'
import { type ClaimedProduct, claimDue } from '#libs/db/claims.ts'
import type { Database } from '#libs/db/database.ts'
import { applyOutcomes, type Outcome } from '#libs/db/outcomes.ts'
import type { EventLog } from '#libs/event-log/port.ts'
import { createPostgresEventLog } from '#libs/event-log/postgres.ts'
import { parseCode } from '#libs/gtin/index.ts'
import { createLocalCodec } from '#schemas/codec.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { SYNC_RESULTS, topics } from '#schemas/topics.ts'
import { addKnownProducts } from '#tests/jobs/stage.ts'
import { peakResidentMegabytes } from '#tests/support/process-usage.ts'
import { startCatalogueDatabase } from './support/catalogue-database.ts'
import { benchCommand } from './support/command.ts'
import { defineSection, type Row } from './support/section.ts'
import { resultOf, TRANSITION } from './support/store-rows.ts'

/** Products that are claimed and answered at a time. */
const BATCH = 1_000

export const replay = defineSection({
  name: 'replay',
  title: 'Replaying a topic of results',
  about:
    'A catalogue is synced without Amazon, each product with one candidate and its result on the log in PostgreSQL, which is durable; then `asinstream replay` as a process: over tables in which nothing is wrong, over tables without candidates, and into a schema of its own. Seconds are those that it tells, without its start; memory is the most that the process had.',
  options: {
    products: { full: 100_000, quick: 2_000, help: 'products of the catalogue, and records' },
    turns: {
      full: 'whole,dry,gone,schema',
      quick: 'whole,dry,gone,schema',
      help: 'what is replayed over: whole tables, without candidates dry, without candidates, into a schema',
    },
  },
  async run({ options, folder, say }) {
    await mkdir(folder, { recursive: true })
    const { db, server, stop } = await startCatalogueDatabase(join(folder, 'postgres'))
    const log = createPostgresEventLog({ connectionString: server.url })
    try {
      say('the catalogue is synced')
      await log.admin.createTopics(topics)
      await addKnownProducts(db, options.products)
      await syncWithoutAmazon(db, log)
      await db.query('vacuum analyze')
      const rows: Row[] = []
      const findings: string[] = []
      const { products } = options
      const measure = async (what: string, args: readonly string[], changed: number): Promise<void> => {
        say(what)
        const { row, told } = await timed(server.url, what, args)
        const differing = told.kinds.created + told.kinds.updated
        if (told.records !== products || differing !== changed)
          findings.push(
            `${what}: ${differing} of ${told.records} records changed something, not ${changed} of ${products}`,
          )
        rows.push(row)
      }
      for (const turn of options.turns.split(',')) {
        switch (turn) {
          case 'whole':
            await measure('nothing is wrong', ['--yes'], 0)
            break
          case 'dry':
            await db.query('truncate amazon_market_data')
            await measure('all candidates are gone, dry run', ['--dry-run'], products)
            break
          case 'gone':
            await db.query('truncate amazon_market_data')
            await measure('all candidates are gone', ['--yes'], products)
            break
          case 'schema':
            await measure('into a schema', ['--into', 'replay_bench'], products)
            break
          default:
            throw new Error(`no turn ${turn}`)
        }
      }
      return { tables: [{ rows, key: ['tables'] }], notes: [], findings }
    } finally {
      await log.close()
      await stop()
    }
  },
})

/** Claims all that is due, appends a result for each to the log, and stores it as the persister does. */
async function syncWithoutAmazon(db: Database, log: EventLog): Promise<void> {
  const codec = createLocalCodec()
  for (;;) {
    const outcomes: Outcome[] = []
    const take = async (claimed: readonly ClaimedProduct[]): Promise<void> => {
      for (const claim of claimed) outcomes.push({ ...resultOf(claim), gtin14: codeOf(claim) })
    }
    await claimDue(db, { limit: BATCH, queuedTimeoutMs: 3_600_000 }, take)
    if (outcomes.length === 0) return
    const values = await Promise.all(outcomes.map((one) => codec.encode(SYNC_RESULTS, toRecord(one))))
    await log.append(
      values.map((value, at) => ({ topic: SYNC_RESULTS, key: Buffer.from(outcomes[at]!.productId), value })),
    )
    await db.transaction((tx) => applyOutcomes(tx, outcomes, () => TRANSITION))
  }
}

function codeOf({ upc }: ClaimedProduct): string | null {
  const code = parseCode(upc)
  return code.status === 'invalid' ? null : code.gtin14
}

function toRecord({ answered: _, result, candidates, ...outcome }: Outcome): SyncResult {
  return {
    ...outcome,
    outcome: result as SyncResult['outcome'],
    candidates: [...candidates],
    retryAfterMs: null,
  }
}

interface Told {
  readonly records: number
  readonly seconds: number
  readonly kinds: { readonly created: number; readonly updated: number }
}

async function timed(
  databaseUrl: string,
  what: string,
  args: readonly string[],
): Promise<{ readonly row: Row; readonly told: Told }> {
  const run = asinstream(['replay', SYNC_RESULTS, '--from', 'earliest', '--json', ...args], {
    DATABASE_URL: databaseUrl,
    OFFERS_POLICY: 'off',
  })
  let peak: number | null = null
  let over = false
  const ended = run.exited.finally(() => {
    over = true
  })
  while (!over) {
    peak = peakResidentMegabytes(run.pid) ?? peak
    await Promise.race([ended, sleep(200)])
  }
  if ((await ended) !== 0) throw new Error(`asinstream replay failed: ${run.stderr}`)
  const told = JSON.parse(run.stdout) as Told
  const { records, seconds, kinds } = told
  return {
    told,
    row: {
      tables: what,
      records,
      'changed something': kinds.created + kinds.updated,
      seconds: Math.round(10 * seconds) / 10,
      'records/s': Math.round(records / seconds),
      'peak MB': peak,
    },
  }
}

if (import.meta.main) await benchCommand([replay])
