import { Command } from 'commander'
import type { JobDocument } from '#services/reporting/jobs/job-document.ts'
import type { DryRun } from '#services/reporting/jobs/start-job.ts'
import { apiUrl, callApiOk, urlOption } from '../api.ts'
import { exitCodes, UsageError } from '../failure.ts'
import { followJob, reportJob } from '../jobs/follow-job.ts'
import { dryRunText, jobDetails, jobSummary, jobTable } from '../jobs/job-text.ts'
import type { Finish } from '../main.ts'

interface Common {
  readonly url?: string
  readonly json?: true
}

export function jobsCommand(finish: Finish): Command {
  return new Command('jobs')
    .description('syncs: what runs, what ran, and pause, resume, cancel or retry one')
    .helpCommand(false)
    .addCommand(listCommand(finish))
    .addCommand(showCommand(finish))
    .addCommand(steerCommand(finish, 'cancel', 'end a sync: products get the state back that they had'))
    .addCommand(steerCommand(finish, 'pause', 'ask for nothing more of a sync until it is resumed'))
    .addCommand(steerCommand(finish, 'resume', 'go on with a paused sync'))
    .addCommand(retryCommand(finish))
    .addHelpText(
      'after',
      `
Examples:
  npm run jobs -- list --status running
  npm run jobs -- show <sync> --watch
  npm run jobs -- cancel <sync> --wait
  npm run jobs -- retry <sync> --outcome error --outcome not_found`,
    )
}

function listCommand(finish: Finish): Command {
  const several = (value: string, previous: readonly string[] = []) => [...previous, value]
  return new Command('list')
    .description('syncs, newest first')
    .option('--status <state>', 'only in this state: queued, running, paused, … (repeatable)', several)
    .option('--marketplace <country>', 'only of this marketplace (repeatable)', several)
    .option('--since <time>', 'only those asked for since then, such as 2026-01-31')
    .option('--limit <n>', 'so many at most', '20')
    .option('--json', 'print the API’s answer')
    .option(...urlOption)
    .action(
      async (
        options: Common & { status?: string[]; marketplace?: string[]; since?: string; limit: string },
      ) => {
        if (!/^\d+$/.test(options.limit)) throw new UsageError('--limit must be a number from 1 to 200.')
        const query = new URLSearchParams({ limit: options.limit })
        for (const state of options.status ?? []) query.append('status', state)
        for (const country of options.marketplace ?? []) query.append('marketplace', country)
        if (options.since !== undefined) query.set('since', options.since)
        const page = await callApiOk<{ items: readonly JobDocument[]; nextCursor: string | null }>(
          apiUrl(options.url, process.env),
          `/api/sync/history?${query}`,
        )
        print(
          options.json
            ? JSON.stringify(page, null, 2)
            : page.items.length === 0
              ? 'No sync is like that.'
              : jobTable(page.items),
        )
        finish(exitCodes.ok)
      },
    )
}

function showCommand(finish: Finish): Command {
  return new Command('show')
    .description('one sync: state, progress, outcomes, who asked')
    .argument('<sync>', 'its id')
    .option('--watch', 'follow it with a progress bar until it has ended')
    .option('--json', 'print it as JSON')
    .option(...urlOption)
    .action(async (id: string, options: Common & { watch?: true }) => {
      const base = apiUrl(options.url, process.env)
      if (options.watch) return finish(reportJob(await followJob(base, id), options.json === true))
      const job = await callApiOk<JobDocument>(base, `/api/sync/status/${encodeURIComponent(id)}`)
      print(options.json ? JSON.stringify(job, null, 2) : jobDetails(job))
      finish(exitCodes.ok)
    })
}

function steerCommand(finish: Finish, action: 'cancel' | 'pause' | 'resume', description: string): Command {
  const command = new Command(action)
    .description(description)
    .argument('<sync>', 'its id')
    .option('--json', 'print it as JSON')
    .option(...urlOption)
  if (action !== 'pause') command.option('--wait', 'stay until it has ended')
  return command.action(async (id: string, options: Common & { wait?: true }) => {
    const base = apiUrl(options.url, process.env)
    const asked = await post<JobDocument>(base, `/api/sync/${action}/${encodeURIComponent(id)}`)
    if (!options.wait) {
      print(options.json ? JSON.stringify(asked, null, 2) : jobSummary(asked))
      return finish(exitCodes.ok)
    }
    const job = await followJob(base, asked.syncId)
    const code = reportJob(job, options.json === true)
    finish(action === 'cancel' && job.status === 'cancelled' ? exitCodes.ok : code)
  })
}

function retryCommand(finish: Finish): Command {
  const several = (value: string, previous: readonly string[] = []) => [...previous, value]
  return new Command('retry')
    .description('a new sync of what failed in one that has ended')
    .argument('<sync>', 'its id')
    .option('--outcome <state>', 'what counts as failed: error (default), not_found, … (repeatable)', several)
    .option('--no-check', 'do not ask Amazon first whether it can be asked')
    .option('--dry-run', 'only say what it would cost')
    .option('--wait', 'stay until every product has its outcome')
    .option('--json', 'print it as JSON')
    .option(...urlOption)
    .action(
      async (
        id: string,
        options: Common & { outcome?: string[]; check: boolean; dryRun?: true; wait?: true },
      ) => {
        const base = apiUrl(options.url, process.env)
        const started = await post<JobDocument | DryRun>(base, `/api/sync/retry/${encodeURIComponent(id)}`, {
          ...(options.outcome && { outcomes: options.outcome }),
          ...(options.dryRun && { dryRun: true }),
          ...(!options.check && { checkConnection: false }),
        })
        if ('dryRun' in started) {
          print(options.json ? JSON.stringify(started, null, 2) : dryRunText(started))
          return finish(exitCodes.ok)
        }
        if (options.wait)
          return finish(reportJob(await followJob(base, started.syncId), options.json === true))
        print(options.json ? JSON.stringify(started, null, 2) : jobSummary(started))
        finish(exitCodes.ok)
      },
    )
}

function post<T>(base: string, path: string, body: unknown = {}): Promise<T> {
  return callApiOk<T>(base, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
