import { Command } from 'commander'
import type { Missing, UpToDate } from '../bring-up-to-date.ts'
import { CommandError, exitCodes } from '../failure.ts'
import type { Finish } from '../main.ts'
import { counted } from '../terminal.ts'

interface MigrateOptions {
  readonly check?: true
  readonly json?: true
}

export function migrateCommand(finish: Finish): Command {
  return new Command('migrate')
    .description('bring the database, the topics of the log and the schema registry up to date')
    .option('--check', 'change nothing; exit 1 when something is missing')
    .option('--json', 'print what was done, or is missing, as JSON')
    .addHelpText(
      'after',
      `
Needs DATABASE_URL. With KAFKA_BROKERS the topics are created there, in KAFKA_REPLICATION_FACTOR copies; with
SCHEMA_REGISTRY_URL the schemas are registered. Doing it again changes nothing, and several at once do not get into each
other's way.

Examples:
  npm run migrate
  npm run migrate -- --check`,
    )
    .action(async (options: MigrateOptions) => finish(await migrate(options)))
}

async function migrate(options: MigrateOptions): Promise<number> {
  const [{ readConfig }, { openTools }, { bringUpToDate, findMissing }, { databaseUrl }, errors] =
    await Promise.all([
      import('../configuration.ts'),
      import('../tools.ts'),
      import('../bring-up-to-date.ts'),
      import('#libs/service/backends.ts'),
      import('#libs/db/errors.ts'),
    ])
  const config = readConfig(process.env)
  const url = databaseUrl(config)
  const where = config.KAFKA_BROKERS ? 'Kafka' : 'the log in PostgreSQL'
  await using tools = openTools(config)
  try {
    if (options.check) {
      const missing = await findMissing(config, tools.backends)
      const complete =
        missing.migrations.length === 0 && missing.topics.length === 0 && missing.schemas === null
      print(
        options.json
          ? JSON.stringify({ complete, ...missing }, null, 2)
          : complete
            ? 'Nothing is missing.'
            : missingText(missing, where),
      )
      return complete ? exitCodes.ok : exitCodes.failed
    }
    const done = await bringUpToDate(config, tools.backends)
    print(options.json ? JSON.stringify(done, null, 2) : doneText(done, where))
    return exitCodes.ok
  } catch (error) {
    // These say what to do already.
    if (error instanceof Error && ['EventLogError', 'RegistryError'].includes(error.name)) throw error
    throw new CommandError(errors.explainDatabaseError(error, url), { cause: error })
  }
}

function missingText({ migrations, topics, schemas }: Missing, where: string): string {
  return [
    ...(migrations.length > 0 ? [`The database lacks ${list(migrations, 'migration')}.`] : []),
    ...(topics.length > 0 ? [`In ${where}, there is no ${topics.join(', ')}.`] : []),
    ...(schemas === null ? [] : [schemas]),
    'Run: npm run migrate',
  ].join('\n')
}

function doneText({ migrations, topics, schemas }: UpToDate, where: string): string {
  return [
    migrations.length > 0
      ? `The database took ${list(migrations, 'migration')}.`
      : 'The database is up to date.',
    topics.length > 0 ? `In ${where}, created ${topics.join(', ')}.` : `The topics are in ${where}.`,
    ...(schemas ?? []),
  ].join('\n')
}

function list(names: readonly string[], noun: string): string {
  return `${counted(names.length, noun)}: ${names.join(', ')}`
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
