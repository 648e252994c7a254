import { Command } from 'commander'
import { apiUrl } from '../api.ts'
import type { Finish } from '../main.ts'
import { severalOf } from '../options.ts'
import {
  type BulkOptions,
  bulk,
  filters,
  lists,
  type ReviewFilterOptions,
  type ReviewListOptions,
} from './review-options.ts'

export interface InvalidOptions extends ReviewListOptions {
  readonly repair: string
}

export interface FixOptions extends BulkOptions, ReviewFilterOptions {
  readonly unconfirmed?: readonly string[]
}

/** As `proposalKinds` of libs/gtin, without loading it for help. */
const unconfirmedKinds = [
  'check_digit_appended',
  'upc_e_expanded',
  'check_digit_replaced',
  'digits_swapped',
  'other_reading',
] as const

export function invalidCommand(finish: Finish): Command {
  const repairs = ['any', 'sure', 'proposed', 'none']
  const command = lists(
    new Command('invalid').description('codes that can not be looked up: why, and what may be meant'),
  )
  return command
    .addOption(
      command.createOption('--repair <which>', 'by what is proposed').choices(repairs).default('any'),
    )
    .addHelpText(
      'after',
      `
Examples:
  npm run review -- invalid --supplier Acme
  npm run review -- invalid --repair none
  npm run -s review -- invalid --json | jq '{sku, upc, proposals}'`,
    )
    .action(async (options: InvalidOptions) => {
      const { listInvalid } = await import('../review/codes.ts')
      finish(await listInvalid(apiUrl(options.url, process.env), options))
    })
}

export function fixCommand(finish: Finish): Command {
  return bulk(
    filters(
      new Command('fix')
        .description('mend a code; without a product, every code of a filter whose repair is sure')
        .argument('[product]', 'its id or its sku')
        .argument('[code]', 'the right one; without it, the repair that is sure'),
    ),
  )
    .addOption(
      severalOf(
        '--unconfirmed <kind>',
        'take these as well, though nothing confirms them, where a product has no other proposal',
        unconfirmedKinds,
      ),
    )
    .addHelpText(
      'after',
      `
What is mended is asked for by itself.

Examples:
  npm run review -- fix SKU-1
  npm run review -- fix SKU-1 036000291452
  npm run review -- fix --supplier Acme --dry-run
  npm run review -- fix --supplier Acme --unconfirmed check_digit_appended --yes`,
    )
    .action(async (product: string | undefined, code: string | undefined, options: FixOptions) => {
      const { fixAll, fixOne } = await import('../review/codes.ts')
      const base = apiUrl(options.url, process.env)
      finish(product === undefined ? await fixAll(base, options) : await fixOne(base, product, code, options))
    })
}
