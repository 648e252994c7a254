import { Argument, Command } from 'commander'
import { OFFERS_RESULTS, SYNC_RESULTS } from '#schemas/topics.ts'
import type { Finish } from '../main.ts'
import { several } from '../options.ts'

export interface ReplayCommandOptions {
  readonly from: string
  readonly to?: string
  readonly into: string
  readonly marketplace?: readonly string[]
  readonly sku?: readonly string[]
  readonly product?: readonly string[]
  readonly rematch?: true
  readonly compare?: true
  readonly dryRun?: true
  readonly yes?: true
  readonly json?: true
}

export function replayCommand(finish: Finish): Command {
  return new Command('replay')
    .description(
      'store again what was recorded, without asking Amazon: to mend tables, or to try other rules beside them',
    )
    .addArgument(
      // The command refuses others itself, and says why.
      new Argument('<topic>', 'whose records')
        .choices([SYNC_RESULTS, OFFERS_RESULTS])
        .argParser((name) => name),
    )
    .requiredOption(
      '--from <position>',
      'begin there: earliest, an age (2h), a time, an offset, or offsets by partition (0:1500,3:90)',
    )
    .option('--to <position>', 'end before it; default: the end of the topic as it is now')
    .option('--into <place>', 'live, or the name of a schema to make tables in', 'live')
    .addOption(
      several('--marketplace <country>', 'only there: a country code or marketplace id (repeatable)'),
    )
    .addOption(several('--sku <sku>', 'only of this product (repeatable)'))
    .addOption(several('--product <id>', 'only of the product with this id (repeatable)'))
    .option('--rematch', 'choose among the recorded candidates anew, by the rules of this release')
    .option('--compare', 'with a schema: say afterwards where it differs from the live tables')
    .option('--dry-run', 'only count what would change in the live tables')
    .option('--yes', 'do not ask')
    .option('--json', 'print what became of the records as JSON')
    .addHelpText(
      'after',
      `
Live, what a record says is stored again where rows are gone or differ and no later answer is stored. Attempts, outcomes of
jobs and the offsets of the services stay as they are; products that are pending or queued, or that a person has decided,
are left alone. Into a schema, the same records make tables beside the live ones, as the services would; drop them with
"drop schema <name> cascade".

Works while services run, and while they do not. It may be interrupted and run again: a second run finds nothing to do. Needs
what services have: DATABASE_URL (npm start prints it in its psql line), KAFKA_BROKERS and SCHEMA_REGISTRY_URL where there are
any.

Examples:
  npm run replay -- catalog.sync-results --from earliest --dry-run
  npm run replay -- catalog.sync-results --from 2026-11-20T08:00:00Z --yes
  npm run replay -- offers.results --from 24h --marketplace US
  npm run replay -- catalog.sync-results --from earliest --into replay_rules --rematch --compare

Exit code 1 when records could not be used, or it was interrupted.`,
    )
    .action(async (topic: string, options: ReplayCommandOptions) => {
      const { replay } = await import('../replay/replay.ts')
      finish(await replay(topic, options))
    })
}
