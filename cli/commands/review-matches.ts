import { Argument, Command } from 'commander'
import { apiUrl, urlOption } from '../api.ts'
import type { Finish } from '../main.ts'
import { lists, type ReviewCommon, type ReviewListOptions } from './review-options.ts'

export interface MatchOptions extends ReviewCommon {
  readonly marketplace?: string
}

export interface DecideOptions extends MatchOptions {
  readonly note?: string
  readonly seen?: string
  readonly all?: true
}

export function listCommand(finish: Finish): Command {
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

export function showCommand(finish: Finish): Command {
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

export function acceptCommand(finish: Finish): Command {
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

export function rejectCommand(finish: Finish): Command {
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

export function undoCommand(finish: Finish): Command {
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
