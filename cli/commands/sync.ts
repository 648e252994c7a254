import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import type { SyncJobView } from '#libs/db/jobs.ts'
import { apiUrl, callApiOk, urlOption } from '../api.ts'
import { exitCodes } from '../failure.ts'
import type { Finish } from '../main.ts'
import { progressBar } from '../progress-bar.ts'
import { finalCounts } from '../status-text.ts'
import { count, counted } from '../terminal.ts'

const POLL_MS = 500

interface SyncOptions {
  readonly url?: string
  readonly supplier?: readonly string[]
  readonly brand?: readonly string[]
  readonly category?: readonly string[]
  readonly sku?: readonly string[]
  readonly upc?: readonly string[]
  readonly status?: readonly string[]
  readonly staleFor?: string
  readonly marketplace?: readonly string[]
  readonly wait?: true
  readonly json?: true
}

export function syncCommand(finish: Finish): Command {
  const several = (value: string, previous: readonly string[] = []) => [...previous, value]
  return new Command('sync')
    .description('ask Amazon again: for all products, or for those that the options name')
    .option('--supplier <name>', 'only of this supplier (repeatable, as the next ones)', several)
    .option('--brand <name>', 'only of this brand', several)
    .option('--category <name>', 'only of this category', several)
    .option('--sku <sku>', 'only this one', several)
    .option('--upc <code>', 'only with this code, as it is stored', several)
    .option('--status <state>', 'only in this state, such as error or not_found', several)
    .option('--stale-for <duration>', 'only what Amazon has not answered for in this time, such as 24h')
    .option('--marketplace <country>', 'only there: a country code or marketplace id (repeatable)', several)
    .option('--wait', 'stay until every product has its outcome')
    .option('--json', 'print the job as JSON')
    .option(...urlOption)
    .addHelpText(
      'after',
      `
Options of different kinds must all hold; of one kind any.

Examples:
  npm run sync
  npm run sync -- --supplier "Blue Ridge Wholesale" --stale-for 24h
  npm run sync -- --status error --status not_found --wait

With --wait, the exit code is 1 when a product ended in error.`,
    )
    .action(async (options: SyncOptions) => finish(await sync(options)))
}

async function sync(options: SyncOptions): Promise<number> {
  const base = apiUrl(options.url, process.env)
  const { supplier, brand, category, sku, upc, status, staleFor, marketplace } = options
  const filter = { supplier, brand, category, sku, upc, status, staleFor }
  const job = await callApiOk<SyncJobView>(base, '/marketplace/amazon/sync', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...(Object.values(filter).some((value) => value !== undefined) ? { filter } : {}),
      ...(marketplace ? { marketplaces: marketplace } : {}),
    }),
  })
  const path = `/marketplace/amazon/sync-jobs/${job.id}`
  if (!options.wait) {
    const text = `Sync job ${job.id} is accepted. Follow it: ${base}${path}, or npm run status -- --watch`
    print(options.json ? JSON.stringify(job, null, 2) : text)
    return exitCodes.ok
  }
  const finished = await waitFor(base, path)
  print(options.json ? JSON.stringify(finished, null, 2) : summary(finished))
  const { error = 0 } = finished.outcomes
  return finished.state === 'failed' || error > 0 ? exitCodes.failed : exitCodes.ok
}

async function waitFor(base: string, path: string): Promise<SyncJobView> {
  const bar = progressBar()
  try {
    for (;;) {
      const job = await callApiOk<SyncJobView>(base, path)
      const done = sum(job.outcomes)
      bar.update(done, job.total, `${count(done)} of ${count(job.total)}${job.expanded ? '' : ' so far'}`)
      if (job.state === 'complete' || job.state === 'failed') return job
      await sleep(POLL_MS)
    }
  } finally {
    bar.stop()
  }
}

function summary(job: SyncJobView): string {
  if (job.state === 'failed') return `Sync job ${job.id} failed: ${job.error ?? 'no reason was given'}`
  if (job.total === 0) return `Sync job ${job.id} is complete: no product matched.`
  return `Sync job ${job.id} is complete: ${counted(job.total, 'product')}: ${finalCounts(job.outcomes)}.`
}

const sum = (outcomes: Readonly<Record<string, number>>): number =>
  Object.values(outcomes).reduce((total, n) => total + n, 0)

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
