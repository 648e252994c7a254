import { Command } from 'commander'
import type { JobDocument } from '#services/reporting/jobs/job-document.ts'
import type { DryRun } from '#services/reporting/jobs/start-job.ts'
import { apiUrl, sendJson, urlOption } from '../api.ts'
import { exitCodes } from '../failure.ts'
import { followJob, reportJob } from '../jobs/follow-job.ts'
import { dryRunText } from '../jobs/job-text.ts'
import type { Finish } from '../main.ts'
import { addProductFilter, type ProductFilterOptions, several } from '../options.ts'

interface SyncOptions extends ProductFilterOptions {
  readonly url?: string
  readonly staleFor?: string
  readonly marketplace?: readonly string[]
  readonly force?: true
  readonly check: boolean
  readonly idempotencyKey?: string
  readonly dryRun?: true
  readonly wait?: true
  readonly json?: true
}

export function syncCommand(finish: Finish): Command {
  const command = new Command('sync').description(
    'ask Amazon again: for all products, or for those that the options name',
  )
  return addProductFilter(command)
    .option('--stale-for <duration>', 'only what Amazon has not answered for in this time, such as 24h')
    .addOption(
      several('--marketplace <country>', 'only there: a country code or marketplace id (repeatable)'),
    )
    .option('--force', 'also what Amazon has answered for lately (SYNC_STALE_AFTER)')
    .option('--no-check', 'do not ask Amazon first whether it can be asked')
    .option('--idempotency-key <key>', 'a second command with this key starts nothing')
    .option('--dry-run', 'only say what it would cost: products, requests, time')
    .option('--wait', 'stay until every product has its outcome')
    .option('--json', 'print the job as JSON')
    .option(...urlOption)
    .addHelpText(
      'after',
      `
Options of different kinds must all hold; of one kind any. What Amazon has answered for lately counts as it is, unless
--force, or --sku, --upc, --status or --stale-for says exactly what is meant.

Examples:
  npm run sync
  npm run sync -- --force --dry-run
  npm run sync -- --supplier "Blue Ridge Wholesale" --stale-for 24h
  npm run sync -- --status error --status not_found --wait

Exit code 1 when a sync of the same products is under way; with --wait, also when it did not complete, or a product ended
in error.`,
    )
    .action(async (options: SyncOptions) => finish(await sync(options)))
}

async function sync(options: SyncOptions): Promise<number> {
  const base = apiUrl(options.url, process.env)
  const { supplier, brand, category, sku, upc, status, staleFor, marketplace } = options
  const filter = { supplier, brand, category, sku, upc, status, staleFor }
  const started = await sendJson<JobDocument | DryRun>(
    base,
    'POST',
    `/api/sync/${options.force ? 'force' : 'start'}`,
    {
      ...(Object.values(filter).some((value) => value !== undefined) && { filter }),
      ...(marketplace && { marketplaces: marketplace }),
      ...(options.dryRun && { dryRun: true }),
      ...(!options.check && { checkConnection: false }),
    },
    options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey },
  )
  if ('dryRun' in started) {
    print(options.json ? JSON.stringify(started, null, 2) : dryRunText(started))
    return exitCodes.ok
  }
  if (options.wait) return reportJob(await followJob(base, started.syncId), options.json === true)
  const text = `Sync ${started.syncId} is accepted. Follow it: npm run jobs -- show ${started.syncId} --watch`
  print(options.json ? JSON.stringify(started, null, 2) : text)
  return exitCodes.ok
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
