import { Argument, Command } from 'commander'
import { apiUrl, urlOption } from '../api.ts'
import type { Finish } from '../main.ts'
import { failureStates, several, severalOf, wholeNumber } from '../options.ts'

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

export interface InvalidOptions extends ReviewListOptions {
  readonly repair: string
}

export interface MatchOptions extends ReviewCommon {
  readonly marketplace?: string
}

export interface DecideOptions extends MatchOptions {
  readonly note?: string
  readonly seen?: string
  readonly all?: true
}

export interface BulkOptions extends ReviewCommon {
  readonly dryRun?: true
  readonly yes?: true
}

export interface FixOptions extends BulkOptions, ReviewFilterOptions {
  readonly unconfirmed?: readonly string[]
}

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

/** As `proposalKinds` of libs/gtin, without loading it for help. */
export const unconfirmedKinds = [
  'check_digit_appended',
  'upc_e_expanded',
  'check_digit_replaced',
  'digits_swapped',
  'other_reading',
] as const

export function reviewCommand(finish: Finish): Command {
  return new Command('review')
    .description('what needs a person: ambiguous matches, codes that are wrong, what failed and why')
    .helpCommand(false)
    .addCommand(listCommand(finish))
    .addCommand(showCommand(finish))
    .addCommand(acceptCommand(finish))
    .addCommand(rejectCommand(finish))
    .addCommand(undoCommand(finish))
    .addCommand(invalidCommand(finish))
    .addCommand(fixCommand(finish))
    .addCommand(failuresCommand(finish))
    .addCommand(retryCommand(finish))
    .addHelpText(
      'after',
      `
Examples:
  npm run review -- list --supplier Acme
  npm run review -- show SKU-1
  npm run review -- accept SKU-1 B00EXAMPLE --note "two in the picture"
  npm run review -- fix --supplier Acme --dry-run
  npm run review -- failures
  npm run review -- retry --cause "timeout: …" --dry-run`,
    )
}

function listCommand(finish: Finish): Command {
  return lists(new Command('list').description('ambiguous matches, one per product and marketplace'))
    .addHelpText(
      'after',
      `
Examples:
  npm run review -- list --marketplace US --supplier Acme
  npm run review -- list --text "widget blue"
  npm run -s review -- list --limit 1000000 --json | jq -r .sku`,
    )
    .action(async (options: ReviewListOptions) => {
      const { listMatches } = await import('../review/matches.ts')
      finish(await listMatches(apiUrl(options.url, process.env), options))
    })
}

function showCommand(finish: Finish): Command {
  return oneMatch(
    new Command('show').description(
      'a product beside all that Amazon has for its code, and what was decided',
    ),
  )
    .addHelpText(
      'after',
      `
Examples:
  npm run review -- show SKU-1
  npm run review -- show SKU-1 --marketplace CA
  npm run -s review -- show SKU-1 --json | jq .version`,
    )
    .action(async (product: string, options: MatchOptions) => {
      const { showMatch } = await import('../review/matches.ts')
      finish(await showMatch(apiUrl(options.url, process.env), product, options))
    })
}

function acceptCommand(finish: Finish): Command {
  return decision(
    oneMatch(
      new Command('accept').description(
        'this item is the product: it stays the match for as long as Amazon returns it',
      ),
      new Argument('<asin>', 'one of its candidates'),
    ),
  )
    .addHelpText(
      'after',
      `
Examples:
  npm run review -- accept SKU-1 B00EXAMPLE
  npm run review -- accept SKU-1 B00EXAMPLE --marketplace CA --note "the two-pack"`,
    )
    .action(async (product: string, asin: string, options: DecideOptions) => {
      const { decide } = await import('../review/matches.ts')
      finish(await decide(apiUrl(options.url, process.env), product, 'accept', { asin }, options))
    })
}

function rejectCommand(finish: Finish): Command {
  return decision(
    oneMatch(
      new Command('reject').description('these items are not the product: they are never chosen again'),
      new Argument('[asins...]', 'candidates of it'),
    ),
  )
    .option('--all', 'none of these: every item that Amazon returned')
    .addHelpText(
      'after',
      `
Examples:
  npm run review -- reject SKU-1 B00EXAMPLE
  npm run review -- reject SKU-1 --all --note "Amazon has only the old model"`,
    )
    .action(async (product: string, asins: string[], options: DecideOptions) => {
      const { decide, rejected } = await import('../review/matches.ts')
      const wish = rejected(asins, options)
      finish(await decide(apiUrl(options.url, process.env), product, 'reject', wish, options))
    })
}

function undoCommand(finish: Finish): Command {
  return oneMatch(new Command('undo').description('take back what was decided last about a product'))
    .option('--seen <version>', 'only if it is still as it was then (show --json tells)')
    .addHelpText(
      'after',
      `
Examples:
  npm run review -- undo SKU-1
  npm run review -- undo SKU-1 --marketplace CA`,
    )
    .action(async (product: string, options: DecideOptions) => {
      const { decide } = await import('../review/matches.ts')
      finish(await decide(apiUrl(options.url, process.env), product, 'undo', {}, options))
    })
}

function invalidCommand(finish: Finish): Command {
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

function fixCommand(finish: Finish): Command {
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

function failuresCommand(finish: Finish): Command {
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

function retryCommand(finish: Finish): Command {
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

function filters(command: Command): Command {
  return command
    .addOption(several('--marketplace <country>', 'only in this marketplace (repeatable, as the next ones)'))
    .addOption(several('--supplier <name>', 'only of this supplier'))
    .addOption(several('--brand <name>', 'only of this brand'))
    .addOption(several('--category <name>', 'only of this category'))
    .addOption(several('--sku <sku>', 'only this one'))
    .addOption(several('--upc <code>', 'only with this code, as it is stored'))
}

function lists(command: Command): Command {
  return filters(command)
    .option('--text <words>', 'only with these words in sku, code, title or brand')
    .option('--limit <n>', 'so many at most', wholeNumber(1), 50)
    .option('--json', 'print them as NDJSON, one a line; groups as the API answers them')
    .option(...urlOption)
}

function oneMatch(command: Command, more?: Argument): Command {
  command.addArgument(new Argument('<product>', 'its id or its sku'))
  if (more) command.addArgument(more)
  return command
    .option('--marketplace <country>', 'which one, where it has several')
    .option('--json', 'print the match as the API answers it')
    .option(...urlOption)
}

function decision(command: Command): Command {
  return command
    .option('--note <text>', 'why, for whoever looks later')
    .option('--seen <version>', 'only if it is still as it was then (show --json tells)')
}

function bulk(command: Command): Command {
  return command
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'do not ask')
    .option('--json', 'print what was done as JSON')
    .option(...urlOption)
}
