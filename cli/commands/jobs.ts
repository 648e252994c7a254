import { Command } from 'commander'
import type { JobDocument } from '#services/reporting/jobs/job-document.ts'
import type { DryRun } from '#services/reporting/jobs/start-job.ts'
import { apiUrl, callApiOk, listedItems, sendJson, urlOption } from '../api.ts'
import { exitCodes } from '../failure.ts'
import { followJob, reportJob } from '../jobs/follow-job.ts'
import { dryRunText, jobDetails, jobSummary, jobTable } from '../jobs/job-text.ts'
import type { Finish } from '../main.ts'
import { failureStates, jobStates, several, severalOf, wholeNumber } from '../options.ts'

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

interface ListOptions extends Common {
  readonly status?: readonly string[]
  readonly marketplace?: readonly string[]
  readonly since?: string
  readonly limit: number
}

function listCommand(finish: Finish): Command {
  return new Command('list')
    .description('syncs, newest first')
    .addOption(severalOf('--status <state>', 'only in this state (repeatable)', jobStates))
    .addOption(several('--marketplace <country>', 'only of this marketplace (repeatable)'))
    .option('--since <time>', 'only those asked for since then, such as 2026-01-31')
    .option('--limit <n>', 'so many at most', wholeNumber(1), 20)
    .option('--json', 'print them as JSON: {"items": […]}')
    .option(...urlOption)
    .addHelpText(
      'after',
      `
Examples:
  npm run jobs -- list --status running --status paused
  npm run -s jobs -- list --since 2026-01-31 --limit 1000 --json | jq '.items[] | {syncId, status, total}'`,
    )
    .action(async (options: ListOptions) => {
      const query = new URLSearchParams()
      for (const state of options.status ?? []) query.append('status', state)
      for (const country of options.marketplace ?? []) query.append('marketplace', country)
      if (options.since !== undefined) query.set('since', options.since)
      const base = apiUrl(options.url, process.env)
      const items: JobDocument[] = []
      for await (const page of listedItems<JobDocument>(base, '/api/sync/history', query, options.limit))
        items.push(...page)
      if (options.json) print(JSON.stringify({ items }, null, 2))
      else print(items.length === 0 ? 'No sync is like that.' : jobTable(items))
      finish(exitCodes.ok)
    })
}

function showCommand(finish: Finish): Command {
  return new Command('show')
    .description('one sync: state, progress, outcomes, who asked')
    .argument('<sync>', 'its id')
    .option('--watch', 'follow it with a progress bar until it has ended')
    .option('--json', 'print it as JSON')
    .option(...urlOption)
    .addHelpText(
      'after',
      `
Examples:
  npm run jobs -- show <sync>
  npm run jobs -- show <sync> --watch

With --watch the exit code is 1 when it did not complete, or a product ended in error.`,
    )
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
  command.addHelpText(
    'after',
    `
Examples:
  npm run jobs -- ${action} <sync>${action === 'pause' ? '' : `\n  npm run jobs -- ${action} <sync> --wait`}

Exit code 1 when the sync is in a state in which that can not be done.`,
  )
  return command.action(async (id: string, options: Common & { wait?: true }) => {
    const base = apiUrl(options.url, process.env)
    const asked = await sendJson<JobDocument>(base, 'POST', `/api/sync/${action}/${encodeURIComponent(id)}`)
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
  return new Command('retry')
    .description('a new sync of what failed in one that has ended')
    .argument('<sync>', 'its id')
    .addOption(
      severalOf('--outcome <state>', 'what counts as failed (repeatable; default error)', failureStates),
    )
    .option('--no-check', 'do not ask Amazon first whether it can be asked')
    .option('--dry-run', 'only say what it would cost')
    .option('--wait', 'stay until every product has its outcome')
    .option('--json', 'print it as JSON')
    .option(...urlOption)
    .addHelpText(
      'after',
      `
Examples:
  npm run jobs -- retry <sync> --dry-run
  npm run jobs -- retry <sync> --outcome error --outcome not_found --wait`,
    )
    .action(
      async (
        id: string,
        options: Common & { outcome?: string[]; check: boolean; dryRun?: true; wait?: true },
      ) => {
        const base = apiUrl(options.url, process.env)
        const path = `/api/sync/retry/${encodeURIComponent(id)}`
        const started = await sendJson<JobDocument | DryRun>(base, 'POST', path, {
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

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
