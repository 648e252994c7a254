import { Command } from 'commander'
import { CommandError, exitCodes } from '../failure.ts'
import type { Finish } from '../main.ts'
import { counted } from '../terminal.ts'

export function migrateCommand(finish: Finish): Command {
  return new Command('migrate')
    .description('bring the database and the topics of the log up to date')
    .option('--check', 'change nothing; exit 1 when something is missing')
    .option('--json', 'print what was done, or is missing, as JSON')
    .addHelpText(
      'after',
      `
Needs DATABASE_URL; with KAFKA_BROKERS the topics are created there, in KAFKA_REPLICATION_FACTOR copies. Doing it again
changes nothing, and several at once do not get into each other's way.

Examples:
  npm run migrate
  npm run migrate -- --check`,
    )
    .action(async (options: { check?: true; json?: true }) => finish(await migrate(options)))
}

async function migrate(options: { check?: true; json?: true }): Promise<number> {
  const [
    { readConfig },
    { openTools },
    { prepare },
    { findMissing },
    { databaseUrl },
    { explainDatabaseError },
  ] = await Promise.all([
    import('../configuration.ts'),
    import('../tools.ts'),
    import('#libs/service/prepare.ts'),
    import('../missing.ts'),
    import('#libs/service/backends.ts'),
    import('#libs/db/errors.ts'),
  ])
  const config = readConfig(process.env)
  const url = databaseUrl(config)
  await using tools = openTools(config)
  const where = config.KAFKA_BROKERS ? 'Kafka' : 'the log in PostgreSQL'
  try {
    if (options.check) {
      const missing = await findMissing(config, tools.backends)
      const complete = missing.migrations.length === 0 && missing.topics.length === 0
      if (options.json) print(JSON.stringify({ complete, ...missing }, null, 2))
      else if (complete) print('Nothing is missing.')
      else {
        if (missing.migrations.length > 0)
          print(`The database lacks ${list(missing.migrations, 'migration')}.`)
        if (missing.topics.length > 0) print(`In ${where}, there is no ${missing.topics.join(', ')}.`)
        print('Run: npm run migrate')
      }
      return complete ? exitCodes.ok : exitCodes.failed
    }
    const done = await prepare(config, tools.backends)
    if (options.json) print(JSON.stringify(done, null, 2))
    else {
      print(
        done.migrations.length === 0
          ? 'The database is up to date.'
          : `The database took ${list(done.migrations, 'migration')}.`,
      )
      print(
        done.topics.length === 0
          ? `The topics are in ${where}.`
          : `In ${where}, created ${done.topics.join(', ')}.`,
      )
    }
    return exitCodes.ok
  } catch (error) {
    // The log's own errors say what to do already.
    if (error instanceof Error && error.name === 'EventLogError') throw error
    throw new CommandError(explainDatabaseError(error, url), { cause: error })
  }
}

function list(names: readonly string[], noun: string): string {
  return `${counted(names.length, noun)}: ${names.join(', ')}`
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
