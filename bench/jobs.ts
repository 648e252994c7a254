import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '#libs/db/database.ts'
import { readEvents } from '#libs/db/job-progress.ts'
import type { JobDocument } from '#services/reporting/jobs/job-document.ts'
import { followEvents } from '#services/reporting/jobs/testing.ts'
import { addKnownProducts, auditJobs, Stage } from '#tests/jobs/stage.ts'
import { spawnSimulator } from '#tests/support/simulator-process.ts'
import { startCatalogueDatabase, US } from './support/catalogue-database.ts'
import { benchCommand } from './support/command.ts'
import { defineSection, type Row } from './support/section.ts'

export const jobs = defineSection({
  name: 'jobs',
  title: 'Cancelling a large sync, and following many',
  about:
    'A sync of the whole catalogue is started, cancelled in the middle of it and watched until every product has its state back; then the same with `kill -9` of all services while products are given back. All services are one process; the log is in PostgreSQL, which is durable. Then what it costs to follow syncs: the one query for all streams of a process, and from the commit of an event to its arrival at a client, polled twice a second.',
  options: {
    products: { full: 100_000, quick: 3_000, help: 'products of the catalogue' },
    rate: { full: 20, quick: 20, help: 'requests a second' },
    kills: { full: 3, quick: 1, help: 'times that all services are killed while products are given back' },
    streams: { full: 200, quick: 20, help: 'jobs that are followed at a time' },
    events: { full: 60, quick: 10, help: 'events whose way to a client is timed' },
  },
  async run({ options, folder, say }) {
    await mkdir(folder, { recursive: true })
    const { db, server, stop } = await startCatalogueDatabase(join(folder, 'postgres'))
    const amazon = await spawnSimulator({ rate: options.rate, burst: options.rate, seed: 1 })
    const stage = await Stage.open({
      databaseUrl: server.url,
      amazon: amazon.url,
      rate: options.rate,
      folder,
    })
    try {
      await addKnownProducts(db, options.products)
      await db.query(`update product_syncs set state = 'success', synced_at = now(), queued_at = now()`)
      await db.query('vacuum analyze product_syncs, products')
      await stage.start()
      const cancels: Row[] = []
      const findings: string[] = []
      for (const kills of [0, options.kills]) {
        say(`cancelled with ${kills} kills`)
        const { row, wrong } = await cancelled(stage, db, { products: options.products, kills })
        const asked = (await amazon.stats()).searchCatalogItems.firstPages.identifiers
        cancels.push({ ...row, 'codes asked for so far': asked })
        findings.push(...wrong)
      }
      const follows = [await pollCost(db, options.streams), await delivery(stage, db, options.events)]
      return {
        tables: [
          { title: 'Cancelled', rows: cancels },
          { title: 'Followed', rows: follows },
        ],
        notes: [],
        findings,
      }
    } finally {
      await stage.end('SIGKILL')
      await amazon.stop()
      await stop()
    }
  },
})

async function cancelled(
  stage: Stage,
  db: Database,
  { products, kills }: { readonly products: number; readonly kills: number },
): Promise<{ readonly row: Row; readonly wrong: readonly string[] }> {
  const begun = performance.now()
  const { syncId } = await stage.ask<JobDocument>('/api/sync/force', {})
  await stage.until(syncId, 'all products taken in', (job) => job.expanded)
  const takenIn = performance.now()
  await stage.until(syncId, 'some products done', (job) => job.done >= products / 100)
  const asked = performance.now()
  const { done } = await stage.ask<JobDocument>(`/api/sync/cancel/${syncId}`, {})
  const answered = performance.now()
  for (let kill = 0; kill < kills; kill++) {
    await stage.end('SIGKILL')
    await stage.start()
  }
  const back = performance.now()
  const job = await stage.until(syncId, 'cancelled', ({ completedAt }) => completedAt !== null)
  const ended = performance.now()
  const wrong = [...(await auditJobs(db))]
  const { cancelled: givenBack = 0 } = job.outcomes
  if (job.status !== 'cancelled') wrong.push(`sync ${syncId} is ${job.status}`)
  const seconds = (from: number, to: number) => Math.round((to - from) / 10) / 100
  return {
    row: {
      'kill -9': kills,
      products,
      'taken in, s': seconds(begun, takenIn),
      'done before': done,
      'cancel answered, ms': Math.round(answered - asked),
      'cancelled after, s': seconds(asked, ended),
      'of it services away, s': kills === 0 ? 0 : seconds(answered, back),
      'given back': givenBack,
      wrong: wrong.length,
    },
    wrong,
  }
}

/** The query that a process makes twice a second for all its streams, which have nothing new. */
async function pollCost(db: Database, streams: number): Promise<Row> {
  const known = new Map<string, number>()
  for (let i = 0; i < streams; i++) known.set(await pausedJob(db), 1)
  const times: number[] = []
  for (let i = 0; i < 50; i++) {
    const started = performance.now()
    await readEvents(db, known, 500)
    times.push(performance.now() - started)
  }
  await db.query(`delete from sync_jobs where requested_by = 'bench'`)
  return { what: `query for ${streams} jobs, ms`, ...quantiles(times) }
}

async function delivery(stage: Stage, db: Database, events: number): Promise<Row> {
  const id = await pausedJob(db)
  const following = followEvents(`${stage.url}/api/sse/sync-progress/${id}`)
  const times: number[] = []
  for (let i = 1; i <= events; i++) {
    await db.query('update sync_jobs set rate_per_second = $2 where id = $1', [id, i])
    const committed = performance.now()
    while (!following.seen.some(({ data }) => data.ratePerSecond === i))
      await new Promise((resolve) => setTimeout(resolve, 2))
    times.push(performance.now() - committed)
  }
  following.stop()
  await db.query(`delete from sync_jobs where requested_by = 'bench'`)
  return { what: `commit to client, ms (${events} events)`, ...quantiles(times) }
}

/** A job that nobody but this measurement changes. */
async function pausedJob(db: Database): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    `insert into sync_jobs (state, marketplaces, requested_by) values ('paused', array[$1], 'bench') returning id`,
    [US],
  )
  if (!row) throw new Error('the job was not inserted')
  return row.id
}

function quantiles(times: readonly number[]): Row {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number) => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 10) / 10
  return { median: at(0.5), '95 %': at(0.95), longest: at(1) }
}

if (import.meta.main) await benchCommand([jobs])
