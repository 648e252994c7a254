import type { Command } from 'commander'
import { urlOption } from '../api.ts'
import { several, wholeNumber } from '../options.ts'

export interface ReviewCommon {
  readonly url?: string
  readonly json?: true
}

/** Which products; of one kind any. */
export interface ReviewFilterOptions {
  readonly marketplace?: readonly string[]
  readonly supplier?: readonly string[]
  readonly brand?: readonly string[]
  readonly category?: readonly string[]
  readonly sku?: readonly string[]
  readonly upc?: readonly string[]
}

export interface ReviewListOptions extends ReviewCommon, ReviewFilterOptions {
  readonly text?: string
  readonly limit: number
}

export interface BulkOptions extends ReviewCommon {
  readonly dryRun?: true
  readonly yes?: true
}

export function filters(command: Command): Command {
  return command
    .addOption(several('--marketplace <country>', 'only in this marketplace (repeatable, as the next ones)'))
    .addOption(several('--supplier <name>', 'only of this supplier'))
    .addOption(several('--brand <name>', 'only of this brand'))
    .addOption(several('--category <name>', 'only of this category'))
    .addOption(several('--sku <sku>', 'only this one'))
    .addOption(several('--upc <code>', 'only with this code, as it is stored'))
}

export function lists(command: Command): Command {
  return filters(command)
    .option('--text <words>', 'only with these words in sku, code, title or brand')
    .option('--limit <n>', 'so many at most', wholeNumber(1), 50)
    .option('--json', 'print them as NDJSON, one a line; groups as the API answers them')
    .option(...urlOption)
}

export function bulk(command: Command): Command {
  return command
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'do not ask')
    .option('--json', 'print what was done as JSON')
    .option(...urlOption)
}
