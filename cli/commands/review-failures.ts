import { Command } from 'commander'
import { apiUrl } from '../api.ts'
import type { Finish } from '../main.ts'
import { failureStates, several, severalOf } from '../options.ts'
import {
  type BulkOptions,
  bulk,
  filters,
  lists,
  type ReviewFilterOptions,
  type ReviewListOptions,
} from './review-options.ts'

export interface FailuresOptions extends ReviewListOptions {
  readonly state?: readonly string[]
  readonly cause?: readonly string[]
}

export interface RetryOptions extends BulkOptions, ReviewFilterOptions {
  readonly state?: readonly string[]
  readonly cause?: readonly string[]
  readonly note?: string
  readonly check: boolean
  readonly wait?: true
}

export function failuresCommand(finish: Finish): Command {
  return lists(
    new Command('failures').description('what failed, by cause; with --cause, the products of one'),
  )
    .addOption(severalOf('--state <state>', 'what counts as failed (default: error)', failureStates))
    .addOption(several('--cause <cause>', 'the products that failed for it (repeatable)'))
    .addHelpText(
      'after',
      `
Examples:
  npm run review -- failures --supplier Acme
  npm run review -- failures --state not_found --state error
  npm run -s review -- failures --json | jq -r '.items[].cause'
  npm run review -- failures --cause "timeout: …"`,
    )
    .action(async (options: FailuresOptions) => {
      const { listFailures } = await import('../review/failures.ts')
      finish(await listFailures(apiUrl(options.url, process.env), options))
    })
}

export function retryCommand(finish: Finish): Command {
  return bulk(filters(new Command('retry').description('ask again for what failed, as a sync')))
    .addOption(severalOf('--state <state>', 'what counts as failed (default: error)', failureStates))
    .addOption(several('--cause <cause>', 'only for this cause, as failures lists it (repeatable)'))
    .option('--note <text>', 'why, for the audit')
    .option('--no-check', 'do not ask Amazon first whether it can be asked')
    .option('--wait', 'stay until every product has its outcome')
    .addHelpText(
      'after',
      `
Examples:
  npm run review -- retry --cause "timeout: …" --dry-run
  npm run review -- retry --supplier Acme --yes --wait
  npm run review -- retry --state not_found --marketplace CA --note "listed since" --yes`,
    )
    .action(async (options: RetryOptions) => {
      const { retryFailures } = await import('../review/failures.ts')
      finish(await retryFailures(apiUrl(options.url, process.env), options))
    })
}
