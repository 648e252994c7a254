import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import type { SyncStatusReport } from '#libs/db/sync-status.ts'
import type { JobDocument } from '#services/reporting/jobs/job-document.ts'
import { apiUrl, callApiOk, urlOption } from '../api.ts'
import { exitCodes } from '../failure.ts'
import { jobTable } from '../jobs/job-text.ts'
import type { Finish } from '../main.ts'
import { patienceOnStderr, patiently } from '../patience.ts'
import { progressLine, statusText } from '../status-text.ts'

const WATCH_MS = 1_000

export function statusCommand(finish: Finish): Command {
  return new Command('status')
    .description('how far the catalogue is in step with Amazon')
    .option(...urlOption)
    .option('--watch', 'show it again each second, with the syncs under way, until Ctrl-C')
    .option('--json', 'print the API’s answer; with --watch one line each time')
    .addHelpText(
      'after',
      `
Examples:
  npm run status
  npm run status -- --watch
  npm run -s status -- --json | jq .states.error

--watch goes on while asinstream restarts, for ten minutes.`,
    )
    .action(async (options: { url?: string; watch?: true; json?: true }) => {
      const base = apiUrl(options.url, process.env)
      const read = () => callApiOk<SyncStatusReport>(base, '/marketplace/amazon/sync-status')
      if (!options.watch) {
        const status = await read()
        print(options.json ? JSON.stringify(status, null, 2) : statusText(status))
      } else {
        await watch(read, () => openJobs(base), options.json === true)
      }
      finish(exitCodes.ok)
    })
}

async function openJobs(base: string): Promise<readonly JobDocument[]> {
  const states = ['queued', 'running', 'paused', 'cancelling'].map((state) => `status=${state}`).join('&')
  return (await callApiOk<{ items: readonly JobDocument[] }>(base, `/api/sync/history?limit=10&${states}`))
    .items
}

async function watch(
  read: () => Promise<SyncStatusReport>,
  readJobs: () => Promise<readonly JobDocument[]>,
  json: boolean,
): Promise<void> {
  let last = ''
  // Whoever is not there at all is no reason to wait; who goes away meanwhile comes back.
  let status = await read()
  for (;;) {
    if (json) print(JSON.stringify(status))
    else if (process.stdout.isTTY) {
      const jobs = await patiently(readJobs, patienceOnStderr)
      const parts = [
        statusText(status),
        ...(jobs.length > 0 ? [jobTable(jobs)] : []),
        'Ctrl-C ends this view.',
      ]
      print(`\x1b[H\x1b[2J${parts.join('\n\n')}`)
    } else if (progressLine(status) !== last) print(progressLine(status))
    last = progressLine(status)
    await sleep(WATCH_MS)
    status = await patiently(read, patienceOnStderr)
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
