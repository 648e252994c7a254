import { Command, Option } from 'commander'
import { topics } from '#schemas/topics.ts'
import type { Finish } from '../main.ts'

/** The options that choose among dead letters. */
export interface LetterFilters {
  readonly topic?: string
  readonly group?: string
  readonly reason?: string
  readonly since?: string
}

export interface ListOptions extends LetterFilters {
  readonly limit: string
  readonly json?: true
}

export interface RedriveOptions extends LetterFilters {
  readonly all?: true
  readonly again?: true
  readonly undecodable?: true
  readonly dryRun?: true
  readonly yes?: true
  readonly json?: true
}

/** Those that records are rejected from. */
const letterTopics = topics.filter(({ record }) => record !== null).map(({ name }) => name)

const NEEDS = `
Works while services run. Needs what they have: DATABASE_URL (npm start prints it in its psql line), KAFKA_BROKERS and
SCHEMA_REGISTRY_URL where there are any.
`

export function deadLettersCommand(finish: Finish): Command {
  return new Command('dead-letters')
    .description('records that nobody could use: look at them, and bring them back after a mend')
    .helpCommand(false)
    .addCommand(listCommand(finish))
    .addCommand(showCommand(finish))
    .addCommand(redriveCommand(finish))
    .addHelpText(
      'after',
      `${NEEDS}
Examples:
  npm run dead-letters -- list --since 2h
  npm run dead-letters -- show 0:17
  npm run dead-letters -- redrive 0:17
  npm run dead-letters -- redrive --topic catalog.sync-results --reason "schema id" --dry-run`,
    )
}

function listCommand(finish: Finish): Command {
  return filters(new Command('list').description('dead letters, newest last, and how many for which reason'))
    .option('--limit <n>', 'show the newest so many; the summary counts all', '50')
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      `${NEEDS}
Examples:
  npm run dead-letters -- list
  npm run dead-letters -- list --topic catalog.sync-requests --since 30m
  npm run -s dead-letters -- list --json | jq .summary`,
    )
    .action(async (options: ListOptions) => {
      const { listDeadLetters } = await import('../dead-letters/list.ts')
      finish(await listDeadLetters(options))
    })
}

function showCommand(finish: Finish): Command {
  return new Command('show')
    .description('one dead letter: headers, key, value, and what to do about it')
    .argument('<place>', 'partition and offset in dead-letters, such as 0:17')
    .option('--json', 'print it as JSON, key and value in base64')
    .addHelpText(
      'after',
      `${NEEDS}
Examples:
  npm run dead-letters -- show 0:17
  npm run -s dead-letters -- show 0:17 --json | jq -r .value | base64 -d | xxd`,
    )
    .action(async (place: string, options: { json?: true }) => {
      const { showDeadLetter } = await import('../dead-letters/show.ts')
      finish(await showDeadLetter(place, options))
    })
}

function redriveCommand(finish: Finish): Command {
  return filters(
    new Command('redrive')
      .description('append dead letters to the topics that they came from, as they came')
      .argument('[places...]', 'which ones, such as 0:17 0:18'),
  )
    .option('--all', 'all that there are')
    .option('--again', 'also those that were brought back before')
    .option('--undecodable', 'also those that can still not be decoded')
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'do not ask')
    .option('--json', 'print what was done as JSON')
    .addHelpText(
      'after',
      `${NEEDS}
A letter is brought back once; letters stay in the list, marked. One that still can not be decoded is left alone: it would
only come back. Exit code 1 when one of the places that were named was not brought back.

Examples:
  npm run dead-letters -- redrive 0:17 0:18
  npm run dead-letters -- redrive --reason "schema id" --dry-run
  npm run dead-letters -- redrive --all --yes`,
    )
    .action(async (places: string[], options: RedriveOptions) => {
      const { redriveDeadLetters } = await import('../dead-letters/redrive.ts')
      finish(await redriveDeadLetters(places, options))
    })
}

function filters(command: Command): Command {
  return command
    .addOption(new Option('--topic <name>', 'only from this topic').choices(letterTopics))
    .option('--group <name>', 'only those that this group rejected, such as persister')
    .option('--reason <text>', 'only those whose reason contains this')
    .option('--since <duration>', 'only of this time up to now, such as 2h')
}
